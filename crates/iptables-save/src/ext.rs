//! Match and target extensions: one file each, one description each.
//!
//! To add one, write its file in `matches/` or `targets/`, and name it in `matches.rs` or
//! `targets.rs` as a module, in the `pub use` and in the list.

mod describe;
mod extension;
pub(crate) mod hint;
#[cfg(test)]
mod lines;
pub mod matches;
mod names;
pub mod targets;
pub(crate) mod validate;
mod visit;

pub(crate) use self::{
    describe::begins_with,
    names::Names,
    visit::{Slot, Visitor},
};
pub use self::{
    describe::{Description, Extension, OptionConflict, OptionDescription},
    matches::Match,
    targets::Target,
};

use crate::{Text, Writer};

/// An unknown extension.
///
/// Only its own library knows which of its words are options and which are arguments, so the words
/// are kept as they were written, quotes included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Other<'a> {
    /// The name after `-m` or `-j`.
    pub name: Text<'a>,
    /// The words after the name, as written.
    pub words: Vec<Text<'a>>,
}

impl Other<'_> {
    fn into_owned(self) -> Other<'static> {
        Other {
            name: self.name.into_owned().into(),
            words: self
                .words
                .into_iter()
                .map(|word| word.into_owned().into())
                .collect(),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.name(&self.name);
        for word in &self.words {
            out.word(word);
        }
    }
}
