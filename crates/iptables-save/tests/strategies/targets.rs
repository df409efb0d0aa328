//! Every target, with options as they are once iptables has read them.

mod address;
mod aside;
mod header;

use iptables_save::{Family, Target, targets::*, value::*};
use proptest::{option, prelude::*, sample::select};

use super::values::*;

/// The described targets of a family.
pub(crate) fn described(family: Family) -> Vec<BoxedStrategy<Target<'static>>> {
    let mut all = vec![
        Just(Target::Checksum(Checksum {
            checksum_fill: Required(Flag),
        }))
        .boxed(),
        (any::<u16>(), any::<u16>())
            .prop_map(|(major, minor)| {
                let set_class = Required(TrafficClass { major, minor });
                Target::Classify(Classify { set_class })
            })
            .boxed(),
        connmark(),
        ct(),
        dnat(family),
        dscp()
            .prop_map(|it| {
                Target::Dscp(DscpTarget {
                    set_dscp: Required(it),
                })
            })
            .boxed(),
        log(),
        xmark()
            .prop_map(|it| {
                Target::Mark(Mark {
                    set_xmark: Required(it),
                })
            })
            .boxed(),
        (option::of(to_ports()), any::<[bool; 2]>())
            .prop_map(|(to_ports, [random, random_fully])| {
                Target::Masquerade(Masquerade {
                    to_ports,
                    random,
                    random_fully,
                })
            })
            .boxed(),
        nflog(),
        nfqueue(),
        Just(Target::Notrack(Notrack {})).boxed(),
        (option::of(to_ports()), any::<bool>())
            .prop_map(|(to_ports, random)| Target::Redirect(Redirect { to_ports, random }))
            .boxed(),
        reject(family),
        set(),
        (nat_range(family), any::<[bool; 3]>())
            .prop_map(|(range, [random, random_fully, persistent])| {
                let to_source = Required(range);
                Target::Snat(Snat {
                    to_source,
                    random,
                    random_fully,
                    persistent,
                })
            })
            .boxed(),
        tcpmss(family),
        (host(family), option::of(plain_name()))
            .prop_map(|(gateway, oif)| {
                Target::Tee(Tee {
                    gateway: Required(gateway),
                    oif,
                })
            })
            .boxed(),
        (any::<u16>(), host(family), xmark())
            .prop_map(|(port, ip, mark)| {
                Target::Tproxy(Tproxy {
                    on_port: Required(Port(port)),
                    on_ip: Some(ip),
                    tproxy_mark: Some(mark),
                })
            })
            .boxed(),
        Just(Target::Trace(Trace {})).boxed(),
    ];
    all.extend(address::all(family));
    all.extend(aside::all(family));
    all.extend(header::all(family));
    all
}

/// Verdicts, and chains to go to.
pub(crate) fn plain() -> impl Strategy<Value = Target<'static>> {
    let verdicts = [Target::Accept, Target::Drop, Target::Queue, Target::Return];
    prop_oneof![
        select(verdicts.to_vec()),
        name(28).prop_map(Target::Jump),
        name(28).prop_map(Target::Goto),
    ]
}

fn connmark() -> BoxedStrategy<Target<'static>> {
    let shift = (0..3, within::<1, 32>()).prop_map(|(which, by)| {
        let by = Bounded::new(by.get());
        (by.filter(|_| which == 1), by.filter(|_| which == 2))
    });
    let set = xmark().prop_map(|mark| Connmark {
        set_xmark: Some(mark),
        ..Connmark::default()
    });
    let carry = (any::<bool>(), any::<u32>(), any::<u32>()).prop_map(|(save, nf, ct)| Connmark {
        save_mark: save,
        restore_mark: !save,
        nfmask: Some(Hex(nf)),
        ctmask: Some(Hex(ct)),
        ..Connmark::default()
    });
    (prop_oneof![set, carry], shift)
        .prop_map(|(mark, (left, right))| {
            Target::Connmark(Connmark {
                left_shift_mark: left,
                right_shift_mark: right,
                ..mark
            })
        })
        .boxed()
}

fn ct() -> BoxedStrategy<Target<'static>> {
    let zone = prop_oneof![Just(Zone::Mark), (1..=u16::MAX).prop_map(Zone::Number)];
    let events = option::of((1..0x400_u16).prop_map(CtEvents));
    let expected = option::of(Just(ExpectationEvents::NEW));
    (
        any::<bool>(),
        option::of(plain_name()),
        option::of(plain_name()),
        events,
        expected,
        zone,
        0..4,
    )
        .prop_map(
            |(notrack, helper, timeout, ctevents, expevents, zone, which)| {
                let only = |nth| Some(zone).filter(|_| which == nth);
                Target::Ct(Box::new(Ct {
                    notrack,
                    helper,
                    timeout,
                    ctevents,
                    expevents,
                    zone: only(1),
                    zone_orig: only(2),
                    zone_reply: only(3),
                }))
            },
        )
        .boxed()
}

fn dnat(family: Family) -> BoxedStrategy<Target<'static>> {
    (
        nat_range(family),
        option::of(1..=u16::MAX),
        any::<[bool; 2]>(),
    )
        .prop_map(|(range, base, [random, persistent])| {
            // Written for a single port it is not read again.
            let base = base.filter(|_| range.ports.is_some_and(|(first, last)| first != last));
            let to_destination = Required(NatRange { base, ..range });
            Target::Dnat(Dnat {
                to_destination,
                random,
                persistent,
            })
        })
        .boxed()
}

fn log() -> BoxedStrategy<Target<'static>> {
    let level = option::of((0..8_u8).prop_filter_map("default", |it| {
        LogLevel::new(it).filter(|it| *it != LogLevel::WARNING)
    }));
    (option::of(log_prefix()), level, any::<[bool; 5]>())
        .prop_map(|(log_prefix, log_level, [sequence, tcp, ip, uid, mac])| {
            Target::Log(Log {
                log_prefix,
                log_level,
                log_tcp_sequence: sequence,
                log_tcp_options: tcp,
                log_ip_options: ip,
                log_uid: uid,
                log_macdecode: mac,
            })
        })
        .boxed()
}

fn nflog() -> BoxedStrategy<Target<'static>> {
    let number = || option::of(1..=u16::MAX);
    (
        option::of(log_prefix()),
        number(),
        number(),
        any::<u32>(),
        0..3,
    )
        .prop_map(|(nflog_prefix, group, threshold, size, which)| {
            Target::Nflog(Nflog {
                nflog_prefix,
                nflog_group: group,
                nflog_size: Some(size).filter(|_| which == 1),
                nflog_range: Some(size).filter(|size| which == 2 && *size != 0),
                nflog_threshold: threshold,
            })
        })
        .boxed()
}

fn nfqueue() -> BoxedStrategy<Target<'static>> {
    let one = any::<u16>().prop_map(|it| (Some(it), None));
    let several = (0..u16::MAX - 1)
        .prop_flat_map(|first| (Just(first), first + 1..u16::MAX))
        .prop_map(|(first, last)| (None, Some(Range { first, last })));
    (prop_oneof![one, several], any::<[bool; 2]>())
        .prop_map(|((queue_num, queue_balance), [bypass, fanout])| {
            Target::Nfqueue(Nfqueue {
                queue_num,
                queue_balance,
                queue_bypass: bypass,
                queue_cpu_fanout: fanout && queue_balance.is_some(),
            })
        })
        .boxed()
}

fn reject(family: Family) -> BoxedStrategy<Target<'static>> {
    let answers = [
        RejectWith::NetUnreachable,
        RejectWith::HostUnreachable,
        RejectWith::ProtoUnreachable,
        RejectWith::PortUnreachable,
        RejectWith::NetProhibited,
        RejectWith::HostProhibited,
        RejectWith::AdminProhibited,
        RejectWith::TcpReset,
        RejectWith::NoRoute6,
        RejectWith::AdmProhibited6,
        RejectWith::AddrUnreachable6,
        RejectWith::PortUnreachable6,
        RejectWith::PolicyFail6,
        RejectWith::RejectRoute6,
    ];
    let of_family = |it: &RejectWith| it.family().is_none_or(|it| it == family);
    let answers: Vec<RejectWith> = answers.into_iter().filter(of_family).collect();
    select(answers)
        .prop_map(|answer| {
            Target::Reject(Reject {
                reject_with: Some(answer),
            })
        })
        .boxed()
}

fn set() -> BoxedStrategy<Target<'static>> {
    let entry = || option::of(set_entry());
    (
        entry(),
        entry(),
        entry(),
        option::of(within()),
        any::<[bool; 4]>(),
    )
        .prop_filter("no set", |(add, del, map, ..)| {
            add.is_some() || del.is_some() || map.is_some()
        })
        .prop_map(
            |(add_set, del_set, map_set, timeout, [exist, mark, prio, queue])| {
                let (adds, maps) = (add_set.is_some(), map_set.is_some());
                Target::Set(Box::new(Set {
                    add_set: InversionIgnored(add_set),
                    exist: InversionIgnored(LastWins(exist && adds)),
                    timeout: InversionIgnored(LastWins(timeout.filter(|_| adds))),
                    del_set: InversionIgnored(del_set),
                    map_set: InversionIgnored(map_set),
                    map_mark: InversionIgnored(LastWins(maps && (mark || !(prio || queue)))),
                    map_prio: InversionIgnored(LastWins(maps && prio)),
                    map_queue: InversionIgnored(LastWins(maps && queue)),
                }))
            },
        )
        .boxed()
}

fn tcpmss(family: Family) -> BoxedStrategy<Target<'static>> {
    let longest: u16 = match family {
        Family::V4 => 65515,
        Family::V6 => 65495,
    };
    option::of(0..=longest)
        .prop_map(|size| {
            Target::Tcpmss(Tcpmss {
                set_mss: size.map(SegmentSize),
                clamp_mss_to_pmtu: size.is_none(),
            })
        })
        .boxed()
}
