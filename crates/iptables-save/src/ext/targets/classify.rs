//! `-j CLASSIFY`: puts the packet into a class of traffic control.

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Must, Value, ValueError},
};

extension! {
    /// Puts the packet into a class of traffic control (`tc`).
    ///
    /// Kernel `xt_CLASSIFY`; iptables `libxt_CLASSIFY`.
    Classify = "CLASSIFY" {
        /// The class, in hexadecimal digits.
        "--set-class" => set_class: Must<TrafficClass>,
    }
}

/// A class of traffic control: `MAJOR:MINOR` in hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TrafficClass {
    /// The queue that the class is of.
    pub major: u16,
    /// The class.
    pub minor: u16,
}

impl<'a> Value<'a> for TrafficClass {
    const ARGS: &'static [&'static str] = &["MAJOR:MINOR"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let number = |text: &str| {
            let digits = text.strip_prefix("0x").unwrap_or(text);
            u16::from_str_radix(digits, 16).ok()
        };
        std::str::from_utf8(&args[0].text)
            .ok()
            .and_then(|text| text.split_once(':'))
            .and_then(|(major, minor)| number(major).zip(number(minor)))
            .map(|(major, minor)| Self { major, minor })
            .ok_or(ValueError::new(
                "two hexadecimal numbers up to ffff such as `1:10`",
            ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        use std::io::Write as _;
        write!(out.begin(), "{:04x}:{:04x}", self.major, self.minor)
            .expect("a Vec takes any bytes");
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -j CLASSIFY --set-class 0001:ffff ; =
            -j CLASSIFY --set-class 1:A ; -j CLASSIFY --set-class 0001:000a
            -j CLASSIFY --set-class 1 ; REFUSED
            -j CLASSIFY --set-class 1:x ; REFUSED
            -j CLASSIFY ; REFUSED
            ",
        );
    }
}
