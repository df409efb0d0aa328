//! Addresses as the C library parses them, without a resolver.

use std::net::{Ipv4Addr, Ipv6Addr};

use nom::{
    Parser,
    bytes::complete::take_while_m_n,
    character::complete::{char, one_of},
    combinator::{map_opt, peek, rest},
    sequence::preceded,
};

use super::{
    Host, ValueError,
    dotted::dotted,
    integer::integer,
    parse::{Parsed, after, before, complete, list, word},
};
use crate::Family;

/// Parses an address as `getaddrinfo` does for a family; for either, if none is given.
pub(super) fn resolve(text: &[u8], family: Option<Family>) -> Option<Host> {
    let is_v6 = || memchr::memchr(b':', text).is_some();
    match family {
        Some(Family::V6) => v6(text).map(|address| Host(address.into())),
        None if is_v6() => v6(text).map(|address| Host(address.into())),
        _ => v4(text).map(|address| Host(address.into())),
    }
}

/// Parses an IPv4 address, also in the form of IPv6, `::ffff:10.0.0.1`. Of less than four
/// numbers the last one fills the rest: `10.1` is `10.0.0.1`.
pub(super) fn v4(text: &[u8]) -> Option<Ipv4Addr> {
    let mapped = map_opt(ipv6, |address| address.to_ipv4_mapped());
    complete(dotted, text)
        .or_else(|| complete(inet_aton, text))
        .or_else(|| complete(mapped, text))
}

/// Up to four numbers with dots between them.
#[derive(Default)]
struct Numbers<T> {
    list: [T; 4],
    count: usize,
}

impl<T> Numbers<T> {
    fn push(&mut self, number: T) -> Option<()> {
        *self.list.get_mut(self.count)? = number;
        self.count += 1;
        Some(())
    }
}

/// Parses an address as C's `inet_aton` does.
fn inet_aton(text: &[u8]) -> Parsed<'_, Ipv4Addr> {
    let number = preceded(peek(one_of("0123456789")), integer::<u32>);
    map_opt(list(char('.'), number, Numbers::push), |numbers| {
        let [octets @ .., last] = &numbers.list[..numbers.count] else {
            return None;
        };
        let (mut address, mut bits) = (0, 32);
        for octet in octets {
            bits -= 8;
            address |= u32::from(u8::try_from(*octet).ok()?) << bits;
        }
        let fits = u64::from(*last) < 1 << bits;
        fits.then(|| Ipv4Addr::from_bits(address | last))
    })
    .parse_complete(text)
}

/// Parses an IPv6 address with an optional zone after a `%`, which is not kept: a number,
/// or for link-local addresses an interface, of which only the kernel knows whether it
/// exists.
pub(super) fn v6(text: &[u8]) -> Option<Ipv6Addr> {
    let (address, zone) = complete((before(b'%', ipv6), after('%', rest)), text)?;
    let Some(zone) = zone else {
        return Some(address);
    };
    let [first, second, ..] = address.octets();
    let is_of_link = first == 0xfe && second & 0xc0 == 0x80 || first == 0xff && second & 0xf == 2;
    let is_number = complete::<u32>(nom::character::complete::u32, zone).is_some();
    (is_number || is_of_link && matches!(zone.len(), 1..=15)).then_some(address)
}

/// Parses the rest of a token as C's `inet_pton` does an IPv6 address.
pub(super) fn ipv6(text: &[u8]) -> Parsed<'_, Ipv6Addr> {
    word(|text| std::str::from_utf8(text).ok()?.parse().ok()).parse_complete(text)
}

/// Parses up to four numbers as `xtables.c:xtables_numeric_to_ipaddr` does, of which those
/// missing are zero at the end, so `10.1` is `10.1.0.0`.
pub(super) fn padded_v4(text: &[u8]) -> Option<Ipv4Addr> {
    complete(dotted, text).or_else(|| octets(text).map(|octets| octets.list.into()))
}

/// Parses a mask of four numbers.
pub(super) fn mask_v4(text: &[u8]) -> Option<Ipv4Addr> {
    let mask = octets(text).filter(|octets| octets.count == 4)?;
    Some(mask.list.into())
}

fn octets(text: &[u8]) -> Option<Numbers<u8>> {
    // It copies as much and looks no further.
    let text = text.get(..19).unwrap_or(text);
    complete(list(char('.'), integer, Numbers::push), text)
}

/// `/etc/networks` as Debian's netbase 6.4 has it; capitals do not count.
const NETWORKS: [(&str, Ipv4Addr); 3] = [
    ("default", Ipv4Addr::UNSPECIFIED),
    ("loopback", Ipv4Addr::new(127, 0, 0, 0)),
    ("link-local", Ipv4Addr::new(169, 254, 0, 0)),
];

/// Finds a network by its name.
pub(super) fn network_v4(name: &[u8]) -> Option<Ipv4Addr> {
    NETWORKS
        .iter()
        .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name))
        .map(|(_, address)| *address)
}

/// Returns the error for a token that is no address: it may be the name of a host.
pub(super) fn no_address(text: &[u8], expected: &'static str) -> ValueError {
    ValueError {
        lookup: may_be_host(text).then_some("a host"),
        ..ValueError::new(expected)
    }
}

/// Returns whether a resolver could know a name. No top-level domain is a number.
fn may_be_host(name: &[u8]) -> bool {
    let is_of_label = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let last_label = list(
        char('.'),
        take_while_m_n(1, 63, is_of_label),
        |last: &mut &[u8], label| {
            *last = label;
            Some(())
        },
    );
    let name = name.strip_suffix(b".").unwrap_or(name);
    name.len() <= 253
        && !name.starts_with(b"0x")
        && complete(last_label, name).is_some_and(|label| label.iter().any(u8::is_ascii_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_getaddrinfo_reads_them() {
        for (text, v4, v6) in [
            ("192.0.2.1", Some("192.0.2.1"), None),
            ("10", Some("0.0.0.10"), None),
            ("10.1", Some("10.0.0.1"), None),
            ("10.1.65535", Some("10.1.255.255"), None),
            ("10.1.65536", None, None),
            ("0x7f000001", Some("127.0.0.1"), None),
            ("0177.0.0.1", Some("127.0.0.1"), None),
            ("10.1.2.3.4", None, None),
            ("+10.1.2.3", None, None),
            ("::ffff:10.0.0.1", Some("10.0.0.1"), Some("::ffff:10.0.0.1")),
            ("::10.0.0.1", None, Some("::10.0.0.1")),
            ("2001:DB8::1", None, Some("2001:db8::1")),
            ("2001:db8::1%1", None, Some("2001:db8::1")),
            ("2001:db8::1%eth0", None, None),
            ("fe80::1%eth0", None, Some("fe80::1")),
            ("ff02::1%eth0", None, Some("ff02::1")),
            ("fe80::1%", None, None),
            ("fe80::1%4294967295", None, Some("fe80::1")),
            ("2001:db8::1%4294967296", None, None),
            ("", None, None),
        ] {
            let host = |address: &str| Host(address.parse().unwrap());
            let resolved = |family| resolve(text.as_bytes(), Some(family));
            assert_eq!(resolved(Family::V4), v4.map(host), "{text}");
            assert_eq!(resolved(Family::V6), v6.map(host), "{text}");
        }
    }

    #[test]
    fn names_of_hosts_are_told_from_nonsense() {
        for name in [
            "localhost",
            "example.org",
            "example.org.",
            "a-1.b_2",
            "any",
            "1.2.3.x",
        ] {
            assert!(may_be_host(name.as_bytes()), "{name}");
        }
        for name in [
            "",
            ".",
            "a..b",
            "1.2.3.256",
            "10.1.2.3.4",
            "0x7f.1.1.1.1",
            "a b",
            "::1",
            "a/b",
        ] {
            assert!(!may_be_host(name.as_bytes()), "{name}");
        }
    }
}
