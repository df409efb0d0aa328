//! What the C library makes of the text of an address, short of asking a resolver.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Host, ValueError, dotted::dotted, unsigned};
use crate::Family;

/// Reads an address as `getaddrinfo` does for a family; for either, when none is given.
pub(super) fn resolve(text: &[u8], family: Option<Family>) -> Option<Host> {
    let is_v6 = || memchr::memchr(b':', text).is_some();
    match family {
        Some(Family::V6) => v6(text).map(|it| Host(it.into())),
        None if is_v6() => v6(text).map(|it| Host(it.into())),
        _ => v4(text).map(|it| Host(it.into())),
    }
}

/// Of less than four numbers the last one fills the rest: `10.1` is `10.0.0.1`. An IPv4
/// address in the form of IPv6, `::ffff:10.0.0.1`, is one as well.
pub(super) fn v4(text: &[u8]) -> Option<Ipv4Addr> {
    dotted(text)
        .or_else(|| inet_aton(text))
        .or_else(|| parse_v6(text)?.to_ipv4_mapped())
}

fn inet_aton(text: &[u8]) -> Option<Ipv4Addr> {
    fn number<T: TryFrom<u64>>(part: &[u8]) -> Option<T> {
        unsigned(part).filter(|_| part[0].is_ascii_digit())
    }
    let (mut address, mut bits) = (0, 32);
    let mut parts = text.split(|byte| *byte == b'.').peekable();
    while let Some(part) = parts.next() {
        let most = (1_u64 << bits) - 1;
        address |= match parts.peek() {
            Some(_) if bits > 8 => {
                bits -= 8;
                u32::from(number::<u8>(part)?) << bits
            }
            Some(_) => return None,
            None => number::<u32>(part).filter(|it| u64::from(*it) <= most)?,
        };
    }
    Some(Ipv4Addr::from(address))
}

/// A zone behind a `%` is read and forgotten: its number, or for addresses of a link an
/// interface, of which only the kernel knows whether it is there.
pub(super) fn v6(text: &[u8]) -> Option<Ipv6Addr> {
    let Some(percent) = memchr::memchr(b'%', text) else {
        return parse_v6(text);
    };
    let zone = &text[percent + 1..];
    let address = parse_v6(&text[..percent])?;
    let [first, second, ..] = address.octets();
    let is_of_link = first == 0xfe && second & 0xc0 == 0x80 || first == 0xff && second & 0xf == 2;
    let is_number = zone.iter().all(u8::is_ascii_digit) && unsigned_decimal(zone).is_some();
    (is_number || is_of_link && matches!(zone.len(), 1..=15)).then_some(address)
}

fn unsigned_decimal(text: &[u8]) -> Option<u32> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// As `inet_pton` does.
pub(super) fn parse_v6(text: &[u8]) -> Option<Ipv6Addr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Reads up to four numbers as `xtables.c:xtables_numeric_to_ipaddr` does, of which those
/// missing are zero at the end, so `10.1` is `10.1.0.0`.
pub(super) fn padded_v4(text: &[u8]) -> Option<Ipv4Addr> {
    dotted(text).or_else(|| numbers_v4(text).map(|(address, _)| address))
}

/// The same for a mask, where none may be missing.
pub(super) fn mask_v4(text: &[u8]) -> Option<Ipv4Addr> {
    let (mask, count) = numbers_v4(text)?;
    (count == 4).then_some(mask)
}

fn numbers_v4(text: &[u8]) -> Option<(Ipv4Addr, usize)> {
    // It copies as much and looks no further.
    let text = text.get(..19).unwrap_or(text);
    let (mut octets, mut count) = ([0; 4], 0);
    for (octet, part) in octets.iter_mut().zip(text.splitn(4, |byte| *byte == b'.')) {
        *octet = unsigned(part)?;
        count += 1;
    }
    Some((octets.into(), count))
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
        .find(|(it, _)| it.as_bytes().eq_ignore_ascii_case(name))
        .map(|(_, address)| *address)
}

/// Complains of a text that is no address: it may be the name of a host.
pub(super) fn no_address(text: &[u8], expected: &'static str) -> ValueError {
    ValueError {
        lookup: may_be_host(text).then_some("a host"),
        ..ValueError::new(expected)
    }
}

/// Whether a resolver could know a name. No top-level domain is a number.
fn may_be_host(name: &[u8]) -> bool {
    let is_label = |label: &[u8]| {
        matches!(label.len(), 1..=63)
            && label
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let name = name.strip_suffix(b".").unwrap_or(name);
    let mut labels = name.split(|byte| *byte == b'.');
    let last = name.rsplit(|byte| *byte == b'.').next();
    name.len() <= 253
        && labels.all(is_label)
        && last.is_some_and(|it| it.iter().any(u8::is_ascii_alphabetic))
        && !name.starts_with(b"0x")
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
            let host = |it: &str| Host(it.parse().unwrap());
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
