//! Addresses without a mask, and ranges of them.

use std::net::{IpAddr, Ipv4Addr};

use nom::combinator::map_opt;

use super::{
    Context, Value, ValueError,
    dotted::write_dotted,
    parse::{after, complete, till, word},
    resolve,
};
use crate::{Family, Word, Writer};

/// An address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Host(pub IpAddr);

impl Default for Host {
    fn default() -> Self {
        Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

impl Host {
    /// Returns the family.
    #[must_use]
    pub const fn family(&self) -> Family {
        match self.0 {
            IpAddr::V4(_) => Family::V4,
            IpAddr::V6(_) => Family::V6,
        }
    }

    /// Writes the address as `inet_ntop` does.
    pub(crate) fn write_to(self, out: &mut Vec<u8>) {
        write_ip(out, self.0);
    }

    /// Parses an address of either family; of less than four numbers those at the end are
    /// missing, so `10.1` is `10.1.0.0`, as `xtables.c:xtables_numeric_to_ipaddr` has it.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        if memchr::memchr(b':', text).is_some() {
            complete(resolve::ipv6, text).map(|address| Self(address.into()))
        } else {
            resolve::padded_v4(text).map(|address| Self(address.into()))
        }
    }

    /// Parses an address of a family as `getaddrinfo` does, which most extensions call: of
    /// less than four numbers the last one fills the rest, so `10.1` is `10.0.0.1`.
    #[must_use]
    pub fn resolve(text: &[u8], family: Option<Family>) -> Option<Self> {
        resolve::resolve(text, family)
    }
}

/// Writes an address as `inet_ntop` does.
pub(super) fn write_ip(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => write_dotted(out, address),
        IpAddr::V6(address) => {
            use std::io::Write as _;
            // Unlike Rust, the C library also writes `::1.2.3.4` with dots.
            let ([0, 0, 0, 0, 0, 0, high, low], false) =
                (address.segments(), address.segments()[6] == 0)
            else {
                return write!(out, "{address}").expect("a Vec takes any bytes");
            };
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            write!(out, "::{a}.{b}.{c}.{d}").expect("a Vec takes any bytes");
        }
    }
}

impl<'a> Value<'a> for Host {
    const ARGS: &'static [&'static str] = &["ADDRESS"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let text = &args[0].text;
        Self::resolve(text, context.family).ok_or_else(|| {
            let expected = "an address of the rule's family, such as `192.0.2.1` or `2001:db8::1`";
            resolve::no_address(text, expected)
        })
    }

    fn write(&self, out: &mut Writer<'_>) {
        write_ip(out.begin(), self.0);
    }
}

/// All addresses from one to another, `FIRST[-LAST]`; empty if the first is the higher.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AddressRange {
    /// The lowest.
    pub first: Host,
    /// The highest, of the same family.
    pub last: Host,
}

impl AddressRange {
    fn parse(text: &[u8]) -> Option<Self> {
        let first = map_opt(till(b'-'), Host::parse);
        let last = after('-', word(Host::parse));
        let (first, last) = complete((first, last), text)?;
        let last = last.unwrap_or(first);
        (first.family() == last.family()).then_some(Self { first, last })
    }
}

impl<'a> Value<'a> for AddressRange {
    const ARGS: &'static [&'static str] = &["ADDRESS[-ADDRESS]"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text)
            .filter(|range| context.allows(range.first.0))
            .ok_or(ValueError::new(
                "addresses of the rule's family such as `192.0.2.1-192.0.2.9`",
            ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        self.first.write(out);
        out.more().push(b'-');
        write_ip(out.more(), self.last.0);
    }
}
