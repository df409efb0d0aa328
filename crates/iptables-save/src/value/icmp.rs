//! ICMP types and codes, by number and name.

use nom::{Parser, branch::alt, combinator::verify};

use super::{
    Context, Value, ValueError,
    integer::integer,
    is_word, names,
    parse::{Grammar, Parsed, after, complete, range, word},
};
use crate::{Word, Writer, writer};

macro_rules! icmp {
    ($(#[$doc:meta])* $ty:ident, $names:ident, $meta:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $ty {
            /// The type.
            pub kind: u8,
            /// The first and the last code; `None` for all of them.
            pub code: Option<(u8, u8)>,
        }

        impl $ty {
            fn parse(text: &[u8]) -> Option<Self> {
                let (kind, code) = complete(alt((name($names), numbers)), text)?;
                Some(Self { kind, code })
            }
        }

        impl<'a> Value<'a> for $ty {
            const ARGS: &'static [&'static str] = &[$meta];
            const CHOICES: &'static [&'static str] = names!($names);

            fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
                Self::parse(&args[0].text)
                    .ok_or(ValueError::new("a type such as `8`, `3/4` or `echo-request`"))
            }

            fn write(&self, out: &mut Writer<'_>) {
                self.write_to(out.begin());
            }
        }
    };
}

icmp! {
    /// A type of ICMP; 255 represents all of them.
    IcmpType, NAMES, "TYPE[/CODE]"
}
icmp! {
    /// A type of ICMPv6.
    Icmp6Type, NAMES6, "TYPE[/CODE]"
}

impl IcmpType {
    fn write_to(self, out: &mut Vec<u8>) {
        match (self.kind, self.code) {
            (255, None) => out.extend_from_slice(b"any"),
            (kind, code) => write_type(out, kind, code),
        }
    }
}

impl Icmp6Type {
    fn write_to(self, out: &mut Vec<u8>) {
        write_type(out, self.kind, self.code);
    }
}

fn write_type(out: &mut Vec<u8>, kind: u8, code: Option<(u8, u8)>) {
    writer::decimal(out, kind.into());
    if let Some((first, last)) = code {
        out.push(b'/');
        writer::decimal(out, first.into());
        // iptables-save omits the last code, and so writes another rule.
        if first != last {
            out.push(b':');
            writer::decimal(out, last.into());
        }
    }
}

/// A type, and the first and the last code; `None` for all of them.
type TypeAndCodes = (u8, Option<(u8, u8)>);

/// Parses a name, or the beginning of a single one.
fn name<'t>(names: &'static [Name]) -> impl Grammar<'t, TypeAndCodes> {
    word(move |text| {
        let mut named = names.iter().filter(|(name, ..)| is_word(text, name, true));
        let (_, kind, code) = named.next()?;
        let is_only = named.next().is_none();
        is_only.then_some((*kind, code.map(|code| (code, code))))
    })
}

/// Parses `TYPE[/CODE[:CODE]]`; all codes together are `None`. A range of types is valid
/// if it is of one type (`libxt_icmp.h:__parse_icmp`).
fn numbers(text: &[u8]) -> Parsed<'_, TypeAndCodes> {
    let kind = verify(range(':', integer), |(first, last)| first == last);
    let codes = after('/', range(':', integer));
    (kind, codes)
        .map(|((kind, _), codes)| (kind, codes.filter(|codes| *codes != (0, 255))))
        .parse_complete(text)
}

/// A name, its type, and its code when it means one only.
type Name = (&'static str, u8, Option<u8>);

const NAMES: &[Name] = &[
    ("any", 255, None),
    ("echo-reply", 0, None),
    ("pong", 0, None),
    ("destination-unreachable", 3, None),
    ("network-unreachable", 3, Some(0)),
    ("host-unreachable", 3, Some(1)),
    ("protocol-unreachable", 3, Some(2)),
    ("port-unreachable", 3, Some(3)),
    ("fragmentation-needed", 3, Some(4)),
    ("source-route-failed", 3, Some(5)),
    ("network-unknown", 3, Some(6)),
    ("host-unknown", 3, Some(7)),
    ("network-prohibited", 3, Some(9)),
    ("host-prohibited", 3, Some(10)),
    ("TOS-network-unreachable", 3, Some(11)),
    ("TOS-host-unreachable", 3, Some(12)),
    ("communication-prohibited", 3, Some(13)),
    ("host-precedence-violation", 3, Some(14)),
    ("precedence-cutoff", 3, Some(15)),
    ("source-quench", 4, None),
    ("redirect", 5, None),
    ("network-redirect", 5, Some(0)),
    ("host-redirect", 5, Some(1)),
    ("TOS-network-redirect", 5, Some(2)),
    ("TOS-host-redirect", 5, Some(3)),
    ("echo-request", 8, None),
    ("ping", 8, None),
    ("router-advertisement", 9, None),
    ("router-solicitation", 10, None),
    ("time-exceeded", 11, None),
    ("ttl-exceeded", 11, None),
    ("ttl-zero-during-transit", 11, Some(0)),
    ("ttl-zero-during-reassembly", 11, Some(1)),
    ("parameter-problem", 12, None),
    ("ip-header-bad", 12, Some(0)),
    ("required-option-missing", 12, Some(1)),
    ("timestamp-request", 13, None),
    ("timestamp-reply", 14, None),
    ("address-mask-request", 17, None),
    ("address-mask-reply", 18, None),
];

const NAMES6: &[Name] = &[
    ("destination-unreachable", 1, None),
    ("no-route", 1, Some(0)),
    ("communication-prohibited", 1, Some(1)),
    ("beyond-scope", 1, Some(2)),
    ("address-unreachable", 1, Some(3)),
    ("port-unreachable", 1, Some(4)),
    ("failed-policy", 1, Some(5)),
    ("reject-route", 1, Some(6)),
    ("packet-too-big", 2, None),
    ("time-exceeded", 3, None),
    ("ttl-exceeded", 3, None),
    ("ttl-zero-during-transit", 3, Some(0)),
    ("ttl-zero-during-reassembly", 3, Some(1)),
    ("parameter-problem", 4, None),
    ("bad-header", 4, Some(0)),
    ("unknown-header-type", 4, Some(1)),
    ("unknown-option", 4, Some(2)),
    ("echo-request", 128, None),
    ("ping", 128, None),
    ("echo-reply", 129, None),
    ("pong", 129, None),
    ("router-solicitation", 133, None),
    ("router-advertisement", 134, None),
    ("neighbour-solicitation", 135, None),
    ("neighbor-solicitation", 135, None),
    ("neighbour-advertisement", 136, None),
    ("neighbor-advertisement", 136, None),
    ("redirect", 137, None),
];
