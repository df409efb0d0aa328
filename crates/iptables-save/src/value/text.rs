//! Free text and names.

use super::{Context, Value, ValueError};
use crate::{Text, Word, Writer};

/// Text that is written in quotes if it needs them; at most `MAX` bytes are kept,
/// as the kernel's structure has no room for more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Quoted<'a, const MAX: usize>(pub Text<'a>);

impl<'a, const MAX: usize> Value<'a> for Quoted<'a, MAX> {
    const ARGS: &'static [&'static str] = &["TEXT"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Ok(Self(cut(&args[0].text, MAX)))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.string(&self.0);
    }
}

/// A name that is written as it is, without quotes; at most `MAX` bytes are kept, as the
/// kernel's structure has no room for more.
///
/// One with spaces in it is not read back from what iptables-save prints.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Unquoted<'a, const MAX: usize>(pub Text<'a>);

impl<'a, const MAX: usize> Value<'a> for Unquoted<'a, MAX> {
    const ARGS: &'static [&'static str] = &["NAME"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Ok(Self(cut(&args[0].text, MAX)))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.name(&self.0);
    }
}

/// Returns the first bytes of a text, `most` of them.
fn cut<'a>(text: &Text<'a>, most: usize) -> Text<'a> {
    let mut text = text.clone();
    if text.len() > most {
        match &mut text {
            Text::Borrowed(text) => *text = &text[..most],
            Text::Owned(text) => text.truncate(most),
        }
    }
    text
}
