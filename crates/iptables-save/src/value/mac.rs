//! Hardware addresses.

use std::fmt;

use super::{Context, Value, ValueError};
use crate::{Word, Writer};

/// A hardware address of Ethernet: six bytes, written `02:00:5e:10:00:01`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// Reads six groups of one or two hexadecimal digits.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; 6];
        let mut count = 0;
        for group in text.split(|byte| *byte == b':') {
            if !matches!(group.len(), 1 | 2) || !group.iter().all(u8::is_ascii_hexdigit) {
                return None;
            }
            let group = std::str::from_utf8(group).ok()?;
            *bytes.get_mut(count)? = u8::from_str_radix(group, 16).ok()?;
            count += 1;
        }
        (count == 6).then_some(Self(bytes))
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
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
