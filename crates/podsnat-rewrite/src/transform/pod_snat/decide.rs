//! The decision table: what a rule with MASQUERADE or SNAT does to pods, and what is to
//! be done about it.
//!
//! With C the pod networks, for a rule whose source has pods in it:
//!
//! | the rule | decision |
//! |---|---|
//! | matches a mark, `--src-type LOCAL`, `--ctstate DNAT` or ipvs, or excludes an ipset of destinations | leave: deliberate |
//! | `-d X` or `! -d X` that excludes all of C | leave: cannot hide pods |
//! | `-d X`, X inside C | leave: explicitly about pods |
//! | an earlier RETURN or ACCEPT covers it (docker's own shape excepted) | leave |
//! | no destination | add `! -d C`; with a list in `-s`, which excludes `!`, `-m iprange ! --dst-range C` |
//! | `! -d X`, X inside C | widen to `! -d C` |
//! | any other destination | keep it, and add `-m iprange ! --dst-range C` |
//! | and there are more than 48 separate networks | leave and report: they do not fit into a rule |
//! | and its source is wider than C | split: others as before, pods with the exemption |

use ipnetwork::IpNetwork;
use iptables_save::{
    Family, Match, Rule, Target,
    matches::{AddressTypes, CtStates, Iprange},
    value::{Address, AddressRange, Addresses, Direction, Invertible, MarkMask},
};

use super::{
    exempted::{Bypass, Exempted},
    source::Source,
};
use crate::{
    networks::{contains, listed},
    ranges::{Ranges, covering},
    transform::{has_only, is_everything},
};

/// Judges rules for one set of pod networks.
pub(super) struct Judge<'p> {
    pub(super) family: Family,
    networks: &'p [IpNetwork],
    pods: Ranges,
}

/// What is to be done about a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Nothing.
    Leave(Leave),
    /// Exempt pods as destinations.
    Exempt(Exemption),
    /// Make one rule for others, as before, and one or more for pods, exempt.
    Split(Split),
}

/// Why a rule is left unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// It selects its packets on purpose.
    Deliberate,
    /// No packet from a pod reaches it.
    OtherSource,
    /// Pods are exempt as destinations already.
    Exempt,
    /// Its destination has no pod in it.
    OtherDestination,
    /// Both its source and its destination are pods, explicitly.
    ExplicitPair,
    /// An earlier rule of the chain exempts the packets.
    Covered,
    /// The exemption has too many words for a rule.
    TooManyNetworks,
}

/// How pods are exempt as destinations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exemption {
    /// The network for `! -d`, replacing an existing one.
    pub(super) destination: Option<IpNetwork>,
    /// The networks for `-m iprange ! --dst-range`.
    pub(super) ranges: Vec<IpNetwork>,
}

/// How a rule is split by source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Split {
    /// The rule for all other sources, without exemption.
    pub(super) others: SourceOptions,
    /// The rules for pods, with the exemption.
    pub(super) pods: Vec<SourceOptions>,
    /// The exemption.
    pub(super) exemption: Exemption,
}

/// The source options of a rule after a split.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SourceOptions {
    /// The network for `-s` or `! -s`; if `None`, an existing one is kept.
    pub(super) source: Option<Invertible<IpNetwork>>,
    /// The networks for `-m iprange [!] --src-range`.
    pub(super) ranges: Vec<Invertible<IpNetwork>>,
}

/// The maximum number of separate pod networks that a rule can exempt: iptables-restore
/// accepts 251 words a line, and each network takes five.
pub(super) const MOST_NETWORKS: usize = 48;

impl Decision {
    /// Returns whether the rule, unchanged, hides pods from each other.
    pub(super) const fn hides_pods(&self) -> bool {
        !matches!(self, Self::Leave(leave) if !matches!(leave, Leave::TooManyNetworks))
    }
}

impl<'p> Judge<'p> {
    pub(super) fn new(networks: &'p [IpNetwork], family: Family) -> Self {
        Self {
            family,
            networks,
            pods: Ranges::from_networks(networks),
        }
    }

    /// Returns the addresses of all pods.
    pub(super) const fn pods(&self) -> &Ranges {
        &self.pods
    }

    /// Decides about a rule of a chain that packets from `source` reach.
    pub(super) fn decide(
        &self,
        rule: &Rule<'_>,
        source: Option<&Source>,
        exempted: &mut Exempted,
        docker: bool,
    ) -> Decision {
        if is_deliberate(rule) || exempted.by_mark {
            return Decision::Leave(Leave::Deliberate);
        }
        let own = self.source_of(rule);
        let from = match source {
            Some(source) => Source {
                pods: own.pods.intersection(&source.pods),
                others: own.others && source.others,
            },
            // No jump leads here: only the rule's own conditions count.
            None if own.others => return Decision::Leave(Leave::OtherSource),
            None => own,
        };
        if from.pods.is_empty() {
            return Decision::Leave(Leave::OtherSource);
        }
        let destination = self.destinations(rule);
        let to = destination.intersection(&self.pods);
        if to.is_empty() {
            return Decision::Leave(if names_destination(rule) {
                Leave::OtherDestination
            } else {
                Leave::Exempt
            });
        }
        if names_destination(rule) && self.pods.covers(&destination) {
            return Decision::Leave(Leave::ExplicitPair);
        }
        if !docker && exempted.covers(&from.pods, &to) {
            return Decision::Leave(Leave::Covered);
        }
        // Each network takes a rule of its own, or words of one.
        if self.networks.len() > MOST_NETWORKS {
            return Decision::Leave(Leave::TooManyNetworks);
        }
        let exemption = self.exemption(rule, &to);
        if from.others {
            Decision::Split(self.split(rule, exemption))
        } else {
            Decision::Exempt(exemption)
        }
    }

    /// Returns the exemption for a rule that matches packets to the pods `to`.
    fn exemption(&self, rule: &Rule<'_>, to: &Ranges) -> Exemption {
        let mut missing = self
            .networks
            .iter()
            .copied()
            .filter(|network| Ranges::from_networks(&[*network]).intersects(to));
        match &rule.destination {
            None if !is_list(rule.source.as_ref()) => Exemption {
                destination: missing.next(),
                ranges: missing.collect(),
            },
            Some(Invertible {
                inverted: true,
                value: Addresses::One(Address::Network(spared)),
            }) => {
                let missing: Vec<IpNetwork> = missing.collect();
                let wider = missing
                    .iter()
                    .copied()
                    .find(|network| contains(*network, *spared));
                Exemption {
                    destination: wider,
                    ranges: missing
                        .into_iter()
                        .filter(|network| Some(*network) != wider)
                        .collect(),
                }
            }
            _ => Exemption {
                destination: None,
                ranges: missing.collect(),
            },
        }
    }

    /// Splits a rule that also matches packets of other sources.
    fn split(&self, rule: &Rule<'_>, exemption: Exemption) -> Split {
        let sources = self.sources(rule);
        let inside: Vec<IpNetwork> = self
            .networks
            .iter()
            .copied()
            .filter(|network| Ranges::from_networks(&[*network]).intersects(&sources))
            .collect();
        let without =
            |networks: &[IpNetwork]| networks.iter().copied().map(Invertible::is_not).collect();
        let one = |network: &IpNetwork| SourceOptions {
            source: Some(Invertible::is(*network)),
            ranges: Vec::new(),
        };
        let (others, pods) = match &rule.source {
            None if is_list(rule.destination.as_ref()) => (
                SourceOptions {
                    source: None,
                    ranges: without(&inside),
                },
                inside.iter().map(one).collect(),
            ),
            None => (
                SourceOptions {
                    source: inside.first().copied().map(Invertible::is_not),
                    ranges: without(inside.get(1..).unwrap_or_default()),
                },
                inside.iter().map(one).collect(),
            ),
            // A non-contiguous mask cannot be replaced by a narrower one.
            Some(Invertible { value, .. }) if has_gaps(value) => (
                SourceOptions {
                    source: None,
                    ranges: without(&inside),
                },
                inside
                    .iter()
                    .map(|network| SourceOptions {
                        source: None,
                        ranges: vec![Invertible::is(*network)],
                    })
                    .collect(),
            ),
            Some(Invertible {
                inverted: false,
                value,
            }) => {
                let named = Ranges::of_addresses(value.as_slice());
                let pods = named.intersection(&self.pods).networks(self.family);
                (
                    SourceOptions {
                        source: None,
                        ranges: without(&inside),
                    },
                    pods.iter().map(one).collect(),
                )
            }
            Some(Invertible {
                inverted: true,
                value,
            }) => {
                let spared = value.as_slice().first().map(covering);
                let wider = inside
                    .iter()
                    .copied()
                    .find(|network| spared.is_some_and(|spared| contains(*network, spared)));
                let rest: Vec<IpNetwork> = inside
                    .iter()
                    .copied()
                    .filter(|network| Some(*network) != wider)
                    .collect();
                let pods = inside.iter().map(|network| SourceOptions {
                    source: Some(Invertible::is(*network)),
                    ranges: if wider == Some(*network) {
                        spared.map(Invertible::is_not).into_iter().collect()
                    } else {
                        Vec::new()
                    },
                });
                let others = SourceOptions {
                    source: wider.map(Invertible::is_not),
                    ranges: without(&rest),
                };
                (others, pods.collect())
            }
        };
        Split {
            others,
            pods,
            exemption,
        }
    }

    /// Returns which packets bypass translation because of a RETURN or an ACCEPT.
    pub(super) fn bypass_of(&self, rule: &Rule<'_>) -> Bypass {
        if let [Match::Mark(mark)] = &without_comments(rule)[..] {
            let alone = Rule {
                matches: Vec::new(),
                ..rule.clone()
            };
            return if !selects_marked(mark.mark.0) && is_everything(&alone) {
                Bypass::Unmarked
            } else {
                Bypass::Nothing
            };
        }
        let gaps = |addresses: &Option<Invertible<Addresses>>| {
            addresses
                .as_ref()
                .is_some_and(|addresses| has_gaps(&addresses.value))
        };
        if !is_unlimited(rule) || gaps(&rule.source) || gaps(&rule.destination) {
            return Bypass::Nothing;
        }
        let from = self.sources(rule).intersection(&self.pods);
        let to = self.destinations(rule).intersection(&self.pods);
        if from.is_empty() || to.is_empty() {
            Bypass::Nothing
        } else {
            Bypass::Pods { from, to }
        }
    }

    /// Returns the sources that a rule's own conditions match.
    pub(super) fn source_of(&self, rule: &Rule<'_>) -> Source {
        let sources = self.sources(rule);
        Source {
            others: !self.pods.covers(&sources),
            pods: sources.intersection(&self.pods),
        }
    }

    fn sources(&self, rule: &Rule<'_>) -> Ranges {
        let ranges = ipranges(rule).filter_map(|range| range.src_range);
        self.matched(rule.source.as_ref(), ranges)
    }

    fn destinations(&self, rule: &Rule<'_>) -> Ranges {
        let ranges = ipranges(rule).filter_map(|range| range.dst_range);
        self.matched(rule.destination.as_ref(), ranges)
    }

    /// Returns the addresses that match both `-s` or `-d` and all ranges. For a
    /// non-contiguous mask these may be too many, never too few.
    fn matched(
        &self,
        addresses: Option<&Invertible<Addresses>>,
        ranges: impl Iterator<Item = Invertible<AddressRange>>,
    ) -> Ranges {
        let mut matched = match addresses {
            None => Ranges::all(self.family),
            Some(Invertible {
                inverted: false,
                value,
            }) => Ranges::of_addresses(value.as_slice()),
            Some(Invertible {
                inverted: true,
                value,
            }) if has_gaps(value) => Ranges::all(self.family),
            Some(Invertible {
                inverted: true,
                value,
            }) => Ranges::of_addresses(value.as_slice()).complement(self.family),
        };
        for Invertible { inverted, value } in ranges {
            let range = Ranges::of_range(&value);
            matched = matched.intersection(&if inverted {
                range.complement(self.family)
            } else {
                range
            });
        }
        matched
    }

    /// Returns the reason for a decision, in one sentence.
    pub(super) fn reason(&self, decision: &Decision) -> String {
        let pods = listed(self.networks);
        match decision {
            Decision::Split(_) => format!(
                "split, so that pods reach pods in {pods} with their own address while all other \
                 traffic is translated as before"
            ),
            _ => format!(
                "pods reach pods in {pods} with their own address; all other traffic is translated as before"
            ),
        }
    }

    /// Returns the pods whose connections a rule has translated.
    pub(super) fn translated(&self, rule: &Rule<'_>, source: Option<&Source>) -> Vec<IpNetwork> {
        let own = self.source_of(rule).pods;
        let pods = source.map_or_else(|| own.clone(), |source| own.intersection(&source.pods));
        pods.networks(self.family)
    }
}

fn has_gaps(addresses: &Addresses) -> bool {
    addresses
        .as_slice()
        .iter()
        .any(|address| address.network().is_none())
}

/// Returns whether iptables expands the addresses into several rules; they exclude `!`.
fn is_list(addresses: Option<&Invertible<Addresses>>) -> bool {
    addresses.is_some_and(|addresses| addresses.value.as_slice().len() > 1)
}

fn ipranges<'r>(rule: &'r Rule<'_>) -> impl Iterator<Item = &'r Iprange> {
    rule.matches.iter().filter_map(|matched| match matched {
        Match::Iprange(range) => Some(range),
        _ => None,
    })
}

/// Returns whether a rule names a destination, rather than excluding some.
fn names_destination(rule: &Rule<'_>) -> bool {
    rule.destination
        .as_ref()
        .is_some_and(|destination| !destination.inverted)
        || ipranges(rule).any(|matched| matched.dst_range.is_some_and(|range| !range.inverted))
}

/// Returns whether a rule selects its packets on purpose: by a mark, as the node's own,
/// after DNAT, by ipvs, or with an ipset of destinations excluded.
fn is_deliberate(rule: &Rule<'_>) -> bool {
    rule.matches.iter().any(|matched| match matched {
        Match::Mark(mark) => selects_marked(mark.mark.0),
        Match::Connmark(mark) => selects_marked(mark.mark.0),
        Match::Addrtype(types) => types
            .src_type
            .is_some_and(|types| !types.inverted && types.value.contains(AddressTypes::LOCAL)),
        Match::Conntrack(conntrack) => conntrack
            .ctstate
            .is_some_and(|states| !states.inverted && states.value.contains(CtStates::DNAT)),
        Match::Ipvs(_) => true,
        Match::Set(set) => {
            let directions = set.match_set.0.value.directions;
            set.match_set.0.inverted && directions.as_slice().contains(&Direction::Destination)
        }
        _ => false,
    })
}

/// Returns whether a match on marks selects packets that some rule has marked: those with
/// certain bits set, or those whose bits are not all clear.
const fn selects_marked(mark: Invertible<MarkMask>) -> bool {
    mark.inverted == (mark.value.value == 0)
}

/// Returns whether a rule has no conditions other than addresses.
pub(super) fn is_unlimited(rule: &Rule<'_>) -> bool {
    has_only(rule, |matched| {
        matches!(matched, Match::Comment(_) | Match::Iprange(_))
    })
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

fn without_comments<'r, 'a>(rule: &'r Rule<'a>) -> Vec<&'r Match<'a>> {
    rule.matches
        .iter()
        .filter(|matched| !matches!(matched, Match::Comment(_)))
        .collect()
}
