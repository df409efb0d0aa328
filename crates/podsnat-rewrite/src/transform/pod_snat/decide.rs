//! The decision table: what a rule with MASQUERADE or SNAT does to pods, and what is to
//! be done about it.
//!
//! With C the pod networks, for a rule whose source has pods in it:
//!
//! | the rule | decision |
//! |---|---|
//! | matches a mark, `--src-type LOCAL`, `--ctstate DNAT`, ipvs or an ipset of destinations | leave: deliberate |
//! | `-d X` or `! -d X` that excludes all of C | leave: cannot hide pods |
//! | `-d X`, X inside C | leave: explicitly about pods |
//! | an earlier RETURN or ACCEPT covers it (docker's own shape excepted) | leave |
//! | no packet from pod to pod reaches it through the jumps that lead to its chain | leave |
//! | only marked ones do, or those after DNAT, from the node itself, or first sent elsewhere | leave: deliberate |
//! | every jump that leads to its chain selects on purpose, by such words or by a `-d` inside C | leave: deliberate |
//! | one such jump does, and another does not | leave and report |
//! | it takes too much memory to say what reaches it | leave and report |
//! | no destination | add `! -d C`; with a list in `-s`, which excludes `!`, `-m iprange ! --dst-range C` |
//! | `! -d X`, X inside C | widen to `! -d C` |
//! | any other destination | keep it, and add `-m iprange ! --dst-range C` |
//! | … and there are more than 48 separate networks | leave and report: they do not fit into a rule |
//! | … and its source is wider than C | split: others as before, pods with the exemption |

use ipnetwork::IpNetwork;
use iptables_save::{
    Family, LineId, Match, Rule,
    value::{Address, AddressRange, Addresses, Invertible},
};

use super::{
    conditions::{
        has_gaps, ipranges, is_deliberate, is_list, is_unlimited, names_destination,
        selects_marked, spares_set, without_comments,
    },
    exempted::{Bypass, Exempted},
    source::Source,
    ways::Coming,
};
use crate::{
    networks::{contains, listed},
    ranges::{Ranges, covering},
    transform::is_everything,
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
    /// It excludes an ipset of destinations, which may hold the pods.
    SparesSet,
    /// Jumps lead to its chain that select packets on purpose, and others that do not.
    WaysDiffer {
        /// A jump that does.
        purpose: LineId,
        /// One that does not.
        plain: LineId,
    },
    /// It takes too much memory to say which packets reach it.
    Undecided,
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

impl Leave {
    /// Returns whether the rule is about pods, and spares them.
    pub(super) const fn is_exempt(self) -> bool {
        matches!(self, Self::Exempt | Self::Covered)
    }
}

impl Decision {
    /// Returns whether the rule, unchanged, hides pods from each other.
    pub(super) const fn hides_pods(&self) -> bool {
        match self {
            Self::Leave(leave) => matches!(
                leave,
                Leave::TooManyNetworks | Leave::WaysDiffer { .. } | Leave::Undecided
            ),
            Self::Exempt(_) | Self::Split(_) => true,
        }
    }

    /// Returns the decision in view of the packets that reach the rule.
    pub(super) fn for_packets(self, coming: Coming) -> Self {
        match coming {
            Coming::Plain => self,
            Coming::Nobody => Self::Leave(Leave::Covered),
            Coming::OnPurpose => Self::Leave(Leave::Deliberate),
            Coming::Both { purpose, plain } => Self::Leave(Leave::WaysDiffer { purpose, plain }),
            Coming::Unknown => Self::Leave(Leave::Undecided),
        }
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

    /// Returns the pod networks.
    pub(super) const fn networks(&self) -> &'p [IpNetwork] {
        self.networks
    }

    /// Returns whether a rule's own words select packets between pods on purpose.
    pub(super) fn selects_on_purpose(&self, rule: &Rule<'_>) -> bool {
        is_deliberate(rule) || names_destination(rule) && self.pods.covers(&self.destinations(rule))
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
        if spares_set(rule) {
            return Decision::Leave(Leave::SparesSet);
        }
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
