//! Options of the transforms.

use iptables_save::Family;

use crate::PodNetworks;

/// What to do, and for which pod networks.
#[derive(Clone, Debug)]
pub struct Options {
    /// The cluster's pod networks.
    pub pods: PodNetworks,
    /// What to do about source NAT.
    pub snat: Snat,
    /// What to do about the stock REJECT rules.
    pub reject: Reject,
    /// Where to put a rewritten rule.
    pub place: Place,
    /// Prefixes of the names of chains that are never edited, because a program of the site
    /// restores them.
    pub keep_chains: Vec<String>,
    /// The ruleset's address family, if the ruleset does not show it.
    pub family: Option<Family>,
}

impl Options {
    /// Returns the default options for these pod networks.
    #[must_use]
    pub fn new(pods: PodNetworks) -> Self {
        Self {
            pods,
            snat: Snat::default(),
            reject: Reject::default(),
            place: Place::default(),
            keep_chains: Vec::new(),
            family: None,
        }
    }
}

/// What to do about source NAT of pod traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Snat {
    /// Exempt traffic between pods.
    #[default]
    Exempt,
    /// Leave the nat table unchanged.
    Keep,
}

/// What to do about the stock REJECT rules of INPUT and FORWARD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reject {
    /// Remove them.
    #[default]
    Remove,
    /// Keep them, and accept traffic from the pod networks before them.
    AcceptPods,
    /// Leave them unchanged.
    Keep,
}

/// Where to put a rewritten rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// In its own position, so that no other rule changes its meaning.
    #[default]
    InPlace,
    /// At the top of its chain, as `iptables -I` does.
    First,
}
