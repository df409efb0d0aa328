//! `-j NFLOG`: logging through netlink.

use super::extension;
use crate::value::LogPrefix;

extension! {
    /// Sends the packet to a netlink group for logging programs such as ulogd, and continues with
    /// the next rule.
    ///
    /// Kernel `xt_NFLOG`; iptables `libxt_NFLOG`.
    Nflog<'a> = "NFLOG" {
        /// The prefix of the log message. Truncated to 127 bytes; the legacy tables truncate it
        /// to 63.
        "--nflog-prefix" => nflog_prefix: Option<LogPrefix<'a, 127>>,
        /// The netlink group: by default 0.
        "--nflog-group" => nflog_group: Option<u16>,
        /// The number of bytes of the packet to send: by default all.
        "--nflog-size" => nflog_size: Option<u32>,
        /// Has no effect; use `--nflog-size` instead.
        "--nflog-range" => nflog_range: Option<u32>,
        /// The number of packets to queue before they are sent together.
        "--nflog-threshold" => nflog_threshold: Option<u16>,
    }
    one of ["--nflog-size", "--nflog-range"];
    omit nflog_group when |group| *group == 0;
    omit nflog_range when |range| *range == 0;
    omit nflog_threshold when |threshold| *threshold == 0;
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -j NFLOG ; =
        -j NFLOG --nflog-group 0 ; -j NFLOG
        -j NFLOG --nflog-threshold 5 --nflog-size 80 --nflog-group 65535 --nflog-prefix "a b" ; -j NFLOG --nflog-prefix "a b" --nflog-group 65535 --nflog-size 80 --nflog-threshold 5
        -j NFLOG --nflog-g 0x10 --nflog-t 1 ; -j NFLOG --nflog-group 16 --nflog-threshold 1
        -j NFLOG --nflog-size 0 ; =
        -j NFLOG --nflog-size 4294967295 ; =
        -j NFLOG --nflog-range 80 ; =
        -j NFLOG --nflog-range 0 --nflog-threshold 0 ; -j NFLOG
        -j NFLOG --nflog-prefix aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab ; -j NFLOG --nflog-prefix aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        -j NFLOG --nflog-size 1 --nflog-range 1 ; REFUSED
        -j NFLOG --nflog-group 65536 ; REFUSED
        -j NFLOG --nflog-size 4294967296 ; REFUSED
        -j NFLOG --nflog-range -1 ; REFUSED
        -j NFLOG --nflog-threshold 65536 ; REFUSED
        -j NFLOG --nflog-prefix "" ; REFUSED
        -j NFLOG --nflog-prefix a --nflog-prefix b ; REFUSED
        -j NFLOG ! --nflog-group 1 ; REFUSED
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
