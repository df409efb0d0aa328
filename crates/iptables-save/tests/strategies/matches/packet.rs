//! Matches that look at the packet.

use iptables_save::{Family, Match, Text, matches::*, value::*};
use proptest::{option, prelude::*, sample::select};

use crate::strategies::values::*;

pub(super) fn addrtype() -> BoxedStrategy<Match<'static>> {
    let types = || maybe((1..0x1000_u16).prop_map(AddressTypes));
    (types(), types(), 0..3)
        .prop_filter("no type", |(src, dst, _)| src.or(*dst).is_some())
        .prop_map(|(src_type, dst_type, limit)| {
            let (limit_iface_in, limit_iface_out) = (limit == 1, limit == 2);
            Match::Addrtype(Addrtype {
                src_type,
                dst_type,
                limit_iface_in,
                limit_iface_out,
            })
        })
        .boxed()
}

/// A test of an index. Every one is no test, and not written.
pub(super) fn spi() -> impl Strategy<Value = Option<Invertible<Range<u32>>>> {
    let all = Range {
        first: 0,
        last: u32::MAX,
    };
    maybe(range()).prop_filter("every index", move |it| {
        it.is_none_or(|it| it.inverted || it.value != all)
    })
}

pub(super) fn ah(family: Family) -> BoxedStrategy<Match<'static>> {
    let for_v6 = (maybe(1..=u32::MAX), any::<bool>());
    (spi(), for_v6)
        .prop_map(move |(ahspi, (ahlen, ahres))| match family {
            Family::V4 => Match::Ah(Ah {
                ahspi,
                ahlen: None,
                ahres: false,
            }),
            Family::V6 => Match::Ah(Ah {
                ahspi,
                ahlen,
                ahres,
            }),
        })
        .boxed()
}

pub(super) fn icmp() -> BoxedStrategy<Match<'static>> {
    icmp_type()
        .prop_map(
            |Invertible {
                 inverted,
                 value: (kind, code),
             }| {
                // Type 255 means every type and code.
                let code = code.filter(|_| kind != 255);
                let icmp_type = Required(Invertible {
                    inverted,
                    value: IcmpType { kind, code },
                });
                Match::Icmp(Icmp { icmp_type })
            },
        )
        .boxed()
}

pub(super) fn icmp6() -> BoxedStrategy<Match<'static>> {
    icmp_type()
        .prop_map(
            |Invertible {
                 inverted,
                 value: (kind, code),
             }| {
                let icmpv6_type = Required(Invertible {
                    inverted,
                    value: Icmp6Type { kind, code },
                });
                Match::Icmp6(Icmp6 { icmpv6_type })
            },
        )
        .boxed()
}

pub(super) fn icmp_type() -> impl Strategy<Value = Invertible<(u8, Option<(u8, u8)>)>> {
    let code = prop_oneof![
        any::<u8>().prop_map(|only| (only, only)),
        (any::<u8>(), any::<u8>()).prop_map(|(a, b)| (a.min(b), a.max(b))),
    ];
    not((any::<u8>(), option::of(code)))
}

pub(super) fn iprange(family: Family) -> BoxedStrategy<Match<'static>> {
    let range = || maybe(address_range(family));
    (range(), range())
        .prop_filter("no range", |(src, dst)| src.or(*dst).is_some())
        .prop_map(|(src_range, dst_range)| {
            Match::Iprange(Iprange {
                src_range,
                dst_range,
            })
        })
        .boxed()
}

pub(super) fn multiport() -> BoxedStrategy<Match<'static>> {
    (not(ports()), 0..3)
        .prop_map(|(ports, which)| {
            let only = |nth| Some(ports).filter(|_| which == nth);
            Match::Multiport(Box::new(Multiport {
                sports: only(0),
                dports: only(1),
                ports: only(2),
            }))
        })
        .boxed()
}

pub(super) fn physdev() -> BoxedStrategy<Match<'static>> {
    let port = || maybe(interface().prop_map(|it| BridgePort(it.0)));
    (maybe_flag(), port(), maybe_flag(), port(), maybe_flag())
        .prop_map(
            |(is_in, physdev_in, is_out, physdev_out, is_bridged)| Physdev {
                physdev_is_in: is_in,
                physdev_in,
                physdev_is_out: is_out,
                physdev_out,
                physdev_is_bridged: is_bridged,
            },
        )
        .prop_filter("no option", |it| *it != Physdev::default())
        .prop_map(|it| Match::Physdev(Box::new(it)))
        .boxed()
}

pub(super) fn string() -> BoxedStrategy<Match<'static>> {
    // What cannot be printed is written in hexadecimal, and only that.
    let needs_hex = |text: &[u8]| {
        text.iter().any(|byte| !matches!(byte, b' '..=b'~')) || text.last() == Some(&b'\\')
    };
    let place = || option::of(1..u16::MAX);
    // The last byte of 128 in hexadecimal is written, but not read.
    let fits = move |it: &Invertible<Text<'_>>| it.value.len() < 128 || !needs_hex(&it.value);
    (
        not(text(1..=128)).prop_filter("too long", fits),
        select(Algorithm::ALL),
        place(),
        place(),
        any::<bool>(),
    )
        .prop_map(
            move |(Invertible { inverted, value }, algo, from, to, icase)| {
                let hex = needs_hex(&value);
                let plain = Invertible {
                    inverted,
                    value: Pattern(value.clone()),
                };
                let coded = Invertible {
                    inverted,
                    value: HexPattern(value),
                };
                Match::String(Box::new(StringMatch {
                    string: Some(plain).filter(|_| !hex),
                    hex_string: Some(coded).filter(|_| hex),
                    algo: Required(algo),
                    from,
                    to,
                    icase,
                }))
            },
        )
        .boxed()
}

pub(super) fn tcp() -> BoxedStrategy<Match<'static>> {
    let flags = || (0..0x40_u8).prop_map(TcpFlags);
    let flags = maybe((flags(), flags()).prop_map(|(mask, set)| FlagTest { mask, set }));
    let flags = flags.prop_filter("no test", |it| {
        it.is_none_or(|it| it.inverted || !it.value.mask.is_empty())
    });
    (ports_of(), ports_of(), maybe(within()), flags)
        .prop_map(|(sport, dport, tcp_option, tcp_flags)| {
            Match::Tcp(Tcp {
                sport,
                dport,
                tcp_option,
                tcp_flags,
            })
        })
        .boxed()
}

pub(super) fn ttl() -> BoxedStrategy<Match<'static>> {
    (not(any::<u8>()), 0..3)
        .prop_map(|(ttl, which)| {
            Match::Ttl(Ttl {
                ttl_eq: Some(ttl).filter(|_| which == 0),
                ttl_lt: Some(ttl.value).filter(|_| which == 1),
                ttl_gt: Some(ttl.value).filter(|_| which == 2),
            })
        })
        .boxed()
}
