//! How diagnostics are shown. Each output format has a file of its own with one function of
//! the type [`Render`], and only there is anything escaped.

mod excerpt;
mod palette;
mod text;

use iptables_save::{Diagnostic, Document};

pub(crate) use self::{palette::Palette, text::text};

/// The input that diagnostics are about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// The file's name, not escaped, or `<stdin>`.
    pub(crate) name: &'a str,
    pub(crate) document: &'a Document<'a>,
}

/// What there is to show.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item<'a> {
    Diagnostic(&'a Diagnostic),
    /// How many diagnostics like this one are left out.
    More(usize, &'a Diagnostic),
}

/// Appends items about one input. Without their source, places are left out.
pub(crate) type Render = fn(&[Item<'_>], Option<Source<'_>>, &Palette, &mut String);
