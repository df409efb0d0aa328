//! The type of service, a byte of the IP header, with a mask.

use nom::{Parser, branch::alt};

use super::{
    Context, Value, ValueError,
    integer::integer,
    is_word, names,
    parse::{after, complete, word},
};
use crate::{Word, Writer};

/// A type of service and the bits of it that count, `VALUE[/MASK]` or a name.
///
/// A name is about the bits 0x3f, a number without a mask about all eight. iptables-save
/// writes numbers only. iptables `xtoptions.c:xtopt_parse_tosmask`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TosMask {
    /// The value; bits outside the mask are kept.
    pub value: u8,
    /// The bits that count.
    pub mask: u8,
}

/// The names of RFC 1349. They are read and never written.
const NAMES: [(&str, u8); 5] = [
    ("Minimize-Delay", 0x10),
    ("Maximize-Throughput", 0x08),
    ("Maximize-Reliability", 0x04),
    ("Minimize-Cost", 0x02),
    ("Normal-Service", 0x00),
];

/// The mask of a name.
const NAMED_BITS: u8 = 0x3f;

impl TosMask {
    fn parse(text: &[u8]) -> Option<Self> {
        let number = (integer, after('/', integer)).map(|(value, mask)| Self {
            value,
            mask: mask.unwrap_or(u8::MAX),
        });
        let name = word(|text| {
            let (_, value) = NAMES.iter().find(|(name, _)| is_word(text, name, false))?;
            Some(Self {
                value: *value,
                mask: NAMED_BITS,
            })
        });
        complete(alt((number, name)), text)
    }
}

impl<'a> Value<'a> for TosMask {
    const ARGS: &'static [&'static str] = &["VALUE[/MASK]|NAME"];
    const CHOICES: &'static [&'static str] = names!(NAMES);

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "a type of service such as `0x10`, `0x10/0x3f` or `Minimize-Delay`",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        use std::io::Write as _;
        let Self { value, mask } = self;
        write!(out.begin(), "{value:#04x}/{mask:#04x}").expect("a Vec takes any bytes");
    }
}
