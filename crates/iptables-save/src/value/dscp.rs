//! Classes of service, as the IP header carries them.

use nom::combinator::map_opt;

use super::{
    Context, Value, ValueError,
    integer::integer,
    names,
    parse::{complete, word},
};
use crate::{Word, Writer};

/// The six bits of the IP header that name a class of service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dscp(u8);

impl Dscp {
    /// Returns the class with this number, from 0 to 63.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        match number {
            0..=63 => Some(Self(number)),
            _ => None,
        }
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl<'a> Value<'a> for Dscp {
    const ARGS: &'static [&'static str] = &["NUMBER"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        complete(map_opt(integer, Self::new), &args[0].text)
            .ok_or(ValueError::new("a number from 0 to 63"))
    }

    fn write(&self, out: &mut Writer<'_>) {
        use std::io::Write as _;
        write!(out.begin(), "{:#04x}", self.0).expect("a Vec takes any bytes");
    }
}

/// A class of service by its name: `BE`, `EF`, `CS0` to `CS7`, `AF11` to `AF43`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DscpClass(pub Dscp);

const NAMES: [(&str, u8); 22] = [
    ("BE", 0x00),
    ("CS0", 0x00),
    ("CS1", 0x08),
    ("AF11", 0x0a),
    ("AF12", 0x0c),
    ("AF13", 0x0e),
    ("CS2", 0x10),
    ("AF21", 0x12),
    ("AF22", 0x14),
    ("AF23", 0x16),
    ("CS3", 0x18),
    ("AF31", 0x1a),
    ("AF32", 0x1c),
    ("AF33", 0x1e),
    ("CS4", 0x20),
    ("AF41", 0x22),
    ("AF42", 0x24),
    ("AF43", 0x26),
    ("CS5", 0x28),
    ("EF", 0x2e),
    ("CS6", 0x30),
    ("CS7", 0x38),
];

impl<'a> Value<'a> for DscpClass {
    const ARGS: &'static [&'static str] = &["CLASS"];
    const CHOICES: &'static [&'static str] = names!(NAMES);

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        // `dscp_helper.c:class_to_dscp` ignores what follows the name.
        let class = word(|text: &[u8]| {
            let begins = |name: &str| {
                let text = text.get(..name.len());
                text.is_some_and(|text| text.eq_ignore_ascii_case(name.as_bytes()))
            };
            let (_, number) = NAMES.iter().find(|(name, _)| begins(name))?;
            Some(Self(Dscp(*number)))
        });
        complete(class, &args[0].text).ok_or(ValueError::new("a class such as BE, EF, CS1 or AF41"))
    }

    fn write(&self, out: &mut Writer<'_>) {
        self.0.write(out);
    }
}
