//! The decision table: what a rule with MASQUERADE or SNAT does to pods, and what is to
//! be done about it.
//!
//! With C the pod networks, for a rule whose source has pods in it:
//!
//! | the rule | decision |
//! |---|---|
//! | is picked by a mark, `--src-type LOCAL`, `--ctstate DNAT`, ipvs, or spares an ipset | leave: deliberate |
//! | `-d X` or `! -d X` that leaves out all of C | leave: cannot hide pods |
//! | `-d X`, X inside C | leave: is about pods by its own words |
//! | an earlier RETURN or ACCEPT covers it (docker's own shape excepted) | leave |
//! | no destination | add `! -d C`; beside a list in `-s`, where no `!` can stand, `-m iprange ! --dst-range C` |
//! | `! -d X`, X inside C | widen to `! -d C` |
//! | any other destination | keep it, add `-m iprange ! --dst-range C` |
//! | and there are more than 48 separate networks | leave and report: they do not fit into a rule |
//! | and its source is wider than C | split: others as before, pods with the exemption |

use ipnetwork::IpNetwork;
use iptables_save::{
    Family, Match, Rule, Target,
    matches::{AddressTypes, CtStates, Iprange},
    value::{Address, AddressRange, Addresses, Direction, Invertible, MarkMask},
};

use super::{
    exempted::{Exempted, Passed},
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

/// Why nothing is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// The packets are picked on purpose.
    Deliberate,
    /// No packet of a pod comes here.
    OtherSource,
    /// Pods are exempt as destinations already.
    Exempt,
    /// The destination has no pod in it.
    OtherDestination,
    /// The rule is about traffic between pods by its own words.
    ExplicitPair,
    /// An earlier rule of the chain lets the packets pass.
    Covered,
    /// The exemption does not fit into a rule.
    TooManyNetworks,
}

/// How pods are exempt as destinations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exemption {
    /// The network for `! -d`, in place of one that is there.
    pub(super) destination: Option<IpNetwork>,
    /// The networks for `-m iprange ! --dst-range`.
    pub(super) ranges: Vec<IpNetwork>,
}

/// How a rule is split by source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Split {
    /// The rule for everybody else, without exemption.
    pub(super) others: SourceWords,
    /// The rules for pods, with the exemption.
    pub(super) pods: Vec<SourceWords>,
    /// The exemption.
    pub(super) exemption: Exemption,
}

/// What a rule says of sources after a split.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SourceWords {
    /// The network for `-s` or `! -s`; the one that is there stays when none.
    pub(super) source: Option<Invertible<IpNetwork>>,
    /// The networks for `-m iprange [!] --src-range`.
    pub(super) ranges: Vec<Invertible<IpNetwork>>,
}

/// How many separate pod networks a rule can spare: iptables-restore takes 251 words, and
/// each network needs five.
pub(super) const MOST_NETWORKS: usize = 48;

impl Decision {
    /// Whether the rule hides pods from each other as it stands.
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

    /// All pods.
    pub(super) const fn pods(&self) -> &Ranges {
        &self.pods
    }

    /// Decides about a rule of a chain that packets from `source` come to.
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
            // Nothing leads here: only what the rule itself says counts.
            None if own.others => return Decision::Leave(Leave::OtherSource),
            None => own,
        };
        if from.pods.is_empty() {
            return Decision::Leave(Leave::OtherSource);
        }
        let destination = self.destinations(rule);
        let to = destination.intersection(&self.pods);
        if to.is_empty() {
            return Decision::Leave(match names_destination(rule) {
                true => Leave::OtherDestination,
                false => Leave::Exempt,
            });
        }
        if names_destination(rule) && self.pods.covers(&destination) {
            return Decision::Leave(Leave::ExplicitPair);
        }
        if !docker && exempted.covers(&from.pods, &to) {
            return Decision::Leave(Leave::Covered);
        }
        // Each network takes a rule of its own, or words in one.
        if self.networks.len() > MOST_NETWORKS {
            return Decision::Leave(Leave::TooManyNetworks);
        }
        let exemption = self.exemption(rule, &to);
        match from.others {
            false => Decision::Exempt(exemption),
            true => Decision::Split(self.split(rule, exemption)),
        }
    }

    /// The exemption for a rule that lets packets to the pods `to` through.
    fn exemption(&self, rule: &Rule<'_>, to: &Ranges) -> Exemption {
        let mut missing = self
            .networks
            .iter()
            .copied()
            .filter(|network| Ranges::from_networks(&[*network]).meets(to));
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
                let wider = missing.iter().copied().find(|it| contains(*it, *spared));
                Exemption {
                    destination: wider,
                    ranges: missing
                        .into_iter()
                        .filter(|it| Some(*it) != wider)
                        .collect(),
                }
            }
            _ => Exemption {
                destination: None,
                ranges: missing.collect(),
            },
        }
    }

    /// Tells apart the sources of a rule that others' packets meet too.
    fn split(&self, rule: &Rule<'_>, exemption: Exemption) -> Split {
        let sources = self.sources(rule);
        let inside: Vec<IpNetwork> = self
            .networks
            .iter()
            .copied()
            .filter(|network| Ranges::from_networks(&[*network]).meets(&sources))
            .collect();
        let without =
            |networks: &[IpNetwork]| networks.iter().copied().map(Invertible::is_not).collect();
        let one = |network: &IpNetwork| SourceWords {
            source: Some(Invertible::is(*network)),
            ranges: Vec::new(),
        };
        let (others, pods) = match &rule.source {
            None if is_list(rule.destination.as_ref()) => (
                SourceWords {
                    source: None,
                    ranges: without(&inside),
                },
                inside.iter().map(one).collect(),
            ),
            None => (
                SourceWords {
                    source: inside.first().copied().map(Invertible::is_not),
                    ranges: without(inside.get(1..).unwrap_or_default()),
                },
                inside.iter().map(one).collect(),
            ),
            // A mask with gaps cannot be narrowed in its place.
            Some(Invertible { value, .. }) if has_gaps(value) => (
                SourceWords {
                    source: None,
                    ranges: without(&inside),
                },
                inside
                    .iter()
                    .map(|network| SourceWords {
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
                    SourceWords {
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
                    .find(|it| spared.is_some_and(|spared| contains(*it, spared)));
                let rest: Vec<IpNetwork> = inside
                    .iter()
                    .copied()
                    .filter(|it| Some(*it) != wider)
                    .collect();
                let pods = inside.iter().map(|network| SourceWords {
                    source: Some(Invertible::is(*network)),
                    ranges: match wider == Some(*network) {
                        true => spared.map(Invertible::is_not).into_iter().collect(),
                        false => Vec::new(),
                    },
                });
                let others = SourceWords {
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

    /// What a RETURN or an ACCEPT lets pass.
    pub(super) fn passed(&self, rule: &Rule<'_>) -> Passed {
        if let [Match::Mark(mark)] = &without_comments(rule)[..] {
            let alone = Rule {
                matches: Vec::new(),
                ..rule.clone()
            };
            return match !picks_marked(mark.mark.0) && is_everything(&alone) {
                true => Passed::Unmarked,
                false => Passed::Nothing,
            };
        }
        let gaps =
            |it: &Option<Invertible<Addresses>>| it.as_ref().is_some_and(|it| has_gaps(&it.value));
        if !is_unlimited(rule) || gaps(&rule.source) || gaps(&rule.destination) {
            return Passed::Nothing;
        }
        let from = self.sources(rule).intersection(&self.pods);
        let to = self.destinations(rule).intersection(&self.pods);
        match from.is_empty() || to.is_empty() {
            true => Passed::Nothing,
            false => Passed::Pods { from, to },
        }
    }

    /// Whose packets a rule's own words let through.
    pub(super) fn source_of(&self, rule: &Rule<'_>) -> Source {
        let sources = self.sources(rule);
        Source {
            others: !self.pods.covers(&sources),
            pods: sources.intersection(&self.pods),
        }
    }

    fn sources(&self, rule: &Rule<'_>) -> Ranges {
        let ranges = ipranges(rule).filter_map(|it| it.src_range);
        self.let_through(rule.source.as_ref(), ranges)
    }

    fn destinations(&self, rule: &Rule<'_>) -> Ranges {
        let ranges = ipranges(rule).filter_map(|it| it.dst_range);
        self.let_through(rule.destination.as_ref(), ranges)
    }

    /// The addresses that an address and some ranges let through together. Of a mask
    /// with gaps it may be more, never less.
    fn let_through(
        &self,
        addresses: Option<&Invertible<Addresses>>,
        ranges: impl Iterator<Item = Invertible<AddressRange>>,
    ) -> Ranges {
        let mut through = match addresses {
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
            through = through.intersection(&match inverted {
                true => range.complement(self.family),
                false => range,
            });
        }
        through
    }

    /// Why a decision was taken, in one sentence.
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

    /// The pods whose connections a rule has translated.
    pub(super) fn translated(&self, rule: &Rule<'_>, source: Option<&Source>) -> Vec<IpNetwork> {
        let own = self.source_of(rule).pods;
        let pods = source.map_or_else(|| own.clone(), |source| own.intersection(&source.pods));
        pods.networks(self.family)
    }
}

fn has_gaps(addresses: &Addresses) -> bool {
    addresses.as_slice().iter().any(|it| it.network().is_none())
}

/// Whether iptables makes several rules of one for its addresses; it takes no `!` then.
fn is_list(addresses: Option<&Invertible<Addresses>>) -> bool {
    addresses.is_some_and(|it| it.value.as_slice().len() > 1)
}

fn ipranges<'r>(rule: &'r Rule<'_>) -> impl Iterator<Item = &'r Iprange> {
    rule.matches.iter().filter_map(|it| match it {
        Match::Iprange(range) => Some(range),
        _ => None,
    })
}

/// Whether a rule names a destination, rather than leaving some out.
fn names_destination(rule: &Rule<'_>) -> bool {
    rule.destination.as_ref().is_some_and(|it| !it.inverted)
        || ipranges(rule).any(|it| it.dst_range.is_some_and(|it| !it.inverted))
}

/// Whether a rule's packets are picked on purpose: by a mark, as the node's own, after
/// DNAT, by ipvs, or with an ipset of destinations spared.
fn is_deliberate(rule: &Rule<'_>) -> bool {
    rule.matches.iter().any(|it| match it {
        Match::Mark(it) => picks_marked(it.mark.0),
        Match::Connmark(it) => picks_marked(it.mark.0),
        Match::Addrtype(it) => it
            .src_type
            .is_some_and(|it| !it.inverted && it.value.contains(AddressTypes::LOCAL)),
        Match::Conntrack(it) => it
            .ctstate
            .is_some_and(|it| !it.inverted && it.value.contains(CtStates::DNAT)),
        Match::Ipvs(_) => true,
        Match::Set(it) => {
            let looked_up = it.match_set.0.value.directions;
            it.match_set.0.inverted && looked_up.as_slice().contains(&Direction::Destination)
        }
        _ => false,
    })
}

/// Whether a test of marks takes packets that somebody has marked: those with some bits
/// set, or those that are not all clear.
const fn picks_marked(mark: Invertible<MarkMask>) -> bool {
    mark.inverted == (mark.value.value == 0)
}

/// Whether nothing but addresses limits a rule.
pub(super) fn is_unlimited(rule: &Rule<'_>) -> bool {
    has_only(rule, |it| {
        matches!(it, Match::Comment(_) | Match::Iprange(_))
    })
}

/// Whether a rule says the same of a packet each time: nothing that other rules do, such
/// as putting a mark on it, and no packet before it makes a difference.
pub(super) fn is_steady(rule: &Rule<'_>) -> bool {
    rule.matches.iter().all(|it| {
        matches!(
            it,
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

/// Whether a rule has the very shape that docker puts in front of all others at each
/// start: `-s NETWORK ! -o BRIDGE -j MASQUERADE`.
pub(super) fn is_dockers(rule: &Rule<'_>) -> bool {
    rule.source.as_ref().is_some_and(|it| !it.inverted)
        && rule.out_interface.as_ref().is_some_and(|it| it.inverted)
        && rule.destination.is_none()
        && rule.in_interface.is_none()
        && rule.protocol.is_none()
        && rule.matches.is_empty()
        && matches!(rule.target, Some(Target::Masquerade(_)))
}

fn without_comments<'r, 'a>(rule: &'r Rule<'a>) -> Vec<&'r Match<'a>> {
    rule.matches
        .iter()
        .filter(|it| !matches!(it, Match::Comment(_)))
        .collect()
}
