//! Hardware addresses.

use std::fmt;

use nom::{
    Parser,
    branch::alt,
    character::complete::char,
    combinator::{consumed, eof, value, verify},
};

use super::{
    Context, Value, ValueError,
    integer::strtoul,
    parse::{before, complete, list},
};
use crate::{Word, Writer};

/// A hardware address of Ethernet: six bytes, written `02:00:5e:10:00:01`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// Parses six groups of up to two hexadecimal digits. As
    /// `xtoptions.c:xtopt_parse_ethermac` leaves it to `strtoul` what a digit is, a group
    /// may also be empty or have a sign.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let number = strtoul(16).map(|number| number.value.to_le_bytes()[0]);
        let group = before(b':', alt((number, value(0, eof))));
        let short = verify(consumed(group), |(text, _)| text.len() <= 2);
        let groups = list(char(':'), short, |groups: &mut Vec<u8>, (_, group)| {
            (groups.len() < 6).then(|| groups.push(group))
        });
        complete(groups, text)?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, byte) in self.0.iter().enumerate() {
            let colon = if nth > 0 { ":" } else { "" };
            write!(f, "{colon}{byte:02x}")?;
        }
        Ok(())
    }
}

impl<'a> Value<'a> for Mac {
    const ARGS: &'static [&'static str] = &["XX:XX:XX:XX:XX:XX"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "a hardware address such as `02:00:5e:10:00:01`",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        use std::io::Write as _;
        write!(out.begin(), "{self}").expect("a Vec takes any bytes");
    }
}
