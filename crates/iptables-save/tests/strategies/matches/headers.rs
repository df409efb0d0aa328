//! Matches on headers other than those of `packet.rs`, and on what rules keep count of.

use std::net::IpAddr;

use iptables_save::{Family, Match, matches::*, value::*};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::packet::spi;
use crate::strategies::values::*;

/// These matches, of a family.
pub(super) fn all(family: Family) -> Vec<BoxedStrategy<Match<'static>>> {
    let mut all = vec![
        ipcomp(),
        rateest(),
        text(1..=31)
            .prop_map(|name| {
                Match::Nfacct(Nfacct {
                    nfacct_name: Required(NfacctName(name)),
                })
            })
            .boxed(),
        sctp(),
        not(tos_mask())
            .prop_map(|it| Match::Tos(Tos { tos: Required(it) }))
            .boxed(),
        u32(),
    ];
    all.extend(match family {
        Family::V4 => vec![
            not(mark().prop_map(RealmMask))
                .prop_map(|it| {
                    Match::Realm(Realm {
                        realm: Required(it),
                    })
                })
                .boxed(),
            osf(),
        ],
        Family::V6 => vec![ipv6header(), mh(), rt(), srh()],
    });
    all
}

fn ipcomp() -> BoxedStrategy<Match<'static>> {
    // Every number is not written.
    let spi = not(range().prop_map(CompressionIndex)).prop_filter("every number", |it| {
        it.inverted || it.value.0.last != u32::MAX
    });
    (spi, any::<bool>())
        .prop_map(|(spi, compres)| {
            Match::Ipcomp(Ipcomp {
                ipcompspi: Some(spi),
                compres,
            })
        })
        .boxed()
}

fn ipv6header() -> BoxedStrategy<Match<'static>> {
    (not((1..=u8::MAX).prop_map(Ipv6Headers)), any::<bool>())
        .prop_map(|(header, soft)| {
            Match::Ipv6header(Ipv6header {
                header: Required(header),
                soft,
            })
        })
        .boxed()
}

fn mh() -> BoxedStrategy<Match<'static>> {
    let types = any::<(u8, u8)>().prop_map(|(a, b)| MhTypes::new(a.min(b), a.max(b)).unwrap());
    maybe(types)
        .prop_filter("every type", |it| {
            it.is_none_or(|it| it.inverted || it.value != MhTypes::ALL)
        })
        .prop_map(|mh_type| Match::Mh(Mh { mh_type }))
        .boxed()
}

fn osf() -> BoxedStrategy<Match<'static>> {
    let genre = not(name(31).prop_map(Unquoted));
    (genre, option::of(within()), option::of(within()))
        .prop_map(|(genre, ttl, log)| {
            Match::Osf(Osf {
                genre: Required(genre),
                ttl,
                log,
            })
        })
        .boxed()
}

fn rateest() -> BoxedStrategy<Match<'static>> {
    // Of larger rates not all digits are written.
    let bytes = || {
        prop_oneof![
            0..125_000_u32,
            (1_000..1_000_000_u32).prop_map(|kbit| kbit * 125),
            (1_000..34_000_u32).prop_map(|mbit| mbit * 125_000),
        ]
    };
    let rates = (
        option::of((bytes(), bytes())),
        option::of(any::<(u32, u32)>()),
    );
    // With both the comparison is written twice.
    let rates = rates.prop_filter("one kind of rate", |(bytes, packets)| {
        bytes.is_some() != packets.is_some()
    });
    let names = (name(15), option::of(name(15)));
    let comparison = not((0..3).prop_map(|nth| nth));
    (any::<bool>(), names, comparison, rates)
        .prop_map(|(delta, (estimator, other), comparison, rates)| {
            let both = delta || other.is_none();
            let first = |rates: Option<(u32, u32)>| rates.map(|it| it.0).filter(|_| delta);
            let second = |rates: Option<(u32, u32)>| rates.map(|it| if both { it.1 } else { 0 });
            let compare = |nth| {
                let flag = Invertible {
                    inverted: comparison.inverted,
                    value: Flag,
                };
                (comparison.value == nth).then_some(flag)
            };
            Match::Rateest(Box::new(Rateest {
                delta,
                estimator: Some(Unquoted(estimator)),
                less: compare(0),
                greater: compare(1),
                equal: compare(2),
                bps1: first(rates.0).map(BytesPerSecond),
                bps2: second(rates.0).map(BytesPerSecond),
                pps1: first(rates.1).map(PacketsPerSecond),
                pps2: second(rates.1).map(PacketsPerSecond),
                other: other.map(Unquoted),
            }))
        })
        .boxed()
}

fn rt() -> BoxedStrategy<Match<'static>> {
    let address = ip(Family::V6).prop_map(|it| match it {
        IpAddr::V6(it) => it,
        IpAddr::V4(_) => unreachable!("the family says so"),
    });
    let addresses = vec(address, 1..=16).prop_map(|list| RouteAddresses::new(list).unwrap());
    let of_type_0 = (any::<bool>(), option::of((addresses, any::<bool>())));
    (
        maybe(prop_oneof![Just(0), any::<u32>()]),
        spi(),
        maybe(any::<u32>()),
        of_type_0,
    )
        .prop_map(|(rt_type, rt_segsleft, rt_len, (res, addresses))| {
            let is_0 = rt_type == Some(Invertible::is(0));
            let addresses = addresses.filter(|_| is_0);
            Match::Rt(Rt {
                rt_type,
                rt_segsleft,
                rt_len,
                rt_0_res: res && is_0,
                rt_0_not_strict: addresses.as_ref().is_some_and(|it| it.1),
                rt_0_addrs: addresses.map(|it| it.0),
            })
        })
        .boxed()
}

fn srh() -> BoxedStrategy<Match<'static>> {
    // Equal, more and less share a number.
    let three = || {
        (any::<u8>(), any::<[Option<bool>; 3]>()).prop_map(|(value, tests)| {
            tests.map(|test| test.map(|inverted| Invertible { inverted, value }))
        })
    };
    let segment = || maybe(network(Family::V6).prop_map(SegmentId));
    let numbers = (three(), three(), three());
    let segments = (segment(), segment(), segment());
    (maybe(any::<u8>()), numbers, maybe(any::<u16>()), segments)
        .prop_map(|(next_hdr, (length, left, last), tag, segments)| {
            Match::Srh(Box::new(Srh {
                next_hdr,
                hdr_len_eq: length[0],
                hdr_len_gt: length[1],
                hdr_len_lt: length[2],
                segs_left_eq: left[0],
                segs_left_gt: left[1],
                segs_left_lt: left[2],
                last_entry_eq: last[0],
                last_entry_gt: last[1],
                last_entry_lt: last[2],
                tag,
                psid: segments.0,
                nsid: segments.1,
                lsid: segments.2,
            }))
        })
        .boxed()
}

fn sctp() -> BoxedStrategy<Match<'static>> {
    let chunk = (select(ChunkType::ALL), any::<(u8, u8)>()).prop_map(|(kind, (mask, set))| {
        Chunk::with_flags(kind, mask, set & mask).unwrap_or(Chunk::any(kind))
    });
    let list = vec(chunk, 0..=4).prop_filter_map("one type twice", ChunkList::new);
    let chunks = prop_oneof![1 => Just(Chunks::All), 9 => list.prop_map(Chunks::These)];
    let test = (select(ChunkMatch::ALL), chunks);
    let test = test.prop_map(|(match_type, chunks)| ChunkTest { match_type, chunks });
    let ports = || maybe(port_range().prop_map(PortsOf));
    (ports(), ports(), maybe(test))
        .prop_map(|(sport, dport, chunk_types)| {
            Match::Sctp(Sctp {
                sport,
                dport,
                chunk_types,
            })
        })
        .boxed()
}

fn u32() -> BoxedStrategy<Match<'static>> {
    let operator = select(
        &[
            U32Operator::And,
            U32Operator::Left,
            U32Operator::Right,
            U32Operator::At,
        ][..],
    );
    let steps = vec((operator, any::<u32>()), 0..=9);
    let test = (any::<u32>(), steps, vec(range(), 1..=10))
        .prop_map(|(start, steps, values)| U32Test::new(start, steps, values).unwrap());
    // Ten long ones would not fit into a word.
    let tests = vec(test, 1..=2).prop_map(|tests| U32Tests::new(tests).unwrap());
    not(tests)
        .prop_map(|it| Match::U32(U32 { u32: Required(it) }))
        .boxed()
}
