//! What the transforms are asked to do.

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
    /// Where a rewritten rule goes.
    pub place: Place,
    /// The text's family where the text does not tell.
    pub family: Option<Family>,
}

impl Options {
    /// The defaults for these pod networks.
    #[must_use]
    pub fn new(pods: PodNetworks) -> Self {
        Self {
            pods,
            snat: Snat::default(),
            reject: Reject::default(),
            place: Place::default(),
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
    /// Leave the nat table alone.
    Keep,
}

/// What to do about the stock REJECT rules of INPUT and FORWARD.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reject {
    /// Remove them.
    #[default]
    Remove,
    /// Keep them, and accept the pod networks before them.
    AcceptPods,
    /// Leave them alone.
    Keep,
}

/// Where a rewritten rule goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Where it stood, so that no other rule changes its meaning.
    #[default]
    InPlace,
    /// To the top of its chain, as `iptables -I` puts it.
    First,
}
