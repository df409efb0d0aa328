//! A packet's way through the host: the built-in chains in the order in which the kernel
//! asks them, and what happens between them.

use std::net::IpAddr;

use ipnetwork::IpNetwork;
use iptables_save::Family;

use crate::{
    bdd::Set,
    concrete::{Fate, Traveller, apply, run},
    condition::Condition,
    example::Undecided,
    field::{Field, Packet, kind, number, state},
    hook::{BaseChain, Hook, Table},
    known::Known,
    program::{Change, Copied, End, Nat, NatKind, Program, Update},
    question::Oracle,
    version::{Changed, State, Version},
    walk::{self, Outcome, Walk, always, is_first},
    world::World,
};

/// Where packets come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// From the network: they go to this host or through it, as their destination says.
    Network,
    /// From this host.
    Host,
}

/// What is known of the host besides its ruleset.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// All addresses that are the host's own. Without them it is unknown whether a
    /// destination is that a rule has put in.
    pub local: Option<Vec<IpAddr>>,
    /// Whether the rules are kept by nf_tables. There iptables puts INPUT of security after
    /// that of nat (priorities 150 and 100); in the legacy tables it comes before (50).
    pub is_nft: bool,
    /// The interfaces that networks are reached by. A single packet leaves by that of the
    /// smallest network which its destination is in, once that is translated; without any
    /// it leaves by the interface that it names. For sets of packets the outgoing interface
    /// is unknown.
    pub routes: Vec<(IpNetwork, Vec<u8>)>,
}

impl Host {
    const fn input(&self) -> &'static [Step] {
        if self.is_nft {
            TO_THE_HOST_NFT
        } else {
            TO_THE_HOST
        }
    }

    /// The interface that an address is reached by.
    fn route(&self, destination: IpAddr) -> Option<&[u8]> {
        let routes = self
            .routes
            .iter()
            .filter(|(network, _)| network.contains(destination));
        let route = routes.max_by_key(|(network, _)| network.prefix());
        route.map(|(_, interface)| &**interface)
    }
}

/// What became of a set of packets on their way.
#[derive(Debug)]
pub struct Journey<'r> {
    /// The chains that they came to, in order. Those for this host and those that are
    /// forwarded part at routing.
    pub stages: Vec<Stage<'r>>,
    /// Those that were discarded because they had crossed too many routers.
    pub expired: Set,
    /// Those that came to this host.
    pub delivered: Set,
    /// Those that left it.
    pub sent: Set,
}

/// What a built-in chain did on the way.
#[derive(Debug)]
pub struct Stage<'r> {
    /// The chain.
    pub chain: BaseChain,
    /// The packets that came to the hook.
    pub entered: Set,
    /// What became of them. The nat table is asked about the first packet of a connection
    /// alone; others pass it.
    pub outcome: Outcome<'r>,
}

/// What became of one packet on its way.
#[derive(Clone, Debug)]
pub struct Trip<'r> {
    /// The chains that it came to, in order, and what they did.
    pub stages: Vec<(BaseChain, Fate<'r>)>,
    /// How it ended.
    pub arrival: Arrival,
    /// The packet at the end.
    pub packet: Packet,
}

/// Where a packet's way ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Arrival {
    /// It came to this host.
    Delivered,
    /// It left the host.
    Sent,
    /// It had crossed too many routers.
    Expired,
    /// A rule or a policy ended it: the last one.
    Ended,
}

/// One thing that happens to a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Chain(BaseChain),
    Conntrack,
    /// A router takes one from the time to live.
    Forward,
}

const fn chain(table: Table, hook: Hook) -> Step {
    Step::Chain(BaseChain::new(table, hook))
}

const ARRIVING: &[Step] = &[
    chain(Table::Raw, Hook::Prerouting),
    Step::Conntrack,
    chain(Table::Mangle, Hook::Prerouting),
    chain(Table::Nat, Hook::Prerouting),
];
const TO_THE_HOST: &[Step] = &[
    chain(Table::Mangle, Hook::Input),
    chain(Table::Filter, Hook::Input),
    chain(Table::Security, Hook::Input),
    chain(Table::Nat, Hook::Input),
];
const TO_THE_HOST_NFT: &[Step] = &[
    chain(Table::Mangle, Hook::Input),
    chain(Table::Filter, Hook::Input),
    chain(Table::Nat, Hook::Input),
    chain(Table::Security, Hook::Input),
];
const THROUGH: &[Step] = &[
    Step::Forward,
    chain(Table::Mangle, Hook::Forward),
    chain(Table::Filter, Hook::Forward),
    chain(Table::Security, Hook::Forward),
];
const FROM_THE_HOST: &[Step] = &[
    chain(Table::Raw, Hook::Output),
    Step::Conntrack,
    chain(Table::Mangle, Hook::Output),
    chain(Table::Nat, Hook::Output),
    chain(Table::Filter, Hook::Output),
    chain(Table::Security, Hook::Output),
];
const LEAVING: &[Step] = &[
    chain(Table::Mangle, Hook::Postrouting),
    chain(Table::Nat, Hook::Postrouting),
];

/// Sends one packet through the host, from the interface it came in by to the one that it
/// leaves by, both of which the packet names. What the host would answer is asked of the
/// oracle.
///
/// Returns `None` when the packet would meet too many rules.
pub fn run_through<'r>(
    program: &mut Program<'r>,
    host: &Host,
    origin: Origin,
    packet: &Packet,
    oracle: &mut dyn Oracle,
) -> Option<Trip<'r>> {
    let mut trip = Concrete {
        program,
        host,
        traveller: Traveller::new(packet),
        stages: Vec::new(),
        oracle,
    };
    let is_local = |packet: &Packet| packet.get(Field::DestinationKind) == kind::LOCAL;
    let mut arrival = trip.steps(if origin == Origin::Network {
        ARRIVING
    } else {
        FROM_THE_HOST
    })?;
    trip.route();
    if arrival.is_none() && origin == Origin::Network {
        let to_host = is_local(&trip.traveller.packet);
        arrival = trip.steps(if to_host { host.input() } else { THROUGH })?;
        if to_host {
            arrival = arrival.or(Some(Arrival::Delivered));
        }
    }
    if arrival.is_none() {
        arrival = trip.steps(LEAVING)?;
    }
    Some(Trip {
        stages: trip.stages,
        arrival: arrival.unwrap_or(Arrival::Sent),
        packet: trip.traveller.packet,
    })
}

struct Concrete<'a, 'r> {
    program: &'a mut Program<'r>,
    host: &'a Host,
    traveller: Traveller,
    stages: Vec<(BaseChain, Fate<'r>)>,
    oracle: &'a mut dyn Oracle,
}

impl Concrete<'_, '_> {
    /// Takes steps. Returns `None` when given up, otherwise how the packet ended, if it did.
    fn steps(&mut self, steps: &[Step]) -> Option<Option<Arrival>> {
        for step in steps {
            let ended = match step {
                Step::Chain(base) => self.chain(*base)?,
                Step::Conntrack => {
                    self.restore();
                    self.changes(&conntrack());
                    None
                }
                Step::Forward => {
                    let expired = expires().contains(&self.traveller.packet) == Some(true);
                    self.changes(&[always(Field::Ttl, Update::Add(-1))]);
                    expired.then_some(Arrival::Expired)
                }
            };
            if ended.is_some() {
                return Some(ended);
            }
        }
        Some(None)
    }

    fn chain(&mut self, base: BaseChain) -> Option<Option<Arrival>> {
        // An interface that is not there at the hook is not looked at.
        let packet = &mut self.traveller.packet;
        let names = [packet.in_interface.clone(), packet.out_interface.clone()];
        if !base.hook.has_in_interface() {
            packet.in_interface.clear();
        }
        if !base.hook.has_out_interface() {
            packet.out_interface.clear();
        }
        let fate = run(self.program, base, &mut self.traveller, self.oracle)?;
        let [in_interface, out_interface] = names;
        self.traveller.packet.in_interface = in_interface;
        self.traveller.packet.out_interface = out_interface;
        let end = fate.end.clone();
        self.stages.push((base, fate));
        match end {
            End::Accept => Some(None),
            End::Translate(nat) => {
                let changes = translation(&nat, base.hook, self.host, self.program.family());
                self.changes(&changes);
                Some(None)
            }
            _ => Some(Some(Arrival::Ended)),
        }
    }

    fn changes(&mut self, changes: &[Change]) {
        for change in changes {
            apply(change, &mut self.traveller, &[], self.oracle);
        }
    }

    fn route(&mut self) {
        let packet = &mut self.traveller.packet;
        if let Some(interface) = self.host.route(packet.address(Field::Destination)) {
            packet.out_interface = interface.to_vec();
        }
    }

    /// Conntrack says what it knows of the packet, unless a rule kept it away.
    fn restore(&mut self) {
        let Traveller { packet, came, .. } = &mut self.traveller;
        if packet.get(Field::State) != state::UNTRACKED {
            packet.set(Field::State, came.get(Field::State));
        }
    }
}

/// What is known of a set of packets.
pub(crate) struct Facts<'f> {
    pub(crate) host: &'f Host,
    pub(crate) origin: Origin,
    pub(crate) known: Known,
}

/// Sends a set of packets through the host.
pub(crate) fn journey<'r>(
    program: &mut Program<'r>,
    world: &mut World,
    facts: Facts<'_>,
    packets: Set,
) -> Result<Journey<'r>, Undecided> {
    let state = State::new(facts.origin == Origin::Network, Hook::Forward);
    let mut symbolic = Symbolic {
        program,
        world,
        facts,
        state,
        stages: Vec::new(),
        expired: Set::NONE,
    };
    let (delivered, sent) = symbolic.run(packets);
    let Symbolic {
        stages,
        expired,
        world,
        ..
    } = symbolic;
    world.decided(Journey {
        stages,
        expired,
        delivered,
        sent,
    })
}

struct Symbolic<'a, 'r> {
    program: &'a mut Program<'r>,
    world: &'a mut World,
    facts: Facts<'a>,
    state: State,
    stages: Vec<Stage<'r>>,
    expired: Set,
}

impl Symbolic<'_, '_> {
    /// Returns the packets that come to this host, and those that leave it.
    fn run(&mut self, packets: Set) -> (Set, Set) {
        if self.facts.origin == Origin::Host {
            let leaving = self.steps(FROM_THE_HOST, packets);
            return (Set::NONE, self.steps(LEAVING, leaving));
        }
        let arrived = self.steps(ARRIVING, packets);
        let path = self.world.paths.base("routing");
        let is_local = Condition::is(Field::DestinationKind, kind::LOCAL);
        let is_local = self.world.set(&is_local, &self.state, path);
        let to_host = self.world.bdd.and(arrived, is_local);
        let through = self.world.bdd.minus(arrived, is_local);
        let before = self.state.clone();
        let delivered = self.steps(self.facts.host.input(), to_host);
        self.state = before;
        let leaving = self.steps(THROUGH, through);
        (delivered, self.steps(LEAVING, leaving))
    }

    fn steps(&mut self, steps: &[Step], packets: Set) -> Set {
        let mut alive = packets;
        for step in steps {
            if alive.is_none() {
                break;
            }
            alive = match step {
                Step::Chain(base) => self.chain(*base, alive),
                Step::Conntrack => {
                    self.restore(alive);
                    self.changes(&conntrack(), alive);
                    alive
                }
                Step::Forward => {
                    let path = self.world.paths.base("routing");
                    let expires = self.world.set(&expires(), &self.state, path);
                    let expired = self.world.bdd.and(alive, expires);
                    self.expired = self.world.bdd.or(self.expired, expired);
                    self.changes(&[always(Field::Ttl, Update::Add(-1))], alive);
                    self.world.bdd.minus(alive, expired)
                }
            };
        }
        alive
    }

    fn chain(&mut self, base: BaseChain, packets: Set) -> Set {
        let mut state = self.state.clone();
        state.has_in_interface =
            self.facts.origin == Origin::Network && base.hook.has_in_interface();
        state.has_out_interface = base.hook.has_out_interface();
        let mut walk = Walk::new(self.program, self.world, state);
        walk.records = true;
        walk.known = self.facts.known.clone();
        let outcome = walk.base_chain(base, packets);
        self.state = outcome.state.clone();
        let mut alive = Set::NONE;
        if base.table == Table::Nat {
            let path = self.world.paths.base("routing");
            let first = self.world.set(&is_first(), &self.state, path);
            alive = self.world.bdd.minus(packets, first);
        }
        for (end, set) in &outcome.ends {
            match end {
                End::Accept => alive = self.world.bdd.or(alive, *set),
                End::Translate(nat) => {
                    let changes = translation(nat, base.hook, self.facts.host, self.world.family);
                    self.changes(&changes, *set);
                    alive = self.world.bdd.or(alive, *set);
                }
                _ => {}
            }
        }
        self.stages.push(Stage {
            chain: base,
            entered: packets,
            outcome,
        });
        alive
    }

    fn changes(&mut self, changes: &[Change], packets: Set) {
        let path = self.world.paths.base("translation");
        for change in changes {
            walk::apply(self.world, &mut self.state, change, packets, path);
        }
    }

    /// Conntrack says what it knows of the packets, unless a rule kept it away.
    fn restore(&mut self, packets: Set) {
        let path = self.world.paths.base("conntrack");
        let untracked = Condition::is(Field::State, state::UNTRACKED);
        let untracked = self.world.set(&untracked, &self.state, path);
        let condition = self.world.bdd.minus(packets, untracked);
        let version = self.world.versions.change(Changed {
            field: Field::State,
            before: self.state.version(Field::State),
            condition,
            update: Update::copy(Field::State),
            source: Version::default(),
            path,
        });
        self.state.set(Field::State, version);
    }
}

/// Whether a router discards the packet because it has crossed too many of them.
const fn expires() -> Condition {
    Condition::Range {
        field: Field::Ttl,
        first: 0,
        last: 1,
    }
}

/// The entry that conntrack makes of the first packet of a connection.
fn conntrack() -> Vec<Change> {
    let pairs = [
        (Field::OriginalSource, Field::Source),
        (Field::OriginalDestination, Field::Destination),
        (Field::ReplySource, Field::Destination),
        (Field::ReplyDestination, Field::Source),
        (Field::OriginalSourcePort, Field::SourcePort),
        (Field::OriginalDestinationPort, Field::DestinationPort),
        (Field::ReplySourcePort, Field::DestinationPort),
        (Field::ReplyDestinationPort, Field::SourcePort),
    ];
    let copies = pairs.map(|(to, from)| (to, Update::copy(from)));
    let cleared = [Field::Dnat, Field::Snat].map(|field| (field, Update::set(0)));
    let all = copies.into_iter().chain(cleared);
    all.map(|(field, update)| Change {
        field,
        update,
        condition: Condition::is(Field::State, state::NEW),
    })
    .collect()
}

/// The fields of one end of a packet.
struct Side {
    address: Field,
    port: Field,
    kind: Field,
    translated: Field,
    reply_address: Field,
    reply_port: Field,
}

const DESTINATION: Side = Side {
    address: Field::Destination,
    port: Field::DestinationPort,
    kind: Field::DestinationKind,
    translated: Field::Dnat,
    reply_address: Field::ReplySource,
    reply_port: Field::ReplySourcePort,
};
const SOURCE: Side = Side {
    address: Field::Source,
    port: Field::SourcePort,
    kind: Field::SourceKind,
    translated: Field::Snat,
    reply_address: Field::ReplyDestination,
    reply_port: Field::ReplyDestinationPort,
};

/// What a target of nat changes. A connection counts as translated if something does change
/// (kernel `nf_nat_setup_info`).
fn translation(nat: &Nat, hook: Hook, host: &Host, family: Family) -> Vec<Change> {
    let side = match hook {
        Hook::Prerouting | Hook::Output => DESTINATION,
        _ => SOURCE,
    };
    let greatest = side.address.greatest(family);
    let choose = |first, last| Update::Choose {
        first,
        last,
        text: nat.text.clone(),
    };
    let masked = |mask, value| Condition::Masked {
        field: side.address,
        mask,
        value,
    };
    // What the address becomes, and whether it is that already.
    let address = match (nat.kind, nat.addresses) {
        (NatKind::Netmap { mask }, Some((address, _))) => {
            let update = Update::Rewrite {
                keep: !mask,
                flip: address,
                copied: None::<Copied>,
                shift: 0,
            };
            Some((update, masked(mask, address)))
        }
        (_, Some((first, last))) if first == last => {
            Some((Update::set(first), masked(greatest, first)))
        }
        (_, Some((first, last))) => Some((choose(first, last), Condition::never())),
        (NatKind::Masquerade | NatKind::Redirect, None) => {
            Some((choose(0, greatest), Condition::never()))
        }
        (_, None) => None,
    };
    let port = nat.ports.map(|(first, last)| {
        let [first, last] = [first, last].map(u128::from);
        let in_range = Condition::Range {
            field: side.port,
            first,
            last,
        };
        let update = if first == last {
            Update::set(first)
        } else {
            choose(first, last)
        };
        (update, in_range)
    });
    let change = |field, update, unless: &Condition| Change {
        field,
        update,
        condition: unless.clone().inverted(true),
    };
    let both = [&address, &port].map(|one| one.as_ref().map(|(_, is_so)| is_so.clone()));
    let is_so = Condition::all(both.into_iter().flatten());
    let mut changes = vec![change(side.translated, Update::set(1), &is_so)];
    if let Some((update, is_so)) = address {
        changes.extend(kinds(nat, &side, host, &is_so));
        changes.push(change(side.address, update, &is_so));
        changes.push(always(side.reply_address, Update::copy(side.address)));
    }
    if let Some((update, is_so)) = port {
        changes.push(change(side.port, update, &is_so));
        changes.push(always(side.reply_port, Update::copy(side.port)));
    }
    changes
}

/// What kind of address it is now, unless it stays.
fn kinds(nat: &Nat, side: &Side, host: &Host, is_so: &Condition) -> Vec<Change> {
    let change = |update| Change {
        field: side.kind,
        update,
        condition: is_so.clone().inverted(true),
    };
    let is_local = |addresses: &Vec<IpAddr>| {
        let (first, last) = nat.addresses?;
        let range = first..=last;
        let within = addresses
            .iter()
            .filter(|address| range.contains(&number(**address)))
            .count();
        let all = last.checked_sub(first)?.checked_add(1)?;
        match within as u128 {
            0 => Some(kind::UNICAST),
            count if count == all => Some(kind::LOCAL),
            _ => None,
        }
    };
    let known = match nat.kind {
        NatKind::Masquerade | NatKind::Redirect => Some(kind::LOCAL),
        NatKind::Netmap { .. } => None,
        _ => host.local.as_ref().and_then(is_local),
    };
    vec![change(match known {
        Some(kind) => Update::set(kind),
        None => Update::Choose {
            first: 0,
            last: kind::LAST,
            text: nat.text.clone(),
        },
    })]
}
