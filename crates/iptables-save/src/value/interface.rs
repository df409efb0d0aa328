//! Names of network interfaces.

use std::borrow::Cow;

use super::{Context, Value, ValueError};
use crate::{Text, Word, Writer};

/// An interface's name of up to 15 bytes; a `+` at the end represents any ending.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interface<'a>(pub Text<'a>);

impl Interface<'_> {
    /// Returns whether it is `+`, any interface at all.
    #[must_use]
    pub fn is_any(&self) -> bool {
        *self.0 == *b"+"
    }

    /// Returns the interface with a static name, without copying it.
    #[must_use]
    pub fn named(name: &'static str) -> Interface<'static> {
        Interface(Cow::Borrowed(name.as_bytes()))
    }
}

impl<'a> Value<'a> for Interface<'a> {
    const ARGS: &'static [&'static str] = &["INTERFACE[+]"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        match args[0].text.len() {
            1..=15 => Ok(Self(args[0].text.clone())),
            _ => Err(ValueError::new("an interface's name of 1 to 15 bytes")),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.name(&self.0);
    }
}
