//! Targets that change addresses, or share one.

use ipnetwork::IpNetwork;
use iptables_save::{Family, Target, targets::*, value::*};
use proptest::{option, prelude::*, sample::select};

use crate::strategies::values::*;

pub(super) fn all(family: Family) -> Vec<BoxedStrategy<Target<'static>>> {
    let netmap = network(family).prop_map(|Network(it)| {
        let it = IpNetwork::new(it.network(), it.prefix()).unwrap();
        Target::Netmap(Netmap {
            to: Required(Prefix(Network(it))),
        })
    });
    match family {
        Family::V4 => vec![netmap.boxed(), clusterip()],
        Family::V6 => {
            // Every address is not written.
            let npt = || {
                network(family).prop_filter_map("every address", |it| {
                    (it.0.prefix() > 0).then_some(Required(NptPrefix(Prefix(it))))
                })
            };
            let snpt = (npt(), npt())
                .prop_map(|(src_pfx, dst_pfx)| Target::Snpt(Snpt { src_pfx, dst_pfx }));
            let dnpt = (npt(), npt())
                .prop_map(|(src_pfx, dst_pfx)| Target::Dnpt(Dnpt { src_pfx, dst_pfx }));
            vec![netmap.boxed(), snpt.boxed(), dnpt.boxed()]
        }
    }
}

fn clusterip() -> BoxedStrategy<Target<'static>> {
    let mac =
        any::<[u8; 6]>().prop_filter_map("not multicast", |bytes| MulticastMac::new(Mac(bytes)));
    let cluster = (
        select(ClusterHash::ALL),
        mac,
        within(),
        within(),
        any::<u32>(),
    );
    option::of(cluster)
        .prop_map(|cluster| {
            Target::Clusterip(match cluster {
                None => Clusterip::default(),
                Some((hash, mac, total, local, init)) => Clusterip {
                    new: true,
                    hashmode: Some(hash),
                    clustermac: Some(mac),
                    total_nodes: Some(total),
                    local_node: Some(local),
                    hash_init: Some(init),
                },
            })
        })
        .boxed()
}
