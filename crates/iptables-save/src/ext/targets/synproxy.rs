//! `-j SYNPROXY`: protection from SYN floods.

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Value, ValueError},
};

extension! {
    /// Completes the TCP handshake with the client on behalf of a server, and connects to the
    /// server only after that, so that a SYN flood does not reach it.
    ///
    /// For INPUT and FORWARD with `-p tcp`; SYN packets must be untracked, with
    /// `-j CT --notrack`. Kernel `ipt_SYNPROXY`, `ip6t_SYNPROXY`; iptables `libxt_SYNPROXY`.
    Synproxy = "SYNPROXY" {
        /// The server supports selective acknowledgements (SACK).
        "--sack-perm" => sack_perm: bool,
        /// The server supports timestamps.
        "--timestamp" => timestamp: bool,
        /// The window scale of the server. Only the lower 8 bits of the number are kept.
        "--wscale" => wscale: Option<Low8>,
        /// The maximum segment size of the server in bytes. Only the lower 16 bits of the number
        /// are kept.
        "--mss" => mss: Option<Low16>,
        /// The server supports explicit congestion notification (ECN).
        "--ecn" => ecn: bool,
    }
}

/// The lower 8 bits of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Low8(pub u8);

/// The lower 16 bits of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Low16(pub u16);

impl<'a> Value<'a> for Low8 {
    const ARGS: &'static [&'static str] = u32::ARGS;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let [low, ..] = u32::read(args, context)?.to_le_bytes();
        Ok(Self(low))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.0);
    }
}

impl<'a> Value<'a> for Low16 {
    const ARGS: &'static [&'static str] = u32::ARGS;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let [low, high, ..] = u32::read(args, context)?.to_le_bytes();
        Ok(Self(u16::from_le_bytes([low, high])))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.0);
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -p tcp -j SYNPROXY ; =
        -p tcp -m tcp --dport 80 -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460 --ecn ; =
        -p tcp -j SYNPROXY --ec --ms 0x5b4 --ws 0 --ti --sa ; -p tcp -j SYNPROXY --sack-perm --timestamp --wscale 0 --mss 1460 --ecn
        -p tcp -j SYNPROXY --wscale 255 --mss 65535 ; =
        -p tcp -j SYNPROXY --wscale 263 --mss 65537 ; -p tcp -j SYNPROXY --wscale 7 --mss 1
        -p tcp -j SYNPROXY --wscale 4294967296 ; REFUSED
        -p tcp -j SYNPROXY --mss 4294967296 ; REFUSED
        -p tcp -j SYNPROXY --mss ; REFUSED
        -p tcp -j SYNPROXY --ecn --ecn ; REFUSED
        -p tcp -j SYNPROXY ! --ecn ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
