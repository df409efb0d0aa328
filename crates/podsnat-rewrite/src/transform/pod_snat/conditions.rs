//! What the conditions of a rule say by themselves.

use iptables_save::{
    Match, Rule, Target,
    matches::{AddressTypes, CtStates, Iprange},
    value::{Address, Addresses, Direction, Invertible, MarkMask},
};

use crate::{ranges::Ranges, transform::has_only};

pub(super) fn has_gaps(addresses: &Addresses) -> bool {
    addresses
        .as_slice()
        .iter()
        .any(|address| address.network().is_none())
}

/// Returns whether iptables expands the addresses into several rules; they exclude `!`.
pub(super) fn is_list(addresses: Option<&Invertible<Addresses>>) -> bool {
    addresses.is_some_and(|addresses| addresses.value.as_slice().len() > 1)
}

pub(super) fn ipranges<'r>(rule: &'r Rule<'_>) -> impl Iterator<Item = &'r Iprange> {
    rule.matches.iter().filter_map(|matched| match matched {
        Match::Iprange(range) => Some(range),
        _ => None,
    })
}

/// Returns whether a rule names a destination, rather than excluding some.
pub(super) fn names_destination(rule: &Rule<'_>) -> bool {
    rule.destination
        .as_ref()
        .is_some_and(|destination| !destination.inverted)
        || ipranges(rule).any(|matched| matched.dst_range.is_some_and(|range| !range.inverted))
}

/// Returns whether a rule selects its packets on purpose: by a mark, as the node's own,
/// after DNAT, by ipvs, or by an ipset of destinations.
pub(super) fn is_deliberate(rule: &Rule<'_>) -> bool {
    rule.matches.iter().any(|matched| match matched {
        Match::Mark(mark) => selects_marked(mark.mark.0),
        Match::Connmark(mark) => selects_marked(mark.mark.0),
        Match::Addrtype(types) => types
            .src_type
            .is_some_and(|types| !types.inverted && is_only_local(types.value)),
        Match::Conntrack(conntrack) => conntrack
            .ctstate
            .is_some_and(|states| !states.inverted && is_only_dnat(states.value)),
        Match::Ipvs(_) => true,
        Match::Set(set) => {
            let directions = set.match_set.0.value.directions;
            directions.as_slice().contains(&Direction::Destination)
        }
        _ => false,
    })
}

/// Returns whether a rule excludes an ipset of destinations and does not say by another one
/// which sources it is about: a program that keeps both keeps the pods in both.
pub(super) fn spares_set(rule: &Rule<'_>) -> bool {
    let mut spares = false;
    for matched in &rule.matches {
        if let Match::Set(set) = matched {
            let entry = &set.match_set.0;
            let directions = entry.value.directions;
            let names = |direction| directions.as_slice().contains(&direction);
            if !entry.inverted {
                return false;
            }
            spares |= names(Direction::Destination);
        }
    }
    spares
}

/// Returns whether address types are those of the node's own addresses, and no others that
/// pods have.
const fn is_only_local(types: AddressTypes) -> bool {
    types.contains(AddressTypes::LOCAL) && !types.contains(AddressTypes::UNICAST)
}

/// Returns whether states are those after DNAT: with NEW among them, every packet that nat
/// is asked about matches.
const fn is_only_dnat(states: CtStates) -> bool {
    states.contains(CtStates::DNAT) && !states.contains(CtStates::NEW)
}

/// Returns whether a match on marks selects packets that some rule has marked: those with
/// certain bits set, or those whose bits are not all clear.
pub(super) const fn selects_marked(mark: Invertible<MarkMask>) -> bool {
    mark.inverted == (mark.value.value == 0)
}

/// Returns whether a rule has no conditions other than addresses.
pub(super) fn is_unlimited(rule: &Rule<'_>) -> bool {
    has_only(rule, |matched| {
        matches!(matched, Match::Comment(_) | Match::Iprange(_))
    })
}

/// Returns whether a rule is about the packets of one pod to itself: it needs their
/// translation to get replies.
pub(super) fn is_hairpin(rule: &Rule<'_>) -> bool {
    let single = |addresses: &Option<Invertible<Addresses>>| match addresses {
        Some(Invertible {
            inverted: false,
            value: Addresses::One(Address::Network(network)),
        }) if Ranges::from_networks(&[*network]).is_single() => Some(*network),
        _ => None,
    };
    let source = single(&rule.source);
    source.is_some() && source == single(&rule.destination)
}

/// Returns whether a rule matches a packet again if it is evaluated again: nothing that
/// other rules do, such as setting a mark, and no earlier packet makes a difference.
pub(super) fn is_repeatable(rule: &Rule<'_>) -> bool {
    rule.matches.iter().all(|matched| {
        matches!(
            matched,
            Match::Comment(_)
                | Match::Iprange(_)
                | Match::Addrtype(_)
                | Match::Policy(_)
                | Match::Physdev(_)
                | Match::Tcp(_)
                | Match::Udp(_)
                | Match::Multiport(_)
        )
    })
}

/// Returns whether a rule is exactly the one that docker inserts before all others at each
/// start: `-s NETWORK ! -o BRIDGE -j MASQUERADE`.
pub(super) fn is_dockers(rule: &Rule<'_>) -> bool {
    rule.source.as_ref().is_some_and(|source| !source.inverted)
        && rule
            .out_interface
            .as_ref()
            .is_some_and(|interface| interface.inverted)
        && rule.destination.is_none()
        && rule.in_interface.is_none()
        && rule.protocol.is_none()
        && rule.matches.is_empty()
        && matches!(rule.target, Some(Target::Masquerade(_)))
}

pub(super) fn without_comments<'r, 'a>(rule: &'r Rule<'a>) -> Vec<&'r Match<'a>> {
    rule.matches
        .iter()
        .filter(|matched| !matches!(matched, Match::Comment(_)))
        .collect()
}
