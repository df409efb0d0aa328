//! Addresses and networks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnetwork::{IpNetwork, Ipv4Network, Ipv6Network};

use super::{Context, Value, ValueError, unsigned};
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

    /// Reads `ADDRESS[/MASK]`, the mask a length or an address.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (address, mask) = match memchr::memchr(b'/', text) {
            Some(slash) => (&text[..slash], Some(&text[slash + 1..])),
            None => (text, None),
        };
        // A null mask covers nothing: the name before it is never looked at.
        if memchr::memchr(b':', text).is_some() {
            let parsed = Host::parse_v6(address)?;
            return match mask {
                None => Ipv6Network::new(parsed, 128)
                    .ok()
                    .map(|it| Self::Network(it.into())),
                Some(mask) => match unsigned::<u8>(mask) {
                    Some(prefix) => Ipv6Network::new(parsed, prefix)
                        .ok()
                        .map(|it| Self::Network(it.into())),
                    None => Self::new(parsed.into(), Host::parse_v6(mask)?.into()),
                },
            };
        }
        let parsed = Host::parse_v4(address)?;
        match mask {
            None => Ipv4Network::new(parsed, 32)
                .ok()
                .map(|it| Self::Network(it.into())),
            Some(mask) => match unsigned::<u8>(mask) {
                Some(prefix) => Ipv4Network::new(parsed, prefix)
                    .ok()
                    .map(|it| Self::Network(it.into())),
                None => Self::new(parsed.into(), Host::parse_v4(mask)?.into()),
            },
        }
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

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(EXPECTED))
    }

    fn write(&self, out: &mut Writer<'_>) {
        self.print(out.begin());
    }
}

const EXPECTED: &str =
    "an address or a network such as `192.0.2.0/24` or `2001:db8::/32`; names are not looked up";

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

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let text = &args[0].text;
        if let Some(network) = plain_network(text) {
            let network = Address::Network(network.into());
            return Ok(Self::One(network.without_host_bits()));
        }
        let expected = ValueError::new(EXPECTED);
        if memchr::memchr(b',', text).is_none() {
            let one = Address::parse(text).ok_or(expected)?;
            return Ok(Self::One(one.without_host_bits()));
        }
        let list: Option<Vec<Address>> = text
            .split(|byte| *byte == b',')
            .map(|part| Some(Address::parse(part.trim_ascii_start())?.without_host_bits()))
            .collect();
        Ok(Self::Many(list.ok_or(expected)?.into()))
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

    /// Reads an address of either family.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        match memchr::memchr(b':', text) {
            Some(_) => Self::parse_v6(text).map(|it| Self(it.into())),
            None => Self::parse_v4(text).map(|it| Self(it.into())),
        }
    }

    /// Reads an address as `inet_pton` and `inet_aton` do, which most extensions ask:
    /// of less than four numbers the last one fills the rest, so `10.1` is `10.0.0.1`.
    #[must_use]
    pub fn parse_like_c(text: &[u8]) -> Option<Self> {
        if memchr::memchr(b':', text).is_some() {
            return Self::parse_v6(text).map(|it| Self(it.into()));
        }
        if let Some(address) = dotted(text) {
            return Some(Self(address.into()));
        }
        fn number<T: TryFrom<u64>>(part: &[u8]) -> Option<T> {
            unsigned(part).filter(|_| part[0].is_ascii_digit())
        }
        let (mut address, mut bits) = (0, 32);
        let mut parts = text.split(|byte| *byte == b'.').peekable();
        while let Some(part) = parts.next() {
            let most = (1_u64 << bits) - 1;
            address |= match parts.peek() {
                Some(_) if bits > 8 => {
                    bits -= 8;
                    u32::from(number::<u8>(part)?) << bits
                }
                Some(_) => return None,
                None => number::<u32>(part).filter(|it| u64::from(*it) <= most)?,
            };
        }
        Some(Self(Ipv4Addr::from(address).into()))
    }

    /// Reads up to four numbers; missing ones are zero at the end, so `10.1` is
    /// `10.1.0.0`, as `xtables.c:xtables_numeric_to_ipaddr` has it.
    fn parse_v4(text: &[u8]) -> Option<Ipv4Addr> {
        if let Some(address) = dotted(text) {
            return Some(address);
        }
        let mut octets = [0; 4];
        for (nth, part) in text.split(|byte| *byte == b'.').enumerate() {
            *octets.get_mut(nth)? = unsigned(part)?;
        }
        Some(Ipv4Addr::from(octets))
    }

    fn parse_v6(text: &[u8]) -> Option<Ipv6Addr> {
        std::str::from_utf8(text).ok()?.parse().ok()
    }
}

/// Reads four decimal numbers without leading zeros, the usual case.
pub(super) fn dotted(text: &[u8]) -> Option<Ipv4Addr> {
    let (address, length) = leading_dotted(text)?;
    (length == text.len()).then_some(address)
}

/// The same at the beginning of a text, with the bytes it takes there.
pub(super) fn leading_dotted(text: &[u8]) -> Option<(Ipv4Addr, usize)> {
    let (mut address, mut octet, mut digits, mut dots) = (0_u32, 0_u32, 0, 0);
    let mut length = text.len();
    for (at, byte) in text.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            // A leading zero makes the number octal.
            if digits > 0 && octet == 0 {
                return None;
            }
            octet = octet * 10 + u32::from(digit);
            digits += 1;
            if octet > 255 {
                return None;
            }
        } else if *byte == b'.' && digits > 0 && dots < 3 {
            address = address << 8 | octet;
            (octet, digits, dots) = (0, 0, dots + 1);
        } else {
            length = at;
            break;
        }
    }
    (dots == 3 && digits > 0).then(|| (Ipv4Addr::from_bits(address << 8 | octet), length))
}

/// Reads `ADDRESS[/LENGTH]` of IPv4 in plain decimal, the usual case.
fn plain_network(text: &[u8]) -> Option<Ipv4Network> {
    let (address, length) = leading_dotted(text)?;
    let prefix = match &text[length..] {
        b"" => 32,
        [b'/', digit @ b'0'..=b'9'] => digit - b'0',
        [b'/', tens @ b'1'..=b'3', ones @ b'0'..=b'9'] => (tens - b'0') * 10 + ones - b'0',
        _ => return None,
    };
    Ipv4Network::new(address, prefix).ok()
}

/// Writes an address as `inet_ntop` does.
pub(super) fn print_ip(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            for (nth, octet) in address.octets().into_iter().enumerate() {
                if nth > 0 {
                    out.push(b'.');
                }
                writer::decimal(out, octet.into());
            }
        }
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
        Self::parse_like_c(&args[0].text)
            .filter(|it| context.allows(it.0))
            .ok_or(ValueError::new(
                "an address of the rule's family, such as `192.0.2.1` or `2001:db8::1`; \
                 names are not looked up",
            ))
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

    fn canonical(text: &str) -> Option<String> {
        let mut out = Vec::new();
        Address::parse(text.as_bytes())?
            .without_host_bits()
            .print(&mut out);
        Some(String::from_utf8(out).unwrap())
    }

    #[test]
    fn addresses_are_read_as_iptables_reads_them() {
        for (given, printed) in [
            ("192.0.2.1", "192.0.2.1/32"),
            ("192.0.2.1/24", "192.0.2.0/24"),
            ("10.1", "10.1.0.0/32"),
            ("10.1/16", "10.1.0.0/16"),
            ("010.0.0.1", "8.0.0.1/32"),
            ("1.2.3.4/030", "1.2.3.0/24"),
            ("1.2.3.4/255.255.0.0", "1.2.0.0/16"),
            ("10.9.12.9/255.0.255.0", "10.0.12.0/255.0.255.0"),
            ("2001:DB8::1/32", "2001:db8::/32"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4/128"),
            ("::1.2.3.4", "::1.2.3.4/128"),
            ("::1", "::1/128"),
            ("::", "::/128"),
            ("2001:db8::1/ffff:0:ffff::", "2001::/ffff:0:ffff::"),
        ] {
            assert_eq!(canonical(given).as_deref(), Some(printed), "{given}");
        }
        for (given, read) in [
            ("10.1", Some("10.0.0.1")),
            ("1.2.0x304", Some("1.2.3.4")),
            ("4294967295", Some("255.255.255.255")),
            ("0377.0.0.1", Some("255.0.0.1")),
            ("4294967296", None),
            ("1.16777216", None),
            ("1.2.3.256", None),
            ("256.2", None),
            ("1.2.3.4.5", None),
            ("1..2", None),
            ("1.2.", None),
            ("+1.2", None),
            (" 1.2", None),
            ("", None),
        ] {
            let host = Host::parse_like_c(given.as_bytes()).map(|it| it.0.to_string());
            assert_eq!(host.as_deref(), read, "{given}");
        }
        for refused in [
            "",
            "1.2.3.4.5",
            "1.2.3.256",
            "1.2.3.4/33",
            "example.org",
            "1.2.3.4/",
            "::1/129",
            "1..2",
        ] {
            assert_eq!(canonical(refused), None, "{refused}");
        }
    }
}
