//! Addresses and ports that a NAT target puts in.

use super::{
    Context, Host, Protocol, Value, ValueError,
    address::{dotted, leading_dotted, print_ip},
    port,
};
use crate::{Word, Writer, writer};

/// What an address is translated to: `[ADDRESS[-ADDRESS]][:PORT[-PORT[/BASE]]]`.
///
/// An IPv6 address stands in brackets when ports follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NatRange {
    /// The first and the last address; the same for one.
    pub addresses: Option<(Host, Host)>,
    /// The first and the last port; the same for one.
    pub ports: Option<(u16, u16)>,
    /// The port that the range's first is mapped from, for a shift (DNAT only).
    pub base: Option<u16>,
}

impl NatRange {
    /// Reads a range of ports alone, as `--to-ports` takes it.
    #[must_use]
    pub fn parse_ports(text: &[u8]) -> Option<Self> {
        let (range, base) = match memchr::memchr(b'/', text) {
            Some(slash) => {
                let base = port(&text[slash + 1..]).filter(|base| *base > 0);
                (&text[..slash], Some(base?))
            }
            None => (text, None),
        };
        let ports = match memchr::memchr(b'-', range) {
            Some(dash) => (port(&range[..dash])?, port(&range[dash + 1..])?),
            None => (port(range)?, port(range)?),
        };
        (ports.0 <= ports.1).then_some(Self {
            addresses: None,
            ports: Some(ports),
            base,
        })
    }

    /// Reads addresses, ports or both.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        // The usual case, `ADDRESS:PORT`.
        if let Some((address, length)) = leading_dotted(text)
            && let [b':', rest @ ..] = &text[length..]
            && let Some(only) = port(rest)
        {
            let host = Host(address.into());
            return Some(Self {
                addresses: Some((host, host)),
                ports: Some((only, only)),
                base: None,
            });
        }
        let (addresses, ports) = if let Some(inner) = text.strip_prefix(b"[") {
            let close = memchr::memchr(b']', inner)?;
            let ports = match &inner[close + 1..] {
                b"" => None,
                rest => Some(rest.strip_prefix(b":")?),
            };
            (&inner[..close], ports)
        } else {
            match memchr::memchr(b':', text) {
                // Two colons and more: an IPv6 address without ports.
                Some(first) if memchr::memchr(b':', &text[first + 1..]).is_none() => {
                    (&text[..first], Some(&text[first + 1..]))
                }
                _ => (text, None),
            }
        };
        let mut range = match ports {
            Some(ports) => Self::parse_ports(ports)?,
            None => Self::default(),
        };
        if !addresses.is_empty() {
            range.addresses = Some(match memchr::memchr(b'-', addresses) {
                Some(dash) => (host(&addresses[..dash])?, host(&addresses[dash + 1..])?),
                None => {
                    let only = host(addresses)?;
                    (only, only)
                }
            });
        }
        let same_family = range
            .addresses
            .is_none_or(|(first, last)| first.0.is_ipv4() == last.0.is_ipv4());
        (same_family && (range.addresses.is_some() || range.ports.is_some())).then_some(range)
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

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let range = Self::parse(&args[0].text)
            .filter(|range| {
                range
                    .addresses
                    .is_none_or(|(first, _)| context.allows(first.0))
            })
            .ok_or(ValueError::new(
                "addresses of the rule's family with ports, such as `192.0.2.1`, \
                 `192.0.2.1-192.0.2.9:80` or `[2001:db8::1]:80`; names are not looked up",
            ))?;
        match range.ports {
            Some(_) if !has_ports(context) => Err(NO_PORTS),
            _ => Ok(range),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
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
}

impl<'a> Value<'a> for ToPorts {
    const ARGS: &'static [&'static str] = &["PORT[-PORT]"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let (first, last) = NatRange::parse_ports(&args[0].text)
            .filter(|range| range.base.is_none())
            .and_then(|range| range.ports)
            .ok_or(ValueError::new(
                "a port or a range such as `1024-65535`; names of services are not looked up",
            ))?;
        match has_ports(context) {
            true => Ok(Self { first, last }),
            false => Err(NO_PORTS),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        let range = NatRange {
            ports: Some((self.first, self.last)),
            ..NatRange::default()
        };
        range.print_ports(out.begin());
    }
}
