//! Packets per time, as the limit match counts them.

use nom::Parser;

use super::{
    Context, Value, ValueError,
    integer::atoll,
    is_word,
    parse::{Parsed, after, complete, till, word},
};
use crate::{Word, Writer, writer};

/// A rate such as `3/hour`, kept as the kernel keeps it: the time between two packets
/// in units of 1/10000 second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// The time between two packets, in units of 1/10000 second; never 0.
    pub period: u32,
}

/// The kernel's units in a second (`XT_LIMIT_SCALE`).
const SCALE: u64 = 10_000;

/// The units: as they are read, as they are written, and the seconds in each.
const UNITS: [(&str, &str, u32); 4] = [
    ("second", "sec", 1),
    ("minute", "min", 60),
    ("hour", "hour", 60 * 60),
    ("day", "day", 24 * 60 * 60),
];

/// Parses `PACKETS[/UNIT]` into the packets, as `atoll` converts them, and the seconds of the
/// unit.
pub(crate) fn packets_in_time(text: &[u8]) -> Parsed<'_, (i64, u32)> {
    let unit = word(|unit: &[u8]| {
        let is_unit = |(name, ..): &&(&str, &str, u32)| is_word(unit, name, true);
        let (.., seconds) = UNITS.iter().find(is_unit)?;
        (!unit.is_empty()).then_some(*seconds)
    });
    (till(b'/').map(atoll), after('/', unit))
        .map(|(packets, seconds)| (packets, seconds.unwrap_or(1)))
        .parse_complete(text)
}

/// Returns the unit that `libxt_limit.c:print_rate` chooses for a period, of which a second
/// has `scale` parts: its name and its seconds.
pub(crate) fn best_unit(period: u64, scale: u64) -> (&'static str, u32) {
    // From the day down, as long as the next one expresses the rate as well.
    let worse = |(_, _, seconds): &&(&str, &str, u32)| {
        let unit = scale * u64::from(*seconds);
        period > unit || unit / period < unit % period
    };
    let finer = UNITS[..3]
        .iter()
        .rev()
        .take_while(|unit| !worse(unit))
        .last();
    let (_, name, seconds) = finer.unwrap_or(&UNITS[3]);
    (name, *seconds)
}

impl Rate {
    /// Returns the rate of so many packets in so many seconds.
    #[must_use]
    pub fn new(packets: u64, seconds: u32) -> Option<Self> {
        let period = (SCALE * u64::from(seconds)).checked_div(packets)?;
        match u32::try_from(period) {
            Ok(period @ 1..) => Some(Self { period }),
            _ => None,
        }
    }

    /// Parses `PACKETS[/UNIT]` as `libxt_limit.c:parse_rate` does.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (packets, seconds) = complete(packets_in_time, text)?;
        // `atoi` truncates the number. One below 0 is converted to one that is too large.
        let packets = u64::try_from(packets as i32).ok()?;
        Self::new(packets, seconds)
    }

    /// Writes the rate in the unit that expresses it best.
    pub fn write_to(self, out: &mut Vec<u8>) {
        let (packets, name, _) = self.in_best_unit();
        writer::decimal(out, packets);
        out.push(b'/');
        out.extend_from_slice(name.as_bytes());
    }

    /// Returns the packets and the unit that express it best, and the seconds of the unit.
    fn in_best_unit(self) -> (u64, &'static str, u32) {
        let period = u64::from(self.period.max(1));
        let (name, seconds) = best_unit(period, SCALE);
        (SCALE * u64::from(seconds) / period, name, seconds)
    }
}

impl Default for Rate {
    /// The default of `-m limit`: three an hour.
    fn default() -> Self {
        Self {
            period: 10_000 * 60 * 60 / 3,
        }
    }
}

impl<'a> Value<'a> for Rate {
    const ARGS: &'static [&'static str] = &["RATE[/second|/minute|/hour|/day]"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "a rate such as `5/second`, `3/hour` or `1/day`, of at most 10000 a second",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        let (packets, _, seconds) = self.in_best_unit();
        if Self::new(packets, seconds) != Some(*self) {
            out.mark_lossy();
        }
        self.write_to(out.begin());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_print_in_the_best_unit() {
        for (given, printed) in [
            ("3/hour", "3/hour"),
            ("5", "5/sec"),
            ("5/s", "5/sec"),
            ("60/minute", "1/sec"),
            ("90/m", "90/min"),
            ("1/day", "1/day"),
            ("24/day", "1/hour"),
            ("10000/sec", "10000/sec"),
        ] {
            let mut out = Vec::new();
            Rate::parse(given.as_bytes()).unwrap().write_to(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), printed, "{given}");
        }
        for refused in ["", "0", "5/", "5/week", "10001", "/sec"] {
            assert_eq!(Rate::parse(refused.as_bytes()), None, "{refused}");
        }
    }
}
