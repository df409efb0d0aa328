//! `-m udp`: the ports of a UDP packet.

use super::extension;
use crate::value::{Context, Invertible, PortRange};

extension! {
    /// Matches UDP packets by their ports. Requires `-p udp`, which also loads this match.
    ///
    /// Kernel `xt_tcpudp`; iptables `libxt_udp`.
    Udp = "udp" {
        /// The source port, or a range of ports.
        "--sport" | "--source-port" => sport: Option<Invertible<PortRange>>,
        /// The destination port, or a range of ports.
        "--dport" | "--destination-port" => dport: Option<Invertible<PortRange>>,
    }
    normalize = normalize;
}

fn normalize(udp: &mut Udp, _: &Context) {
    PortRange::forget_all(&mut udp.sport);
    PortRange::forget_all(&mut udp.dport);
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -p udp -m udp --dport 53 ; =
            -p udp --source-port 1024: ! --destination-port 53 ; -p udp -m udp --sport 1024:65535 ! --dport 53
            -p udp -m udp --sport :1023 ; -p udp -m udp --sport 0:1023
            -p udp -m udp --dport 80:70 ; =
            -p udp -m udp --dport 0:65535 ; -p udp -m udp
            -p udp --dport domain ; -p udp -m udp --dport 53
            -p udp --dport ssh ; -p udp -m udp --dport 22
            -p udp --dport bootps:bootpc ; -p udp -m udp --dport 67:68
            -p udp --dport 010 ; -p udp -m udp --dport 10
            -p udp --dport 65536 ; -p udp -m udp --dport 0
            -p udp --dport 0x35 ; REFUSED
            -p udp -m udp ! --sport : ; -p udp -m udp ! --sport 0:65535
            -p udp -m udp --sport \"\" ; -p udp -m udp --sport 0
            -m udp --dport 1 -p 17 ; -p udp -m udp --dport 1
            -p udp -m udp --sport -1 ; REFUSED
            -p udp -m udp --s 1 ; REFUSED
            -p udp -m udp ; =
            -p udp -m udp --dport 53 --destination-port 53 ; REFUSED
            -p udp -m udp --dport 1:2:3 ; REFUSED
            -p udp -m udp --dport no-such-service ; REFUSED
            ",
        );
    }
}
