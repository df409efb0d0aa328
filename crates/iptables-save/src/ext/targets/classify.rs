//! `-j CLASSIFY`: the traffic control class of the packet.

use nom::{
    Parser,
    branch::alt,
    bytes::complete::{tag_no_case, take_while_m_n},
    character::complete::{char, one_of},
    combinator::{not, opt, rest, value},
    sequence::{separated_pair, terminated},
};

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Parsed, Required, Value, ValueError, complete, spaces, strtoul},
};

extension! {
    /// Sets the traffic control class (`tc`) of the packet.
    ///
    /// Kernel `xt_CLASSIFY`; iptables `libxt_CLASSIFY`.
    Classify = "CLASSIFY" {
        /// The class, in hexadecimal digits.
        "--set-class" => set_class: Required<TrafficClass>,
    }
}

/// A traffic control class: `MAJOR:MINOR` in hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TrafficClass {
    /// The major number, that of the queueing discipline.
    pub major: u16,
    /// The minor number, that of the class.
    pub minor: u16,
}

impl TrafficClass {
    /// Parses both numbers as `sscanf` does with `%x:%x`: ignores what follows them, and keeps
    /// the lower 16 bits of each.
    fn parse(text: &[u8]) -> Option<Self> {
        let class = separated_pair(hexadecimal, char(':'), hexadecimal);
        let (major, minor) = complete(terminated(class, rest), text)?;
        Some(Self { major, minor })
    }
}

fn hexadecimal(text: &[u8]) -> Parsed<'_, u16> {
    // Unlike `strtoul`, `sscanf` accepts a prefix without digits.
    let digits = take_while_m_n(1, 1, |byte: u8| byte.is_ascii_hexdigit());
    let prefix = (spaces, opt(one_of("+-")), tag_no_case("0x"), not(digits));
    let number = strtoul(16).map(|number| (number.value & 0xffff) as u16);
    alt((value(0, prefix), number)).parse_complete(text)
}

impl<'a> Value<'a> for TrafficClass {
    const ARGS: &'static [&'static str] = &["MAJOR:MINOR"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "two hexadecimal numbers up to ffff such as `1:10`",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        use std::io::Write as _;
        write!(out.begin(), "{:04x}:{:04x}", self.major, self.minor)
            .expect("writing to a Vec cannot fail");
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -j CLASSIFY --set-class 0001:ffff ; =
        -j CLASSIFY --set-class 0000:0000 ; =
        -j CLASSIFY --set-cl 1:A ; -j CLASSIFY --set-class 0001:000a
        -j CLASSIFY --set-class 0x1:0X2 ; -j CLASSIFY --set-class 0001:0002
        -j CLASSIFY --set-class 12345:ffffffff ; -j CLASSIFY --set-class 2345:ffff
        -j CLASSIFY --set-class ffffffffffffffffff:1 ; -j CLASSIFY --set-class ffff:0001
        -j CLASSIFY --set-class -1:+2 ; -j CLASSIFY --set-class ffff:0002
        -j CLASSIFY --set-class " 1: 2" ; -j CLASSIFY --set-class 0001:0002
        -j CLASSIFY --set-class 1:2x ; -j CLASSIFY --set-class 0001:0002
        -j CLASSIFY --set-class 1:2:3 ; -j CLASSIFY --set-class 0001:0002
        -j CLASSIFY --set-class 0x:1 ; -j CLASSIFY --set-class 0000:0001
        -j CLASSIFY --set-class 1:0x ; -j CLASSIFY --set-class 0001:0000
        -j CLASSIFY --set-class "1 :2" ; REFUSED
        -j CLASSIFY --set-class 0xg:1 ; REFUSED
        -j CLASSIFY --set-class 00x:1 ; REFUSED
        -j CLASSIFY --set-class 1 ; REFUSED
        -j CLASSIFY --set-class :1 ; REFUSED
        -j CLASSIFY --set-class 1: ; REFUSED
        -j CLASSIFY --set-class 1:x ; REFUSED
        -j CLASSIFY --set-class 1:2 --set-class 1:2 ; REFUSED
        -j CLASSIFY ! --set-class 1:2 ; REFUSED
        -j CLASSIFY ; REFUSED
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
