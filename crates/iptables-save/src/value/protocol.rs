//! Protocols by number and name.

use nom::{branch::alt, combinator::map};

use super::{
    Context, Value, ValueError,
    integer::integer,
    parse::{complete, word},
};
use crate::{Word, Writer};

/// A protocol of the IP header, from 0 to 255; 0 represents all of them.
///
/// Only the name `mptcp` represents a larger number, which no packet has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Protocol(pub u16);

/// The table of `xtables.c:xtables_chain_protos`; the first name of a number is printed.
const BUILTIN: &[(&str, u16)] = &[
    ("tcp", 6),
    ("sctp", 132),
    ("udp", 17),
    ("udplite", 136),
    ("icmp", 1),
    ("ipv6-icmp", 58),
    ("icmpv6", 58),
    ("esp", 50),
    ("ah", 51),
    ("mobility-header", 135),
    ("ipv6-mh", 135),
    ("mh", 135),
    ("all", 0),
    ("dccp", 33),
    ("ipcomp", 108),
];

/// `/etc/protocols` as Debian's netbase 6.4 has it, from a table so that the answer is the
/// same on every system: a name, the number, other names.
#[rustfmt::skip]
const ETC: &[(&str, u16, &[&str])] = &[
    ("ip", 0, &["IP"]),
    ("hopopt", 0, &["HOPOPT"]),
    ("icmp", 1, &["ICMP"]),
    ("igmp", 2, &["IGMP"]),
    ("ggp", 3, &["GGP"]),
    ("ipencap", 4, &["IP-ENCAP"]),
    ("st", 5, &["ST"]),
    ("tcp", 6, &["TCP"]),
    ("egp", 8, &["EGP"]),
    ("igp", 9, &["IGP"]),
    ("pup", 12, &["PUP"]),
    ("udp", 17, &["UDP"]),
    ("hmp", 20, &["HMP"]),
    ("xns-idp", 22, &["XNS-IDP"]),
    ("rdp", 27, &["RDP"]),
    ("iso-tp4", 29, &["ISO-TP4"]),
    ("dccp", 33, &["DCCP"]),
    ("xtp", 36, &["XTP"]),
    ("ddp", 37, &["DDP"]),
    ("idpr-cmtp", 38, &["IDPR-CMTP"]),
    ("ipv6", 41, &["IPv6"]),
    ("ipv6-route", 43, &["IPv6-Route"]),
    ("ipv6-frag", 44, &["IPv6-Frag"]),
    ("idrp", 45, &["IDRP"]),
    ("rsvp", 46, &["RSVP"]),
    ("gre", 47, &["GRE"]),
    ("esp", 50, &["IPSEC-ESP"]),
    ("ah", 51, &["IPSEC-AH"]),
    ("skip", 57, &["SKIP"]),
    ("ipv6-icmp", 58, &["IPv6-ICMP"]),
    ("ipv6-nonxt", 59, &["IPv6-NoNxt"]),
    ("ipv6-opts", 60, &["IPv6-Opts"]),
    ("rspf", 73, &["RSPF", "CPHB"]),
    ("vmtp", 81, &["VMTP"]),
    ("eigrp", 88, &["EIGRP"]),
    ("ospf", 89, &["OSPFIGP"]),
    ("ax.25", 93, &["AX.25"]),
    ("ipip", 94, &["IPIP"]),
    ("etherip", 97, &["ETHERIP"]),
    ("encap", 98, &["ENCAP"]),
    ("pim", 103, &["PIM"]),
    ("ipcomp", 108, &["IPCOMP"]),
    ("vrrp", 112, &["VRRP"]),
    ("l2tp", 115, &["L2TP"]),
    ("isis", 124, &["ISIS"]),
    ("sctp", 132, &["SCTP"]),
    ("fc", 133, &["FC"]),
    ("mobility-header", 135, &["Mobility-Header"]),
    ("udplite", 136, &["UDPLite"]),
    ("mpls-in-ip", 137, &["MPLS-in-IP"]),
    ("manet", 138, &[]),
    ("hip", 139, &["HIP"]),
    ("shim6", 140, &["Shim6"]),
    ("wesp", 141, &["WESP"]),
    ("rohc", 142, &["ROHC"]),
    ("ethernet", 143, &["Ethernet"]),
    ("mptcp", 262, &["MPTCP"]),
];

impl Protocol {
    /// All protocols.
    pub const ALL: Self = Self(0);
    /// TCP.
    pub const TCP: Self = Self(6);
    /// UDP.
    pub const UDP: Self = Self(17);

    /// SCTP.
    pub const SCTP: Self = Self(132);

    /// Returns the name that iptables itself has for it.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        let mut known = BUILTIN.iter().filter(|(_, number)| *number == self.0);
        known.next().map(|(name, _)| *name)
    }

    /// Returns the name that `/etc/protocols` has for it.
    fn etc_name(self) -> Option<&'static str> {
        let mut known = ETC.iter().filter(|(_, number, _)| *number == self.0);
        known.next().map(|(name, ..)| *name)
    }

    /// Parses the argument of `-p`, which is compared without regard to case.
    fn parse_in_any_case(text: &[u8]) -> Option<Self> {
        if text.iter().any(u8::is_ascii_uppercase) {
            Self::parse(&text.to_ascii_lowercase())
        } else {
            Self::parse(text)
        }
    }

    /// Parses a number or a name, as `xtables.c:xtables_parse_protocol` does: case matters.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let number = map(integer::<u8>, |number| Self(number.into()));
        complete(alt((number, word(Self::named))), text)
    }

    fn named(text: &[u8]) -> Option<Self> {
        let is = |name: &str| name.as_bytes() == text;
        let builtin = BUILTIN.iter().find(|(name, _)| is(name));
        builtin.map(|(_, number)| Self(*number)).or_else(|| {
            let etc = |(name, _, others): &&(&str, u16, &[&str])| {
                is(name) || others.iter().any(|name| is(name))
            };
            ETC.iter().find(etc).map(|(_, number, _)| Self(*number))
        })
    }
}

const EXPECTED: &str = "a protocol's name or its number from 0 to 255";

impl<'a> Value<'a> for Protocol {
    const ARGS: &'static [&'static str] = &["PROTOCOL"];

    /// Parses the argument of `-p`, without regard to case (`xshared.c:do_parse`).
    #[inline(always)]
    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        match &*args[0].text {
            b"tcp" => Ok(Self::TCP),
            b"udp" => Ok(Self::UDP),
            text => Self::parse_in_any_case(text).ok_or(ValueError::new(EXPECTED)),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        // No number that iptables-restore would read says `mptcp`.
        let by_name = out.style().protocol_names || self.0 > 255;
        let etc_name = || self.etc_name().filter(|_| by_name);
        match self.name().or_else(etc_name) {
            Some(name) => out.word(name.as_bytes()),
            None => out.number(self.0),
        }
    }
}

/// A protocol that is written as a number, and in whose name case matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolNumber(pub u8);

impl<'a> Value<'a> for ProtocolNumber {
    const ARGS: &'static [&'static str] = Protocol::ARGS;

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let protocol = Protocol::parse(&args[0].text).ok_or(ValueError::new(EXPECTED))?;
        // The kernel's byte has no room for more, so `mptcp` is TCP.
        Ok(Self((protocol.0 & 0xff) as u8))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_have_their_names() {
        for (text, by_option, by_extension) in [
            ("tcp", Some(6), Some(6)),
            ("TCP", Some(6), Some(6)),
            ("Tcp", Some(6), None),
            ("021", Some(17), Some(17)),
            ("0x6", Some(6), Some(6)),
            (" 6", Some(6), Some(6)),
            ("256", None, None),
            ("", None, None),
            ("all", Some(0), Some(0)),
            ("ip", Some(0), Some(0)),
            ("gre", Some(47), Some(47)),
            ("ax.25", Some(93), Some(93)),
            ("icmp6", None, None),
            ("IPv6-Route", Some(43), Some(43)),
            ("ipv6-route", Some(43), Some(43)),
            ("IPSEC-ESP", None, Some(50)),
            ("ipsec-esp", None, None),
            ("OSPFIGP", None, Some(89)),
            ("ESP", Some(50), None),
            ("mptcp", Some(262), Some(262)),
        ] {
            let word = [Word::of(text.as_bytes().into())];
            let read = Protocol::read(&word, &Context::default()).ok();
            assert_eq!(read, by_option.map(Protocol), "{text}");
            assert_eq!(
                Protocol::parse(text.as_bytes()),
                by_extension.map(Protocol),
                "{text}"
            );
        }
    }
}
