//! Protocols by number and name.

use super::{Context, Value, ValueError, unsigned};
use crate::{Word, Writer};

/// A protocol of the IP header; 0 stands for all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Protocol(pub u8);

/// The table of `xtables.c:xtables_chain_protos`; the first name of a number is printed.
const BUILTIN: &[(&str, u8)] = &[
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

/// Names of `/etc/protocols` as Debian's netbase has them, from a table so that the
/// answer is the same on every system; the first name of a number is printed.
const ETC: &[(&str, u8)] = &[
    ("ip", 0),
    ("hopopt", 0),
    ("igmp", 2),
    ("ggp", 3),
    ("ipencap", 4),
    ("ip-encap", 4),
    ("st", 5),
    ("egp", 8),
    ("igp", 9),
    ("pup", 12),
    ("hmp", 20),
    ("xns-idp", 22),
    ("rdp", 27),
    ("iso-tp4", 29),
    ("xtp", 36),
    ("ddp", 37),
    ("idpr-cmtp", 38),
    ("ipv6", 41),
    ("ipv6-route", 43),
    ("ipv6-frag", 44),
    ("idrp", 45),
    ("rsvp", 46),
    ("gre", 47),
    ("ipsec-esp", 50),
    ("ipsec-ah", 51),
    ("skip", 57),
    ("ipv6-nonxt", 59),
    ("ipv6-opts", 60),
    ("rspf", 73),
    ("cphb", 73),
    ("vmtp", 81),
    ("eigrp", 88),
    ("ospf", 89),
    ("ospfigp", 89),
    ("ax.25", 93),
    ("ipip", 94),
    ("etherip", 97),
    ("encap", 98),
    ("pim", 103),
    ("vrrp", 112),
    ("carp", 112),
    ("l2tp", 115),
    ("isis", 124),
    ("fc", 133),
    ("mpls-in-ip", 137),
    ("manet", 138),
    ("hip", 139),
    ("shim6", 140),
    ("wesp", 141),
    ("rohc", 142),
    ("ethernet", 143),
];

impl Protocol {
    /// All protocols.
    pub const ALL: Self = Self(0);
    /// TCP.
    pub const TCP: Self = Self(6);
    /// UDP.
    pub const UDP: Self = Self(17);

    /// The name that iptables itself knows it by.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        name_in(BUILTIN, self.0)
    }
}

fn name_in(table: &'static [(&str, u8)], number: u8) -> Option<&'static str> {
    table
        .iter()
        .find(|(_, it)| *it == number)
        .map(|(name, _)| *name)
}

impl<'a> Value<'a> for Protocol {
    const ARGS: &'static [&'static str] = &["PROTOCOL"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        match &*args[0].text {
            b"tcp" => return Ok(Self::TCP),
            b"udp" => return Ok(Self::UDP),
            _ => {}
        }
        let text = &args[0].text;
        if let Some(number) = unsigned(text) {
            return Ok(Self(number));
        }
        BUILTIN
            .iter()
            .chain(ETC)
            .find(|(name, _)| text.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, number)| Self(*number))
            .ok_or(ValueError::new(
                "a protocol's name or its number from 0 to 255",
            ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        let name = self
            .name()
            .or_else(|| name_in(ETC, self.0).filter(|_| out.style().protocol_names));
        match name {
            Some(name) => out.word(name.as_bytes()),
            None => out.number(self.0),
        }
    }
}

/// A protocol that is written by its number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProtocolNumber(pub u8);

impl<'a> Value<'a> for ProtocolNumber {
    const ARGS: &'static [&'static str] = Protocol::ARGS;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Protocol::read(args, context).map(|it| Self(it.0))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.0);
    }
}
