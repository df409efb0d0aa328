//! Matches on headers other than those of `packet.rs`, and on what rules keep count of.

use iptables_save::{Family, Match, matches::*, value::*};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::strategies::values::*;

/// These matches, of a family.
pub(super) fn all(family: Family) -> Vec<BoxedStrategy<Match<'static>>> {
    let mut all = vec![
        ipcomp(),
        text(1..=31)
            .prop_map(|name| {
                Match::Nfacct(Nfacct {
                    nfacct_name: Must(NfacctName(name)),
                })
            })
            .boxed(),
        sctp(),
        not(tos_mask())
            .prop_map(|it| Match::Tos(Tos { tos: Must(it) }))
            .boxed(),
        u32(),
    ];
    all.extend(match family {
        Family::V4 => vec![
            not(mark().prop_map(RealmMask))
                .prop_map(|it| Match::Realm(Realm { realm: Must(it) }))
                .boxed(),
        ],
        Family::V6 => vec![mh()],
    });
    all
}

fn ipcomp() -> BoxedStrategy<Match<'static>> {
    (not(range()), any::<bool>())
        .prop_map(|(spi, compres)| {
            Match::Ipcomp(Ipcomp {
                ipcompspi: Some(spi),
                compres,
            })
        })
        .boxed()
}

fn mh() -> BoxedStrategy<Match<'static>> {
    let types = any::<(u8, u8)>().prop_map(|(a, b)| MhTypes::new(a.min(b), a.max(b)).unwrap());
    maybe(types)
        .prop_filter("every type", |it| {
            it.is_none_or(|it| it.negated || it.value != MhTypes::ALL)
        })
        .prop_map(|mh_type| Match::Mh(Mh { mh_type }))
        .boxed()
}

fn sctp() -> BoxedStrategy<Match<'static>> {
    let chunk = (select(ChunkType::ALL), any::<(u8, u8)>()).prop_map(|(kind, (mask, set))| {
        Chunk::with_flags(kind, mask, set & mask).unwrap_or(Chunk::any(kind))
    });
    let list = vec(chunk, 0..=4).prop_filter_map("one type twice", ChunkList::new);
    let chunks = prop_oneof![1 => Just(Chunks::All), 9 => list.prop_map(Chunks::These)];
    let test = (select(ChunkMatch::ALL), chunks);
    let test = test.prop_map(|(how, chunks)| ChunkTest { how, chunks });
    (maybe(port_range()), maybe(port_range()), maybe(test))
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
        .prop_map(|it| Match::U32(U32 { u32: Must(it) }))
        .boxed()
}
