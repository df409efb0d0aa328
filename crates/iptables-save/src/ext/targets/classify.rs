//! `-j CLASSIFY`: the traffic control class of the packet.

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Required, Value, ValueError, like_strtoul},
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
        let (major, rest) = hexadecimal(text)?;
        let (minor, _) = hexadecimal(rest.strip_prefix(b":")?)?;
        Some(Self { major, minor })
    }
}

fn hexadecimal(text: &[u8]) -> Option<(u16, &[u8])> {
    let number = like_strtoul(text, 16)?;
    let [low, high, ..] = number.value.to_le_bytes();
    // Unlike `strtoul`, `sscanf` accepts a prefix without digits as a number.
    let read = text[..text.len() - number.rest.len()].trim_ascii_start();
    let rest = match number.rest {
        [b'x' | b'X', rest @ ..] if matches!(read, b"0" | b"+0" | b"-0") => rest,
        rest => rest,
    };
    Some((u16::from_le_bytes([low, high]), rest))
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
