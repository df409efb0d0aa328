//! Addresses with a prefix length, as most extensions take them.

use std::net::{IpAddr, Ipv4Addr};

use ipnetwork::{IpNetwork, ip_mask_to_prefix};

use nom::combinator::{map, rest, verify};

use super::{
    Argument, Context, Host, Value, ValueError,
    host::write_ip,
    integer::integer,
    parse::{after, complete, till},
    resolve,
};
use crate::{Family, Word, Writer, writer};

/// An address with a prefix length: the kernel compares that many bits.
///
/// Unlike `-s` and `-d`, extensions keep the bits that the mask does not cover, and
/// write no length if it covers all bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(pub IpNetwork);

impl Default for Network {
    fn default() -> Self {
        Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED).into())
    }
}

impl From<IpNetwork> for Network {
    fn from(network: IpNetwork) -> Self {
        Self(network)
    }
}

impl Network {
    /// Parses `ADDRESS[/MASK]`, the mask a prefix length or an address. Without a family, a
    /// colon means IPv6.
    ///
    /// # Errors
    /// What was expected instead.
    pub fn parse(text: &[u8], family: Option<Family>) -> Result<Self, ValueError> {
        let (address, mask) =
            complete((till(b'/'), after('/', rest)), text).ok_or(ValueError::new(EXPECTED))?;
        let host =
            Host::resolve(address, family).ok_or_else(|| resolve::no_address(address, EXPECTED))?;
        let length = match mask {
            None => Some(PrefixLength::full(host.family())),
            Some(mask) => PrefixLength::parse(mask, host.family()),
        };
        length
            .and_then(|length| IpNetwork::new(host.0, length.0).ok())
            .map(Self)
            .ok_or(ValueError::new(EXPECTED))
    }
}

impl<'a> Value<'a> for Network {
    const ARGS: &'static [&'static str] = &["ADDRESS[/MASK]"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text, context.family)
    }

    fn write(&self, out: &mut Writer<'_>) {
        let full = if self.0.is_ipv4() { 32 } else { 128 };
        write_ip(out.begin(), self.0.ip());
        if self.0.prefix() != full {
            out.more().push(b'/');
            writer::decimal(out.more(), self.0.prefix().into());
        }
    }
}

const EXPECTED: &str =
    "an address or a network of the rule's family, such as `192.0.2.0/24` or `2001:db8::/32`";

/// An address with a prefix length, which is always written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Prefix(pub Network);

impl<'a> Value<'a> for Prefix {
    const ARGS: &'static [&'static str] = <Network as Value>::ARGS;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        <Network as Value>::read(args, context).map(Self)
    }

    fn write(&self, out: &mut Writer<'_>) {
        let Network(network) = self.0;
        write_ip(out.begin(), network.ip());
        out.more().push(b'/');
        writer::decimal(out.more(), network.prefix().into());
    }
}

/// A prefix of IPv6 to translate; `::/0` is not written, nor is its option.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NptPrefix(pub Prefix);

impl<'a> Argument<'a> for NptPrefix {
    const ARGS: &'static [&'static str] = <Prefix as Value>::ARGS;
    const INVERTIBLE: bool = false;

    fn read(_: bool, args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Value::read(args, context).map(Self)
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        let Prefix(Network(network)) = self.0;
        if network.prefix() > 0 || !network.ip().is_unspecified() {
            Argument::write(&self.0, flag, out);
        } else {
            out.mark_lossy();
        }
    }
}

/// How many bits of an address count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrefixLength(pub u8);

impl PrefixLength {
    /// Returns the length that covers all bits of an address.
    #[must_use]
    pub const fn full(family: Family) -> Self {
        match family {
            Family::V4 => Self(32),
            Family::V6 => Self(128),
        }
    }

    /// Parses a prefix length, or a mask written as an address.
    #[must_use]
    pub fn parse(text: &[u8], family: Family) -> Option<Self> {
        let full = Self::full(family);
        let length = verify(map(integer, Self), |length| *length <= full);
        if let Some(length) = complete(length, text) {
            return Some(length);
        }
        // A greater number is an IPv4 address too, `33` being 0.0.0.33.
        let mask = Host::resolve(text, Some(family))?.0;
        // `xtoptions.c:xtopt_parse_plenmask` compares all bits if the mask has gaps.
        Some(ip_mask_to_prefix(mask).map_or(full, Self))
    }
}

impl<'a> Value<'a> for PrefixLength {
    const ARGS: &'static [&'static str] = &["LENGTH"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text, context.family_or_v4()).ok_or(ValueError::new(
            "how many bits of an address count, from 0 to 32 (IPv6: 128)",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.0);
    }
}
