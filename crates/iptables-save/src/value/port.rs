//! Ports and ranges of ports.

use super::{Context, Not, Value, ValueError, unsigned};
use crate::{Word, Writer, writer};

/// Reads a port by its number.
pub(crate) fn port(text: &[u8]) -> Option<u16> {
    match text {
        // The usual case, without a parser's ceremony.
        [b'1'..=b'9', rest @ ..] if rest.len() < 4 && rest.iter().all(u8::is_ascii_digit) => Some(
            text.iter()
                .fold(0, |port, digit| port * 10 + u16::from(digit - b'0')),
        ),
        _ => unsigned(text),
    }
}

/// Reads a port that means the same to every extension.
///
/// A leading zero does not: `libxt_tcp` takes `010` for 8, all that ask `getaddrinfo`
/// for 10.
fn plain_port(text: &[u8]) -> Option<u16> {
    match text {
        [b'0', b'0'..=b'9', ..] => None,
        _ => port(text),
    }
}

/// One port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(pub u16);

impl<'a> Value<'a> for Port {
    const ARGS: &'static [&'static str] = &["PORT"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        plain_port(&args[0].text)
            .map(Self)
            .ok_or(ValueError::new(ONE_PORT))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.0);
    }
}

const ONE_PORT: &str =
    "a port from 0 to 65535 without leading zeros; names of services are not looked up";

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
    pub(crate) fn forget_all(test: &mut Option<Not<Self>>) {
        *test = test.filter(|it| it.negated || !it.value.is_all());
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let Some(colon) = text.iter().position(|byte| *byte == b':') else {
            return plain_port(text).map(Self::one);
        };
        let end = |text: &[u8], missing| match text {
            b"" => Some(missing),
            _ => plain_port(text),
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
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "a port from 0 to 65535 or a range such as `1024:2048`, without leading zeros; \
             names of services are not looked up",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        self.print(out.begin());
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

    fn parse(text: &[u8]) -> Option<Self> {
        let mut list = [PortRange::default(); 15];
        let mut length = 0;
        for part in text.split(|byte| *byte == b',') {
            *list.get_mut(length)? = match memchr::memchr(b':', part) {
                None => PortRange::one(plain_port(part)?),
                // Both ends are there, and differ, as `libxt_multiport.c` asks.
                Some(colon) => {
                    let (first, last) =
                        (plain_port(&part[..colon])?, plain_port(&part[colon + 1..])?);
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

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "up to 15 ports with commas between them, a range such as `1024:2048` counting for two",
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
