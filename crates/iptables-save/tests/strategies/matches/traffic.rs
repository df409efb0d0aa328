//! Matches that look at what a connection carries, and at headers of its packets.

use iptables_save::{Match, matches::*, value::*};
use proptest::{option, prelude::*, sample::select};

use crate::strategies::values::*;

pub(super) fn all() -> Vec<BoxedStrategy<Match<'static>>> {
    vec![connbytes(), connlabel(), dccp(), ecn()]
}

/// Without an upper bound of 0, which is not written, and a `!` that changes nothing.
fn connbytes() -> BoxedStrategy<Match<'static>> {
    let amount = (any::<u64>(), option::of(1..=u64::MAX)).prop_map(|(a, b)| match b {
        Some(b) => ConnbytesRange {
            from: a.min(b),
            to: a.max(b),
        },
        None => ConnbytesRange {
            from: a,
            to: u64::MAX,
        },
    });
    let amount = not(amount).prop_map(|Invertible { inverted, value }| Invertible {
        inverted: inverted && value.from != value.to,
        value,
    });
    let how = (select(ConnbytesMode::ALL), select(ConnbytesDirection::ALL));
    (amount, how)
        .prop_map(|(connbytes, (mode, dir))| {
            Match::Connbytes(Connbytes {
                connbytes: Required(connbytes),
                mode: Required(mode),
                dir: Required(dir),
            })
        })
        .boxed()
}

fn connlabel() -> BoxedStrategy<Match<'static>> {
    (not(any::<u16>().prop_map(ConnectionLabel)), any::<bool>())
        .prop_map(|(label, set)| {
            Match::Connlabel(Connlabel {
                label: Required(label),
                set,
            })
        })
        .boxed()
}

fn dccp() -> BoxedStrategy<Match<'static>> {
    let ports = || maybe(port_range());
    let types = (0..0x800_u16).prop_map(|it| match it & 0x400 {
        0 => DccpTypes(it),
        _ => DccpTypes(it | DccpTypes::INVALID.0),
    });
    (ports(), ports(), maybe(types), maybe(within()))
        .prop_map(|(sport, dport, types, option)| {
            Match::Dccp(Dccp {
                sport,
                dport,
                types,
                option,
            })
        })
        .boxed()
}

fn ecn() -> BoxedStrategy<Match<'static>> {
    (maybe_flag(), maybe_flag(), maybe(within()))
        .prop_map(|(tcp_ece, tcp_cwr, ip_ect)| Ecn {
            tcp_ece,
            tcp_cwr,
            ip_ect,
        })
        .prop_filter("no option", |it| *it != Ecn::default())
        .prop_map(Match::Ecn)
        .boxed()
}
