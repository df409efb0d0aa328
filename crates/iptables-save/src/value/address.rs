//! Addresses and networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnetwork::{IpNetwork, Ipv4Network, Ipv6Network};

use super::{
    Context, Value, ValueError,
    dotted::{plain_network, print_dotted},
    number::without_blanks,
    resolve, unsigned,
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
/// The mask is of the address' family and not a prefix: [`Address::new`] makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Masked {
    address: IpAddr,
    mask: IpAddr,
}

impl Masked {
    /// The address.
    #[must_use]
    pub const fn address(&self) -> IpAddr {
        self.address
    }

    /// The mask.
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
    /// An address with a mask of its family; none when the families differ.
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

    /// The network, unless the mask has gaps.
    #[must_use]
    pub const fn network(&self) -> Option<IpNetwork> {
        match self {
            Self::Network(network) => Some(*network),
            Self::Masked(_) => None,
        }
    }

    /// The family.
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

    /// Whether this is every address of its family.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.network().is_some_and(|it| it.prefix() == 0)
    }

    /// The same with the bits cleared that the mask does not cover.
    #[must_use]
    pub fn without_host_bits(self) -> Self {
        match self {
            Self::Network(IpNetwork::V4(it)) => Self::Network(
                Ipv4Network::new(it.network(), it.prefix()).map_or(it.into(), Into::into),
            ),
            Self::Network(IpNetwork::V6(it)) => Self::Network(
                Ipv6Network::new(it.network(), it.prefix()).map_or(it.into(), Into::into),
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

    /// Reads `ADDRESS[/MASK]`, the mask a length or an address, as
    /// `xtables.c:xtables_ipparse_multiple` and `xtables_ip6parse_multiple` do. Bits that
    /// the mask does not cover are cleared. Without a family, colons tell IPv6.
    ///
    /// # Errors
    /// What was expected instead.
    pub fn parse(text: &[u8], family: Option<Family>) -> Result<Self, ValueError> {
        // They have no room for more.
        if text.len() > 255 {
            return Err(ValueError::new(EXPECTED));
        }
        let (name, mask) = match memchr::memrchr(b'/', text) {
            Some(slash) => (&text[..slash], Some(&text[slash + 1..])),
            None => (text, None),
        };
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
                .or_else(|| {
                    let length = unsigned::<u32>(mask).filter(|it| *it <= 32)?;
                    let bits = u32::MAX.checked_shl(32 - length).unwrap_or(0);
                    Some(Ipv4Addr::from_bits(bits))
                })
                .ok_or(ValueError::new(EXPECTED))?,
        };
        // Before a null mask the name is not looked at.
        let address = match mask.is_unspecified() {
            true => mask,
            false => resolve::padded_v4(name)
                .or_else(|| resolve::network_v4(name))
                .or_else(|| resolve::v4(name))
                .ok_or_else(|| resolve::no_address(name, EXPECTED))?,
        };
        Self::new(address.into(), mask.into()).ok_or(ValueError::new(EXPECTED))
    }

    fn parse_v6(name: &[u8], mask: Option<&[u8]>) -> Result<Self, ValueError> {
        let mask = match mask {
            None => Ipv6Addr::from_bits(u128::MAX),
            Some(mask) => resolve::parse_v6(mask)
                .or_else(|| {
                    let length = unsigned::<u32>(mask).filter(|it| *it <= 128)?;
                    let bits = u128::MAX.checked_shl(128 - length).unwrap_or(0);
                    Some(Ipv6Addr::from_bits(bits))
                })
                .ok_or(ValueError::new(EXPECTED))?,
        };
        let address = match mask.is_unspecified() {
            true => mask,
            false => resolve::v6(name).ok_or_else(|| resolve::no_address(name, EXPECTED))?,
        };
        Self::new(address.into(), mask.into()).ok_or(ValueError::new(EXPECTED))
    }

    /// Writes `ADDRESS/LENGTH`, or `ADDRESS/MASK` when the mask has gaps.
    pub fn print(&self, out: &mut Vec<u8>) {
        match self {
            Self::Network(network) => {
                print_ip(out, network.ip());
                out.push(b'/');
                writer::decimal(out, network.prefix().into());
            }
            Self::Masked(Masked { address, mask }) => {
                print_ip(out, *address);
                out.push(b'/');
                print_ip(out, *mask);
            }
        }
    }
}

impl<'a> Value<'a> for Address {
    const ARGS: &'static [&'static str] = &["ADDRESS[/MASK]"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text, context.family)
    }

    fn write(&self, out: &mut Writer<'_>) {
        self.print(out.begin());
    }
}

const EXPECTED: &str =
    "an address or a network of the rule's family such as `192.0.2.0/24` or `2001:db8::/32`";

/// One or several addresses, for each of which iptables makes a rule of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Addresses {
    /// One, as in all saved text.
    One(Address),
    /// Several with commas between them.
    Many(Box<[Address]>),
}

impl Addresses {
    /// The addresses, in the order given.
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
        for (nth, address) in self.as_slice().iter().enumerate() {
            match nth {
                0 => address.print(out.begin()),
                _ => {
                    out.more().push(b',');
                    address.print(out.more());
                }
            }
        }
    }
}

impl Addresses {
    /// Reads a network of IPv4 in plain decimal, the usual case; not that of all addresses.
    #[inline(always)]
    pub(crate) fn plain(text: &[u8], context: &Context) -> Option<Self> {
        let network = plain_network(text).filter(|it| it.prefix() > 0)?;
        let fits = context.family != Some(Family::V6);
        fits.then(|| Self::One(Address::Network(network.into())))
    }

    fn parse(text: &[u8], context: &Context) -> Result<Self, ValueError> {
        let one = |part| Address::parse(without_blanks(part), context.family);
        if memchr::memchr(b',', text).is_none() {
            return one(text).map(Self::One);
        }
        let list: Vec<Address> = text
            .split(|byte| *byte == b',')
            .map(one)
            .collect::<Result<_, _>>()?;
        // Without a family of the text, the first tells that of the others.
        match list
            .windows(2)
            .all(|two| two[0].family() == two[1].family())
        {
            true => Ok(Self::Many(list.into())),
            false => Err(ValueError::new(EXPECTED)),
        }
    }
}

/// An address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Host(pub IpAddr);

impl Default for Host {
    fn default() -> Self {
        Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }
}

impl Host {
    /// The family.
    #[must_use]
    pub const fn family(&self) -> Family {
        match self.0 {
            IpAddr::V4(_) => Family::V4,
            IpAddr::V6(_) => Family::V6,
        }
    }

    /// Writes the address as `inet_ntop` does.
    pub(crate) fn print(self, out: &mut Vec<u8>) {
        print_ip(out, self.0);
    }

    /// Reads an address of either family; of less than four numbers those at the end are
    /// missing, so `10.1` is `10.1.0.0`, as `xtables.c:xtables_numeric_to_ipaddr` has it.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        match memchr::memchr(b':', text) {
            Some(_) => resolve::parse_v6(text).map(|it| Self(it.into())),
            None => resolve::padded_v4(text).map(|it| Self(it.into())),
        }
    }

    /// Reads an address of a family as `getaddrinfo` does, which most extensions ask: of
    /// less than four numbers the last one fills the rest, so `10.1` is `10.0.0.1`.
    #[must_use]
    pub fn resolve(text: &[u8], family: Option<Family>) -> Option<Self> {
        resolve::resolve(text, family)
    }
}

/// Writes an address as `inet_ntop` does.
pub(super) fn print_ip(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => print_dotted(out, address),
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
        print_ip(out.begin(), self.0);
    }
}

/// All addresses from one to another, `FIRST[-LAST]`; none when the first is the higher.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AddressRange {
    /// The lowest.
    pub first: Host,
    /// The highest, of the same family.
    pub last: Host,
}

impl<'a> Value<'a> for AddressRange {
    const ARGS: &'static [&'static str] = &["ADDRESS[-ADDRESS]"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let text = &args[0].text;
        let range = match memchr::memchr(b'-', text) {
            None => Host::parse(text).map(|only| (only, only)),
            Some(dash) => Host::parse(&text[..dash]).zip(Host::parse(&text[dash + 1..])),
        };
        range
            .filter(|(first, last)| first.0.is_ipv4() == last.0.is_ipv4())
            .filter(|(first, _)| context.allows(first.0))
            .map(|(first, last)| Self { first, last })
            .ok_or(ValueError::new(
                "addresses of the rule's family such as `192.0.2.1-192.0.2.9`",
            ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        self.first.write(out);
        out.more().push(b'-');
        print_ip(out.more(), self.last.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str, family: Family) -> Option<String> {
        let mut out = Vec::new();
        let address = Address::parse(text.as_bytes(), Some(family)).ok()?;
        address.print(&mut out);
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
