//! Matches for IPv6 alone.

use iptables_save::{Match, matches::*, value::*};
use proptest::{collection::vec, option, prelude::*};

use crate::strategies::values::*;

pub(super) fn all() -> Vec<BoxedStrategy<Match<'static>>> {
    let options = || (maybe(any::<u32>()), option::of(header_options()));
    let dst = options().prop_map(|(len, opts)| Match::Dst(Dst { len, opts }));
    let hbh = options().prop_map(|(len, opts)| Match::Hbh(Hbh { len, opts }));
    let eui64 = Just(Match::Eui64(Eui64 {}));
    vec![dst.boxed(), eui64.boxed(), frag(), hbh.boxed(), hl()]
}

fn header_options() -> impl Strategy<Value = HeaderOptions> {
    let option = (any::<u8>(), option::of(0..255_u8))
        .prop_map(|(kind, length)| HeaderOption {
            kind,
            length: length.filter(|_| kind != 0),
        })
        .boxed();
    // The last of sixteen has no length.
    vec(option, 1..=16).prop_map(|mut list| {
        if let Some(last) = list.get_mut(15) {
            last.length = None;
        }
        HeaderOptions::new(&list).unwrap()
    })
}

fn frag() -> BoxedStrategy<Match<'static>> {
    let flags = (any::<[bool; 2]>(), 0..3);
    (super::packet::spi(), maybe(any::<u32>()), flags)
        .prop_map(|(id, len, ([res, first], which))| {
            Match::Frag(Frag {
                id,
                len,
                res,
                first,
                more: which == 1,
                last: which == 2,
            })
        })
        .boxed()
}

fn hl() -> BoxedStrategy<Match<'static>> {
    (not(any::<u8>()), 0..3)
        .prop_map(|(hl, which)| {
            Match::Hl(Hl {
                hl_eq: Some(hl).filter(|_| which == 0),
                hl_lt: Some(hl.value).filter(|_| which == 1),
                hl_gt: Some(hl.value).filter(|_| which == 2),
            })
        })
        .boxed()
}
