//! `-j LOG`: the kernel log.

use super::extension;
use crate::value::{LogLevel, LogPrefix};

extension! {
    /// Logs the packet in the kernel log and continues with the next rule.
    ///
    /// Kernel `xt_LOG`; iptables `libxt_LOG`.
    Log<'a> = "LOG" {
        /// The prefix of each line. Truncated to 29 bytes.
        "--log-prefix" => log_prefix: Option<LogPrefix<'a, 29>>,
        /// The level of the log message: by default `warning` (4).
        "--log-level" => log_level: Option<LogLevel>,
        /// Logs TCP sequence numbers.
        "--log-tcp-sequence" => log_tcp_sequence: bool,
        /// Logs the options of the TCP header.
        "--log-tcp-options" => log_tcp_options: bool,
        /// Logs the options of the IP header.
        "--log-ip-options" => log_ip_options: bool,
        /// Logs the user ID of the process that sent the packet.
        "--log-uid" => log_uid: bool,
        /// Logs MAC addresses and the protocol decoded.
        "--log-macdecode" => log_macdecode: bool,
    }
    omit log_level when |level| *level == LogLevel::WARNING;
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -j LOG ; =
        -j LOG --log-prefix "[UFW BLOCK] " ; =
        -j LOG --log-prefix plain --log-level 7 ; =
        -j LOG --log-prefix "a\"b\\c\'d" ; =
        -j LOG --log-level debug --log-prefix x: ; -j LOG --log-prefix "x:" --log-level 7
        -j LOG --log-level warning ; -j LOG
        -j LOG --log-level 4 ; -j LOG
        -j LOG --log-level panic ; -j LOG --log-level 0
        -j LOG --log-level emerg ; -j LOG --log-level 0
        -j LOG --log-level alert ; -j LOG --log-level 1
        -j LOG --log-level crit ; -j LOG --log-level 2
        -j LOG --log-level error ; -j LOG --log-level 3
        -j LOG --log-level notice ; -j LOG --log-level 5
        -j LOG --log-l info ; -j LOG --log-level 6
        -j LOG --log-level " +0x7" ; -j LOG --log-level 7
        -j LOG --log-macdecode --log-uid --log-ip-options --log-tcp-options --log-tcp-sequence ; -j LOG --log-tcp-sequence --log-tcp-options --log-ip-options --log-uid --log-macdecode
        -j LOG --log-m --log-i ; -j LOG --log-ip-options --log-macdecode
        -j LOG --log-prefix 123456789012345678901234567890 ; -j LOG --log-prefix 12345678901234567890123456789
        -j LOG --log-prefix "" ; REFUSED
        -j LOG --log-prefix ; REFUSED
        -j LOG --log-prefix a --log-prefix b ; REFUSED
        -j LOG --log-level 8 ; REFUSED
        -j LOG --log-level -1 ; REFUSED
        -j LOG --log-level DEBUG ; REFUSED
        -j LOG --log-level warn ; REFUSED
        -j LOG --log-level err ; REFUSED
        -j LOG --log-level "" ; REFUSED
        -j LOG --log-tcp ; REFUSED
        -j LOG ! --log-uid ; REFUSED
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
