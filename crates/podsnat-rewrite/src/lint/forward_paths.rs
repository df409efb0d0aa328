//! The ways by which packets of pods come through FORWARD, as far as a ruleset shows them.

use std::net::IpAddr;

use ipnetwork::IpNetwork;
use iptables_eval::{Condition, Field, number};
use iptables_save::Family;

use super::excerpt::Names;
use crate::{
    networks::contains,
    ranges::{Ranges, number as number_of},
};

/// The interfaces and addresses of pods on this node and on others.
pub(super) struct Paths {
    /// Interfaces of pods on this node.
    pub(super) own: Vec<Vec<u8>>,
    /// Whether rules show that they are, so that each of them counts.
    pub(super) own_is_certain: bool,
    /// Interfaces by which packets from other nodes may come.
    pub(super) uplinks: Vec<Vec<u8>>,
    /// Addresses of pods that may be on this node, one of each network that rules name.
    pub(super) locals: Vec<IpAddr>,
    /// Addresses of pods elsewhere, one of each pod network.
    pub(super) peers: Vec<IpAddr>,
}

/// Beginnings of the names of interfaces that containers or virtual machines are on.
const BRIDGES: &[&str] = &[
    "antrea-gw",
    "azv",
    "br-",
    "cali",
    "cbr",
    "cilium_",
    "cni",
    "docker",
    "eni",
    "kube-bridge",
    "lxc",
    "lxdbr",
    "nerdctl",
    "ovn-k8s",
    "podman",
    "veth",
    "virbr",
    "weave",
];
/// Those of interfaces that lead to other nodes.
const UPLINKS: &[&str] = &[
    "bond",
    "en",
    "eth",
    "flannel",
    "geneve",
    "gre",
    "ib",
    "ppp",
    "tailscale",
    "tap",
    "tun",
    "vlan",
    "vxlan",
    "wg",
    "wl",
];

fn begins(name: &[u8], beginnings: &[&str]) -> bool {
    beginnings
        .iter()
        .any(|beginning| name.starts_with(beginning.as_bytes()))
}

/// An interface that no rule names.
const OTHER_BRIDGE: &[u8] = b"pods0";
const OTHER_UPLINK: &[u8] = b"uplink0";

impl Paths {
    pub(super) fn new(names: &Names, pods: &[IpNetwork], family: Family) -> Self {
        let is_pods = |network: &IpNetwork| pods.iter().any(|pods| contains(*pods, *network));
        let attached = names.attached.iter();
        let (inside, outside): (Vec<_>, Vec<_>) = attached
            .filter(|(name, _)| !begins(name, UPLINKS) && name != b"lo" && name != b"+")
            .partition(|(_, network)| is_pods(network));
        let concrete = concrete(&names.interfaces);
        let is_in = |list: &[&(Vec<u8>, IpNetwork)], name: &[u8]| {
            list.iter().any(|(other, _)| other == name)
        };
        let certain = |name: &&Vec<u8>| is_in(&inside, name);
        let mut own: Vec<Vec<u8>> = concrete.iter().filter(certain).cloned().collect();
        let own_is_certain = !own.is_empty();
        if own.is_empty() {
            let likely = |name: &&Vec<u8>| begins(name, BRIDGES) && !is_in(&outside, name);
            own = concrete.iter().filter(likely).cloned().collect();
        }
        let is_uplink = |name: &&Vec<u8>| {
            !begins(name, BRIDGES)
                && !own.contains(name)
                && !is_in(&outside, name)
                && **name != b"lo"
        };
        let mut uplinks: Vec<Vec<u8>> = concrete.iter().filter(is_uplink).cloned().collect();
        uplinks.push(OTHER_UPLINK.to_vec());
        if own.is_empty() {
            own.push(OTHER_BRIDGE.to_vec());
        }
        let own_networks = inside.iter().map(|(_, network)| *network);
        let mut locals: Vec<IpNetwork> = own_networks.collect();
        if locals.is_empty() {
            let least = match family {
                Family::V4 => 28,
                Family::V6 => 120,
            };
            let named = names.networks.iter().copied();
            locals = named
                .filter(|network| network.prefix() <= least && is_pods(network))
                .collect();
            locals.extend_from_slice(pods);
        }
        locals.sort_unstable();
        locals.dedup();
        locals.truncate(MOST);
        own.truncate(MOST);
        uplinks.reverse();
        uplinks.truncate(MOST);
        let sample = |network: &IpNetwork| sample(*network, names, family);
        Self {
            own,
            own_is_certain,
            uplinks,
            locals: locals.iter().map(sample).collect(),
            peers: pods.iter().take(MOST).map(sample).collect(),
        }
    }
}

/// The maximum number of each that is tried.
const MOST: usize = 8;

/// Returns the names without those that end in `+`, which become the name of one such
/// interface where no other name begins so.
fn concrete(names: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let is_new = |prefix: &[u8]| {
        let mut whole = names.iter().filter(|name| !name.ends_with(b"+"));
        !whole.any(|name| name.starts_with(prefix))
    };
    let names = names
        .iter()
        .filter_map(|name| match name.strip_suffix(b"+") {
            None => Some(name.clone()),
            Some(b"") => None,
            Some(prefix) => is_new(prefix).then(|| [prefix, b"0"].concat()),
        });
    names.collect()
}

/// Returns an address of a network that no rule names in particular.
fn sample(network: IpNetwork, names: &Names, family: Family) -> IpAddr {
    let smaller = |other: &&IpNetwork| contains(network, **other) && **other != network;
    let smaller: Vec<IpNetwork> = names.networks.iter().filter(smaller).copied().collect();
    let named = Ranges::from_networks(&smaller).complement(family);
    let free = Ranges::from_networks(&[network])
        .intersection(&named)
        .networks(family);
    let widest = free.iter().min_by_key(|network| network.prefix()).copied();
    let of = widest.unwrap_or(network);
    // Neither the first nor the last, which may be special.
    let (first, last) = (number_of(of.network()), number_of(of.broadcast()));
    iptables_eval::address(first + (last - first) / 2, family)
}

/// Packets of one way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way<'p> {
    /// Whether they come from other nodes.
    pub(super) inward: bool,
    pub(super) own: &'p [u8],
    pub(super) uplink: &'p [u8],
    pub(super) local: IpAddr,
    pub(super) peer: IpAddr,
}

impl Way<'_> {
    /// Returns the packets.
    pub(super) fn condition(&self) -> Condition {
        let (from, to, inward, outward) = if self.inward {
            (self.peer, self.local, self.uplink, self.own)
        } else {
            (self.local, self.peer, self.own, self.uplink)
        };
        Condition::all([
            Condition::is(Field::Source, number(from)),
            Condition::is(Field::Destination, number(to)),
            Condition::interface(false, inward),
            Condition::interface(true, outward),
        ])
    }
}
