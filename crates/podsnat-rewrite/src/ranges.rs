//! Exact sets of addresses of one family.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnetwork::IpNetwork;
use iptables_save::{
    Family,
    value::{Address, AddressRange},
};

/// A set of addresses of one family, as numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Ranges {
    // Sorted; no two overlap or touch: `merged` ensures it.
    list: Vec<(u128, u128)>,
}

/// Returns an address as a number.
pub(crate) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

const fn highest(family: Family) -> u128 {
    match family {
        Family::V4 => u32::MAX as u128,
        Family::V6 => u128::MAX,
    }
}

impl Ranges {
    /// Returns all addresses of a family.
    pub(crate) fn all(family: Family) -> Self {
        Self {
            list: vec![(0, highest(family))],
        }
    }

    /// Returns the addresses of networks.
    pub(crate) fn from_networks(networks: &[IpNetwork]) -> Self {
        let ends = networks
            .iter()
            .map(|network| (number(network.network()), number(network.broadcast())))
            .collect();
        Self::merged(ends)
    }

    /// Sorts ranges, and joins those that overlap or touch.
    fn merged(mut ranges: Vec<(u128, u128)>) -> Self {
        ranges.sort_unstable();
        let mut list: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match list.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                _ => list.push((first, last)),
            }
        }
        Self { list }
    }

    /// Returns the addresses that `-s` or `-d` names. For a non-contiguous mask these are
    /// those of the network of its leading ones, which contains them all.
    pub(crate) fn of_addresses(addresses: &[Address]) -> Self {
        let networks: Vec<IpNetwork> = addresses.iter().map(covering).collect();
        Self::from_networks(&networks)
    }

    /// Returns the addresses of a range.
    pub(crate) fn of_range(range: &AddressRange) -> Self {
        let (first, last) = (number(range.first.0), number(range.last.0));
        Self {
            // iptables accepts a reversed range, which matches nothing.
            list: (first <= last)
                .then_some((first, last))
                .into_iter()
                .collect(),
        }
    }

    /// Returns the number of ranges that make up the set.
    pub(crate) fn count(&self) -> usize {
        self.list.len()
    }

    /// Returns the addresses in either set.
    pub(crate) fn union(&self, other: &Self) -> Self {
        Self::merged([&self.list[..], &other.list].concat())
    }

    /// Returns all addresses of the family that are not in the set.
    pub(crate) fn complement(&self, family: Family) -> Self {
        let mut list = Vec::new();
        let mut next = Some(0);
        for (first, last) in &self.list {
            if let Some(next) = next
                && next < *first
            {
                list.push((next, first - 1));
            }
            next = last.checked_add(1);
        }
        if let Some(next) = next.filter(|next| *next <= highest(family)) {
            list.push((next, highest(family)));
        }
        Self { list }
    }

    /// Returns the addresses in both sets.
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        let (few, many) = if self.list.len() < other.list.len() {
            (&self.list, &other.list)
        } else {
            (&other.list, &self.list)
        };
        let mut list = Vec::new();
        for (first, last) in few {
            let from = many.partition_point(|(_, end)| end < first);
            let meeting = many[from..].iter().take_while(|(start, _)| start <= last);
            list.extend(meeting.map(|(start, end)| (*start.max(first), *end.min(last))));
        }
        Self { list }
    }

    /// Returns whether the set has one address.
    pub(crate) fn is_single(&self) -> bool {
        matches!(self.list[..], [(first, last)] if first == last)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns whether an address, as a number, is in the set.
    pub(crate) fn contains(&self, address: u128) -> bool {
        let at = self.list.partition_point(|(_, last)| *last < address);
        self.list
            .get(at)
            .is_some_and(|(first, _)| *first <= address)
    }

    /// Returns whether every address of `other` is in the set.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.intersection(other) == *other
    }

    /// Returns whether some address is in both sets.
    pub(crate) fn intersects(&self, other: &Self) -> bool {
        !self.intersection(other).is_empty()
    }

    /// Returns the fewest networks that make up the set.
    pub(crate) fn networks(&self, family: Family) -> Vec<IpNetwork> {
        let mut networks = Vec::new();
        for (first, last) in &self.list {
            let mut next = Some(*first);
            while let Some(first) = next.filter(|next| next <= last) {
                let (network, end) = largest(first, *last, family);
                networks.push(network);
                next = end.checked_add(1);
            }
        }
        networks
    }
}

/// Returns the largest network that begins at `first` and ends at or before `last`, and
/// its last address.
fn largest(first: u128, last: u128, family: Family) -> (IpNetwork, u128) {
    let width: u32 = match family {
        Family::V4 => 32,
        Family::V6 => 128,
    };
    let end = |bits: u32| match bits {
        128 => u128::MAX,
        bits => first | ((1 << bits) - 1),
    };
    let mut bits = first.trailing_zeros().min(width);
    while end(bits) > last {
        bits -= 1;
    }
    let prefix = u8::try_from(width - bits).expect("a prefix is at most 128");
    let network = IpNetwork::new(address(first, family), prefix).expect("a prefix of the family");
    (network, end(bits))
}

fn address(number: u128, family: Family) -> IpAddr {
    match family {
        Family::V4 => Ipv4Addr::from(u32::try_from(number).expect("a number of IPv4")).into(),
        Family::V6 => Ipv6Addr::from(number).into(),
    }
}

/// Returns the smallest network that contains all addresses of `-s` or `-d`.
pub(crate) fn covering(address: &Address) -> IpNetwork {
    match address {
        Address::Network(network) => *network,
        Address::Masked(masked) => {
            let prefix = match masked.mask() {
                IpAddr::V4(mask) => mask.to_bits().leading_ones(),
                IpAddr::V6(mask) => mask.to_bits().leading_ones(),
            };
            let prefix = u8::try_from(prefix).expect("a prefix is at most 128");
            IpNetwork::new(masked.address(), prefix).expect("a prefix of the family")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(networks: &[&str]) -> Ranges {
        let networks: Vec<IpNetwork> = networks
            .iter()
            .map(|network| network.parse().unwrap())
            .collect();
        Ranges::from_networks(&networks)
    }

    fn shown(ranges: &Ranges) -> Vec<String> {
        ranges
            .networks(Family::V4)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn touching_ranges_become_one() {
        let joined = ranges(&["10.0.2.0/24", "10.0.0.0/24", "10.0.1.0/24", "10.0.0.7/32"]);
        assert_eq!(joined.list.len(), 1);
        assert_eq!(shown(&joined), ["10.0.0.0/23", "10.0.2.0/24"]);
        let apart = ranges(&["10.0.4.0/24", "10.0.0.0/24", "10.0.2.0/24"]);
        assert_eq!(shown(&apart), ["10.0.0.0/24", "10.0.2.0/24", "10.0.4.0/24"]);
    }

    #[test]
    fn sets_are_exact_at_their_ends() {
        let all = Ranges::all(Family::V4);
        assert!(all.complement(Family::V4).is_empty());
        assert_eq!(
            Ranges::default().complement(Family::V6),
            Ranges::all(Family::V6)
        );
        assert_eq!(shown(&all), ["0.0.0.0/0"]);
        assert_eq!(Ranges::all(Family::V6).networks(Family::V6).len(), 1);
        let upper = ranges(&["128.0.0.0/1"]);
        assert_eq!(upper.complement(Family::V4), ranges(&["0.0.0.0/1"]));
        assert!(all.covers(&upper) && !upper.covers(&all) && upper.intersects(&all));
        assert!(!upper.intersects(&ranges(&["0.0.0.0/1"])));
        assert_eq!(upper.union(&ranges(&["0.0.0.0/1"])), all);
    }
}
