//! Matches that look at the connection, its ends on this host and the lists it is in.

use iptables_save::{Family, Match, matches::*, value::*};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::strategies::values::*;

pub(super) fn connlimit(family: Family) -> BoxedStrategy<Match<'static>> {
    (any::<bool>(), any::<u32>(), 0..=bits(family), any::<bool>())
        .prop_map(|(is_upto, count, mask, daddr)| {
            let count = Some(Invertible::is(count));
            Match::Connlimit(Connlimit {
                upto: count.filter(|_| is_upto),
                above: count.filter(|_| !is_upto),
                mask: Some(PrefixLength(mask)),
                saddr: !daddr,
                daddr,
            })
        })
        .boxed()
}

pub(super) fn conntrack(family: Family) -> BoxedStrategy<Match<'static>> {
    let address = || maybe(network(family));
    // A last port of zero counts as none given.
    let ports = || {
        maybe(
            (1_u16.., any::<u16>()).prop_map(|(last, first): (u16, u16)| PortRange { first, last }),
        )
    };
    let state = maybe((1..0x80_u8).prop_map(CtStates));
    let status = maybe((0..0x10_u8).prop_map(CtStatus));
    let protocol = maybe(any::<u8>().prop_map(ProtocolNumber));
    let direction = option::of(select(CtDirection::ALL));
    let addresses = (address(), address(), address(), address());
    let all_ports = (ports(), ports(), ports(), ports());
    (
        state,
        status,
        protocol,
        addresses,
        all_ports,
        maybe(range()),
        direction,
    )
        .prop_map(
            |(ctstate, ctstatus, ctproto, addresses, ports, ctexpire, ctdir)| {
                Match::Conntrack(Box::new(Conntrack {
                    ctstate,
                    ctproto,
                    ctorigsrc: addresses.0,
                    ctorigdst: addresses.1,
                    ctreplsrc: addresses.2,
                    ctrepldst: addresses.3,
                    ctorigsrcport: ports.0,
                    ctorigdstport: ports.1,
                    ctreplsrcport: ports.2,
                    ctrepldstport: ports.3,
                    ctstatus,
                    ctexpire,
                    ctdir,
                }))
            },
        )
        .boxed()
}

pub(super) fn ipvs(family: Family) -> BoxedStrategy<Match<'static>> {
    let port = || maybe(any::<u16>().prop_map(Port));
    let protocol = maybe(any::<u8>().prop_map(ProtocolNumber));
    let direction = option::of(select(IpvsDirection::ALL));
    let method = maybe(select(IpvsMethod::ALL));
    (
        not(Just(Flag)),
        protocol,
        maybe(network(family)),
        port(),
        direction,
        method,
        port(),
    )
        .prop_map(|(ipvs, vproto, vaddr, vport, vdir, vmethod, vportctl)| {
            let mut all = Ipvs {
                ipvs: None,
                vproto,
                vaddr,
                vport,
                vdir,
                vmethod,
                vportctl,
            };
            // Any other option says it too.
            if all == Ipvs::default() {
                all.ipvs = Some(ipvs);
            }
            Match::Ipvs(all)
        })
        .boxed()
}

pub(super) fn owner() -> BoxedStrategy<Match<'static>> {
    let ids =
        || maybe((0..u32::MAX, 0..u32::MAX).prop_map(|(first, last)| IdRange { first, last }));
    (maybe_flag(), ids(), ids(), any::<bool>())
        .prop_map(
            |(socket_exists, uid_owner, gid_owner, suppl_groups)| Owner {
                socket_exists,
                uid_owner,
                gid_owner,
                suppl_groups: suppl_groups && gid_owner.is_some(),
            },
        )
        .prop_filter("no option", |it| *it != Owner::default())
        .prop_map(Match::Owner)
        .boxed()
}

pub(super) fn policy(family: Family) -> BoxedStrategy<Match<'static>> {
    let protocols = [
        PolicyProtocol::Ah,
        PolicyProtocol::Esp,
        PolicyProtocol::Ipcomp,
    ];
    let mode = maybe(select(PolicyMode::ALL));
    let spi = maybe(any::<u32>().prop_map(Hex));
    let proto = maybe(select(protocols.to_vec()));
    let ends = (maybe(network(family)), maybe(network(family)));
    let element = (maybe(any::<u32>()), spi, proto, mode, ends)
        .prop_map(|(reqid, spi, proto, mode, (tunnel_dst, tunnel_src))| {
            // Only a tunnel has ends.
            let tunnel = [
                Invertible::is(PolicyMode::Tunnel),
                Invertible::is_not(PolicyMode::Transport),
            ];
            let has_ends = mode.is_some_and(|mode| tunnel.contains(&mode));
            PolicyElement {
                reqid,
                spi,
                proto,
                mode,
                tunnel_dst: tunnel_dst.filter(|_| has_ends),
                tunnel_src: tunnel_src.filter(|_| has_ends),
            }
        })
        .boxed();
    let wanted = |it: &PolicyElement| *it != PolicyElement::default();
    let strict = vec(element.clone().prop_filter("empty", wanted), 1..=4)
        .prop_map(|elements| (PolicyKind::Ipsec, true, elements));
    let loose = element.prop_map(|only| (PolicyKind::Ipsec, false, vec![only]));
    let none = Just((PolicyKind::None, false, Vec::new()));
    (
        select(PolicyDirection::ALL),
        prop_oneof![strict, loose, none],
    )
        .prop_map(|(dir, (pol, strict, elements))| {
            Match::Policy(Policy {
                dir: Required(dir),
                pol: Some(pol),
                strict,
                elements,
            })
        })
        .boxed()
}

pub(super) fn recent(family: Family) -> BoxedStrategy<Match<'static>> {
    // Greater ones are not read back.
    let seconds = (1_u32..1 << 31).prop_map(|it| SignedOnWrite::new(it).unwrap());
    let hits = (1_u32..1 << 31).prop_map(|it| SignedOnWrite::new(it).unwrap());
    let numbers = (option::of(seconds), option::of(hits));
    (
        not(Just(Flag)),
        0..4,
        numbers,
        name(199).prop_map(Unquoted),
        host(family),
        any::<[bool; 3]>(),
    )
        .prop_map(
            |(action, which, (seconds, hitcount), name, mask, [reap, rttl, rdest])| {
                let only = |nth| Some(action).filter(|_| which == nth);
                let looks = only(1).or(only(2)).is_some();
                Match::Recent(Recent {
                    set: only(0),
                    rcheck: only(1),
                    update: only(2),
                    remove: only(3),
                    seconds,
                    reap: reap && seconds.is_some(),
                    hitcount,
                    rttl: rttl && looks,
                    name: Some(name),
                    mask: Some(mask),
                    rsource: !rdest,
                    rdest,
                })
            },
        )
        .boxed()
}

pub(super) fn set() -> BoxedStrategy<Match<'static>> {
    let count = || (not(any::<u64>()), 0..4);
    let update = || any::<bool>().prop_map(|is_off| Update { is_off });
    (
        not(set_entry()),
        any::<bool>().prop_map(LastWins),
        update(),
        update(),
        count(),
        count(),
    )
        .prop_map(
            |(entry, return_nomatch, update_counters, update_subcounters, packets, bytes)| {
                let equal = |(count, which)| Some(count).filter(|_| which == 0);
                let other = |(count, which): (Invertible<u64>, i32), nth| {
                    Some(count.value).filter(|_| which == nth)
                };
                Match::Set(Box::new(Set {
                    match_set: Required(entry),
                    return_nomatch,
                    update_counters,
                    update_subcounters,
                    packets_eq: equal(packets),
                    packets_lt: other(packets, 1),
                    packets_gt: other(packets, 2),
                    bytes_eq: equal(bytes),
                    bytes_lt: other(bytes, 1),
                    bytes_gt: other(bytes, 2),
                }))
            },
        )
        .boxed()
}
