//! The words that rules are made of, and the values that packets have.

use fastrand::Rng;
use iptables_save::Family;

pub(crate) const INTERFACES: [&str; 4] = ["docker0", "cni0", "eth0", "wg1"];
pub(crate) const PORTS: [u16; 8] = [53, 80, 443, 8080, 30000, 32767, 40000, 65535];
pub(crate) const PROTOCOLS: [u8; 4] = [6, 17, 1, 132];

/// One of some values.
pub(crate) fn one<T: Copy>(rng: &mut Rng, values: &[T]) -> T {
    values[rng.usize(..values.len())]
}

/// The network behind an interface, by the interface's place in [`INTERFACES`].
pub(crate) fn network(family: Family, nth: usize) -> &'static str {
    match family {
        Family::V4 => ["172.16.1", "172.16.2", "192.0.2", "10.9.0"][nth],
        Family::V6 => ["fd00:0:0:1:", "fd00:0:0:2:", "2001:db8:0:1:", "fd00:9:0:1:"][nth],
    }
}

/// A host of the network behind an interface.
pub(crate) fn host(family: Family, nth: usize, host: u8) -> String {
    match family {
        Family::V4 => format!("{}.{host}", network(family, nth)),
        Family::V6 => format!("{}:{host:x}", network(family, nth)),
    }
}

/// An argument of `-s` and `-d`.
pub(crate) fn address(rng: &mut Rng, family: Family) -> String {
    let nth = rng.usize(..4);
    let number = rng.u8(2..14);
    let host = host(family, nth, number);
    match (family, rng.u8(..8)) {
        (_, 0..2) => host,
        (Family::V4, 2..4) => format!("{}.0/24", network(family, nth)),
        (Family::V4, 4) => "172.16.0.0/16".into(),
        (Family::V4, 5) => format!("{}.8/29", network(family, nth)),
        (Family::V4, 6) => format!("172.0.1.{number}/255.0.255.255"),
        (Family::V4, _) => "0.0.0.0/1".into(),
        (Family::V6, 2..4) => format!("{}:/64", network(family, nth)),
        (Family::V6, 4) => "fd00::/32".into(),
        (Family::V6, 5) => format!("{}:8/125", network(family, nth)),
        (Family::V6, 6) => format!("fd00::{number:x}/ff00::ffff"),
        (Family::V6, _) => "8000::/1".into(),
    }
}

/// A port or a range of ports, but not all: iptables-nft 1.8.9 forgets a `!` before these.
pub(crate) fn ports(rng: &mut Rng) -> String {
    let first = one(rng, &PORTS);
    match rng.u8(..4) {
        0 => format!("{first}:{}", first.max(one(rng, &PORTS))),
        1 if first < u16::MAX => format!(":{first}"),
        _ => first.to_string(),
    }
}

/// A mark with a mask.
pub(crate) fn mark(rng: &mut Rng) -> String {
    let mask = one(rng, &[0x1, 0x3, 0x4000, 0xc000, 0x4001, 0xffff_ffff_u32]);
    let value = rng.u32(..) & mask & 0xc003;
    format!("{value:#x}/{mask:#x}")
}
