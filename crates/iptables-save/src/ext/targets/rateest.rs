//! `-j RATEEST`: rate estimation.

use nom::combinator::rest;

use super::extension;
use crate::{
    Word, Writer,
    ext::OptionConflict,
    value::{Context, Required, Unquoted, Value, ValueError, complete, float, low_bits},
    writer,
};

extension! {
    /// Estimates the rate of packets for `-m rateest`, and continues with the next rule.
    ///
    /// Kernel `xt_RATEEST`; iptables `libxt_RATEEST`.
    Rateest<'a> = "RATEEST" {
        /// The name of the estimator. Truncated to 15 bytes.
        "--rateest-name" => rateest_name: Required<Unquoted<'a, 15>>,
        /// The measurement interval, rounded up to 0.25, 0.5, 1, 2, 4 or 8 seconds.
        "--rateest-interval" => rateest_interval: Required<Microseconds>,
        /// The averaging time constant, rounded down to 2, 4, 8, … intervals.
        "--rateest-ewmalog" => rateest_ewmalog: Required<Microseconds>,
    }
    validate = |rateest, _| kept_times(rateest).map(|_| ());
    normalize = |rateest, _| {
        if let Ok((interval, average)) = kept_times(rateest) {
            rateest.rateest_interval = Required(interval);
            rateest.rateest_ewmalog = Required(average);
        }
    };
}

/// A quarter of a second, the shortest interval.
const QUARTER: u32 = 250_000;

/// Returns the two times as the kernel stores them, by their logarithms.
fn kept_times(rateest: &Rateest<'_>) -> Result<(Microseconds, Microseconds), OptionConflict> {
    let (Required(Microseconds(interval)), Required(Microseconds(average))) =
        (rateest.rateest_interval, rateest.rateest_ewmalog);
    let Some(longer) = (0..=5)
        .map(|log| QUARTER << log)
        .find(|longer| interval <= *longer)
    else {
        return Err("`--rateest-interval` is at most 8 seconds".into());
    };
    // The time in which the weight falls to a half, a quarter, an eighth …
    let lost = |log: i32| {
        // `-ln(1 - share)` as a series: the logarithm function would load the math library
        // whenever a program starts.
        let share = 0.5_f64.powi(log);
        let terms = (1..60).map(|nth| share.powi(nth) / f64::from(nth));
        f64::from(interval) / terms.sum::<f64>()
    };
    let log = (1..31)
        .find(|log| lost(*log) > f64::from(average))
        .unwrap_or(32)
        - 1;
    if log == 0 || log == 31 {
        return Err(
            "`--rateest-ewmalog` must be longer than 1.45 times `--rateest-interval`, and not \
             too long"
                .into(),
        );
    }
    // As iptables-save computes it: the highest bits may be lost.
    let average = Microseconds(longer.wrapping_mul(1 << log));
    Ok((Microseconds(longer), average))
}

/// A time such as `250ms`; in microseconds if it has no unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Microseconds(pub u32);

/// The units, and the number of microseconds in each.
const UNITS: [(&[&str], f64); 3] = [
    (&["s", "sec", "secs"], 1e6),
    (&["ms", "msec", "msecs"], 1e3),
    (&["us", "usec", "usecs", ""], 1.0),
];

impl Microseconds {
    fn parse(text: &[u8]) -> Option<Self> {
        let (number, unit) = complete((float, rest), text)?;
        let is_unit = |name: &&str| unit.eq_ignore_ascii_case(name.as_bytes());
        let (_, factor) = UNITS.iter().find(|(names, _)| names.iter().any(is_unit))?;
        Some(Self(low_bits(number * factor)))
    }
}

impl<'a> Value<'a> for Microseconds {
    const ARGS: &'static [&'static str] = &["TIME"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "a time such as `250ms`, `1.5s` or `500000us`",
        ))
    }

    /// Writes seconds or milliseconds with one decimal place.
    fn write(&self, out: &mut Writer<'_>) {
        use std::io::Write as _;
        let quarters = self.0 / QUARTER;
        if self.0 != quarters * QUARTER || !quarters.is_power_of_two() {
            out.mark_lossy();
        }
        let time = f64::from(self.0);
        let out = out.begin();
        match self.0 {
            1_000_000.. => write!(out, "{:.1}s", time / 1e6),
            1_000.. => write!(out, "{:.1}ms", time / 1e3),
            _ => {
                writer::decimal(out, self.0.into());
                out.write_all(b"us")
            }
        }
        .expect("writing to a Vec cannot fail");
    }
}

crate::value::owned!(Microseconds);

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -j RATEEST --rateest-name wan --rateest-interval 250.0ms --rateest-ewmalog 500.0ms ; =
        -j RATEEST --rateest-name wan --rateest-interval 1.0s --rateest-ewmalog 8.0s ; =
        -j RATEEST --rateest-name wan --rateest-interval 8.0s --rateest-ewmalog 4096.0s ; =
        -j RATEEST --rateest-e .5S --rateest-i 250000 --rateest-n wan ; -j RATEEST --rateest-name wan --rateest-interval 250.0ms --rateest-ewmalog 500.0ms
        -j RATEEST --rateest-name wan --rateest-interval 300msecs --rateest-ewmalog 3E3Msec ; -j RATEEST --rateest-name wan --rateest-interval 500.0ms --rateest-ewmalog 4.0s
        -j RATEEST --rateest-name wan --rateest-interval 0x1s --rateest-ewmalog 3500000usecs ; -j RATEEST --rateest-name wan --rateest-interval 1.0s --rateest-ewmalog 4.0s
        -j RATEEST --rateest-name wan --rateest-interval 8s --rateest-ewmalog -1s ; -j RATEEST --rateest-name wan --rateest-interval 8.0s --rateest-ewmalog 4096.0s
        -j RATEEST --rateest-name 1234567890123456 --rateest-interval 1s --rateest-ewmalog 2s ; -j RATEEST --rateest-name 123456789012345 --rateest-interval 1.0s --rateest-ewmalog 2.0s
        -j RATEEST --rateest-name "" --rateest-interval 1s --rateest-ewmalog 2s ; UNREADABLE -j RATEEST --rateest-name  --rateest-interval 1.0s --rateest-ewmalog 2.0s
        -j RATEEST --rateest-name wan --rateest-interval 1us --rateest-ewmalog 1000s ; UNREADABLE -j RATEEST --rateest-name wan --rateest-interval 250.0ms --rateest-ewmalog 0us
        -j RATEEST --rateest-name wan --rateest-interval 1us --rateest-ewmalog 1500s ; REFUSED
        -j RATEEST --rateest-name wan --rateest-interval 8.1s --rateest-ewmalog 80s ; REFUSED
        -j RATEEST --rateest-name wan --rateest-interval 1s --rateest-ewmalog 1.4s ; REFUSED
        -j RATEEST --rateest-name wan --rateest-interval 0 --rateest-ewmalog 1s ; REFUSED
        -j RATEEST --rateest-name wan --rateest-interval -1 --rateest-ewmalog 1s ; REFUSED
        -j RATEEST --rateest-name wan --rateest-interval inf --rateest-ewmalog 1s ; REFUSED
        -j RATEEST --rateest-name wan --rateest-interval 1s --rateest-ewmalog inf ; REFUSED
        -j RATEEST --rateest-name wan --rateest-interval 1s --rateest-ewmalog nan ; REFUSED
        -j RATEEST --rateest-name wan --rateest-interval 1m --rateest-ewmalog 2s ; REFUSED
        -j RATEEST --rateest-name wan --rateest-interval "1 s" --rateest-ewmalog 2s ; REFUSED
        -j RATEEST --rateest-name wan --rateest-interval s --rateest-ewmalog 2s ; REFUSED
        -j RATEEST --rateest-name wan --rateest-interval 1s ; REFUSED
        -j RATEEST --rateest-name wan --rateest-ewmalog 2s ; REFUSED
        -j RATEEST --rateest-interval 1s --rateest-ewmalog 2s ; REFUSED
        -j RATEEST --rateest-name wan --rateest-name wan --rateest-interval 1s --rateest-ewmalog 2s ; REFUSED
        -j RATEEST ! --rateest-name wan --rateest-interval 1s --rateest-ewmalog 2s ; REFUSED
        -j RATEEST ; REFUSED
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
