//! What logging targets put before a message, and how urgent it is.

use super::{Context, Value, ValueError, names, unsigned};
use crate::{Text, Word, Writer};

/// How urgent a message of the system log is, from 0 (`emerg`) to 7 (`debug`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogLevel(u8);

/// The names of `xtoptions.c:xtopt_parse_sysloglevel`, with two that are obsolete.
const NAMES: [(&str, u8); 9] = [
    ("emerg", 0),
    ("alert", 1),
    ("crit", 2),
    ("error", 3),
    ("warning", 4),
    ("notice", 5),
    ("info", 6),
    ("debug", 7),
    ("panic", 0),
];

impl LogLevel {
    /// The level of a message for which none is given.
    pub const WARNING: Self = Self(4);

    /// The level of this number, from 0 to 7.
    #[must_use]
    pub const fn new(level: u8) -> Option<Self> {
        match level {
            0..=7 => Some(Self(level)),
            _ => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The name that syslog knows it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.0)].0
    }
}

impl<'a> Value<'a> for LogLevel {
    const ARGS: &'static [&'static str] = &["LEVEL"];
    const CHOICES: &'static [&'static str] = names!(NAMES);

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let text = &args[0].text;
        let named = || NAMES.iter().find(|(name, _)| name.as_bytes() == &**text);
        unsigned(text)
            .and_then(Self::new)
            .or_else(|| named().map(|(_, level)| Self(*level)))
            .ok_or(ValueError::new(
                "a level from 0 to 7, or one of emerg, alert, crit, error, warning, notice, info, debug",
            ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.0);
    }
}

/// What stands before each message: one line, of which `MAX` bytes are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LogPrefix<'a, const MAX: usize>(pub Text<'a>);

impl<'a, const MAX: usize> Value<'a> for LogPrefix<'a, MAX> {
    const ARGS: &'static [&'static str] = &["TEXT"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let text = &args[0].text;
        if text.is_empty() || memchr::memchr(b'\n', text).is_some() {
            return Err(ValueError::new("some text on one line"));
        }
        super::Quoted::<MAX>::read(args, context).map(|it| Self(it.0))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.string(&self.0);
    }
}
