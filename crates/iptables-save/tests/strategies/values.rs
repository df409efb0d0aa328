//! Values of options, as iptables-save would have them.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use ipnetwork::IpNetwork;
use iptables_save::{Family, Text, value::*};
use proptest::{collection::vec, option, prelude::*, sample::select};

/// A value with or without a `!`.
pub(crate) fn not<T: std::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Invertible<T>> {
    (any::<bool>(), value).prop_map(|(inverted, value)| Invertible { inverted, value })
}

/// The same for an option that may be left out.
pub(crate) fn maybe<T: std::fmt::Debug>(
    value: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<Invertible<T>>> {
    option::of(not(value))
}

pub(crate) fn maybe_flag() -> impl Strategy<Value = Option<Invertible<Flag>>> {
    maybe(Just(Flag))
}

pub(crate) fn ip(family: Family) -> BoxedStrategy<IpAddr> {
    match family {
        Family::V4 => any::<Ipv4Addr>().prop_map(IpAddr::from).boxed(),
        // Zeros are where spellings differ.
        Family::V6 => {
            let group = prop_oneof![2 => Just(0), 1 => any::<u16>(), 1 => 0..16_u16];
            let groups = prop::array::uniform8(group);
            groups
                .prop_map(|groups| Ipv6Addr::from(groups).into())
                .boxed()
        }
    }
}

pub(crate) fn host(family: Family) -> impl Strategy<Value = Host> {
    ip(family).prop_map(Host)
}

pub(crate) const fn bits(family: Family) -> u8 {
    PrefixLength::full(family).0
}

/// A network as extensions keep it, with its host bits.
pub(crate) fn network(family: Family) -> impl Strategy<Value = Network> {
    (ip(family), 0..=bits(family))
        .prop_map(|(ip, prefix)| Network(IpNetwork::new(ip, prefix).unwrap()))
}

/// One address of `-s` and `-d`. Every address at once is no test, and not written.
fn address(family: Family) -> impl Strategy<Value = Address> {
    let network = (ip(family), 1..=bits(family))
        .prop_map(|(ip, prefix)| Address::from(IpNetwork::new(ip, prefix).unwrap()));
    let masked = (ip(family), ip(family)).prop_map(|(ip, mask)| Address::new(ip, mask).unwrap());
    prop_oneof![3 => network, 1 => masked]
        .prop_map(Address::without_host_bits)
        .prop_filter("every address", |it| !it.is_all())
}

/// The value of `-s` or `-d`. iptables refuses a `!` before a list.
pub(crate) fn addresses(family: Family) -> impl Strategy<Value = Invertible<Addresses>> {
    let list = vec(address(family), 2..4).prop_map(|it| Addresses::Many(it.into()));
    prop_oneof![
        8 => not(address(family).prop_map(Addresses::One)),
        1 => list.prop_map(Invertible::is),
    ]
}

pub(crate) fn address_range(family: Family) -> impl Strategy<Value = AddressRange> {
    (host(family), host(family)).prop_map(|(first, last)| AddressRange { first, last })
}

/// A name that is written as it is: spaces and quotes would change it.
pub(crate) fn name(longest: usize) -> impl Strategy<Value = Text<'static>> {
    let pattern = format!("[a-z][A-Za-z0-9_.:@#%-]{{0,{}}}", longest - 1);
    prop::string::string_regex(&pattern)
        .unwrap()
        .prop_map(|it| Cow::Owned(it.into_bytes()))
}

pub(crate) fn plain_name<const MAX: usize>() -> impl Strategy<Value = Unquoted<'static, MAX>> {
    name(MAX).prop_map(Unquoted)
}

pub(crate) fn interface() -> impl Strategy<Value = Interface<'static>> {
    (name(14), any::<bool>()).prop_map(|(name, any_ending)| {
        let ending: &[u8] = if any_ending { b"+" } else { b"" };
        Interface(Cow::Owned([&name, ending].concat()))
    })
}

/// Free text, which is quoted. A line holds neither a NUL nor a newline.
pub(crate) fn text(
    lengths: std::ops::RangeInclusive<usize>,
) -> impl Strategy<Value = Text<'static>> {
    let byte = prop_oneof![
        3 => select(&b" \"\\'!-#|a"[..]),
        2 => any::<u8>().prop_filter("ends a line", |it| !matches!(it, 0 | b'\n')),
        3 => b'!'..=b'~',
    ];
    vec(byte, lengths).prop_map(Cow::Owned)
}

pub(crate) fn log_prefix<const MAX: usize>() -> impl Strategy<Value = LogPrefix<'static, MAX>> {
    text(1..=MAX).prop_map(LogPrefix)
}

pub(crate) fn port_range() -> impl Strategy<Value = PortRange> {
    prop_oneof![
        any::<u16>().prop_map(PortRange::one),
        (any::<u16>(), any::<u16>()).prop_map(|(a, b)| PortRange {
            first: a.min(b),
            last: a.max(b),
        }),
    ]
}

/// A test of ports. Every port is no test, and not written.
pub(crate) fn port_test() -> impl Strategy<Value = Option<Invertible<PortRange>>> {
    maybe(port_range()).prop_filter("every port", |it| {
        it.is_none_or(|it| it.inverted || !it.value.is_all())
    })
}

/// The same of one protocol.
pub(crate) fn ports_of<const PROTOCOL: u16>()
-> impl Strategy<Value = Option<Invertible<PortsOf<PROTOCOL>>>> {
    let of = |it: Invertible<PortRange>| Invertible {
        inverted: it.inverted,
        value: PortsOf(it.value),
    };
    port_test().prop_map(move |it| it.map(of))
}

pub(crate) fn ports() -> impl Strategy<Value = Ports> {
    vec(port_range(), 1..=7).prop_map(|list| Ports::new(&list).unwrap())
}

pub(crate) fn range<T: Arbitrary + Copy>() -> impl Strategy<Value = Range<T>> {
    prop_oneof![
        any::<T>().prop_map(|only| Range {
            first: only,
            last: only
        }),
        (any::<T>(), any::<T>()).prop_map(|(first, last)| Range { first, last }),
    ]
}

pub(crate) fn within<const MIN: u32, const MAX: u32>() -> impl Strategy<Value = Bounded<MIN, MAX>> {
    (MIN..=MAX).prop_map(|it| Bounded::new(it).unwrap())
}

pub(crate) fn mark() -> impl Strategy<Value = MarkMask> {
    (any::<u32>(), option::of(any::<u32>())).prop_map(|(value, mask)| MarkMask {
        value,
        mask: mask.unwrap_or(u32::MAX),
    })
}

pub(crate) fn xmark() -> impl Strategy<Value = Xmark> {
    (any::<u32>(), any::<u32>()).prop_map(|(value, mask)| Xmark { value, mask })
}

/// The rates that can be said: so many packets in a unit of time. More than these in
/// the larger unit is said in the smaller one.
pub(crate) fn per_time() -> impl Strategy<Value = (u64, u32)> {
    prop_oneof![
        (1..=10_000_u64, Just(1)),
        (1..60_u64, Just(60)),
        (1..60_u64, Just(60 * 60)),
        (1..24_u64, Just(24 * 60 * 60)),
    ]
}

pub(crate) fn set_entry() -> impl Strategy<Value = SetEntry<'static>> {
    let directions = vec(
        select(&[Direction::Source, Direction::Destination][..]),
        1..=6,
    );
    (name(31), directions).prop_map(|(name, list)| SetEntry {
        name,
        directions: Directions::new(&list).unwrap(),
    })
}

pub(crate) fn dscp() -> impl Strategy<Value = Dscp> {
    (0..64_u8).prop_map(|it| Dscp::new(it).unwrap())
}

pub(crate) fn tos_mask() -> impl Strategy<Value = TosMask> {
    any::<(u8, u8)>().prop_map(|(value, mask)| TosMask { value, mask })
}

/// Addresses, ports or both.
pub(crate) fn nat_range(family: Family) -> impl Strategy<Value = NatRange> {
    let addresses = (host(family), host(family), any::<bool>())
        .prop_map(|(first, last, one)| (first, if one { first } else { last }));
    let ports = port_range().prop_map(|it| (it.first, it.last));
    (option::of(addresses), option::of(ports))
        .prop_filter("nothing", |(addresses, ports)| {
            addresses.is_some() || ports.is_some()
        })
        .prop_map(|(addresses, ports)| NatRange {
            addresses,
            ports,
            base: None,
        })
}

pub(crate) fn to_ports() -> impl Strategy<Value = ToPorts> {
    port_range().prop_map(|it| ToPorts {
        first: it.first,
        last: it.last,
        base: None,
    })
}
