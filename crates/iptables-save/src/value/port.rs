//! Ports and ranges of ports, by number or by the name of a service.
//!
//! The C functions for an option differ in how they parse the same token: for `-m tcp`
//! `010` is 8, for `-m udp` 10.

use nom::{
    Parser,
    branch::alt,
    bytes::complete::take_till,
    character::complete::char,
    combinator::{eof, map_opt, value, verify},
    sequence::separated_pair,
};

use super::{
    Context, Invertible, Protocol, Value, ValueError,
    integer::{integer, strtoul},
    parse::{Grammar, Parsed, complete, list, open_range},
    services,
    services::{SCTP, TCP, Transports, UDP},
};
use crate::{Word, Writer, writer};

/// Parses a port as `xtables.c:xtables_parse_port` does: a number with a prefix of C, or a
/// service of one transport.
fn parse_port<'t>(transport: Transports) -> impl Grammar<'t, u16> + Copy {
    move |text: &'t [u8]| alt((integer, service(transport))).parse_complete(text)
}

/// Parses a port as `xtoptions.c:xtopt_parse_port` has `getaddrinfo` do: a decimal number of
/// which 16 bits count, or a service of any transport.
fn resolve_port(text: &[u8]) -> Parsed<'_, u16> {
    // It keeps the number in an `int`, and rejects a negative one.
    let number = verify(strtoul(10), |number| number.value & 1 << 31 == 0);
    let port = number.map(|number| (number.value & 0xffff) as u16);
    let missing = value(0, eof);
    alt((missing, port, service(TCP | UDP | SCTP))).parse_complete(text)
}

/// Parses the name of a service.
fn service<'t>(transports: Transports) -> impl Grammar<'t, u16> {
    let name = take_till(|byte| matches!(byte, b':' | b','));
    map_opt(name, move |name| services::port_of(name, transports))
}

/// One port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(pub u16);

impl<'a> Value<'a> for Port {
    const ARGS: &'static [&'static str] = &["PORT"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        complete(resolve_port, &args[0].text)
            .map(Self)
            .ok_or(ValueError::new(
                "a port from 0 to 65535 or a service's name",
            ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.0);
    }
}

/// A port, or all from one to another: `PORT[:PORT]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PortRange {
    /// The lowest.
    pub first: u16,
    /// The highest; the same as `first` for one port.
    pub last: u16,
}

impl PortRange {
    /// Returns a range of one port.
    #[must_use]
    pub const fn one(port: u16) -> Self {
        Self {
            first: port,
            last: port,
        }
    }

    /// Returns whether this is every port there is.
    #[must_use]
    pub const fn is_all(self) -> bool {
        self.first == 0 && self.last == u16::MAX
    }

    /// Returns whether no port is in the range, because the first is above the last.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.first > self.last
    }

    /// Removes a condition that every port meets: iptables-save does not write it.
    ///
    /// Up to 1.8.10 it does not write an inverted one either, and so turns its meaning
    /// around. That one is kept, as since 1.8.11.
    pub(crate) fn forget_all(test: &mut Option<Invertible<Self>>) {
        if matches!(test, Some(test) if !test.inverted && test.value.is_all()) {
            *test = None;
        }
    }

    /// Parses `PORT`, `PORT:PORT`, `:PORT` or `PORT:`.
    #[inline(always)]
    fn parse<'t>(text: &'t [u8], port: impl Grammar<'t, u16> + Copy) -> Option<Self> {
        let (first, last) = complete(open_range(0, port, u16::MAX), text)?;
        Some(Self { first, last })
    }

    fn write_to(&self, out: &mut Vec<u8>) {
        writer::decimal(out, self.first.into());
        if self.first != self.last {
            out.push(b':');
            writer::decimal(out, self.last.into());
        }
    }
}

impl<'a> Value<'a> for PortRange {
    const ARGS: &'static [&'static str] = &["PORT[:PORT]"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text, resolve_port).ok_or(ValueError::new(A_RANGE))
    }

    fn write(&self, out: &mut Writer<'_>) {
        self.write_to(out.begin());
    }
}

const A_RANGE: &str =
    "a port from 0 to 65535, a service's name, or a range of them such as `1024:2048`";

/// A port or a range of a protocol, by its number: its services alone have names here, and
/// a range goes from the lower port to the higher.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PortsOf<const PROTOCOL: u16>(pub PortRange);

/// Ports of TCP.
pub type TcpPorts = PortsOf<6>;
/// Ports of SCTP.
pub type SctpPorts = PortsOf<132>;

impl<const PROTOCOL: u16> PortsOf<PROTOCOL> {
    /// Removes a condition that every port meets, as [`PortRange::forget_all`] does.
    pub(crate) fn forget_all(test: &mut Option<Invertible<Self>>) {
        if matches!(test, Some(test) if !test.inverted && test.value.0.is_all()) {
            *test = None;
        }
    }
}

impl<'a, const PROTOCOL: u16> Value<'a> for PortsOf<PROTOCOL> {
    const ARGS: &'static [&'static str] = PortRange::ARGS;

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        PortRange::parse(&args[0].text, parse_port(transport(Protocol(PROTOCOL))))
            .filter(|ports| ports.first <= ports.last)
            .map(Self)
            .ok_or(ValueError::new(
                "a port from 0 to 65535, the name of a service that the protocol has, or a \
                 range from a lower to a higher such as `1024:2048`",
            ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        Value::write(&self.0, out);
    }
}

/// Returns the transport that the services of a protocol are listed under, if any.
fn transport(protocol: Protocol) -> Transports {
    match protocol {
        Protocol::TCP => TCP,
        Protocol::UDP => UDP,
        Protocol::SCTP => SCTP,
        _ => 0,
    }
}

/// Up to fifteen ports, where a range counts for two: `PORT[:PORT],…`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ports {
    list: [PortRange; MOST_SLOTS],
    length: u8,
}

/// The places that the kernel has for ports (`XT_MULTI_PORTS`).
const MOST_SLOTS: usize = 15;

impl Ports {
    /// Returns the ports, in the order given.
    #[must_use]
    pub fn as_slice(&self) -> &[PortRange] {
        &self.list[..self.length.into()]
    }

    /// Returns a list of ports, unless it is empty or too long for the kernel.
    #[must_use]
    pub fn new(list: &[PortRange]) -> Option<Self> {
        let mut ports = Self::default();
        ports.list.get_mut(..list.len())?.copy_from_slice(list);
        ports.length = u8::try_from(list.len()).ok()?;
        (!list.is_empty() && ports.slots() <= MOST_SLOTS).then_some(ports)
    }

    /// Returns how many of the kernel's places the list takes: a range takes two.
    fn slots(&self) -> usize {
        let ranges = self.as_slice().iter();
        let ranges = ranges.filter(|ports| ports.first != ports.last).count();
        self.as_slice().len() + ranges
    }

    fn push(&mut self, ports: PortRange) -> Option<()> {
        *self.list.get_mut(usize::from(self.length))? = ports;
        self.length += 1;
        Some(())
    }

    fn parse(text: &[u8], transport: Transports) -> Option<Self> {
        let port = parse_port(transport);
        // Both ends are there, and differ, as `libxt_multiport.c` asks.
        let range =
            separated_pair(port, char(':'), port).map(|(first, last)| PortRange { first, last });
        let range = verify(range, |range| range.first < range.last);
        let ports = list(
            char(','),
            alt((range, port.map(PortRange::one))),
            Self::push,
        );
        complete(ports, text).filter(|ports| ports.slots() <= MOST_SLOTS)
    }
}

impl<'a> Value<'a> for Ports {
    const ARGS: &'static [&'static str] = &["PORT[:PORT],…"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let transport = match context.protocol {
            Some(protocol @ Protocol(6 | 17 | 33 | 132 | 136)) if !context.protocol_negated => {
                transport(protocol)
            }
            _ => {
                return Err(ValueError::new(
                    "ports only after `-p tcp`, `udp`, `udplite`, `dccp` or `sctp`",
                ));
            }
        };
        Self::parse(&args[0].text, transport).ok_or(ValueError::new(
            "up to 15 ports or services of the rule's protocol with commas between them, a range \
             such as `1024:2048` counting for two",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.list(self.as_slice(), PortRange::write_to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_read_as_strtoul_reads_it_or_as_getaddrinfo_does() {
        for (text, parsed, resolved) in [
            ("80", Some(80), Some(80)),
            ("65535", Some(65535), Some(65535)),
            ("65536", None, Some(0)),
            ("4294967376", None, Some(80)),
            ("4294967295", None, None),
            ("99999999999999999999", None, None),
            ("2147483648", None, None),
            ("-1", None, None),
            ("010", Some(8), Some(10)),
            ("0x50", Some(80), None),
            ("+80", Some(80), Some(80)),
            (" 80", Some(80), Some(80)),
            ("80 ", None, None),
            ("", None, Some(0)),
            ("*", None, None),
            ("ssh", Some(22), Some(22)),
            ("tftp", None, Some(69)),
            ("SSH", None, None),
            ("rtmp", None, None),
        ] {
            assert_eq!(complete(parse_port(TCP), text.as_bytes()), parsed, "{text}");
            assert_eq!(complete(resolve_port, text.as_bytes()), resolved, "{text}");
        }
    }
}
