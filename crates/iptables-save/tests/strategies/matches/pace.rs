//! Matches that count, and look at the clock.

use iptables_save::{Family, Match, matches::*, value::*};
use proptest::{option, prelude::*};

use crate::strategies::values::*;

pub(super) fn hashlimit(family: Family) -> BoxedStrategy<Match<'static>> {
    let packets = (per_time(), 1..=1_000_000_u64).prop_map(|((number, unit), burst)| {
        let rate = HashRate::Packets(PacketRate::new(number, unit).unwrap());
        (rate, Some(Burst::Packets(burst)), u64::from(unit) * 1000)
    });
    // iptables-save cuts a burst of bytes to whole units: there is none here.
    let bytes = (1..1_000_000_000_u64)
        .prop_filter_map("too fast", HashRate::bytes)
        .prop_map(|rate| (rate, None, 15_000));
    let mask = || option::of((0..bits(family)).prop_map(PrefixLength));
    let number = || option::of(1..1000_u32);
    let mode = option::of((1..0x10_u8).prop_map(HashMode));
    // Only for a rate per second, because the interval determines the rest.
    let interval = option::of(option::of(
        (2..1_u32 << 31).prop_map(|it| Seconds::new(it).unwrap()),
    ));
    let table = (number(), number(), number(), option::of(1..u32::MAX));
    (
        prop_oneof![packets, bytes],
        any::<bool>(),
        mode,
        name(254).prop_map(Unquoted),
        table,
        (mask(), mask()),
        interval,
    )
        .prop_map(
            |((rate, burst, lifetime), is_upto, mode, name, table, masks, interval)| {
                let rate = Some(Invertible::is(rate));
                let interval = interval.filter(|_| matches!(lifetime, 1000 | 15_000));
                Match::Hashlimit(Box::new(Hashlimit {
                    upto: rate.filter(|_| is_upto),
                    above: rate.filter(|_| !is_upto),
                    burst,
                    mode,
                    name: Required(name),
                    htable_size: table.0,
                    htable_max: table.1,
                    htable_gcinterval: table.2,
                    htable_expire: table.3.filter(|it| u64::from(*it) != lifetime),
                    srcmask: masks.0,
                    dstmask: masks.1,
                    rate_match: interval.is_some(),
                    rate_interval: interval.flatten(),
                }))
            },
        )
        .boxed()
}

pub(super) fn limit() -> BoxedStrategy<Match<'static>> {
    let burst = option::of(within()).prop_filter("default", |it| it.is_none_or(|it| it.get() != 5));
    (per_time(), burst)
        .prop_map(|((number, unit), limit_burst)| {
            let limit = Rate::new(number, unit);
            Match::Limit(Limit { limit, limit_burst })
        })
        .boxed()
}

pub(super) fn statistic() -> BoxedStrategy<Match<'static>> {
    let random = not((0..=1_u32 << 31).prop_map(Probability)).prop_map(|chance| Statistic {
        mode: Required(Mode::Random),
        probability: Some(chance),
        ..Statistic::default()
    });
    let nth = (not(1..=u32::MAX), any::<u32>()).prop_map(|(every, packet)| Statistic {
        mode: Required(Mode::Nth),
        every: Some(every),
        packet: Some(packet % every.value),
        ..Statistic::default()
    });
    prop_oneof![random, nth].prop_map(Match::Statistic).boxed()
}

pub(super) fn time() -> BoxedStrategy<Match<'static>> {
    let times = (0..86_400_u32, 0..86_400_u32)
        .prop_filter("all day", |times| *times != (0, 86_399))
        .prop_map(|(start, stop)| (TimeOfDay::new(start), TimeOfDay::new(stop)));
    let times = option::of(times).prop_map(Option::unwrap_or_default);
    // Days that are left out are counted the other way.
    let month = option::of((1..u32::MAX >> 1).prop_map(|it| Invertible::is(MonthDays(it << 1))));
    let week = option::of((1..0x7f_u8).prop_map(|it| Invertible::is(WeekDays(it << 1))));
    let date = || (1..=i32::MAX as u32).prop_map(Date);
    (
        times,
        month,
        week,
        option::of(date()),
        date(),
        any::<[bool; 2]>(),
    )
        .prop_map(
            |((start, stop), month, week, datestart, datestop, [kerneltz, contiguous])| {
                Match::Time(Time {
                    timestart: start,
                    timestop: stop,
                    monthdays: month,
                    weekdays: week,
                    datestart,
                    datestop: Some(datestop),
                    kerneltz,
                    contiguous: contiguous && start.is_some() && start >= stop,
                    utc: false,
                })
            },
        )
        .boxed()
}
