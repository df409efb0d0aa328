//! `-m connbytes`: how much a connection has transferred.

use nom::{
    branch::alt,
    bytes::complete::tag,
    combinator::{eof, peek, value},
};

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Invertible, Required, Value, ValueError, after, complete, integer, keywords},
    writer,
};

extension! {
    /// Matches packets by the bytes or packets that their connection has transferred so far.
    ///
    /// Connection accounting must be enabled: `net.netfilter.nf_conntrack_acct`. Kernel
    /// `xt_connbytes`; iptables `libxt_connbytes`.
    Connbytes = "connbytes" {
        /// The range to match, both ends included. Without `TO` there is no upper bound.
        "--connbytes" => connbytes: Required<Invertible<ConnbytesRange>>,
        /// What to count: packets, bytes, or the average size of a packet in bytes.
        "--connbytes-mode" => mode: Required<ConnbytesMode>,
        /// The direction of the connection in which to count.
        "--connbytes-dir" => dir: Required<ConnbytesDirection>,
    }
    normalize = normalize;
}

keywords! {
    /// What is counted on a connection.
    ConnbytesMode("packets|bytes|avgpkt", exact) {
        /// Packets.
        Packets = "packets",
        /// Bytes.
        Bytes = "bytes",
        /// The average size of a packet in bytes.
        AveragePacket = "avgpkt",
    }
    default Packets
}

keywords! {
    /// The direction of a connection in which packets are counted.
    ConnbytesDirection("original|reply|both", exact) {
        /// The original direction.
        Original = "original",
        /// The reply direction.
        Reply = "reply",
        /// Both directions.
        Both = "both",
    }
    default Original
}

/// A range of packets or bytes, both ends included: `FROM[:TO]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ConnbytesRange {
    /// The lower bound.
    pub from: u64,
    /// The upper bound; the highest number if there is none.
    ///
    /// iptables-save omits an upper bound of 0, which then reads as none.
    pub to: u64,
}

impl<'a> Value<'a> for ConnbytesRange {
    const ARGS: &'static [&'static str] = &["FROM[:[TO]]"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let from = alt((value(0, peek(alt((eof, tag(":"))))), integer));
        let to = alt((value(u64::MAX, eof), integer));
        let (from, to) = complete((from, after(':', to)), &args[0].text)
            .ok_or(ValueError::new("a number or a range such as `1:10`"))?;
        let to = to.unwrap_or(u64::MAX);
        if from <= to {
            Ok(Self { from, to })
        } else {
            Err(ValueError::new(
                "a range whose first number is not greater than the last",
            ))
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        if self.to == 0 {
            out.mark_lossy();
        }
        out.number(self.from);
        if !matches!(self.to, 0 | u64::MAX) {
            out.more().push(b':');
            writer::decimal(out.more(), self.to);
        }
    }
}

fn normalize(connbytes: &mut Connbytes, _: &Context) {
    // iptables inverts a range by swapping its ends, which has no effect when they are equal.
    let Required(Invertible { inverted, value }) = &mut connbytes.connbytes;
    *inverted &= value.from != value.to;
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -m connbytes --connbytes 10 --connbytes-mode packets --connbytes-dir original ; =
        -m connbytes --connbytes 10:20 --connbytes-mode bytes --connbytes-dir reply ; =
        -m connbytes ! --connbytes 10:20 --connbytes-mode avgpkt --connbytes-dir both ; =
        -m connbytes --connbytes-d both --connbytes-m bytes --connbytes 010:0x10 ; -m connbytes --connbytes 8:16 --connbytes-mode bytes --connbytes-dir both
        -m connbytes --connbytes 10: --connbytes-mode bytes --connbytes-dir both ; -m connbytes --connbytes 10 --connbytes-mode bytes --connbytes-dir both
        -m connbytes ! --connbytes 10:18446744073709551615 --connbytes-mode bytes --connbytes-dir both ; -m connbytes ! --connbytes 10 --connbytes-mode bytes --connbytes-dir both
        -m connbytes --connbytes :10 --connbytes-mode bytes --connbytes-dir both ; -m connbytes --connbytes 0:10 --connbytes-mode bytes --connbytes-dir both
        -m connbytes --connbytes 0:0 --connbytes-mode bytes --connbytes-dir both ; UNREADABLE -m connbytes --connbytes 0 --connbytes-mode bytes --connbytes-dir both
        -m connbytes --connbytes : --connbytes-mode bytes --connbytes-dir both ; -m connbytes --connbytes 0 --connbytes-mode bytes --connbytes-dir both
        -m connbytes ! --connbytes "" --connbytes-mode bytes --connbytes-dir both ; -m connbytes ! --connbytes 0 --connbytes-mode bytes --connbytes-dir both
        -m connbytes --connbytes " 5: +6" --connbytes-mode bytes --connbytes-dir both ; -m connbytes --connbytes 5:6 --connbytes-mode bytes --connbytes-dir both
        -m connbytes ! --connbytes 5:5 --connbytes-mode bytes --connbytes-dir both ; -m connbytes --connbytes 5:5 --connbytes-mode bytes --connbytes-dir both
        -m connbytes ! --connbytes 18446744073709551615 --connbytes-mode bytes --connbytes-dir both ; -m connbytes --connbytes 18446744073709551615 --connbytes-mode bytes --connbytes-dir both
        -m connbytes --connbytes 20:10 --connbytes-mode bytes --connbytes-dir both ; REFUSED
        -m connbytes --connbytes 1:2:3 --connbytes-mode bytes --connbytes-dir both ; REFUSED
        -m connbytes --connbytes 1-2 --connbytes-mode bytes --connbytes-dir both ; REFUSED
        -m connbytes --connbytes "1 :2" --connbytes-mode bytes --connbytes-dir both ; REFUSED
        -m connbytes --connbytes 1:-2 --connbytes-mode bytes --connbytes-dir both ; REFUSED
        -m connbytes --connbytes 18446744073709551616 --connbytes-mode bytes --connbytes-dir both ; REFUSED
        -m connbytes --connbytes 1 --connbytes-mode BYTES --connbytes-dir both ; REFUSED
        -m connbytes --connbytes 1 --connbytes-mode byte --connbytes-dir both ; REFUSED
        -m connbytes --connbytes 1 --connbytes-mode bytes --connbytes-dir Both ; REFUSED
        -m connbytes --connbytes 1 --connbytes-mode bytes ! --connbytes-dir both ; REFUSED
        -m connbytes --connby 1 --connbytes-mode bytes --connbytes-dir both ; REFUSED
        -m connbytes --connbytes 1 --connbytes-mode bytes ; REFUSED
        -m connbytes --connbytes 1 --connbytes-dir both ; REFUSED
        -m connbytes --connbytes-mode bytes --connbytes-dir both ; REFUSED
        -m connbytes ; REFUSED
    "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
