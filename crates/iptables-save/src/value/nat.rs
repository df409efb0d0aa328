//! Addresses and ports that a NAT target puts in.

use std::net::Ipv4Addr;

use nom::{
    Parser,
    branch::alt,
    bytes::complete::tag,
    character::complete::char,
    combinator::{eof, peek, rest, verify},
    sequence::{delimited, preceded, separated_pair, terminated},
};

use super::{
    Context, Host, Protocol, Value, ValueError,
    dotted::dotted,
    host::write_ip,
    integer::integer,
    parse::{self, Parsed, after, before, complete, till, word},
    services,
};
use crate::{Family, Word, Writer, writer};

/// What an address is translated to: `[ADDRESS[-ADDRESS]][:PORT[-PORT[/BASE]]]`.
///
/// An IPv6 address is in brackets if ports follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NatRange {
    /// The first and the last address; the same for one.
    pub addresses: Option<(Host, Host)>,
    /// The first and the last port; the same for one.
    pub ports: Option<(u16, u16)>,
    /// The port that the range's first is mapped from, for a shift. Only DNAT shifts: the
    /// other targets forget the port, and iptables-save writes 0.
    pub base: Option<u16>,
}

impl NatRange {
    /// Parses ports alone, as `libxt_NAT.c:parse_ports` does.
    ///
    /// The name of a service is one port, and the one that a range is mapped
    /// from; the number of that one may be followed by anything.
    #[must_use]
    pub fn parse_ports(text: &[u8]) -> Option<Self> {
        complete(ports, text)
    }

    #[inline(never)]
    fn read_any(text: &[u8], context: &Context) -> Result<Self, ValueError> {
        let range = Self::parse(text, context.family).ok_or(ValueError::new(
            "addresses of the rule's family with ports, such as `192.0.2.1`, \
             `192.0.2.1-192.0.2.9:80` or `[2001:db8::1]:80`; names of hosts are not looked up",
        ))?;
        match range.ports {
            Some(_) if !has_ports(context) => Err(NO_PORTS),
            _ => Ok(range),
        }
    }

    /// Parses addresses, ports or both, as `libxt_NAT.c:parse_to` does.
    ///
    /// Its oddities are kept: it ignores what is outside the brackets, and two bytes right
    /// before the colon of the ports, as those of `[]:80`.
    #[must_use]
    pub fn parse(text: &[u8], family: Option<Family>) -> Option<Self> {
        let has_brackets = memchr::memchr(b'[', text).is_some();
        if has_brackets && family == Some(Family::V4) {
            return None;
        }
        let place = |text| {
            if has_brackets {
                in_brackets(text)
            } else {
                before_only_colon(text)
            }
        };
        let (after, addresses) = place(text).ok()?;
        let colon = text.len() - after.len();
        let range = complete(parse::after(':', ports), after)?.unwrap_or_default();
        if matches!((range.ports, colon), (Some(_), 0 | 2)) {
            return Some(range);
        }
        let (first, last) = complete(parse::range('-', host), addresses)?;
        let is_of_family = family.is_none_or(|family| family == first.family());
        (first.family() == last.family() && is_of_family).then_some(Self {
            addresses: Some((first, last)),
            ..range
        })
    }

    /// Writes the addresses and ports.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        if let Some((first, last)) = self.addresses {
            let brackets = first.0.is_ipv6() && self.ports.is_some();
            if brackets {
                out.push(b'[');
            }
            write_ip(out, first.0);
            if first != last {
                out.push(b'-');
                write_ip(out, last.0);
            }
            if brackets {
                out.push(b']');
            }
        }
        if self.ports.is_some() {
            out.push(b':');
            self.write_ports_to(out);
        }
    }

    /// Returns whether iptables-restore reads what iptables-save writes: not with a port 0
    /// that a range is mapped from, nor with any such port after a single one.
    const fn reads_back(&self) -> bool {
        match (self.ports, self.base) {
            (Some((first, last)), Some(base)) => base != 0 && first != last,
            _ => true,
        }
    }

    /// Writes the ports without the colon before them.
    pub fn write_ports_to(&self, out: &mut Vec<u8>) {
        let Some((first, last)) = self.ports else {
            return;
        };
        writer::decimal(out, first.into());
        if first != last {
            out.push(b'-');
            writer::decimal(out, last.into());
        }
        if let Some(base) = self.base {
            out.push(b'/');
            writer::decimal(out, base.into());
        }
    }
}

/// Parses `PORT[-PORT[/BASE]]`, or a service.
fn ports(text: &[u8]) -> Parsed<'_, NatRange> {
    let service = || word(|name| services::port_of(name, services::ANY));
    let base = terminated(verify(integer, |port| *port > 0), rest);
    let end = (integer, after('/', alt((base, service()))));
    let numbers = (integer, after('-', end)).map(|(first, end)| match end {
        Some((last, base)) => (first, last, base),
        None => (first, first, None),
    });
    let numbers = verify(numbers, |(first, last, _)| first <= last);
    alt((numbers, service().map(|port| (port, port, None))))
        .map(|(first, last, base)| NatRange {
            addresses: None,
            ports: Some((first, last)),
            base,
        })
        .parse_complete(text)
}

/// Parses everything up to the colon after the brackets, and returns what is in them.
fn in_brackets(text: &[u8]) -> Parsed<'_, &[u8]> {
    let brackets = delimited(char('['), terminated(till(b']'), char(']')), till(b':'));
    preceded(till(b'['), brackets).parse_complete(text)
}

/// Parses everything up to the only colon; several colons are those of an IPv6 address.
fn before_only_colon(text: &[u8]) -> Parsed<'_, &[u8]> {
    let only = terminated(till(b':'), peek((char(':'), till(b':'), eof)));
    alt((only, rest)).parse_complete(text)
}

/// Parses `ADDRESS:PORT` of IPv4 in plain decimal, the usual case.
#[inline(always)]
fn address_and_port(text: &[u8]) -> Parsed<'_, (Ipv4Addr, u16)> {
    separated_pair(dotted, char(':'), integer).parse_complete(text)
}

/// Parses an address in full, as `inet_pton` does: not `10.1`, not `010.0.0.1`.
fn host(text: &[u8]) -> Parsed<'_, Host> {
    let v4 = dotted.map(|address| Host(address.into()));
    let other = before(
        b'-',
        word(|text| std::str::from_utf8(text).ok()?.parse().ok()),
    );
    alt((terminated(v4, peek(alt((eof, tag("-"))))), other.map(Host))).parse_complete(text)
}

/// Returns whether the rule's protocol has ports, as `libxt_NAT.c:__NAT_parse` asks.
///
/// ICMP counts, its identifiers being translated like ports.
fn has_ports(context: &Context) -> bool {
    matches!(context.protocol, Some(Protocol(1 | 6 | 17 | 33 | 132)))
}

const NO_PORTS: ValueError =
    ValueError::new("no ports without `-p tcp`, `udp`, `sctp`, `dccp` or `icmp` before the target");

impl<'a> Value<'a> for NatRange {
    const ARGS: &'static [&'static str] = &["[ADDRESS[-ADDRESS]][:PORT[-PORT]]"];

    #[inline(always)]
    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let text = &*args[0].text;
        match complete(address_and_port, text) {
            Some((address, port)) if context.family != Some(Family::V6) && has_ports(context) => {
                let host = Host(address.into());
                Ok(Self {
                    addresses: Some((host, host)),
                    ports: Some((port, port)),
                    base: None,
                })
            }
            _ => Self::read_any(text, context),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        if !self.reads_back() {
            out.mark_lossy();
        }
        self.write_to(out.begin());
    }
}

/// Ports to translate to, `PORT[-PORT]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ToPorts {
    /// The lowest.
    pub first: u16,
    /// The highest; the same as `first` for one port.
    pub last: u16,
    /// The port after a `/`, which has no effect here.
    pub base: Option<u16>,
}

impl<'a> Value<'a> for ToPorts {
    const ARGS: &'static [&'static str] = &["PORT[-PORT]"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let range = NatRange::parse_ports(&args[0].text);
        let NatRange {
            ports: Some((first, last)),
            base,
            ..
        } = range.unwrap_or_default()
        else {
            return Err(ValueError::new(
                "a port, a service's name or a range of numbers such as `1024-65535`",
            ));
        };
        if has_ports(context) {
            Ok(Self { first, last, base })
        } else {
            Err(NO_PORTS)
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        let range = NatRange {
            addresses: None,
            ports: Some((self.first, self.last)),
            base: self.base,
        };
        if !range.reads_back() {
            out.mark_lossy();
        }
        range.write_ports_to(out.begin());
    }
}
