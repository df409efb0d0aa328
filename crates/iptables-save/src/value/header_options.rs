//! Options in extension headers of IPv6.

use super::{Context, Value, ValueError, like_strtoul};
use crate::{Word, Writer, writer};

/// An option of an extension header: its type, and how many bytes it carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HeaderOption {
    /// The type. That of 0, a single byte of padding, has no length.
    pub kind: u8,
    /// The length of what it carries, up to 254 bytes; none when any will do.
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
    /// The options, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[HeaderOption] {
        &self.list[..self.length.into()]
    }

    /// Takes a list, unless it is one that iptables could not read: it is empty, has
    /// more than sixteen options, a length for the last of sixteen or for type 0, or one
    /// of 255.
    #[must_use]
    pub fn new(list: &[HeaderOption]) -> Option<Self> {
        let mut all = Self::default();
        for option in list {
            let is_last = usize::from(all.length) == MOST - 1;
            let can_have = |length| option.kind != 0 && length != ANY_LENGTH && !is_last;
            if !option.length.is_none_or(can_have) {
                return None;
            }
            *all.list.get_mut(usize::from(all.length))? = *option;
            all.length += 1;
        }
        (all.length > 0).then_some(all)
    }

    /// Reads a list as `libip6t_hbh.c:parse_options` does, which cuts numbers to a byte.
    fn parse(text: &[u8]) -> Option<Self> {
        let mut all = Self::default();
        for option in text.split(|byte| *byte == b',') {
            let place = usize::from(all.length);
            let (kind, length) = match memchr::memchr(b':', option) {
                Some(_) if place == MOST - 1 => return None,
                Some(colon) => (&option[..colon], Some(&option[colon + 1..])),
                None => (option, None),
            };
            let kind = byte(kind)?;
            let length = match length {
                Some(_) if kind == 0 => return None,
                Some(length) => Some(byte(length)?).filter(|it| *it != ANY_LENGTH),
                None => None,
            };
            *all.list.get_mut(place)? = HeaderOption { kind, length };
            all.length += 1;
        }
        Some(all)
    }
}

fn byte(text: &[u8]) -> Option<u8> {
    let number = like_strtoul(text, 0).filter(|it| it.rest.is_empty() && !it.overflows)?;
    Some(number.value as u8)
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
        for (nth, option) in self.as_slice().iter().enumerate() {
            match nth {
                0 => out.begin(),
                _ => {
                    out.more().push(b',');
                    out.more()
                }
            };
            writer::decimal(out.more(), option.kind.into());
            if let Some(length) = option.length {
                out.more().push(b':');
                writer::decimal(out.more(), length.into());
            }
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
