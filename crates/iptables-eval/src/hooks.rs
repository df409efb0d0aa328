//! A packet's way through the host: the built-in chains in the order in which the kernel
//! asks them, and what happens between them.

use std::net::IpAddr;

use ipnetwork::IpNetwork;

use crate::{
    bdd::Set,
    concrete::{Fate, Traveller, apply, run},
    condition::Condition,
    field::{Field, Packet, kind, state},
    hook::{BaseChain, Hook, Table},
    program::{Change, End, Program, Update},
    question::Oracle,
    walk::{Outcome, always},
};

pub(crate) use self::symbolic::{Facts, journey};
use self::translation::{conntrack, translation};

mod symbolic;
mod translation;

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

/// Whether a router discards the packet because it has crossed too many of them.
const fn expires() -> Condition {
    Condition::Range {
        field: Field::Ttl,
        first: 0,
        last: 1,
    }
}
