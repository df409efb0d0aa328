//! `-m cluster`: the node of a cluster that handles the packet.

use super::extension;
use crate::{
    Word, Writer,
    ext::OptionConflict,
    value::{Bounded, Context, Invertible, Required, Value, ValueError, WideHex},
};

extension! {
    /// Matches packets that this node of a cluster has to handle, where all nodes see the same
    /// packets. The node is selected by a hash of the connection's source address.
    ///
    /// Kernel `xt_cluster`; iptables `libxt_cluster`.
    Cluster = "cluster" {
        /// The nodes whose packets match: bit 0 represents the first node.
        ///
        /// iptables accepts only numbers up to 32, and so refuses the masks that iptables-save
        /// prints for the seventh node and later ones.
        "--cluster-local-nodemask" => local_nodemask: Option<Invertible<NodeMask>>,
        /// The number of nodes in the cluster.
        "--cluster-total-nodes" => total_nodes: Required<Bounded<1, 32>>,
        /// The seed of the hash, the same for all nodes.
        "--cluster-hash-seed" => hash_seed: Required<WideHex>,
    }
    reads {
        /// The number of the node whose packets match, from 1.
        "--cluster-local-node" as "--cluster-local-nodemask" => |cluster, node: Invertible<Bounded<1, 32>>| {
            cluster.local_nodemask = Some(Invertible {
                inverted: node.inverted,
                value: NodeMask(1 << (node.value.get() - 1)),
            });
        },
    }
    one of ["--cluster-local-node", "--cluster-local-nodemask"];
    at_least one of ["--cluster-local-node", "--cluster-local-nodemask"];
    validate = validate;
}

/// Nodes of a cluster, a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NodeMask(pub u32);

impl<'a> Value<'a> for NodeMask {
    const ARGS: &'static [&'static str] = &["MASK"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        // `libxt_cluster.c` limits the mask as if it were a number of nodes.
        let mask: Bounded<1, 32> = Value::read(args, context)?;
        Ok(Self(mask.get()))
    }

    fn write(&self, out: &mut Writer<'_>) {
        if self.0 > 32 {
            out.mark_lossy();
        }
        WideHex(self.0).write(out);
    }
}

/// Checks what `libxt_cluster.c:cluster_check` checks.
fn validate(cluster: &Cluster, _: &Context) -> Result<(), OptionConflict> {
    let nodes = cluster.local_nodemask.map_or(0, |mask| mask.value.0);
    if u64::from(nodes) >> cluster.total_nodes.0.get() != 0 {
        return Err("a local node is beyond `--cluster-total-nodes`".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -m cluster --cluster-local-nodemask 0x00000002 --cluster-total-nodes 2 --cluster-hash-seed 0xdeadbeef ; =
        -m cluster --cluster-total-nodes 4 --cluster-hash-seed 7 --cluster-local-node 3 ; -m cluster --cluster-local-nodemask 0x00000004 --cluster-total-nodes 4 --cluster-hash-seed 0x00000007
        -m cluster --cluster-t 6 --cluster-h 0 ! --cluster-local-node 6 ; -m cluster ! --cluster-local-nodemask 0x00000020 --cluster-total-nodes 6 --cluster-hash-seed 0x00000000
        -m cluster --cluster-total-nodes 010 --cluster-hash-seed 1 ! --cluster-local-nodem 31 ; -m cluster ! --cluster-local-nodemask 0x0000001f --cluster-total-nodes 8 --cluster-hash-seed 0x00000001
        -m cluster --cluster-total-nodes 7 --cluster-hash-seed 1 --cluster-local-node 7 ; UNREADABLE -m cluster --cluster-local-nodemask 0x00000040 --cluster-total-nodes 7 --cluster-hash-seed 0x00000001
        -m cluster --cluster-total-nodes 32 --cluster-hash-seed 4294967295 --cluster-local-node 32 ; UNREADABLE -m cluster --cluster-local-nodemask 0x80000000 --cluster-total-nodes 32 --cluster-hash-seed 0xffffffff
        -m cluster --cluster-total-nodes 32 --cluster-hash-seed 1 --cluster-local-nodemask 33 ; REFUSED
        -m cluster --cluster-total-nodes 32 --cluster-hash-seed 1 --cluster-local-nodemask 0 ; REFUSED
        -m cluster --cluster-total-nodes 32 --cluster-hash-seed 1 --cluster-local-node 33 ; REFUSED
        -m cluster --cluster-total-nodes 32 --cluster-hash-seed 1 --cluster-local-node 0 ; REFUSED
        -m cluster --cluster-total-nodes 2 --cluster-hash-seed 1 --cluster-local-nodemask 4 ; REFUSED
        -m cluster --cluster-total-nodes 2 --cluster-hash-seed 1 --cluster-local-node 3 ; REFUSED
        -m cluster --cluster-total-nodes 33 --cluster-hash-seed 1 --cluster-local-node 3 ; REFUSED
        -m cluster --cluster-total-nodes 0 --cluster-hash-seed 1 --cluster-local-node 1 ; REFUSED
        -m cluster --cluster-total-nodes 2 --cluster-hash-seed 4294967296 --cluster-local-node 1 ; REFUSED
        -m cluster --cluster-total-nodes 2 --cluster-hash-seed 1 --cluster-local-n 1 ; REFUSED
        -m cluster --cluster-total-nodes 2 --cluster-hash-seed 1 --cluster-local-node 1 --cluster-local-nodemask 1 ; REFUSED
        -m cluster ! --cluster-total-nodes 2 --cluster-hash-seed 1 --cluster-local-node 1 ; REFUSED
        -m cluster --cluster-total-nodes 2 ! --cluster-hash-seed 1 --cluster-local-node 1 ; REFUSED
        -m cluster --cluster-hash-seed 1 --cluster-local-node 1 ; REFUSED
        -m cluster --cluster-total-nodes 2 --cluster-local-node 1 ; REFUSED
        -m cluster --cluster-total-nodes 2 --cluster-hash-seed 1 ; REFUSED
        -m cluster ; REFUSED
    ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
