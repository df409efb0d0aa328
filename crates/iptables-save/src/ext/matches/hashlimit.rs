//! `-m hashlimit`: no more than so many packets or bytes a time, for each sender,
//! receiver or connection.

use super::extension;
use crate::{
    Family, Word, Writer,
    ext::Unfit,
    value::{
        Context, Label, Must, Not, PrefixLength, Value, ValueError, Within, best_unit, flags,
        packets_in_time,
    },
    writer,
};

extension! {
    /// Matches while, or once, packets come faster than a rate. Packets are counted
    /// apart by the addresses and ports that `--hashlimit-mode` names.
    ///
    /// The kernel shows counts in `/proc/net/ipt_hashlimit`. Kernel `xt_hashlimit`;
    /// iptables `libxt_hashlimit`.
    Hashlimit<'a> = "hashlimit" {
        /// Matches up to this rate: packets a second, minute, hour or day (`5/min`), or
        /// bytes a second (`512kb/s`).
        "--hashlimit-upto" | "--hashlimit" => upto: Option<Not<HashRate>>,
        /// Matches above this rate.
        "--hashlimit-above" => above: Option<Not<HashRate>>,
        /// How many packets, by default 5, or bytes (`1mb`) may come at once before the
        /// rate counts.
        "--hashlimit-burst" => burst: Option<Burst>,
        /// What is counted apart: by default nothing.
        "--hashlimit-mode" => mode: Option<HashMode>,
        /// The name under which rules share their counts.
        "--hashlimit-name" => name: Must<Label<'a, 254>>,
        /// How many lists the counts are spread over.
        "--hashlimit-htable-size" => htable_size: Option<u32>,
        /// How many counts are kept at most.
        "--hashlimit-htable-max" => htable_max: Option<u32>,
        /// Milliseconds after which old counts are looked for: by default 1000.
        "--hashlimit-htable-gcinterval" => htable_gcinterval: Option<u32>,
        /// Milliseconds after which a count that no packet came for is forgotten.
        "--hashlimit-htable-expire" => htable_expire: Option<u32>,
        /// How many bits of a source address count: by default all.
        "--hashlimit-srcmask" => srcmask: Option<PrefixLength>,
        /// How many bits of a destination address count: by default all.
        "--hashlimit-dstmask" => dstmask: Option<PrefixLength>,
        /// Compares with the rate of the last interval, and does not hold packets back.
        "--hashlimit-rate-match" => rate_match: bool,
        /// The seconds of that interval: by default those of the rate's unit.
        "--hashlimit-rate-interval" => rate_interval: Option<Within<1, { i32::MAX as u32 }>>,
    }
    one of ["--hashlimit-upto", "--hashlimit-above"];
    finish = finish;
}

flags! {
    /// What is counted apart.
    HashMode: u8, "srcip,srcport,dstip,dstport" {
        /// Source addresses.
        SRCIP = "srcip": 0x02,
        /// Source ports.
        SRCPORT = "srcport": 0x08,
        /// Destination addresses.
        DSTIP = "dstip": 0x01,
        /// Destination ports.
        DSTPORT = "dstport": 0x04,
    }
}

/// How many packets or bytes in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashRate {
    /// Packets.
    Packets(PacketRate),
    /// Bytes a second. Of large numbers the kernel keeps the first digits only.
    Bytes(u64),
}

/// Packets in a time, kept as the kernel keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PacketRate {
    /// The time between two packets, in microseconds; never 0.
    period: u64,
    /// The seconds of the unit that the rate is told in.
    unit: u32,
}

/// The kernel's parts of a second (`XT_HASHLIMIT_SCALE_v2`).
const SCALE: u64 = 1_000_000;

impl PacketRate {
    /// So many packets in so many seconds; none when that is more than one packet in a
    /// microsecond, or no packet at all.
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

    /// The time between two packets, in microseconds; never 0.
    #[must_use]
    pub const fn period(self) -> u64 {
        self.period
    }
}

/// The kernel's cost of a byte (`libxt_hashlimit.c:bytes_to_cost`).
const fn cost(bytes: u64) -> u64 {
    u32::MAX as u64 / ((bytes >> 4) + 1)
}

/// The bytes a second that a cost stands for (`libxt_hashlimit.c:cost_to_bytes`).
const fn bytes(cost: u64) -> u64 {
    (u32::MAX as u64 / cost - 1) << 4
}

impl HashRate {
    /// So many bytes a second, as near as the kernel keeps it; none for more than the
    /// kernel can count, or no bytes at all.
    #[must_use]
    pub fn bytes(number: u64) -> Option<Self> {
        match cost(number) {
            cost @ 1.. if number > 0 => Some(Self::Bytes(bytes(cost))),
            _ => None,
        }
    }

    fn parse(text: &[u8]) -> Option<Self> {
        match text.strip_suffix(b"b/s") {
            Some(number) => Self::bytes(scaled(number)?),
            None => {
                let (packets, seconds) = packets_in_time(text)?;
                PacketRate::new(packets, seconds).map(Self::Packets)
            }
        }
    }
}

/// Reads a number with `k` or `m` after it.
fn scaled(text: &[u8]) -> Option<u64> {
    let (digits, factor) = match text {
        [digits @ .., b'k'] => (digits, 1 << 10),
        [digits @ .., b'm'] => (digits, 1 << 20),
        digits => (digits, 1),
    };
    let number: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    number.checked_mul(factor)
}

/// The units of bytes, from the largest.
const UNITS: [(&str, u64); 3] = [("mb", 1 << 20), ("kb", 1 << 10), ("b", 1)];

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
                (SCALE * u64::from(seconds) / rate.period, unit)
            }
            Self::Bytes(number) => {
                // The largest unit that means the same to the kernel.
                let same =
                    |unit: u64| *number >= unit && cost(number & !(unit - 1)) == cost(*number);
                let (unit, size) = UNITS
                    .into_iter()
                    .find(|(_, size)| same(*size))
                    .unwrap_or(UNITS[2]);
                writer::decimal(out.begin(), number / size);
                out.more().extend_from_slice(unit.as_bytes());
                return out.more().extend_from_slice(b"/s");
            }
        };
        writer::decimal(out.begin(), number);
        out.more().push(b'/');
        out.more().extend_from_slice(unit.as_bytes());
    }
}

/// How much may come at once before the rate counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Burst {
    /// Packets, up to a million.
    Packets(u64),
    /// Bytes.
    Bytes(u64),
}

const MOST_PACKETS: u64 = 1_000_000;

impl<'a> Value<'a> for Burst {
    const ARGS: &'static [&'static str] = &["PACKETS|BYTES[k|m]b"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let text = &args[0].text;
        let burst = match text.strip_suffix(b"b") {
            Some(number) => scaled(number).map(Self::Bytes),
            None => scaled(text)
                .filter(|packets| *packets <= MOST_PACKETS)
                .map(Self::Packets),
        };
        burst
            .filter(|burst| !matches!(burst, Self::Packets(0) | Self::Bytes(0)))
            .ok_or(ValueError::new(
                "packets from 1 to 1000000, or bytes such as `512kb` or `1mb`",
            ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        match self {
            Self::Packets(number) => out.number(*number),
            Self::Bytes(number) => {
                let (unit, size) = UNITS
                    .into_iter()
                    .find(|(_, size)| number >= size)
                    .unwrap_or(UNITS[2]);
                writer::decimal(out.begin(), number / size);
                out.more().extend_from_slice(unit.as_bytes());
            }
        }
    }
}

/// What `libxt_hashlimit.c:hashlimit_mt_check` and `hashlimit_mt_save` make of it.
fn finish(it: &mut Hashlimit<'_>, context: &Context) -> Result<(), Unfit> {
    // `! --hashlimit-upto` is `--hashlimit-above`.
    if it.upto.or(it.above).is_some_and(|rate| rate.negated) {
        std::mem::swap(&mut it.upto, &mut it.above);
    }
    let Some(rate) = it.upto.as_mut().or(it.above.as_mut()) else {
        return Err("`hashlimit` needs `--hashlimit-upto` or `--hashlimit-above`".into());
    };
    rate.negated = false;

    let (written_expire, read_expire);
    match &mut rate.value {
        HashRate::Bytes(rate) => {
            if let Some(burst) = &mut it.burst {
                let (Burst::Packets(wanted) | Burst::Bytes(wanted)) = *burst;
                if *rate == 0 || wanted < *rate {
                    return Err("the burst must not be smaller than the rate".into());
                }
                *burst = Burst::Bytes(wanted.div_ceil(*rate).saturating_mul(*rate));
            }
            it.rate_interval = it.rate_interval.or(Within::new(1));
            written_expire = if it.burst.is_some() { 60_000 } else { 15_000 };
            read_expire = written_expire;
        }
        HashRate::Packets(rate) => {
            match it.burst.get_or_insert(Burst::Packets(5)) {
                Burst::Packets(1..=MOST_PACKETS) => {}
                burst @ Burst::Bytes(1..=MOST_PACKETS) => {
                    let Burst::Bytes(number) = *burst else {
                        unreachable!("the pattern says so")
                    };
                    *burst = Burst::Packets(number);
                }
                _ => return Err("a burst has 1000000 packets at most".into()),
            }
            read_expire = rate.unit * 1000;
            if it.rate_match {
                it.rate_interval = it.rate_interval.or(Within::new(rate.unit));
                rate.period /= u64::from(rate.unit);
                if rate.period == 0 {
                    return Err("the rate is too high for `--hashlimit-rate-match`".into());
                }
            }
            rate.unit = best_unit(rate.period, SCALE).1;
            written_expire = rate.unit * 1000;
        }
    }
    let expire = it.htable_expire.unwrap_or(read_expire);
    it.htable_expire = (expire != written_expire).then_some(expire);
    it.rate_interval = it
        .rate_interval
        .filter(|seconds| it.rate_match && seconds.get() != 1);
    it.htable_size = it.htable_size.filter(|size| *size != 0);
    it.htable_max = it.htable_max.filter(|most| *most != 0);
    it.htable_gcinterval = it.htable_gcinterval.filter(|time| *time != 1000);
    let full = PrefixLength::full(context.family.unwrap_or(Family::V4));
    it.srcmask = it.srcmask.filter(|mask| *mask != full);
    it.dstmask = it.dstmask.filter(|mask| *mask != full);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name a ; =
            -m hashlimit --hashlimit 5 --hashlimit-name a ; -m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name a
            -m hashlimit ! --hashlimit-upto 5/min --hashlimit-name a ; -m hashlimit --hashlimit-above 5/min --hashlimit-burst 5 --hashlimit-name a
            -m hashlimit ! --hashlimit-above 5/hour --hashlimit-name a ; -m hashlimit --hashlimit-upto 5/hour --hashlimit-burst 5 --hashlimit-name a
            -m hashlimit --hashlimit-above 512kb/s --hashlimit-name a ; =
            -m hashlimit --hashlimit-above 524288b/s --hashlimit-name a ; -m hashlimit --hashlimit-above 512kb/s --hashlimit-name a
            -m hashlimit --hashlimit-upto 1mb/s --hashlimit-burst 2mb --hashlimit-name a ; =
            -m hashlimit --hashlimit-upto 1000b/s --hashlimit-burst 1500 --hashlimit-name a ; -m hashlimit --hashlimit-upto 992b/s --hashlimit-burst 1kb --hashlimit-name a
            -m hashlimit --hashlimit-upto 9999kb/s --hashlimit-burst 20mb --hashlimit-name a ; -m hashlimit --hashlimit-upto 9999kb/s --hashlimit-burst 29mb --hashlimit-name a
            -m hashlimit --hashlimit-upto 60/min --hashlimit-name a ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name a --hashlimit-htable-expire 60000
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-htable-expire 1000 --hashlimit-burst 10 --hashlimit-name a ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 10 --hashlimit-name a
            -m hashlimit --hashlimit-upto 3/s --hashlimit-mode dstport,srcip,dstip,srcport --hashlimit-name a ; -m hashlimit --hashlimit-upto 3/sec --hashlimit-burst 5 --hashlimit-mode srcip,srcport,dstip,dstport --hashlimit-name a
            -m hashlimit --hashlimit-upto 1000000/sec --hashlimit-burst 1000000 --hashlimit-name a ; =
            -m hashlimit --hashlimit-upto 1/day --hashlimit-burst 5kb --hashlimit-name a ; -m hashlimit --hashlimit-upto 1/day --hashlimit-burst 5120 --hashlimit-name a
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-name a --hashlimit-htable-size 512 --hashlimit-htable-max 1024 --hashlimit-htable-gcinterval 2000 --hashlimit-srcmask 24 --hashlimit-dstmask 255.255.0.0 ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name a --hashlimit-htable-size 512 --hashlimit-htable-max 1024 --hashlimit-htable-gcinterval 2000 --hashlimit-srcmask 24 --hashlimit-dstmask 16
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-name a --hashlimit-htable-gcinterval 1000 --hashlimit-srcmask 32 ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name a
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-name a --hashlimit-rate-match ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name a --hashlimit-rate-match
            -m hashlimit --hashlimit-upto 10/min --hashlimit-name a --hashlimit-rate-match ; -m hashlimit --hashlimit-upto 10/sec --hashlimit-burst 5 --hashlimit-name a --hashlimit-htable-expire 60000 --hashlimit-rate-match --hashlimit-rate-interval 60
            -m hashlimit --hashlimit-upto 1kb/s --hashlimit-name a --hashlimit-rate-match --hashlimit-rate-interval 7 ; =
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-name a --hashlimit-rate-interval 7 ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name a
            -m hashlimit --hashlimit-upto 1/sec ; REFUSED
            -m hashlimit --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-above 1/sec --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 0/sec --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1000001/sec --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 0 --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 1000001 --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1mb/s --hashlimit-burst 1kb --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-mode source --hashlimit-name a ; REFUSED
            ",
        );
        lines::check_v6(
            "
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name a --hashlimit-srcmask 64 ; =
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name a --hashlimit-srcmask 128 ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name a
            ",
        );
    }
}
