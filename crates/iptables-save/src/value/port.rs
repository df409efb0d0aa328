//! Ports and ranges of ports, by number or by the name of a service.
//!
//! The C functions behind an option read the same text in their own ways: to `-m tcp` `010`
//! is 8, to `-m udp` 10.

use super::{
    Context, Invertible, Protocol, Value, ValueError,
    number::{Leading, like_strtoul},
    services,
    services::{SCTP, TCP, Transports, UDP},
    unsigned,
};
use crate::{Word, Writer, writer};

/// Reads a port as `xtables.c:xtables_parse_port` does: a number with a prefix of C, or a
/// service of one transport.
fn parse_port(text: &[u8], transport: Transports) -> Option<u16> {
    plain_port(text)
        .or_else(|| unsigned(text))
        .or_else(|| services::port_of(text, transport))
}

/// Reads a port as `xtoptions.c:xtopt_parse_port` has `getaddrinfo` do: a decimal number of
/// which 16 bits count, or a service of any transport.
fn resolve_port(text: &[u8]) -> Option<u16> {
    match plain_port(text) {
        Some(port) => Some(port),
        None if text.is_empty() => Some(0),
        None => match like_strtoul(text, 10) {
            // It keeps the number in an `int`, and takes a negative one for no number.
            Some(Leading {
                value, rest: b"", ..
            }) if value & 1 << 31 == 0 => Some((value & 0xffff) as u16),
            Some(Leading { rest: b"", .. }) => None,
            _ => services::port_of(text, TCP | UDP | SCTP),
        },
    }
}

/// Reads the usual case, which means the same everywhere.
pub(super) fn plain_port(text: &[u8]) -> Option<u16> {
    let ([b'1'..=b'9', ..], 1..=5) = (text, text.len()) else {
        return None;
    };
    let mut port = 0;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        port = port * 10 + u32::from(digit);
    }
    u16::try_from(port).ok()
}

/// One port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(pub u16);

impl<'a> Value<'a> for Port {
    const ARGS: &'static [&'static str] = &["PORT"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        resolve_port(&args[0].text).map(Self).ok_or(ValueError::new(
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
    /// One port.
    #[must_use]
    pub const fn one(port: u16) -> Self {
        Self {
            first: port,
            last: port,
        }
    }

    /// Whether this is every port there is.
    #[must_use]
    pub const fn is_all(self) -> bool {
        self.first == 0 && self.last == u16::MAX
    }

    /// Whether no port can be in it, the first being above the last.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.first > self.last
    }

    /// Forgets a test that every port passes: iptables-save does not write it.
    ///
    /// It does not write one that none passes either, up to 1.8.10, and so turns its
    /// meaning around; as since 1.8.11, that one is kept here.
    pub(crate) fn forget_all(test: &mut Option<Invertible<Self>>) {
        if matches!(test, Some(it) if !it.inverted && it.value.is_all()) {
            *test = None;
        }
    }

    /// Reads `PORT`, `PORT:PORT`, `:PORT` or `PORT:`.
    fn parse(text: &[u8], port: impl Fn(&[u8]) -> Option<u16>) -> Option<Self> {
        let Some(colon) = memchr::memchr(b':', text) else {
            return port(text).map(Self::one);
        };
        let end = |text: &[u8], missing| match text {
            b"" => Some(missing),
            _ => port(text),
        };
        Some(Self {
            first: end(&text[..colon], 0)?,
            last: end(&text[colon + 1..], u16::MAX)?,
        })
    }

    fn print(self, out: &mut Vec<u8>) {
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
        self.print(out.begin());
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
    /// Forgets a test that every port passes, as [`PortRange::forget_all`] does.
    pub(crate) fn forget_all(test: &mut Option<Invertible<Self>>) {
        if matches!(test, Some(it) if !it.inverted && it.value.0.is_all()) {
            *test = None;
        }
    }
}

impl<'a, const PROTOCOL: u16> Value<'a> for PortsOf<PROTOCOL> {
    const ARGS: &'static [&'static str] = PortRange::ARGS;

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let transport = transport(Protocol(PROTOCOL));
        PortRange::parse(&args[0].text, |text| parse_port(text, transport))
            .filter(|it| it.first <= it.last)
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

/// The transport of a protocol, as services are named by; none for most.
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
    list: [PortRange; 15],
    length: u8,
}

impl Ports {
    /// The ports, in the order given.
    #[must_use]
    pub fn as_slice(&self) -> &[PortRange] {
        &self.list[..self.length.into()]
    }

    /// Takes a list, unless it is empty or too long for the kernel.
    #[must_use]
    pub fn new(list: &[PortRange]) -> Option<Self> {
        let slots: usize = list
            .iter()
            .map(|it| 1 + usize::from(it.first != it.last))
            .sum();
        if list.is_empty() || slots > 15 {
            return None;
        }
        let mut ports = Self::default();
        ports.list[..list.len()].copy_from_slice(list);
        ports.length = u8::try_from(list.len()).ok()?;
        Some(ports)
    }

    fn parse(text: &[u8], port: impl Fn(&[u8]) -> Option<u16>) -> Option<Self> {
        let mut list = [PortRange::default(); 15];
        let mut length = 0;
        for part in text.split(|byte| *byte == b',') {
            *list.get_mut(length)? = match memchr::memchr(b':', part) {
                None => PortRange::one(port(part)?),
                // Both ends are there, and differ, as `libxt_multiport.c` asks.
                Some(colon) => {
                    let (first, last) = (port(&part[..colon])?, port(&part[colon + 1..])?);
                    (first < last).then_some(PortRange { first, last })?
                }
            };
            length += 1;
        }
        Self::new(&list[..length])
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
        Self::parse(&args[0].text, |text| parse_port(text, transport)).ok_or(ValueError::new(
            "up to 15 ports or services of the rule's protocol with commas between them, a range \
             such as `1024:2048` counting for two",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        for (nth, ports) in self.as_slice().iter().enumerate() {
            match nth {
                0 => ports.print(out.begin()),
                _ => {
                    out.more().push(b',');
                    ports.print(out.more());
                }
            }
        }
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
            assert_eq!(parse_port(text.as_bytes(), TCP), parsed, "{text}");
            assert_eq!(resolve_port(text.as_bytes()), resolved, "{text}");
        }
    }
}
