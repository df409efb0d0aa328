//! Targets that change the headers of IP and TCP, or answer for one end of a connection.

use iptables_save::{Family, Target, targets::*, value::*};
use proptest::{collection::vec, option, prelude::*};

use crate::strategies::values::*;

pub(super) fn all(family: Family) -> Vec<BoxedStrategy<Target<'static>>> {
    let tos = any::<(u8, u8)>().prop_map(|(value, mask)| {
        Target::Tos(Tos {
            set_tos: Required(TosMask { value, mask }),
        })
    });
    let of_family = match family {
        Family::V4 => vec![ecn(), ttl()],
        Family::V6 => vec![hl()],
    };
    let of_both = [tos.boxed(), synproxy(), tcpoptstrip()];
    of_family.into_iter().chain(of_both).collect()
}

fn ecn() -> BoxedStrategy<Target<'static>> {
    let remove = Just(Ecn {
        ecn_tcp_remove: true,
        ..Ecn::default()
    });
    let set = (
        option::of(within()),
        option::of(within()),
        option::of(within()),
    )
        .prop_map(|(ece, cwr, ect)| Ecn {
            ecn_tcp_remove: false,
            ecn_tcp_ece: ece,
            ecn_tcp_cwr: cwr,
            ecn_ip_ect: ect,
        })
        .prop_filter("nothing, or written otherwise", |it| {
            let cleared = Bounded::new(0);
            *it != Ecn::default()
                && (it.ecn_tcp_ece, it.ecn_tcp_cwr, it.ecn_ip_ect) != (cleared, cleared, None)
        });
    prop_oneof![1 => remove, 4 => set]
        .prop_map(Target::Ecn)
        .boxed()
}

fn ttl() -> BoxedStrategy<Target<'static>> {
    let by = || within().prop_map(Some);
    prop_oneof![
        any::<u8>().prop_map(|it| Ttl {
            ttl_set: Some(it),
            ..Ttl::default()
        }),
        by().prop_map(|ttl_dec| Ttl {
            ttl_dec,
            ..Ttl::default()
        }),
        by().prop_map(|ttl_inc| Ttl {
            ttl_inc,
            ..Ttl::default()
        }),
    ]
    .prop_map(Target::Ttl)
    .boxed()
}

fn hl() -> BoxedStrategy<Target<'static>> {
    let by = || within().prop_map(Some);
    prop_oneof![
        any::<u8>().prop_map(|it| Hl {
            hl_set: Some(it),
            ..Hl::default()
        }),
        by().prop_map(|hl_dec| Hl {
            hl_dec,
            ..Hl::default()
        }),
        by().prop_map(|hl_inc| Hl {
            hl_inc,
            ..Hl::default()
        }),
    ]
    .prop_map(Target::Hl)
    .boxed()
}

fn synproxy() -> BoxedStrategy<Target<'static>> {
    (
        any::<[bool; 3]>(),
        option::of(any::<u8>()),
        option::of(any::<u16>()),
    )
        .prop_map(|([sack_perm, timestamp, ecn], wscale, mss)| {
            Target::Synproxy(Synproxy {
                sack_perm,
                timestamp,
                wscale: wscale.map(Low8),
                mss: mss.map(Low16),
                ecn,
            })
        })
        .boxed()
}

fn tcpoptstrip() -> BoxedStrategy<Target<'static>> {
    let options = vec(2..=u8::MAX, 1..9).prop_map(|list| {
        let mut options = TcpOptions::default();
        for option in list {
            options.insert(option);
        }
        options
    });
    option::of(options)
        .prop_map(|strip_options| Target::Tcpoptstrip(Tcpoptstrip { strip_options }))
        .boxed()
}
