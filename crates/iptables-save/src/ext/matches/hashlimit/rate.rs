//! Rates and bursts of packets or bytes, as `-m hashlimit` takes them.

use nom::combinator::{map_opt, rest, verify};

use crate::{
    Word, Writer,
    value::{Context, Value, ValueError, atoll, best_unit, complete, integer, packets_in_time},
    writer,
};

/// A rate of packets or bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashRate {
    /// A rate of packets.
    Packets(PacketRate),
    /// Bytes per second. The kernel keeps only the first digits of large numbers.
    Bytes(u64),
}

/// A rate of packets, in the units of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PacketRate {
    /// The time between two packets in microseconds; never 0.
    pub(super) period: u64,
    /// The unit of the rate in seconds.
    pub(super) unit: u32,
}

/// The kernel's units per second (`XT_HASHLIMIT_SCALE_v2`).
pub(super) const SCALE: u64 = 1_000_000;

impl PacketRate {
    /// Returns the rate of a number of packets in a number of seconds; `None` if it is more than
    /// one packet per microsecond, or no packet at all.
    #[must_use]
    pub fn new(packets: u64, seconds: u32) -> Option<Self> {
        match (SCALE * u64::from(seconds)).checked_div(packets) {
            Some(period @ 1..) => Some(Self {
                period,
                unit: seconds,
            }),
            _ => None,
        }
    }

    /// Returns the time between two packets in microseconds; never 0.
    #[must_use]
    pub const fn period(self) -> u64 {
        self.period
    }
}

/// Returns the kernel's cost of a byte (`libxt_hashlimit.c:bytes_to_cost`), which truncates a
/// sixteenth of the bytes to 32 bits; `None` where iptables divides by 0.
fn cost(bytes: u64) -> Option<u32> {
    u32::MAX.checked_div(((bytes >> 4) as u32).wrapping_add(1))
}

/// Returns the bytes per second that a cost represents (`libxt_hashlimit.c:cost_to_bytes`).
fn bytes(cost: u32) -> u64 {
    u64::from(u32::MAX / cost - 1) << 4
}

impl HashRate {
    /// Returns a rate in bytes per second as precisely as the kernel stores it. Less than 16
    /// becomes 0, and rates of 68719476736 and more wrap around; `None` where iptables fails.
    #[must_use]
    pub fn bytes(number: u64) -> Option<Self> {
        cost(number).map(|cost| Self::Bytes(bytes(cost)))
    }

    /// Parses a rate as `libxt_hashlimit.c:parse_bytes` and `parse_rate` do: it is one of bytes
    /// if it contains `b/s` and is not 0. What follows the digits is ignored except for the
    /// letter before `b/s`.
    fn parse(text: &[u8]) -> Option<Self> {
        if let Some(at @ 1..) = memchr::memmem::find(text, b"b/s") {
            let number = atoll(text) as u64;
            if number != 0 {
                return Self::bytes(number.wrapping_mul(factor(text[at - 1])));
            }
        }
        let (packets, seconds) = complete(packets_in_time, text)?;
        PacketRate::new(u64::try_from(packets).ok()?, seconds).map(Self::Packets)
    }
}

/// Returns the factor that a letter after a number represents.
const fn factor(letter: u8) -> u64 {
    match letter {
        b'k' => 1 << 10,
        b'm' => 1 << 20,
        _ => 1,
    }
}

/// The units of bytes, from the largest.
const UNITS: [(&str, u32); 3] = [("mb", 1 << 20), ("kb", 1 << 10), ("b", 1)];

impl Default for HashRate {
    fn default() -> Self {
        Self::Bytes(0)
    }
}

impl<'a> Value<'a> for HashRate {
    const ARGS: &'static [&'static str] = &["RATE[/UNIT]|BYTES[k|m]b/s"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "a rate such as `5/second`, `3/hour`, `1/day` or `512kb/s`",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        let (number, unit) = match self {
            Self::Packets(rate) => {
                let (unit, seconds) = best_unit(rate.period, SCALE);
                let all = SCALE * u64::from(seconds);
                let number = all / rate.period;
                if all / number != rate.period {
                    out.mark_lossy();
                }
                (number, unit)
            }
            Self::Bytes(number) => {
                // The largest unit with the same cost in the kernel. `print_bytes` truncates
                // the number to 4 GiB for this test, and so finds no unit above that.
                let same = |size: u32| {
                    let whole = number & u64::from(!(size - 1));
                    *number >= size.into() && cost(whole) == cost(*number)
                };
                let (unit, size) = UNITS
                    .into_iter()
                    .find(|(_, size)| same(*size))
                    .unwrap_or(UNITS[2]);
                if *number == 0 {
                    out.mark_lossy();
                }
                writer::decimal(out.begin(), number / u64::from(size));
                out.more().extend_from_slice(unit.as_bytes());
                return out.more().extend_from_slice(b"/s");
            }
        };
        writer::decimal(out.begin(), number);
        out.more().push(b'/');
        out.more().extend_from_slice(unit.as_bytes());
    }
}

/// Returns how often a rate fits into a burst, which is what the kernel receives
/// (`libxt_hashlimit.c:hashlimit_mt_check`): into the lower 32 bits of the burst.
pub(super) fn times(burst: u64, rate: u64) -> u64 {
    u64::from(burst as u32) / rate + u64::from(!burst.is_multiple_of(rate))
}

/// Returns the largest unit that is not greater than a number, and its size.
pub(super) fn unit_of(number: u64) -> (&'static str, u64) {
    let fits = |(_, size): &(_, u32)| number >= u64::from(*size);
    let (unit, size) = UNITS.into_iter().find(fits).unwrap_or(UNITS[2]);
    (unit, size.into())
}

/// The packets or bytes that pass before the rate applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Burst {
    /// Packets, up to a million.
    Packets(u64),
    /// Bytes. iptables-save prints only whole units of `kb` or `mb`.
    Bytes(u64),
}

const MAX_PACKETS: u64 = 1_000_000;
pub(super) const ABOVE_MAX_PACKETS: u64 = MAX_PACKETS + 1;

impl<'a> Value<'a> for Burst {
    const ARGS: &'static [&'static str] = &["PACKETS|BYTES[k|m]b"];

    /// Parses a number as `libxt_hashlimit.c:parse_burst` does, with a letter that
    /// multiplies it. The rate decides whether it is one of bytes: see `normalize`.
    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let number = verify(integer::<u64>, |number| *number > 0);
        let burst = map_opt((number, rest), |(number, rest)| match rest {
            [] => (number <= MAX_PACKETS).then_some(number),
            [letter, ..] => Some(number.wrapping_mul(factor(*letter))),
        });
        complete(burst, &args[0].text)
            .map(Self::Packets)
            .ok_or(ValueError::new(
                "packets from 1 to 1000000, or bytes such as `512kb` or `1mb`",
            ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        match self {
            Self::Packets(number) => out.number(*number),
            Self::Bytes(number) => {
                let (unit, size) = unit_of(*number);
                if number % size != 0 {
                    out.mark_lossy();
                }
                writer::decimal(out.begin(), number / size);
                out.more().extend_from_slice(unit.as_bytes());
            }
        }
    }
}
