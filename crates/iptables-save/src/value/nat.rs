//! Addresses and ports that a NAT target puts in.

use std::net::Ipv4Addr;

use super::{
    Context, Host, Protocol, Value, ValueError,
    address::print_ip,
    dotted::{dotted, leading_dotted},
    number,
    port::plain_port,
    services,
};
use crate::{Family, Word, Writer, writer};

/// What an address is translated to: `[ADDRESS[-ADDRESS]][:PORT[-PORT[/BASE]]]`.
///
/// An IPv6 address stands in brackets when ports follow.
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
    /// Reads ports alone, as `libxt_NAT.c:parse_ports` does.
    ///
    /// The name of a service stands for one port, and for the one that a range is mapped
    /// from; what follows that one's number is not looked at.
    #[must_use]
    pub fn parse_ports(text: &[u8]) -> Option<Self> {
        let ports = |first, last, base| Self {
            addresses: None,
            ports: Some((first, last)),
            base,
        };
        let Some((rest, first)) = number::leading::<u16>(text) else {
            let port = services::port_of(text, services::ANY)?;
            return Some(ports(port, port, None));
        };
        let (rest, last) = match rest {
            b"" => return Some(ports(first, first, None)),
            rest => number::leading(rest.strip_prefix(b"-")?)?,
        };
        let base = match rest {
            b"" => None,
            rest => {
                let base = rest.strip_prefix(b"/")?;
                Some(match number::leading(base) {
                    Some((_, base @ 1..)) => base,
                    _ => services::port_of(base, services::ANY)?,
                })
            }
        };
        (first <= last).then(|| ports(first, last, base))
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

    /// Reads addresses, ports or both, as `libxt_NAT.c:parse_to` does.
    ///
    /// Its oddities are kept: what stands beside the brackets counts for nothing, and so do
    /// two bytes right before the colon of the ports, as those of `[]:80`.
    #[must_use]
    pub fn parse(text: &[u8], family: Option<Family>) -> Option<Self> {
        let (addresses, colon) = match memchr::memchr(b'[', text) {
            Some(open) => {
                let close = open + memchr::memchr(b']', &text[open..])?;
                let colon = memchr::memchr(b':', &text[close..]).map(|at| close + at);
                if family == Some(Family::V4) {
                    return None;
                }
                (&text[open + 1..close], colon)
            }
            None => {
                // Two colons and more: an IPv6 address without ports.
                let mut colons = memchr::memchr_iter(b':', text);
                let colon = colons.next().filter(|_| colons.next().is_none());
                (&text[..colon.unwrap_or(text.len())], colon)
            }
        };
        let mut range = match colon {
            Some(colon) => Self::parse_ports(&text[colon + 1..])?,
            None => Self::default(),
        };
        if !matches!(colon, Some(0 | 2)) {
            let (first, last) = match memchr::memchr(b'-', addresses) {
                Some(dash) => (host(&addresses[..dash])?, host(&addresses[dash + 1..])?),
                None => (host(addresses)?, host(addresses)?),
            };
            let is_of_family = |host: &Host| family.is_none_or(|it| it == host.family());
            if first.family() != last.family() || !is_of_family(&first) {
                return None;
            }
            range.addresses = Some((first, last));
        }
        Some(range)
    }

    /// Writes it.
    pub fn print(&self, out: &mut Vec<u8>) {
        if let Some((first, last)) = self.addresses {
            let brackets = first.0.is_ipv6() && self.ports.is_some();
            if brackets {
                out.push(b'[');
            }
            print_ip(out, first.0);
            if first != last {
                out.push(b'-');
                print_ip(out, last.0);
            }
            if brackets {
                out.push(b']');
            }
        }
        if self.ports.is_some() {
            out.push(b':');
            self.print_ports(out);
        }
    }

    /// Whether it is read back from what iptables-save prints: not with a port 0 that a
    /// range is mapped from, and with no such port behind a single one.
    const fn reads_back(&self) -> bool {
        match (self.ports, self.base) {
            (Some((first, last)), Some(base)) => base != 0 && first != last,
            _ => true,
        }
    }

    /// Writes the ports without the colon before them.
    pub fn print_ports(&self, out: &mut Vec<u8>) {
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

/// Reads `ADDRESS:PORT` of IPv4 in plain decimal, the usual case.
#[inline(always)]
fn address_and_port(text: &[u8]) -> Option<(Ipv4Addr, u16)> {
    let (address, length) = leading_dotted(text)?;
    match &text[length.into()..] {
        [b':', rest @ ..] => Some((address, plain_port(rest)?)),
        _ => None,
    }
}

/// Reads an address in full, as `inet_pton` does: not `10.1`, not `010.0.0.1`.
fn host(text: &[u8]) -> Option<Host> {
    match dotted(text) {
        Some(address) => Some(Host(address.into())),
        None => std::str::from_utf8(text).ok()?.parse().ok().map(Host),
    }
}

/// Whether the rule's protocol has ports, as `libxt_NAT.c:__NAT_parse` asks.
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
        match address_and_port(text) {
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
        self.print(out.begin());
    }
}

/// Ports to translate to, `PORT[-PORT]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ToPorts {
    /// The lowest.
    pub first: u16,
    /// The highest; the same as `first` for one port.
    pub last: u16,
    /// What stands behind a `/`, which says nothing here.
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
        match has_ports(context) {
            true => Ok(Self { first, last, base }),
            false => Err(NO_PORTS),
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
        range.print_ports(out.begin());
    }
}
