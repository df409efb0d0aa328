//! Options in extension headers of IPv6.

use nom::{Parser, character::complete::char, combinator::verify};

use super::{
    Context, Value, ValueError,
    integer::strtoul,
    parse::{Parsed, after, complete, list},
};
use crate::{Word, Writer, writer};

/// An option of an extension header: its type, and how many bytes it carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HeaderOption {
    /// The type. That of 0, a single byte of padding, has no length.
    pub kind: u8,
    /// The length of what it carries, up to 254 bytes; `None` for any length.
    pub length: Option<u8>,
}

/// One to sixteen options, in the order of the header: `TYPE[:LENGTH],…`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HeaderOptions {
    list: [HeaderOption; MOST],
    length: u8,
}

/// Most options of a list (`IP6T_OPTS_OPTSNR`).
const MOST: usize = 16;

/// Stands for any length.
const ANY_LENGTH: u8 = 0xff;

impl HeaderOptions {
    /// Returns the options, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[HeaderOption] {
        &self.list[..self.length.into()]
    }

    /// Returns a list of options, unless it is one that iptables could not parse: it is
    /// empty, has more than sixteen options, a length for the last of sixteen or for type 0,
    /// or one of 255.
    #[must_use]
    pub fn new(list: &[HeaderOption]) -> Option<Self> {
        let mut all = Self::default();
        for option in list {
            if option.length == Some(ANY_LENGTH) {
                return None;
            }
            all.push(*option, option.length.is_some())?;
        }
        (all.length > 0).then_some(all)
    }

    /// Adds an option, unless there are sixteen already, or it has a length that iptables
    /// could not parse: one for the last of sixteen or for type 0.
    fn push(&mut self, option: HeaderOption, has_length: bool) -> Option<()> {
        let place = usize::from(self.length);
        if has_length && (place == MOST - 1 || option.kind == 0) {
            return None;
        }
        *self.list.get_mut(place)? = option;
        self.length += 1;
        Some(())
    }

    /// Parses a list as `libip6t_hbh.c:parse_options` does, which truncates numbers to a
    /// byte.
    fn parse(text: &[u8]) -> Option<Self> {
        let option = (byte, after(':', byte));
        let options = list(char(','), option, |all: &mut Self, (kind, given)| {
            let length = given.filter(|length| *length != ANY_LENGTH);
            all.push(HeaderOption { kind, length }, given.is_some())
        });
        complete(options, text)
    }
}

fn byte(text: &[u8]) -> Parsed<'_, u8> {
    let number = verify(strtoul(0), |number| !number.overflows);
    number.map(|number| number.value as u8).parse_complete(text)
}

impl<'a> Value<'a> for HeaderOptions {
    const ARGS: &'static [&'static str] = &["TYPE[:LENGTH],…"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "up to 16 types of options with commas between them, each but the last of 16 and \
             those of type 0 with its length if that counts, such as `5:2,1`",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.list(self.as_slice(), HeaderOption::write_to);
    }
}

impl HeaderOption {
    fn write_to(&self, out: &mut Vec<u8>) {
        writer::decimal(out, self.kind.into());
        if let Some(length) = self.length {
            out.push(b':');
            writer::decimal(out, length.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(text: &str) -> Option<String> {
        let mut out = Vec::new();
        let options = HeaderOptions::parse(text.as_bytes())?;
        options.write(&mut Writer::new(&mut out, crate::Style::default()));
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn options_are_read_as_iptables_reads_them() {
        for (given, expected) in [
            ("149:92,12:12,123", "149:92,12:12,123"),
            ("0,0", "0,0"),
            ("5:0", "5:0"),
            ("0x10:0x20,010", "16:32,8"),
            (" 5, +6: 7", "5,6:7"),
            ("256", "0"),
            ("5:256", "5:0"),
            ("5:255", "5"),
            ("-1:-2", "255:254"),
            ("18446744073709551615", "255"),
            (
                "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15:1,16",
                "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15:1,16",
            ),
        ] {
            assert_eq!(printed(given).as_deref(), Some(expected), "{given}");
        }
        for refused in [
            "",
            "5,",
            ",5",
            "5:",
            ":5",
            "0:5",
            "256:5",
            "5:5:5",
            "5 ,6",
            "5x",
            "18446744073709551616",
            "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16:1",
            "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17",
            "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,",
        ] {
            assert_eq!(printed(refused), None, "{refused}");
        }
    }
}
