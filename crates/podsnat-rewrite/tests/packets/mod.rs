//! What the nat table does to a packet that leaves, for the rules that the strategies make.

use std::{
    borrow::Cow,
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    net::IpAddr,
};

use iptables_save::{
    Document, Family, Match, Rule, Ruleset, Style, Target, Writer,
    matches::{AddressTypes, CtStates},
    value::{Address, AddressRange, Addresses, Direction, Interface, Invertible},
};
use podsnat_rewrite::PodNetworks;

use crate::strategies::networks;

/// A packet on its way through POSTROUTING.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    pub(crate) inward: &'static str,
    pub(crate) outward: &'static str,
    pub(crate) protocol: u8,
    pub(crate) mark: u32,
    /// Whether a rule has set its mark.
    marked: bool,
    /// Decides what the matches say that look at none of the above.
    pub(crate) luck: u8,
}

/// A packet from each host to each host, in a few of the ways it may go.
pub(crate) fn all(family: Family) -> impl Iterator<Item = Packet> {
    let hosts = networks::hosts(family == Family::V6);
    let pairs = hosts
        .clone()
        .flat_map(move |from| hosts.clone().map(move |to| (from, to)));
    pairs.enumerate().flat_map(|(nth, (source, destination))| {
        (0..3).map(move |way| Packet {
            source,
            destination,
            inward: ["", "cni0", "docker0"][(nth + way) % 3],
            outward: ["eth0", "docker0", "cni0"][(nth / 3 + way) % 3],
            protocol: [6, 17, 1][(nth / 5 + way) % 3],
            mark: if way == 2 { 0x4000 } else { 0 },
            marked: false,
            luck: u8::try_from((nth * 3 + way) % 256).unwrap(),
        })
    })
}

impl Packet {
    /// Whether it goes from a pod to a pod.
    pub(crate) fn is_between(&self, pods: &PodNetworks) -> bool {
        is_pod(pods, self.source) && is_pod(pods, self.destination)
    }
}

fn is_pod(pods: &PodNetworks, address: IpAddr) -> bool {
    let family = if address.is_ipv4() {
        Family::V4
    } else {
        Family::V6
    };
    pods.of(family)
        .iter()
        .any(|network| network.contains(address))
}

/// The outcome of a packet.
pub(crate) enum Outcome<'r> {
    /// Nothing.
    Untouched,
    /// Its source was translated.
    Translated(Translator<'r>),
}

/// The rule that translated a packet.
pub(crate) struct Translator<'r> {
    pub(crate) rule: &'r Rule<'r>,
    chain: &'r [u8],
    marked: bool,
}

/// The chains of a nat table at its COMMIT.
pub(crate) struct Nat<'a> {
    chains: HashMap<Vec<u8>, Vec<Rule<'a>>>,
    family: Family,
}

/// Where a chain leaves a packet.
enum Walk<'r> {
    /// At its end, or at a RETURN.
    Through,
    /// Nothing more comes.
    Over(Outcome<'r>),
}

impl<'a> Nat<'a> {
    /// Executes the commands of a ruleset whose header names the family and whose rules are
    /// all valid.
    pub(crate) fn read(document: &'a Document<'a>) -> Self {
        let ruleset = Ruleset::new(document, None);
        let nat = ruleset.table(b"nat").unwrap();
        let mut chains = HashMap::new();
        for chain in nat.chains() {
            let rules = chain.rules().into_iter().map(|placed| {
                let mut rule = document.rule_line(placed.line).unwrap().rule;
                rule = rule.copy(usize::try_from(placed.copy).unwrap());
                // By the name that the chain has now.
                if let Some(Target::Jump(name) | Target::Goto(name)) = &mut rule.target {
                    let chain = nat.jump(placed, name).unwrap();
                    *name = Cow::Owned(chain.name().to_vec());
                }
                rule
            });
            chains.insert(chain.name().to_vec(), rules.collect());
        }
        Self {
            chains,
            family: document.family().unwrap(),
        }
    }

    pub(crate) const fn family(&self) -> Family {
        self.family
    }

    /// Sends a packet through POSTROUTING.
    pub(crate) fn outcome(&self, packet: &Packet) -> Outcome<'_> {
        match self.walk(b"POSTROUTING", &mut packet.clone()) {
            Walk::Through => Outcome::Untouched,
            Walk::Over(outcome) => outcome,
        }
    }

    fn walk(&self, name: &[u8], packet: &mut Packet) -> Walk<'_> {
        let Some((chain, rules)) = self.chains.get_key_value(name) else {
            return Walk::Through;
        };
        for rule in rules {
            if !matches(rule, packet) {
                continue;
            }
            match &rule.target {
                Some(Target::Masquerade(_) | Target::Snat(_)) => {
                    return Walk::Over(Outcome::Translated(Translator {
                        rule,
                        chain,
                        marked: packet.marked,
                    }));
                }
                Some(Target::Accept) => return Walk::Over(Outcome::Untouched),
                Some(Target::Return) => return Walk::Through,
                Some(Target::Jump(chain)) => match self.walk(chain, packet) {
                    Walk::Through => {}
                    over @ Walk::Over(_) => return over,
                },
                Some(Target::Goto(chain)) => return self.walk(chain, packet),
                Some(Target::Mark(mark)) => {
                    let xmark = mark.set_xmark.0;
                    packet.marked = true;
                    packet.mark = (packet.mark & !xmark.mask) ^ xmark.value;
                }
                Some(Target::Log(_)) | None => {}
                Some(other) => panic!("no rule is made with {other:?}"),
            }
        }
        Walk::Through
    }
}

impl Outcome<'_> {
    /// The words of the target that translated the packet.
    pub(crate) fn target(&self) -> Option<String> {
        match self {
            Self::Untouched => None,
            Self::Translated(by) => {
                let mut out = Vec::new();
                let mut writer = Writer::new(&mut out, Style::default());
                by.rule.target.as_ref().unwrap().write(&mut writer);
                Some(String::from_utf8(out).unwrap())
            }
        }
    }
}

impl Translator<'_> {
    /// Returns whether a program restores the rule.
    pub(crate) fn is_owned(&self) -> bool {
        self.chain.starts_with(b"KUBE-") || self.chain.starts_with(b"IP-MASQ")
    }

    /// Whether the rule's words pick its packets on purpose.
    pub(crate) fn is_deliberate(&self) -> bool {
        // The table itself marked the packet to be picked later.
        self.marked
            || self.rule.matches.iter().any(|it| match it {
                Match::Mark(it) => !it.mark.0.inverted,
                Match::Addrtype(it) => it
                    .src_type
                    .is_some_and(|it| !it.inverted && it.value.contains(AddressTypes::LOCAL)),
                Match::Conntrack(it) => it
                    .ctstate
                    .is_some_and(|it| !it.inverted && it.value.contains(CtStates::DNAT)),
                Match::Set(it) => {
                    let set = &it.match_set.0;
                    set.inverted
                        && set
                            .value
                            .directions
                            .as_slice()
                            .contains(&Direction::Destination)
                }
                Match::Ipvs(_) => true,
                _ => false,
            })
    }

    /// Whether the rule itself names destinations, and they are all pods.
    pub(crate) fn names_only(&self, pods: &PodNetworks) -> bool {
        let named = self.rule.destination.as_ref().filter(|it| !it.inverted);
        let range = self.rule.matches.iter().any(|it| match it {
            Match::Iprange(it) => it.dst_range.is_some_and(|it| !it.inverted),
            _ => false,
        });
        // All addresses of the world that the rule takes.
        let six = pods.only_family() == Some(Family::V6);
        (named.is_some() || range)
            && networks::hosts(six)
                .filter(|host| matches_destination(self.rule, *host))
                .all(|host| is_pod(pods, host))
    }
}

/// Whether a rule takes a packet.
fn matches(rule: &Rule<'_>, packet: &Packet) -> bool {
    let protocol = |number: u16| number == packet.protocol.into();
    holds(rule.source.as_ref(), |it| has(it, packet.source))
        && holds(rule.destination.as_ref(), |it| has(it, packet.destination))
        && holds(rule.in_interface.as_ref(), |it| is_named(it, packet.inward))
        && holds(rule.out_interface.as_ref(), |it| {
            is_named(it, packet.outward)
        })
        && holds(rule.protocol.as_ref(), |it| protocol(it.0))
        && rule.matches.iter().all(|it| one_matches(it, packet))
}

fn matches_destination(rule: &Rule<'_>, destination: IpAddr) -> bool {
    holds(rule.destination.as_ref(), |it| has(it, destination))
        && rule.matches.iter().all(|it| match it {
            Match::Iprange(it) => holds(it.dst_range.as_ref(), |it| is_in(it, destination)),
            _ => true,
        })
}

fn one_matches(one: &Match<'_>, packet: &Packet) -> bool {
    match one {
        Match::Comment(_) => true,
        Match::Mark(it) => holds(Some(&it.mark.0), |it| packet.mark & it.mask == it.value),
        Match::Iprange(it) => {
            holds(it.src_range.as_ref(), |it| is_in(it, packet.source))
                && holds(it.dst_range.as_ref(), |it| is_in(it, packet.destination))
        }
        // Whatever it tests, it gives the same result for the same packet.
        other => {
            let mut out = Vec::new();
            other.write(&mut Writer::new(&mut out, Style::default()));
            let mut hasher = DefaultHasher::new();
            (out, packet.luck).hash(&mut hasher);
            hasher.finish() & 1 == 0
        }
    }
}

fn holds<T>(test: Option<&Invertible<T>>, is: impl FnOnce(&T) -> bool) -> bool {
    test.is_none_or(|it| is(&it.value) != it.inverted)
}

fn has(addresses: &Addresses, host: IpAddr) -> bool {
    addresses.as_slice().iter().any(|it| match it {
        Address::Network(network) => network.contains(host),
        Address::Masked(masked) => {
            bits(host) & bits(masked.mask()) == bits(masked.address()) & bits(masked.mask())
        }
    })
}

fn is_in(range: &AddressRange, host: IpAddr) -> bool {
    (bits(range.first.0)..=bits(range.last.0)).contains(&bits(host))
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(it) => it.to_bits().into(),
        IpAddr::V6(it) => it.to_bits(),
    }
}

fn is_named(interface: &Interface<'_>, name: &str) -> bool {
    match interface.0.strip_suffix(b"+") {
        Some(prefix) => name.as_bytes().starts_with(prefix),
        None => name.as_bytes() == &*interface.0,
    }
}
