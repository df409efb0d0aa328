//! `-j TCPMSS`: the maximum segment size of a TCP connection.

use super::extension;
use crate::{
    Family, Word, Writer,
    value::{Context, Value, ValueError, unsigned},
};

extension! {
    /// Sets the maximum segment size (MSS) in TCP SYN packets, for paths on which large packets
    /// are lost.
    ///
    /// Requires `-p tcp` with `--syn`. Kernel `xt_TCPMSS`; iptables `libxt_TCPMSS`.
    Tcpmss = "TCPMSS" {
        /// The maximum segment size in bytes. Of the two options the last one applies.
        "--set-mss" => set_mss: Option<SegmentSize> => |tcpmss| tcpmss.clamp_mss_to_pmtu = false,
        /// Clamps the size to what fits the path MTU.
        "--clamp-mss-to-pmtu" => clamp_mss_to_pmtu: bool => |tcpmss| tcpmss.set_mss = None,
    }
    at_least one of ["--set-mss", "--clamp-mss-to-pmtu"];
}

/// A segment size in bytes, at most 65535 minus the length of the IP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentSize(pub u16);

impl<'a> Value<'a> for SegmentSize {
    const ARGS: &'static [&'static str] = u16::ARGS;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let (most, expected) = match context.family_or_v4() {
            Family::V4 => (65515, "a number from 0 to 65515"),
            Family::V6 => (65495, "a number from 0 to 65495"),
        };
        unsigned(&args[0].text)
            .filter(|size| *size <= most)
            .map(Self)
            .ok_or(ValueError::new(expected))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.0);
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu ; =
        -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1400 ; =
        -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 0 ; =
        -p tcp -m tcp --syn -j TCPMSS --cl ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j TCPMSS --clamp-mss-to-pmtu
        -p tcp -j TCPMSS --set-m 0x578 ; -p tcp -j TCPMSS --set-mss 1400
        -p tcp -j TCPMSS --set-mss 1400 --clamp-mss-to-pmtu ; -p tcp -j TCPMSS --clamp-mss-to-pmtu
        -p tcp -j TCPMSS --clamp-mss-to-pmtu --set-mss 1400 ; -p tcp -j TCPMSS --set-mss 1400
        -p tcp -j TCPMSS --set-mss -1 ; REFUSED
        -p tcp -j TCPMSS --set-mss 1400 --set-mss 1400 ; REFUSED
        -p tcp -j TCPMSS ! --set-mss 1400 ; REFUSED
        -p tcp -j TCPMSS --set-mss ; REFUSED
        -p tcp -j TCPMSS ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
        lines::check(
            "
            -p tcp -j TCPMSS --set-mss 65515 ; =
            -p tcp -j TCPMSS --set-mss 65516 ; REFUSED
            ",
        );
        lines::check_v6(
            "
            -p tcp -j TCPMSS --set-mss 65495 ; =
            -p tcp -j TCPMSS --set-mss 65496 ; REFUSED
            -p tcp -j TCPMSS --set-mss 65496 --clamp-mss-to-pmtu ; REFUSED
            ",
        );
    }
}
