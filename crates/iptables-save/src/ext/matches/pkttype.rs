//! `-m pkttype`: how the packet was addressed on the link.

use super::extension;
use crate::value::{Invertible, Required, keywords};

extension! {
    /// Matches packets by how they were addressed on the link: to one host, to a group,
    /// or to all.
    ///
    /// Kernel `xt_pkttype`; iptables `libxt_pkttype`.
    Pkttype = "pkttype" {
        /// How the packet was addressed.
        "--pkt-type" => pkt_type: Required<Invertible<PacketType>>,
    }
}

keywords! {
    /// How a packet was addressed on the link.
    PacketType("unicast|broadcast|multicast|otherhost") {
        /// To this host.
        Unicast = "unicast" | "host",
        /// To all hosts.
        Broadcast = "broadcast" | "bcast",
        /// To a group of hosts.
        Multicast = "multicast" | "mcast",
        /// To another host.
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
