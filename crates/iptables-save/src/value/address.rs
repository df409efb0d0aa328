//! Addresses and networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnetwork::{IpNetwork, Ipv4Network, Ipv6Network};

use nom::{
    Parser,
    branch::alt,
    combinator::{map, rest, verify},
    sequence::preceded,
};

use super::{
    Context, Value, ValueError,
    dotted::network,
    host::write_ip,
    integer::integer,
    parse::{Parsed, after, complete, spaces, till_last},
    resolve,
};
use crate::{Family, Word, Writer, writer};

/// An address, a network, or an address with a mask that has gaps.
///
/// Bits that the mask does not cover are kept as they were read; `-s` and `-d` clear
/// them, as the kernel would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// A network; a single address is one of the full length.
    Network(IpNetwork),
    /// An address with a mask that no prefix length expresses.
    Masked(Masked),
}

/// An address and a mask with gaps, such as `10.0.12.0/255.0.255.0`.
///
/// The mask is of the address's family and not a prefix: [`Address::new`] checks that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Masked {
    address: IpAddr,
    mask: IpAddr,
}

impl Masked {
    /// Returns the address.
    #[must_use]
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// Returns the mask.
    #[must_use]
    pub const fn mask(&self) -> IpAddr {
        self.mask
    }
}

impl Default for Address {
    fn default() -> Self {
        Self::Network(IpNetwork::from(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    }
}

impl From<IpNetwork> for Address {
    fn from(network: IpNetwork) -> Self {
        Self::Network(network)
    }
}

impl Address {
    /// Returns an address with a mask of its family, or `None` if the families differ.
    #[must_use]
    pub fn new(address: IpAddr, mask: IpAddr) -> Option<Self> {
        if address.is_ipv4() != mask.is_ipv4() {
            return None;
        }
        Some(match IpNetwork::with_netmask(address, mask) {
            Ok(network) => Self::Network(network),
            Err(_) => Self::Masked(Masked { address, mask }),
        })
    }

    /// Returns the network, unless the mask has gaps.
    #[must_use]
    pub const fn network(&self) -> Option<IpNetwork> {
        match self {
            Self::Network(network) => Some(*network),
            Self::Masked(_) => None,
        }
    }

    /// Returns the family.
    #[must_use]
    pub const fn family(&self) -> Family {
        match self {
            Self::Network(IpNetwork::V4(_))
            | Self::Masked(Masked {
                address: IpAddr::V4(_),
                ..
            }) => Family::V4,
            _ => Family::V6,
        }
    }

    /// Returns whether this is every address of its family.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.network().is_some_and(|network| network.prefix() == 0)
    }

    /// Clears the bits that the mask does not cover.
    #[must_use]
    pub fn without_host_bits(self) -> Self {
        match self {
            Self::Network(IpNetwork::V4(v4)) => Self::Network(
                Ipv4Network::new(v4.network(), v4.prefix()).map_or(v4.into(), Into::into),
            ),
            Self::Network(IpNetwork::V6(v6)) => Self::Network(
                Ipv6Network::new(v6.network(), v6.prefix()).map_or(v6.into(), Into::into),
            ),
            Self::Masked(Masked { address, mask }) => {
                let address = match (address, mask) {
                    (IpAddr::V4(address), IpAddr::V4(mask)) => IpAddr::V4(address & mask),
                    (IpAddr::V6(address), IpAddr::V6(mask)) => IpAddr::V6(address & mask),
                    (address, _) => address,
                };
                Self::Masked(Masked { address, mask })
            }
        }
    }

    /// Parses `ADDRESS[/MASK]`, the mask a prefix length or an address, as
    /// `xtables.c:xtables_ipparse_multiple` and `xtables_ip6parse_multiple` do. Bits that
    /// the mask does not cover are cleared. Without a family, a colon means IPv6.
    ///
    /// # Errors
    /// What was expected instead.
    pub fn parse(text: &[u8], family: Option<Family>) -> Result<Self, ValueError> {
        // They have no room for more.
        if text.len() > 255 {
            return Err(ValueError::new(EXPECTED));
        }
        let (name, mask) =
            complete((till_last(b'/'), after('/', rest)), text).ok_or(ValueError::new(EXPECTED))?;
        let is_v6 = || memchr::memchr(b':', text).is_some();
        let read = match family {
            Some(Family::V4) => Self::parse_v4,
            Some(Family::V6) => Self::parse_v6,
            None if is_v6() => Self::parse_v6,
            None => Self::parse_v4,
        };
        read(name, mask).map(Self::without_host_bits)
    }

    fn parse_v4(name: &[u8], mask: Option<&[u8]>) -> Result<Self, ValueError> {
        let mask = match mask {
            None => Ipv4Addr::BROADCAST,
            Some(mask) => resolve::mask_v4(mask)
                .or_else(|| complete(prefix_v4, mask))
                .ok_or(ValueError::new(EXPECTED))?,
        };
        // Before a null mask the name is ignored.
        let address = if mask.is_unspecified() {
            mask
        } else {
            resolve::padded_v4(name)
                .or_else(|| resolve::network_v4(name))
                .or_else(|| resolve::v4(name))
                .ok_or_else(|| resolve::no_address(name, EXPECTED))?
        };
        Self::new(address.into(), mask.into()).ok_or(ValueError::new(EXPECTED))
    }

    fn parse_v6(name: &[u8], mask: Option<&[u8]>) -> Result<Self, ValueError> {
        let mask = match mask {
            None => Ipv6Addr::from_bits(u128::MAX),
            Some(mask) => {
                complete(alt((resolve::ipv6, prefix_v6)), mask).ok_or(ValueError::new(EXPECTED))?
            }
        };
        let address = if mask.is_unspecified() {
            mask
        } else {
            resolve::v6(name).ok_or_else(|| resolve::no_address(name, EXPECTED))?
        };
        Self::new(address.into(), mask.into()).ok_or(ValueError::new(EXPECTED))
    }

    /// Writes `ADDRESS/LENGTH`, or `ADDRESS/MASK` when the mask has gaps.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        match self {
            Self::Network(network) => {
                write_ip(out, network.ip());
                out.push(b'/');
                writer::decimal(out, network.prefix().into());
            }
            Self::Masked(Masked { address, mask }) => {
                write_ip(out, *address);
                out.push(b'/');
                write_ip(out, *mask);
            }
        }
    }
}

/// Parses the length of a prefix into the mask.
fn prefix_v4(text: &[u8]) -> Parsed<'_, Ipv4Addr> {
    let length = verify(integer::<u32>, |length| *length <= 32);
    let bits = |length| u32::MAX.checked_shl(32 - length).unwrap_or(0);
    map(length, |length| Ipv4Addr::from_bits(bits(length))).parse_complete(text)
}

fn prefix_v6(text: &[u8]) -> Parsed<'_, Ipv6Addr> {
    let length = verify(integer::<u32>, |length| *length <= 128);
    let bits = |length| u128::MAX.checked_shl(128 - length).unwrap_or(0);
    map(length, |length| Ipv6Addr::from_bits(bits(length))).parse_complete(text)
}

impl<'a> Value<'a> for Address {
    const ARGS: &'static [&'static str] = &["ADDRESS[/MASK]"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text, context.family)
    }

    fn write(&self, out: &mut Writer<'_>) {
        self.write_to(out.begin());
    }
}

const EXPECTED: &str =
    "an address or a network of the rule's family such as `192.0.2.0/24` or `2001:db8::/32`";

/// One or several addresses, for each of which iptables adds a rule of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Addresses {
    /// One, as in all that iptables-save writes.
    One(Address),
    /// Several with commas between them.
    Many(Box<[Address]>),
}

impl Addresses {
    /// Returns the addresses, in the order given.
    #[must_use]
    pub fn as_slice(&self) -> &[Address] {
        match self {
            Self::One(only) => std::slice::from_ref(only),
            Self::Many(list) => list,
        }
    }
}

impl Default for Addresses {
    fn default() -> Self {
        Self::One(Address::default())
    }
}

impl From<IpNetwork> for Addresses {
    fn from(network: IpNetwork) -> Self {
        Self::One(network.into())
    }
}

impl<'a> Value<'a> for Addresses {
    const ARGS: &'static [&'static str] = &["ADDRESS[/MASK][,…]"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let text = &*args[0].text;
        match Self::plain(text, context) {
            Some(network) => Ok(network),
            None => Self::parse(text, context),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.list(self.as_slice(), Address::write_to);
    }
}

impl Addresses {
    /// Parses a network of IPv4 in plain decimal, the usual case, unless it is that of all
    /// addresses.
    #[inline(always)]
    pub(crate) fn plain(text: &[u8], context: &Context) -> Option<Self> {
        let network = complete(network, text).filter(|network| network.prefix() > 0)?;
        let fits = context.family != Some(Family::V6);
        fits.then(|| Self::One(Address::Network(network.into())))
    }

    fn parse(text: &[u8], context: &Context) -> Result<Self, ValueError> {
        // Each address has an error of its own, so this is no list of a grammar.
        let one = |part| {
            let address = complete(preceded(spaces, rest), part).unwrap_or(part);
            Address::parse(address, context.family)
        };
        if memchr::memchr(b',', text).is_none() {
            return one(text).map(Self::One);
        }
        let list: Vec<Address> = text
            .split(|byte| *byte == b',')
            .map(one)
            .collect::<Result<_, _>>()?;
        // If the family of the ruleset is unknown, the first address gives it.
        if list
            .windows(2)
            .all(|two| two[0].family() == two[1].family())
        {
            Ok(Self::Many(list.into()))
        } else {
            Err(ValueError::new(EXPECTED))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str, family: Family) -> Option<String> {
        let mut out = Vec::new();
        let address = Address::parse(text.as_bytes(), Some(family)).ok()?;
        address.write_to(&mut out);
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn addresses_are_read_as_iptables_reads_them() {
        for (given, printed) in [
            ("192.0.2.1", "192.0.2.1/32"),
            ("192.0.2.1/24", "192.0.2.0/24"),
            ("10.1", "10.1.0.0/32"),
            ("10.1/16", "10.1.0.0/16"),
            ("10.256", "10.0.1.0/32"),
            ("16909060", "1.2.3.4/32"),
            ("010.0.0.1", "8.0.0.1/32"),
            ("1. 2.3.4", "1.2.3.4/32"),
            ("1.2.3.4/030", "1.2.3.0/24"),
            ("1.2.3.4/ 24", "1.2.3.0/24"),
            ("1.2.3.4/255.255.0.0", "1.2.0.0/16"),
            ("10.9.12.9/255.0.255.0", "10.0.12.0/255.0.255.0"),
            ("1.2.3.4/0.0.0.255", "0.0.0.4/0.0.0.255"),
            ("any/0", "0.0.0.0/0"),
            ("/0.0.0.0", "0.0.0.0/0"),
            ("::1/0", "0.0.0.0/0"),
            ("loopback/8", "127.0.0.0/8"),
            ("Link-Local", "169.254.0.0/32"),
            ("::ffff:1.2.3.4/24", "1.2.3.0/24"),
            ("1.2.3.00000000000004", "1.2.3.0/32"),
        ] {
            assert_eq!(
                canonical(given, Family::V4).as_deref(),
                Some(printed),
                "{given}"
            );
        }
        for (given, printed) in [
            ("2001:DB8::1/32", "2001:db8::/32"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4/128"),
            ("::1.2.3.4", "::1.2.3.4/128"),
            ("::1", "::1/128"),
            ("::", "::/128"),
            ("any/0", "::/0"),
            ("1.2.3.4/::", "::/0"),
            ("2001:db8::1/0x20", "2001:db8::/32"),
            ("2001:db8::1/ffff:0:ffff::", "2001::/ffff:0:ffff::"),
            ("fe80::1%eth0/64", "fe80::/64"),
        ] {
            assert_eq!(
                canonical(given, Family::V6).as_deref(),
                Some(printed),
                "{given}"
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for refused in [
            "",
            "1.2.3.4.5",
            "1.2.3.256",
            "1.2.3.4/33",
            "1.2.3.4/",
            "1.2.3.4/255.255",
            "1..2",
            "1.2.3.4/5/24",
            "1.2.3.4 /24",
            "::1",
            "::1.2.3.4",
            "::1/64",
            "example.org",
        ] {
            assert_eq!(canonical(refused, Family::V4), None, "{refused}");
        }
        for refused in [
            "",
            "::1/129",
            "::1/",
            "[::1]",
            "1.2.3.4",
            "::1/255.255.0.0",
            "1::2::3",
            "loopback",
            "example.org",
        ] {
            assert_eq!(canonical(refused, Family::V6), None, "{refused}");
        }
        let error = Address::parse(b"example.org/24", None).unwrap_err();
        assert_eq!(error.lookup, Some("a host"));
        let error = Address::parse(b"example.org/33", None).unwrap_err();
        assert_eq!(error.lookup, None);
    }
}
