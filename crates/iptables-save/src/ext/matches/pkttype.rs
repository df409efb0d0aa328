//! `-m pkttype`: the link-layer packet type.

use super::extension;
use crate::value::{Invertible, Required, keywords};

extension! {
    /// Matches packets by their link-layer packet type: addressed to one host, to a group, or to
    /// all hosts.
    ///
    /// Kernel `xt_pkttype`; iptables `libxt_pkttype`.
    Pkttype = "pkttype" {
        /// The packet type.
        "--pkt-type" => pkt_type: Required<Invertible<PacketType>>,
    }
}

keywords! {
    /// Link-layer packet types.
    PacketType("unicast|broadcast|multicast|otherhost") {
        /// Addressed to this host.
        Unicast = "unicast" | "host",
        /// Addressed to all hosts.
        Broadcast = "broadcast" | "bcast",
        /// Addressed to a group of hosts.
        Multicast = "multicast" | "mcast",
        /// Addressed to another host.
        Otherhost = "otherhost",
    }
    default Unicast
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m pkttype --pkt-type broadcast ; =
            -m pkttype ! --pkt-type MCAST ; -m pkttype ! --pkt-type multicast
            -m pkttype --pkt-type host ; -m pkttype --pkt-type unicast
            -m pkttype --pkt-type otherhost ; =
            -m pkttype --pkt=Bcast ; -m pkttype --pkt-type broadcast
            -m pkttype --pkt-type outgoing ; REFUSED
            -m pkttype --pkt-type 1 ; REFUSED
            -m pkttype --pkt-type host --pkt-type host ; REFUSED
            -m pkttype --pkt-type uni ; REFUSED
            -m pkttype ; REFUSED
            ",
        );
    }
}
