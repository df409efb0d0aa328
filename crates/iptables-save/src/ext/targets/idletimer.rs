//! `-j IDLETIMER`: a notification when no packets arrive.

use super::extension;
use crate::value::{Required, Unquoted};

extension! {
    /// Restarts a timer with each packet, and notifies userspace through sysfs when it expires.
    /// Rules with the same label share a timer.
    ///
    /// Kernel `xt_IDLETIMER`; iptables `libxt_IDLETIMER`.
    Idletimer<'a> = "IDLETIMER" {
        /// The timeout in seconds.
        "--timeout" => timeout: Required<u32>,
        /// The name of the timer, a file in `/sys/class/xt_idletimer/timers`. Truncated to 27
        /// bytes.
        "--label" => label: Required<Unquoted<'a, 27>>,
        /// Wakes the machine from suspend when the timer expires.
        "--alarm" => alarm: bool,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -j IDLETIMER --timeout 600 --label uplink ; =
        -j IDLETIMER --timeout 4294967295 --label uplink --alarm ; =
        -j IDLETIMER --al --la uplink-2 --ti 0x10 ; -j IDLETIMER --timeout 16 --label uplink-2 --alarm
        -j IDLETIMER --timeout 1 --label 123456789012345678901234567 ; =
        -j IDLETIMER --timeout 1 --label 1234567890123456789012345678 ; -j IDLETIMER --timeout 1 --label 123456789012345678901234567
        -j IDLETIMER --timeout 1 --label "two words" ; UNREADABLE -j IDLETIMER --timeout 1 --label two words
        -j IDLETIMER --label uplink --t 1 ; REFUSED
        -j IDLETIMER --timeout 4294967296 --label uplink ; REFUSED
        -j IDLETIMER --timeout 1s --label uplink ; REFUSED
        -j IDLETIMER --timeout 1 ; REFUSED
        -j IDLETIMER --label uplink ; REFUSED
        -j IDLETIMER --timeout 1 --label ; REFUSED
        -j IDLETIMER --timeout 1 --label a --label b ; REFUSED
        -j IDLETIMER --timeout 1 --label a ! --alarm ; REFUSED
        -j IDLETIMER ; REFUSED
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
