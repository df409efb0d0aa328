//! `-j LED`: an LED that shows packets.

use nom::{
    branch::alt,
    bytes::complete::tag_no_case,
    combinator::{map, rest, value},
};

use super::extension;
use crate::{
    Text, Word, Writer,
    value::{Context, Required, Value, ValueError, complete, integer},
    writer,
};

extension! {
    /// Makes an LED flash for each packet. The LED must be set to the trigger `netfilter-NAME`.
    ///
    /// Kernel `xt_LED`; iptables `libxt_LED`.
    Led<'a> = "LED" {
        /// The name of the trigger after `netfilter-`, up to 16 bytes.
        "--led-trigger-id" => led_trigger_id: Required<LedTrigger<'a>>,
        /// How long the LED stays on after a packet, in milliseconds: by default it goes off at
        /// once. `inf` leaves it on.
        "--led-delay" => led_delay: Option<LedDelay>,
        /// Makes the LED blink with each packet even if it is already on.
        "--led-always-blink" => led_always_blink: bool,
    }
    omit led_delay when |delay| delay.0 == 0;
}

/// The name of an LED trigger, always quoted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LedTrigger<'a>(pub Text<'a>);

impl<'a> Value<'a> for LedTrigger<'a> {
    const ARGS: &'static [&'static str] = &["NAME"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        match args[0].text.len() {
            0..=16 => Ok(Self(args[0].text.clone())),
            _ => Err(ValueError::new("a name of up to 16 bytes")),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        writer::quote(out.begin(), &self.0, *b"\"\"\\");
    }
}

/// How long an LED stays on, in milliseconds; the highest number is [`FOREVER`](Self::FOREVER).
///
/// iptables-save prints it as a signed number, so that what is above 2147483647 cannot be read
/// again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LedDelay(pub u32);

impl LedDelay {
    /// The LED stays on.
    pub const FOREVER: Self = Self(u32::MAX);
}

impl<'a> Value<'a> for LedDelay {
    const ARGS: &'static [&'static str] = &["MILLISECONDS|inf"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let forever = value(Self::FOREVER, (tag_no_case("inf"), rest));
        complete(alt((forever, map(integer, Self))), &args[0].text)
            .ok_or(ValueError::new("a number from 0 to 4294967295, or `inf`"))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.int(self.0);
    }
}

crate::value::owned!(LedDelay);
crate::value::owned!(text LedTrigger);

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -j LED --led-trigger-id "ssh" ; =
        -j LED --led-trigger-id "" ; =
        -j LED --led-trigger-id "ssh" --led-delay 2147483647 --led-always-blink ; =
        -j LED --led-a --led-d 0x10 --led-t ssh ; -j LED --led-trigger-id "ssh" --led-delay 16 --led-always-blink
        -j LED --led-trigger-id ssh --led-delay 0 ; -j LED --led-trigger-id "ssh"
        -j LED --led-trigger-id "a\"b\\c'd e" ; =
        -j LED --led-trigger-id 1234567890123456 ; -j LED --led-trigger-id "1234567890123456"
        -j LED --led-trigger-id ssh --led-delay inf ; UNREADABLE -j LED --led-trigger-id "ssh" --led-delay -1
        -j LED --led-trigger-id ssh --led-delay INFINITE ; UNREADABLE -j LED --led-trigger-id "ssh" --led-delay -1
        -j LED --led-trigger-id ssh --led-delay 2147483648 ; UNREADABLE -j LED --led-trigger-id "ssh" --led-delay -2147483648
        -j LED --led-trigger-id 12345678901234567 ; REFUSED
        -j LED --led-trigger-id ssh --led-delay in ; REFUSED
        -j LED --led-trigger-id ssh --led-delay 4294967296 ; REFUSED
        -j LED --led-trigger-id ssh --led-delay 1s ; REFUSED
        -j LED --led-trigger-id ssh ! --led-always-blink ; REFUSED
        -j LED --led-delay 1 ; REFUSED
        -j LED ; REFUSED
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
