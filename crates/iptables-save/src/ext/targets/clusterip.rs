//! `-j CLUSTERIP`: an address shared by several nodes.

use super::extension;
use crate::{
    Word, Writer,
    value::{Bounded, Context, Mac, Value, ValueError, keywords},
};

extension! {
    /// Makes this host a node of a cluster that shares an IP address and a MAC address. Each node
    /// answers its share of the connections.
    ///
    /// Requires all options but the optional `--hash-init`, or none at all. For INPUT of the
    /// filter table, with `-d` and `-i`. Kernel `ipt_CLUSTERIP`, removed in Linux 6.2:
    /// `-m cluster` does the same. Unknown to the nft back end. iptables `libipt_CLUSTERIP`.
    Clusterip = "CLUSTERIP" (V4) {
        /// Creates the cluster. Further rules for it have no options.
        "--new" => new: bool,
        /// The fields of the packet that select its node.
        "--hashmode" => hashmode: Option<ClusterHash>,
        /// The MAC address of the cluster, a multicast address.
        "--clustermac" => clustermac: Option<MulticastMac>,
        /// The number of nodes.
        "--total-nodes" => total_nodes: Option<Bounded<0, 16>>,
        /// The number of this node, from 1.
        "--local-node" => local_node: Option<Bounded<0, 16>>,
        /// The seed of the hash: by default 0.
        "--hash-init" => hash_init: Option<u32>,
    }
    validate = |clusterip, _| {
        if has_all_options(clusterip) || *clusterip == Clusterip::default() {
            return Ok(());
        }
        Err(
            "`CLUSTERIP` needs `--new`, `--hashmode`, `--clustermac`, `--total-nodes` and \
             `--local-node` together, or none of its options"
                .into(),
        )
    };
    normalize = |clusterip, _| {
        if has_all_options(clusterip) {
            clusterip.hash_init.get_or_insert(0);
        }
    };
}

fn has_all_options(clusterip: &Clusterip) -> bool {
    clusterip.new
        && clusterip.hashmode.is_some()
        && clusterip.clustermac.is_some()
        && clusterip.total_nodes.is_some()
        && clusterip.local_node.is_some()
}

keywords! {
    /// The fields of a packet that select its node.
    ClusterHash("MODE", exact) {
        /// The source address.
        SourceIp = "sourceip",
        /// The source address and port.
        SourcePort = "sourceip-sourceport",
        /// The source address and both ports.
        BothPorts = "sourceip-sourceport-destport",
    }
}

/// A multicast MAC address, written in upper case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MulticastMac(Mac);

impl MulticastMac {
    /// Accepts a MAC address with the multicast bit set.
    #[must_use]
    pub const fn new(mac: Mac) -> Option<Self> {
        match mac.0[0] & 1 {
            0 => None,
            _ => Some(Self(mac)),
        }
    }

    /// Returns the address.
    #[must_use]
    pub const fn get(self) -> Mac {
        self.0
    }
}

impl<'a> Value<'a> for MulticastMac {
    const ARGS: &'static [&'static str] = Mac::ARGS;

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Mac::parse(&args[0].text)
            .and_then(Self::new)
            .ok_or(ValueError::new(
                "a multicast MAC address, its first byte odd, such as `01:00:5e:00:00:01`",
            ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        let mac = self.0.to_string().to_ascii_uppercase();
        out.word(mac.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -d 192.0.2.1/32 -i eth0 -j CLUSTERIP ; =
            -d 192.0.2.1/32 -i eth0 -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5E:00:00:1F --total-nodes 2 --local-node 1 --hash-init 7 ; =
            -j CLUSTERIP --local-node 0x10 --total-nodes 16 --clustermac 1:0:5e:0:0:1f --hashmode sourceip-sourceport --new ; -j CLUSTERIP --new --hashmode sourceip-sourceport --clustermac 01:00:5E:00:00:1F --total-nodes 16 --local-node 16 --hash-init 0
            -j CLUSTERIP --new --hash sourceip --cl ff:ff:ff:ff:ff:ff --to 0 --lo 0 --hash-init 4294967295 ; REFUSED
            -j CLUSTERIP --new --hashm sourceip-sourceport-destport --cl ff:ff:ff:ff:ff:ff --to 0 --lo 0 --hash-i 4294967295 ; -j CLUSTERIP --new --hashmode sourceip-sourceport-destport --clustermac FF:FF:FF:FF:FF:FF --total-nodes 0 --local-node 0 --hash-init 4294967295
            -j CLUSTERIP --new --hashmode sourceip --clustermac -1:-2::+3::a --total-nodes 1 --local-node 1 ; -j CLUSTERIP --new --hashmode sourceip --clustermac FF:FE:00:03:00:0A --total-nodes 1 --local-node 1 --hash-init 0
            -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5e:00:00 --total-nodes 1 --local-node 1 ; REFUSED
            -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5e:00:00:1f: --total-nodes 1 --local-node 1 ; REFUSED
            -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5e:00:00:01f --total-nodes 1 --local-node 1 ; REFUSED
            -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5e:00:00:1g --total-nodes 1 --local-node 1 ; REFUSED
            -j CLUSTERIP --new --hashmode sourceip --clustermac 01:-:5e:00:00:1f --total-nodes 1 --local-node 1 ; REFUSED
            -j CLUSTERIP --new ; REFUSED
            -j CLUSTERIP --hash-init 1 ; REFUSED
            -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5e:00:00:1f --total-nodes 2 ; REFUSED
            -j CLUSTERIP --hashmode sourceip --clustermac 01:00:5e:00:00:1f --total-nodes 2 --local-node 1 ; REFUSED
            -j CLUSTERIP --new --hashmode SOURCEIP --clustermac 01:00:5e:00:00:1f --total-nodes 2 --local-node 1 ; REFUSED
            -j CLUSTERIP --new --hashmode sourceip --clustermac 02:00:5e:00:00:1f --total-nodes 2 --local-node 1 ; REFUSED
            -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5e:00:00:1f --total-nodes 17 --local-node 1 ; REFUSED
            -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5e:00:00:1f --total-nodes 2 --local-node 17 ; REFUSED
            -j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5e:00:00:1f --total-nodes 2 --local-node 1 --hash-init 4294967296 ; REFUSED
            -j CLUSTERIP ! --new ; REFUSED
            ",
        );
        lines::check_v6("-j CLUSTERIP ; REFUSED");
    }
}
