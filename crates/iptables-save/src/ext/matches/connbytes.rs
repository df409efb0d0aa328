//! `-m connbytes`: how much a connection has carried so far.

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
    /// Matches packets by what conntrack has counted on their connection.
    ///
    /// Counting must be on: `net.netfilter.nf_conntrack_acct`. Kernel `xt_connbytes`;
    /// iptables `libxt_connbytes`.
    Connbytes = "connbytes" {
        /// So much at least, or from so much up to so much.
        "--connbytes" => connbytes: Required<Invertible<Amount>>,
        /// What is counted.
        "--connbytes-mode" => mode: Required<ConnbytesMode>,
        /// In which direction of the connection.
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
        /// Bytes for each packet, on average.
        AveragePacket = "avgpkt",
    }
    default Packets
}

keywords! {
    /// In which direction of a connection something is counted.
    ConnbytesDirection("original|reply|both", exact) {
        /// In that of its first packet.
        Original = "original",
        /// In that of answers.
        Reply = "reply",
        /// In both.
        Both = "both",
    }
    default Original
}

/// How much: `LEAST[:MOST]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Amount {
    /// The least.
    pub least: u64,
    /// The most; as much as can be when no bound is given.
    ///
    /// iptables-save leaves out a most of 0, and so turns it into no bound.
    pub most: u64,
}

impl<'a> Value<'a> for Amount {
    const ARGS: &'static [&'static str] = &["LEAST[:[MOST]]"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let least = alt((value(0, peek(alt((eof, tag(":"))))), integer));
        let most = alt((value(u64::MAX, eof), integer));
        let (least, most) = complete((least, after(':', most)), &args[0].text)
            .ok_or(ValueError::new("a number or a range such as `1:10`"))?;
        let most = most.unwrap_or(u64::MAX);
        if least <= most {
            Ok(Self { least, most })
        } else {
            Err(ValueError::new(
                "a range whose first number is not above the last",
            ))
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        if self.most == 0 {
            out.mark_lossy();
        }
        out.number(self.least);
        if !matches!(self.most, 0 | u64::MAX) {
            out.more().push(b':');
            writer::decimal(out.more(), self.most);
        }
    }
}

fn normalize(connbytes: &mut Connbytes, _: &Context) {
    // iptables inverts a range by swapping its ends, which has no effect when they are equal.
    let Required(Invertible { inverted, value }) = &mut connbytes.connbytes;
    *inverted &= value.least != value.most;
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
