//! What became of packets, and what should have.

use std::collections::{HashMap, HashSet};

use fastrand::Rng;
use iptables_eval::{
    Arrival, End, Field, Host, NatKind, Origin, Packet, Program, Question, Table, Trip, kind,
    number, run_through, state,
};
use iptables_save::Family;

use crate::{
    node::Node,
    support::words::{INTERFACES, PORTS, host, one},
    wire::{self, Seen},
};

/// How often a chain's rule, by its number, has counted: by table, chain and number.
type Counters = HashMap<(String, String, u32), u64>;

/// What was compared.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) packets: usize,
    pub(crate) seen: usize,
    pub(crate) counters: usize,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.packets += other.packets;
        self.seen += other.seen;
        self.counters += other.counters;
    }
}

/// Packets that go through one ruleset.
pub(crate) struct Batch<'a, 'r> {
    program: &'a mut Program<'r>,
    node: &'a Node,
    host: Host,
    trips: Vec<(Packet, Trip<'r>)>,
    /// Both directions of the connections so far, before and after translation.
    tuples: HashSet<[u128; 5]>,
    received: Vec<(usize, Vec<u8>)>,
}

impl<'a, 'r> Batch<'a, 'r> {
    pub(crate) fn new(program: &'a mut Program<'r>, node: &'a Node) -> Self {
        Self {
            host: node.host(),
            program,
            node,
            trips: Vec::new(),
            tuples: HashSet::new(),
            received: Vec::new(),
        }
    }

    /// Sends packets, each the first of its connection.
    pub(crate) fn send(&mut self, rng: &mut Rng, count: usize) {
        while self.trips.len() < count {
            let number = u32::try_from(self.trips.len()).expect("few");
            let packet = packet(rng, self.node.family, number);
            // Nothing looks at the address that MASQUERADE takes.
            let mut oracle = |question: &Question| {
                if question.text.contains("MASQUERADE") {
                    false
                } else {
                    panic!("{question} is asked")
                }
            };
            let trip = run_through(
                self.program,
                &self.host,
                Origin::Network,
                &packet,
                &mut oracle,
            );
            let Some(trip) = trip else { continue };
            let tuples = [
                tuple(&packet),
                reversed(tuple(&packet)),
                reversed(tuple(&self.translated(&trip))),
            ];
            if tuples.iter().any(|tuple| self.tuples.contains(tuple)) {
                continue;
            }
            self.tuples.extend(tuples);
            let interface = INTERFACES
                .iter()
                .position(|name| name.as_bytes() == packet.in_interface);
            self.node.send(
                interface.expect("one of them"),
                &wire::write(&packet, number),
            );
            self.trips.push((packet, trip));
            if self.trips.len().is_multiple_of(100) {
                self.received.extend(self.node.receive());
            }
        }
        self.received.extend(self.node.receive());
    }

    /// The packet as it should leave, source and all.
    fn translated(&self, trip: &Trip<'r>) -> Packet {
        let mut packet = trip.packet.clone();
        let masquerades = trip.stages.iter().any(
            |(_, fate)| matches!(&fate.end, End::Translate(nat) if nat.kind == NatKind::Masquerade),
        );
        if masquerades {
            packet.set(Field::Source, self.address_of(&packet.out_interface));
        }
        packet
    }

    fn address_of(&self, interface: &[u8]) -> u128 {
        let nth = INTERFACES
            .iter()
            .position(|name| name.as_bytes() == interface);
        let address = host(self.node.family, nth.expect("one of them"), 1);
        number(address.parse().expect("it is written as one"))
    }

    /// Compares what became of the packets, and the counters of all rules.
    ///
    /// # Panics
    /// When something differs.
    pub(crate) fn judge(&self, text: &str, seed: u64, nth: u64) -> Tally {
        let mut seen: HashMap<u32, (usize, Seen)> = HashMap::new();
        for (interface, bytes) in &self.received {
            if let Some(packet) = wire::read(bytes, self.node.family) {
                seen.insert(packet.number, (*interface, packet));
            }
        }
        let mut wrong = Vec::new();
        for (number, (packet, trip)) in (0..).zip(&self.trips) {
            let expected = (trip.arrival == Arrival::Sent).then(|| self.expected(number, trip));
            if seen.get(&number) != expected.as_ref() {
                wrong.push(format!(
                    "{packet}\n  expected {expected:?}\n  seen {:?}\n  {}",
                    seen.get(&number),
                    way(trip)
                ));
            }
        }
        let predicted = self.predicted();
        let counted = counters(&self.node.save());
        for (rule, count) in &counted {
            // What the host sends is left to itself.
            let of_output = rule.1 == "OUTPUT" || rule.1.starts_with("OU-");
            let expected = predicted.get(rule).copied().unwrap_or(0);
            if *count != expected && !of_output {
                wrong.push(format!(
                    "{rule:?} counted {count}, not {expected}: {}",
                    rule_of(text, rule)
                ));
            }
        }
        let shown = &wrong[..wrong.len().min(5)];
        assert!(
            wrong.is_empty(),
            "seed {seed}, ruleset {nth}, {:?} {:?}: {} differences\n{}\n{text}",
            self.node.backend,
            self.node.family,
            wrong.len(),
            shown.join("\n")
        );
        Tally {
            packets: self.trips.len(),
            seen: seen.len(),
            counters: counted.len(),
        }
    }

    fn expected(&self, number: u32, trip: &Trip<'r>) -> (usize, Seen) {
        let packet = self.translated(trip);
        let interface = INTERFACES
            .iter()
            .position(|name| name.as_bytes() == packet.out_interface);
        let port = match packet.get(Field::Protocol) {
            6 | 17 => packet.get(Field::DestinationPort) as u16,
            _ => 0,
        };
        let seen = Seen {
            number,
            source: packet.address(Field::Source),
            destination: packet.address(Field::Destination),
            destination_port: port,
            ttl: packet.get(Field::Ttl) as u8,
            tos: packet.get(Field::Tos) as u8,
        };
        (interface.expect("one of them"), seen)
    }

    fn predicted(&self) -> Counters {
        let mut counters = Counters::new();
        for (_, trip) in &self.trips {
            for (base, fate) in &trip.stages {
                for (chain, rule) in &fate.matched {
                    let chain = String::from_utf8_lossy(chain.name()).into_owned();
                    let key = (base.table.name().to_owned(), chain, rule.number);
                    *counters.entry(key).or_default() += 1;
                }
            }
        }
        counters
    }
}

/// The rule that a counter is of.
fn rule_of<'t>(text: &'t str, (table, chain, number): &(String, String, u32)) -> &'t str {
    let table = text
        .split_once(&format!("*{table}\n"))
        .map_or("", |(_, rest)| rest);
    let start = format!("-A {chain} ");
    let mut rules = table.lines().filter(|line| line.starts_with(&start));
    rules.nth(*number as usize - 1).unwrap_or_default()
}

/// The chains that a packet came to, with the rules that matched.
fn way(trip: &Trip<'_>) -> String {
    let stages = trip.stages.iter().map(|(base, fate)| {
        let rules = fate.matched.iter().map(|(chain, rule)| {
            format!("{} {}", String::from_utf8_lossy(chain.name()), rule.number)
        });
        format!(
            "{base}: {} by [{}]",
            fate.end.text(),
            rules.collect::<Vec<_>>().join(", ")
        )
    });
    stages.collect::<Vec<_>>().join("; ")
}

/// A packet that opens a connection, or belongs to none.
fn packet(rng: &mut Rng, family: Family, nth: u32) -> Packet {
    let mut packet = Packet::new(family);
    packet.in_interface = one(rng, &INTERFACES).as_bytes().to_vec();
    let to_host = rng.u8(..6) == 0;
    let address = |rng: &mut Rng, number: u8| {
        let host = host(family, rng.usize(..4), number);
        number_of(&host)
    };
    let from = rng.u8(2..14);
    let to = if to_host { 1 } else { rng.u8(2..14) };
    let icmp = if family == Family::V4 { 1 } else { 58 };
    let protocol = one(rng, &[6, 6, 17, 17, icmp]);
    let flags = one(rng, &[2, 2, 2, 0x10, 4, 0x12]);
    let [request, reply] = if family == Family::V4 {
        [8, 0]
    } else {
        [128, 129]
    };
    let icmp_type = one(rng, &[request, request, request, reply]);
    let is_invalid = match protocol {
        6 => matches!(flags, 4 | 0x12),
        17 => false,
        _ => icmp_type == reply,
    };
    // Most have a source port of their own.
    let source_port = match rng.u8(..4) {
        0 => one(rng, &PORTS).into(),
        _ => 1024 + u128::from(nth) * 61 % 64_000,
    };
    let destination_port = if rng.u8(..4) == 0 {
        rng.u16(1..)
    } else {
        one(rng, &PORTS)
    };
    let values = [
        (
            Field::State,
            if is_invalid {
                state::INVALID
            } else {
                state::NEW
            },
        ),
        (
            Field::DestinationKind,
            if to_host { kind::LOCAL } else { kind::UNICAST },
        ),
        (Field::Source, address(rng, from)),
        (Field::Destination, address(rng, to)),
        (Field::Protocol, protocol),
        (Field::SourcePort, source_port),
        (Field::DestinationPort, destination_port.into()),
        (Field::IcmpType, icmp_type),
        (Field::TcpFlags, flags),
        (
            Field::Ttl,
            one(rng, &[1, 2, 4, 9, 10, 63, 64, 64, 64, 65, 255]),
        ),
        (Field::Tos, one(rng, &[0, 0, 0x10, 0x08, 0xb8])),
        (Field::Length, one(rng, &[72, 80, 100, 101, 200])),
    ];
    for (field, value) in values {
        packet.set(field, value);
    }
    packet
}

fn number_of(address: &str) -> u128 {
    number(address.parse().expect("it is written as one"))
}

/// What a connection is known by. ICMP has an identifier in place of ports.
fn tuple(packet: &Packet) -> [u128; 5] {
    let protocol = packet.get(Field::Protocol);
    let ports = match protocol {
        6 | 17 => [
            packet.get(Field::SourcePort),
            packet.get(Field::DestinationPort),
        ],
        _ => [packet.get(Field::SourcePort); 2],
    };
    let [source, destination] = [Field::Source, Field::Destination].map(|field| packet.get(field));
    [protocol, source, destination, ports[0], ports[1]]
}

const fn reversed([protocol, source, destination, from, to]: [u128; 5]) -> [u128; 5] {
    [protocol, destination, source, to, from]
}

/// The counters of a ruleset as iptables-save prints it.
fn counters(saved: &str) -> Counters {
    let mut counters = Counters::new();
    let mut numbers: HashMap<(String, String), u32> = HashMap::new();
    let mut table = String::new();
    for line in saved.lines() {
        if let Some(name) = line.strip_prefix('*') {
            table = name.to_owned();
        }
        let Some((counts, rule)) = line
            .strip_prefix('[')
            .and_then(|line| line.split_once("] -A "))
        else {
            continue;
        };
        let chain = rule.split(' ').next().unwrap_or_default().to_owned();
        let number = numbers.entry((table.clone(), chain.clone())).or_default();
        *number += 1;
        let packets = counts
            .split(':')
            .next()
            .and_then(|count| count.parse().ok());
        counters.insert((table.clone(), chain, *number), packets.unwrap_or(u64::MAX));
    }
    debug_assert!(Table::ALL.iter().any(|table| table.name() == "filter"));
    counters
}
