//! Packets by chance, made of the values that rules ask for.

use fastrand::Rng;
use iptables_eval::{Condition, Field, Packet, number, state};
use iptables_save::Family;

use super::words::{INTERFACES, PORTS, PROTOCOLS, host, one};

/// A packet in any state.
pub(crate) fn packet(rng: &mut Rng, family: Family) -> Packet {
    let mut packet = Packet::new(family);
    packet.in_interface = interface(rng);
    packet.out_interface = interface(rng);
    let icmp = if family == Family::V4 { 1 } else { 58 };
    let protocol = match one(rng, &PROTOCOLS) {
        1 => icmp,
        other => other,
    };
    let state = one(
        rng,
        &[
            state::NEW,
            state::NEW,
            state::RELATED,
            state::ESTABLISHED,
            state::INVALID,
            state::UNTRACKED,
        ],
    );
    let is_tracked = !matches!(state, state::INVALID | state::UNTRACKED);
    let values = [
        (Field::State, state),
        (Field::Dnat, rng.u128(..2)),
        (Field::Snat, rng.u128(..2)),
        (
            Field::Reply,
            if state == state::NEW {
                0
            } else {
                rng.u128(..2)
            },
        ),
        (Field::Fragment, u128::from(!is_tracked && rng.u8(..3) == 0)),
        (Field::Protocol, protocol.into()),
        (Field::DestinationPort, port(rng)),
        (Field::SourcePort, port(rng)),
        (Field::IcmpType, one(rng, &[8, 0, 3, 128, 129, 1])),
        (Field::IcmpCode, one(rng, &[0, 1, 4])),
        (Field::TcpFlags, one(rng, &[2, 0x12, 0x10, 4, 0x11])),
        (Field::DestinationKind, one(rng, &[1, 2, 3])),
        (Field::Destination, address(rng, family)),
        (Field::Source, address(rng, family)),
        (Field::Length, one(rng, &[28, 60, 72, 100, 101, 1500])),
        (Field::Ttl, one(rng, &[1, 2, 9, 10, 63, 64, 65, 255])),
        (Field::Tos, one(rng, &[0, 0x10, 0x08, 0xb8, 0xff])),
        (Field::PacketType, rng.u128(..3)),
        (Field::Mark, mark(rng)),
        (Field::Connmark, mark(rng)),
        (Field::OriginalDestination, address(rng, family)),
    ];
    for (field, value) in values {
        packet.set(field, value);
    }
    packet
}

/// The packets that are like one in most fields.
pub(crate) fn near(packet: &Packet) -> Condition {
    let fields = Field::ALL.iter().copied().filter(|field| {
        use Field::{DestinationPort, InInterface, OutInterface, Protocol, State};
        !matches!(
            field,
            DestinationPort | InInterface | OutInterface | Protocol | State
        )
    });
    Condition::all(fields.map(|field| Condition::is(field, packet.get(field))))
}

fn interface(rng: &mut Rng) -> Vec<u8> {
    match rng.u8(..8) {
        0 => Vec::new(),
        1 => b"eth7".to_vec(),
        2 => b"x".to_vec(),
        _ => one(rng, &INTERFACES).as_bytes().to_vec(),
    }
}

pub(crate) fn port(rng: &mut Rng) -> u128 {
    match rng.u8(..4) {
        0 => rng.u16(..).into(),
        _ => one(rng, &PORTS).into(),
    }
}

pub(crate) fn address(rng: &mut Rng, family: Family) -> u128 {
    let nth = rng.usize(..4);
    let host = host(family, nth, rng.u8(2..14));
    match rng.u8(..8) {
        0 => rng.u128(..),
        _ => number(host.parse().expect("it is written as one")),
    }
}

fn mark(rng: &mut Rng) -> u128 {
    match rng.u8(..3) {
        0 => 0,
        1 => one(rng, &[1, 2, 3, 0x4000, 0x8000, 0x4001]),
        _ => rng.u32(..).into(),
    }
}
