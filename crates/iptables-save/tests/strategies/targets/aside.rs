//! Targets that leave the packet's bytes alone: records, timers, lights, marks.

use iptables_save::{Family, Target, targets::*, value::*};
use proptest::{option, prelude::*, sample::select};

use crate::strategies::values::*;

pub(super) fn all(family: Family) -> Vec<BoxedStrategy<Target<'static>>> {
    let audit = select(AuditType::ALL).prop_map(|it| Target::Audit(Audit { kind: Required(it) }));
    let connsecmark = any::<bool>().prop_map(|save| {
        Target::Connsecmark(Connsecmark {
            save,
            restore: !save,
        })
    });
    let idletimer =
        (any::<u32>(), plain_name(), any::<bool>()).prop_map(|(timeout, label, alarm)| {
            Target::Idletimer(Idletimer {
                timeout: Required(timeout),
                label: Required(label),
                alarm,
            })
        });
    let secmark = plain_name().prop_map(|it| {
        Target::Secmark(Secmark {
            selctx: Required(it),
        })
    });
    let of_both = [
        audit.boxed(),
        connsecmark.boxed(),
        hmark(family),
        idletimer.boxed(),
        led(),
        rateest(),
        secmark.boxed(),
    ];
    let ulog = Some(ulog()).filter(|_| family == Family::V4);
    of_both.into_iter().chain(ulog).collect()
}

fn hmark(family: Family) -> BoxedStrategy<Target<'static>> {
    let prefix = move || option::of((0..=bits(family)).prop_map(PrefixLength));
    let port = || option::of(any::<u16>().prop_map(ShortHex));
    let spi = || option::of(any::<u32>().prop_map(WideHex));
    let proto = option::of(any::<u16>().prop_map(ShortHex));
    let number = (any::<u32>(), within(), option::of(any::<u32>()));
    (
        (prefix(), prefix(), proto),
        (port(), port(), spi(), any::<bool>()),
        (port(), port(), spi(), any::<bool>()),
        number,
        any::<bool>(),
    )
        .prop_map(
            |((src, dst, proto), masks, sets, (rnd, modulus, offset), ct)| {
                let (sport_mask, dport_mask, spi_mask, mask_spi) = masks;
                let (sport, dport, spi, set_spi) = sets;
                let one = |it: Hmark| Target::Hmark(Box::new(it));
                one(Hmark {
                    src_prefix: src,
                    dst_prefix: dst,
                    sport_mask: sport_mask.filter(|_| !mask_spi),
                    dport_mask: dport_mask.filter(|_| !mask_spi),
                    spi_mask: spi_mask.filter(|_| mask_spi),
                    sport: sport.filter(|_| !set_spi),
                    dport: dport.filter(|_| !set_spi),
                    spi: spi.filter(|_| set_spi),
                    proto_mask: proto,
                    rnd: Required(WideHex(rnd)),
                    modulus: Required(modulus),
                    offset,
                    // Without any of the above.
                    tuple: Some(HmarkTuple::CT)
                        .filter(|_| ct || (src, dst, proto) == (None, None, None)),
                })
            },
        )
        .boxed()
}

fn led() -> BoxedStrategy<Target<'static>> {
    // What is above is written as if it were negative.
    let delay = option::of((1..=u32::MAX / 2).prop_map(LedDelay));
    (text(0..=16), delay, any::<bool>())
        .prop_map(|(id, led_delay, led_always_blink)| {
            Target::Led(Led {
                led_trigger_id: Required(LedTrigger(id)),
                led_delay,
                led_always_blink,
            })
        })
        .boxed()
}

fn rateest() -> BoxedStrategy<Target<'static>> {
    // The times that the kernel's logarithms represent.
    (plain_name(), 0..=5_u32, 1..=9_u32)
        .prop_map(|(name, interval, average)| {
            let interval = 250_000 << interval;
            Target::Rateest(Rateest {
                rateest_name: Required(name),
                rateest_interval: Required(Microseconds(interval)),
                rateest_ewmalog: Required(Microseconds(interval << average)),
            })
        })
        .boxed()
}

fn ulog() -> BoxedStrategy<Target<'static>> {
    let not_one = |it: &u32| *it != 1;
    let group = option::of((1..=32_u32).prop_filter("default", not_one));
    let threshold = option::of((1..=50_u32).prop_filter("default", not_one));
    let range = option::of((1..=u32::MAX).prop_map(|it| CopyRange(it.into())));
    (option::of(log_prefix()), group, range, threshold)
        .prop_map(|(ulog_prefix, group, ulog_cprange, threshold)| {
            Target::Ulog(Ulog {
                ulog_prefix,
                ulog_nlgroup: group.and_then(Bounded::new),
                ulog_cprange,
                ulog_qthreshold: threshold.and_then(Bounded::new),
            })
        })
        .boxed()
}
