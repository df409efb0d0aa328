//! `-j ULOG`: logging through netlink, an older target.

use super::extension;
use crate::{
    Word, Writer,
    value::{Bounded, Context, LogPrefix, Value, ValueError},
};

extension! {
    /// Sends the packet to a netlink group for logging programs, and continues with the next
    /// rule.
    ///
    /// Kernel `ipt_ULOG`, removed in Linux 3.17: `NFLOG` does the same. iptables `libipt_ULOG`.
    Ulog<'a> = "ULOG" (V4) {
        /// The prefix of the log message. Truncated to 31 bytes.
        "--ulog-prefix" => ulog_prefix: Option<LogPrefix<'a, 31>>,
        /// The netlink group: by default 1.
        "--ulog-nlgroup" => ulog_nlgroup: Option<Bounded<1, 32>>,
        /// The number of bytes of the packet to send: by default all.
        "--ulog-cprange" => ulog_cprange: Option<CopyRange>,
        /// The number of packets to queue before they are sent together: by default 1.
        "--ulog-qthreshold" => ulog_qthreshold: Option<Bounded<1, 50>>,
    }
    omit ulog_nlgroup when |group| group.get() == 1;
    omit ulog_cprange when |range| range.0 == 0;
    omit ulog_qthreshold when |threshold| threshold.get() == 1;
}

/// The number of bytes of a packet to send, of which the lower 32 bits are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CopyRange(pub u64);

impl<'a> Value<'a> for CopyRange {
    const ARGS: &'static [&'static str] = u64::ARGS;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        u64::read(args, context).map(Self)
    }

    fn write(&self, out: &mut Writer<'_>) {
        if self.0 > u64::from(u32::MAX) {
            out.mark_lossy();
        }
        out.number(self.0 & u64::from(u32::MAX));
    }
}

crate::value::owned!(CopyRange);

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -j ULOG ; =
            -j ULOG --ulog-nlgroup 1 --ulog-qthreshold 1 --ulog-cprange 0 ; -j ULOG
            -j ULOG --ulog-q 50 --ulog-c 0x10 --ulog-n 32 --ulog-p "a b" ; -j ULOG --ulog-prefix "a b" --ulog-nlgroup 32 --ulog-cprange 16 --ulog-qthreshold 50
            -j ULOG --ulog-prefix plain ; =
            -j ULOG --ulog-prefix 12345678901234567890123456789012 ; -j ULOG --ulog-prefix 1234567890123456789012345678901
            -j ULOG --ulog-cprange 18446744073709551615 ; UNREADABLE -j ULOG --ulog-cprange 4294967295
            -j ULOG --ulog-nlgroup 0 ; REFUSED
            -j ULOG --ulog-nlgroup 33 ; REFUSED
            -j ULOG --ulog-qthreshold 0 ; REFUSED
            -j ULOG --ulog-qthreshold 51 ; REFUSED
            -j ULOG --ulog-cprange 18446744073709551616 ; REFUSED
            -j ULOG --ulog-prefix "" ; REFUSED
            -j ULOG --ulog-prefix a --ulog-prefix b ; REFUSED
            -j ULOG ! --ulog-nlgroup 2 ; REFUSED
            "#,
        );
        lines::check_v6("-j ULOG ; REFUSED");
    }
}
