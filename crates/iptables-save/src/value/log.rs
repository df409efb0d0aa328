//! The prefix and the level of messages that logging targets write.

use nom::{branch::alt, combinator::map_opt};

use super::{
    Context, Value, ValueError,
    integer::integer,
    names,
    parse::{complete, word},
};
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
    /// The default level.
    pub const WARNING: Self = Self(4);

    /// Returns the level with this number, from 0 to 7.
    #[must_use]
    pub const fn new(level: u8) -> Option<Self> {
        match level {
            0..=7 => Some(Self(level)),
            _ => None,
        }
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Returns the name that syslog has for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.0)].0
    }
}

impl<'a> Value<'a> for LogLevel {
    const ARGS: &'static [&'static str] = &["LEVEL"];
    const CHOICES: &'static [&'static str] = names!(NAMES);

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let number = map_opt(integer, Self::new);
        let name = word(|text| {
            let mut names = NAMES.iter();
            let (_, level) = names.find(|(name, _)| name.as_bytes() == text)?;
            Some(Self(*level))
        });
        complete(alt((number, name)), &args[0].text)
            .ok_or(ValueError::new(
                "a level from 0 to 7, or one of emerg, alert, crit, error, warning, notice, info, debug",
            ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.0);
    }
}

/// The prefix of each message: one line, of which `MAX` bytes are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LogPrefix<'a, const MAX: usize>(pub Text<'a>);

impl<'a, const MAX: usize> Value<'a> for LogPrefix<'a, MAX> {
    const ARGS: &'static [&'static str] = &["TEXT"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let text = &args[0].text;
        if text.is_empty() || memchr::memchr(b'\n', text).is_some() {
            return Err(ValueError::new("some text on one line"));
        }
        super::Quoted::<MAX>::read(args, context).map(|text| Self(text.0))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.string(&self.0);
    }
}
