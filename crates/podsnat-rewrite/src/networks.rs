//! The cluster's pod networks.

use ipnetwork::{IpNetwork, Ipv4Network, Ipv6Network};
use iptables_save::Family;

use crate::ranges::Ranges;

/// The pod networks of a cluster, without host bits and disjoint; adjacent ones are joined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodNetworks {
    // In the order in which they were given, disjoint and not joinable.
    v4: Vec<IpNetwork>,
    v6: Vec<IpNetwork>,
}

/// Why a network cannot be a pod network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// All addresses of a family.
    #[error("`{0}` contains every address: no traffic would be masqueraded any more")]
    Everything(IpNetwork),
}

impl PodNetworks {
    /// Makes a set of pod networks of both families.
    ///
    /// # Errors
    /// If one of them contains every address, or all of them together do.
    pub fn new(networks: impl IntoIterator<Item = IpNetwork>) -> Result<Self, NetworkError> {
        let mut v4 = Vec::new();
        let mut v6 = Vec::new();
        for network in networks {
            match masked(network) {
                all if all.prefix() == 0 => return Err(NetworkError::Everything(all)),
                network @ IpNetwork::V4(_) => v4.push(network),
                network @ IpNetwork::V6(_) => v6.push(network),
            }
        }
        let pods = Self {
            v4: joined(v4),
            v6: joined(v6),
        };
        // Two halves make up the whole.
        let is_all = |network: &&IpNetwork| network.prefix() == 0;
        match pods.v4.iter().chain(&pods.v6).find(is_all) {
            Some(all) => Err(NetworkError::Everything(*all)),
            None => Ok(pods),
        }
    }

    /// Returns the networks of one family.
    #[must_use]
    pub fn of(&self, family: Family) -> &[IpNetwork] {
        match family {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        }
    }

    /// Returns whether there are no networks.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Returns the family of the networks; `None` if there are networks of both or none at
    /// all.
    #[must_use]
    pub fn only_family(&self) -> Option<Family> {
        match (self.v4.is_empty(), self.v6.is_empty()) {
            (false, true) => Some(Family::V4),
            (true, false) => Some(Family::V6),
            _ => None,
        }
    }
}

/// Clears the host bits.
fn masked(network: IpNetwork) -> IpNetwork {
    match network {
        IpNetwork::V4(v4) => {
            Ipv4Network::new(v4.network(), v4.prefix()).map_or(network, Into::into)
        }
        IpNetwork::V6(v6) => {
            Ipv6Network::new(v6.network(), v6.prefix()).map_or(network, Into::into)
        }
    }
}

/// Returns the fewest networks that cover the same addresses, in the order in which they
/// were first given.
fn joined(networks: Vec<IpNetwork>) -> Vec<IpNetwork> {
    let family = match networks.first() {
        None => return networks,
        Some(IpNetwork::V4(_)) => Family::V4,
        Some(IpNetwork::V6(_)) => Family::V6,
    };
    let mut joined = Ranges::from_networks(&networks).networks(family);
    joined.sort_by_cached_key(|whole| networks.iter().position(|part| contains(*whole, *part)));
    joined
}

/// Returns whether one network contains another or equals it.
pub(crate) fn contains(outer: IpNetwork, inner: IpNetwork) -> bool {
    outer.prefix() <= inner.prefix() && outer.contains(inner.network())
}

/// Returns the networks separated by commas.
pub(crate) fn listed(networks: &[IpNetwork]) -> String {
    let networks: Vec<String> = networks.iter().map(ToString::to_string).collect();
    networks.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pods(networks: &[&str]) -> Result<Vec<String>, NetworkError> {
        let pods = PodNetworks::new(networks.iter().map(|network| network.parse().unwrap()))?;
        let all = pods.of(Family::V4).iter().chain(pods.of(Family::V6));
        Ok(all.map(ToString::to_string).collect())
    }

    #[test]
    fn networks_are_masked_and_joined() {
        assert_eq!(pods(&["172.5.3.4/16"]).unwrap(), ["172.5.0.0/16"]);
        assert_eq!(
            pods(&["172.5.138.0/24", "172.5.0.0/16"]).unwrap(),
            ["172.5.0.0/16"]
        );
        assert_eq!(
            pods(&["10.0.1.0/24", "10.0.0.0/24"]).unwrap(),
            ["10.0.0.0/23"]
        );
        assert_eq!(
            pods(&["10.0.2.0/24", "10.0.1.0/24", "fd00::/64", "fd00:0:0:1::/64"]).unwrap(),
            ["10.0.2.0/24", "10.0.1.0/24", "fd00::/63"]
        );
        assert_eq!(pods(&[]).unwrap(), [""; 0]);
    }

    #[test]
    fn every_address_is_refused() {
        for networks in [&["0.0.0.0/0"][..], &["::/0"], &["0.0.0.0/1", "128.0.0.0/1"]] {
            assert!(pods(networks).is_err(), "{networks:?}");
        }
    }
}
