//! ICMP types and codes, by number and name.

use super::{Context, Value, ValueError, is_word, leading, names, unsigned};
use crate::{Word, Writer, writer};

macro_rules! icmp {
    ($(#[$doc:meta])* $ty:ident, $names:ident, $meta:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $ty {
            /// The type.
            pub kind: u8,
            /// The first and the last code; none for all of them.
            pub code: Option<(u8, u8)>,
        }

        impl $ty {
            fn parse(text: &[u8]) -> Option<Self> {
                let mut named = $names.iter().filter(|(name, ..)| is_word(text, name, true));
                if let Some((_, kind, code)) = named.next() {
                    // A beginning that fits several names is refused.
                    return named.next().is_none().then_some(Self {
                        kind: *kind,
                        code: code.map(|code| (code, code)),
                    });
                }
                let (kind, code) = numbers(text)?;
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
                self.print(out.begin());
            }
        }
    };
}

icmp! {
    /// A type of ICMP; 255 stands for all of them.
    IcmpType, NAMES, "TYPE[/CODE]"
}
icmp! {
    /// A type of ICMPv6.
    Icmp6Type, NAMES6, "TYPE[/CODE]"
}

impl IcmpType {
    fn print(self, out: &mut Vec<u8>) {
        match (self.kind, self.code) {
            (255, None) => out.extend_from_slice(b"any"),
            (kind, code) => print(out, kind, code),
        }
    }
}

impl Icmp6Type {
    fn print(self, out: &mut Vec<u8>) {
        print(out, self.kind, self.code);
    }
}

fn print(out: &mut Vec<u8>, kind: u8, code: Option<(u8, u8)>) {
    writer::decimal(out, kind.into());
    if let Some((first, last)) = code {
        out.push(b'/');
        writer::decimal(out, first.into());
        // iptables-save forgets the last code, and so writes another rule.
        if first != last {
            out.push(b':');
            writer::decimal(out, last.into());
        }
    }
}

/// Reads `TYPE[/CODE[:CODE]]`; all codes together count as no code. A range of types is
/// taken when it is of one type (`libxt_icmp.h:__parse_icmp`).
fn numbers(text: &[u8]) -> Option<(u8, Option<(u8, u8)>)> {
    let (rest, kind) = leading(text)?;
    let (rest, last) = match rest {
        [b':', last @ ..] => leading(last)?,
        _ => (rest, kind),
    };
    if last != kind {
        return None;
    }
    let code = match rest {
        b"" => None,
        [b'/', code @ ..] => Some(match memchr::memchr(b':', code) {
            None => (unsigned(code)?, unsigned(code)?),
            Some(colon) => (unsigned(&code[..colon])?, unsigned(&code[colon + 1..])?),
        }),
        _ => return None,
    };
    Some((kind, code.filter(|codes| *codes != (0, 255))))
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
