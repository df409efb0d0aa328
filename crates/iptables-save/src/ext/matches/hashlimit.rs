//! `-m hashlimit`: a limited rate for each source, destination or connection.

mod rate;

use self::rate::{ABOVE_MAX_PACKETS, SCALE, times, unit_of};
pub use self::rate::{Burst, HashRate, PacketRate};
use super::extension;
use crate::{
    Word, Writer,
    ext::OptionConflict,
    value::{
        Context, Invertible, PrefixLength, Required, Unquoted, Value, ValueError, atoll, best_unit,
        flags,
    },
};

extension! {
    /// Matches packets up to a rate or above it. The rate applies to each group of packets that
    /// agree in the fields of `--hashlimit-mode`.
    ///
    /// The kernel shows the groups in `/proc/net/ipt_hashlimit`. Kernel `xt_hashlimit`; iptables
    /// `libxt_hashlimit`.
    Hashlimit<'a> = "hashlimit" {
        /// Matches up to this rate: packets per second, minute, hour or day (`5/min`), or bytes
        /// per second (`512kb/s`).
        "--hashlimit-upto" | "--hashlimit" => upto: Option<Invertible<HashRate>>,
        /// Matches above this rate.
        "--hashlimit-above" => above: Option<Invertible<HashRate>>,
        /// The number of packets, by default 5, or of bytes (`1mb`) that pass before the rate
        /// applies.
        "--hashlimit-burst" => burst: Option<Burst>,
        /// The fields by which packets are grouped. By default all packets are in one group.
        "--hashlimit-mode" => mode: Option<HashMode>,
        /// The name of the hash table, which rules with the same name share. The kernel receives
        /// the first 254 bytes.
        "--hashlimit-name" => name: Required<Unquoted<'a, 254>> => |hashlimit| check_name(&hashlimit.name.0),
        /// The number of hash buckets.
        "--hashlimit-htable-size" => htable_size: Option<u32>,
        /// The maximum number of hash entries.
        "--hashlimit-htable-max" => htable_max: Option<u32>,
        /// The interval between garbage collections in milliseconds: by default 1000.
        "--hashlimit-htable-gcinterval" => htable_gcinterval: Option<u32>,
        /// The number of milliseconds after which an idle hash entry expires.
        "--hashlimit-htable-expire" => htable_expire: Option<u32>,
        /// The prefix length by which source addresses are grouped: by default that of a single
        /// host.
        "--hashlimit-srcmask" => srcmask: Option<PrefixLength>,
        /// The prefix length by which destination addresses are grouped: by default that of a
        /// single host.
        "--hashlimit-dstmask" => dstmask: Option<PrefixLength>,
        /// Compares the rate of the last interval instead of limiting the rate.
        "--hashlimit-rate-match" => rate_match: bool,
        /// The length of that interval in seconds: by default the unit of the rate.
        "--hashlimit-rate-interval" => rate_interval: Option<Seconds>,
    }
    one of ["--hashlimit-upto", "--hashlimit-above"];
    at_least one of ["--hashlimit-upto", "--hashlimit-above"];
    validate = validate;
    normalize = normalize;
    omit mode when |mode| mode.is_empty();
    omit htable_size when |size| *size == 0;
    omit htable_max when |most| *most == 0;
    omit htable_gcinterval when |time| *time == 1000;
}

flags! {
    /// The fields by which packets are grouped.
    HashMode: u8, "srcip,srcport,dstip,dstport", exact, gaps, bars {
        /// The source address.
        SRCIP = "srcip": 0x02,
        /// The source port.
        SRCPORT = "srcport": 0x08,
        /// The destination address.
        DSTIP = "dstip": 0x01,
        /// The destination port.
        DSTPORT = "dstport": 0x04,
    }
}

/// A number of seconds, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(u32);

impl Seconds {
    /// Returns a number of seconds from 1 to 2147483647.
    #[must_use]
    pub const fn new(seconds: u32) -> Option<Self> {
        match seconds {
            1..=0x7fff_ffff => Some(Self(seconds)),
            _ => None,
        }
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<'a> Value<'a> for Seconds {
    const ARGS: &'static [&'static str] = &["SECONDS"];

    /// Converts a number as `atoi` does, which ignores what follows its digits.
    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        u32::try_from(atoll(&args[0].text) as i32)
            .ok()
            .and_then(Self::new)
            .ok_or(ValueError::new("seconds from 1 to 2147483647"))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.0);
    }
}

fn check_name(name: &Unquoted<'_, 254>) -> Result<(), ValueError> {
    if name.0.is_empty() {
        return Err(ValueError::new("a name"));
    }
    Ok(())
}

/// Checks what `libxt_hashlimit.c:hashlimit_mt_check` and the kernel check.
fn validate(hashlimit: &Hashlimit<'_>, _: &Context) -> Result<(), OptionConflict> {
    let Hashlimit { upto, above, .. } = hashlimit;
    let Some(Invertible { value: rate, .. }) = upto.or(*above) else {
        return Ok(());
    };
    match (rate, hashlimit.burst) {
        (HashRate::Bytes(rate), Some(Burst::Packets(burst) | Burst::Bytes(burst)))
            if rate == 0 || burst < rate =>
        {
            Err("the burst must not be smaller than the rate".into())
        }
        (HashRate::Packets(_), Some(Burst::Bytes(_) | Burst::Packets(ABOVE_MAX_PACKETS..))) => {
            Err("a burst is at most 1000000 packets".into())
        }
        (HashRate::Packets(rate), _)
            if hashlimit.rate_match && rate.period < u64::from(rate.unit) =>
        {
            Err("the rate is too high for `--hashlimit-rate-match`".into())
        }
        _ => Ok(()),
    }
}

/// Keeps what `libxt_hashlimit.c:hashlimit_mt_save` prints.
fn normalize(hashlimit: &mut Hashlimit<'_>, context: &Context) {
    let Hashlimit {
        upto, above, burst, ..
    } = hashlimit;
    // `! --hashlimit-upto` is `--hashlimit-above`.
    if upto.or(*above).is_some_and(|rate| rate.inverted) {
        std::mem::swap(upto, above);
    }
    let Some(rate) = upto.as_mut().or(above.as_mut()) else {
        return;
    };
    rate.inverted = false;

    let rate_interval = &mut hashlimit.rate_interval;
    let (written_expire, read_expire);
    match &mut rate.value {
        HashRate::Bytes(rate) => {
            read_expire = if burst.is_some() { 60_000 } else { 15_000 };
            if let Some(Burst::Packets(wanted) | Burst::Bytes(wanted)) = *burst
                && *rate != 0
            {
                // iptables-save omits a burst of 0, and prints others in whole units.
                *burst = match times(wanted, *rate) {
                    0 => None,
                    kept => {
                        let all = kept * *rate;
                        let written = all - all % unit_of(all).1;
                        let same = written >= *rate && times(written, *rate) == kept;
                        Some(Burst::Bytes(if same { written } else { all }))
                    }
                };
            }
            *rate_interval = rate_interval.or(Seconds::new(1));
            written_expire = if burst.is_some() { 60_000 } else { 15_000 };
        }
        HashRate::Packets(rate) => {
            burst.get_or_insert(Burst::Packets(5));
            read_expire = rate.unit.saturating_mul(1000);
            if hashlimit.rate_match {
                *rate_interval = rate_interval.or(Seconds::new(rate.unit));
                rate.period = (rate.period / u64::from(rate.unit)).max(1);
            }
            rate.unit = best_unit(rate.period, SCALE).1;
            written_expire = rate.unit * 1000;
        }
    }
    let expire = hashlimit.htable_expire.unwrap_or(read_expire);
    hashlimit.htable_expire = (expire != written_expire).then_some(expire);
    *rate_interval = rate_interval.filter(|seconds| hashlimit.rate_match && seconds.get() != 1);
    let full = PrefixLength::full(context.family_or_v4());
    hashlimit.srcmask = hashlimit.srcmask.filter(|mask| *mask != full);
    hashlimit.dstmask = hashlimit.dstmask.filter(|mask| *mask != full);
}

crate::value::owned!(HashMode, HashRate, Burst, Seconds);

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
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
            -m hashlimit --hashlimit-upto " 5 times/SEC" --hashlimit-name a ; -m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name a
            -m hashlimit --hashlimit-upto 5kB/s --hashlimit-name a ; -m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name a
            -m hashlimit --hashlimit-upto "5 kb/second" --hashlimit-name a ; -m hashlimit --hashlimit-upto 5kb/s --hashlimit-name a
            -m hashlimit --hashlimit-upto 500Kb/s --hashlimit-name a ; -m hashlimit --hashlimit-upto 496b/s --hashlimit-name a
            -m hashlimit --hashlimit-upto 15b/s --hashlimit-name a ; UNREADABLE -m hashlimit --hashlimit-upto 0b/s --hashlimit-name a
            -m hashlimit --hashlimit-upto 4294967296b/s --hashlimit-name a ; -m hashlimit --hashlimit-upto 4581298432b/s --hashlimit-name a
            -m hashlimit --hashlimit-upto 100000000000b/s --hashlimit-name a ; -m hashlimit --hashlimit-upto 34359738336b/s --hashlimit-name a
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst " 0x10" --hashlimit-name a ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 16 --hashlimit-name a
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst "010 k" --hashlimit-name a ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 8 --hashlimit-name a
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 976kilo --hashlimit-name a ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 999424 --hashlimit-name a
            -m hashlimit --hashlimit-upto 1kb/s --hashlimit-burst 5000 --hashlimit-name a ; -m hashlimit --hashlimit-upto 1kb/s --hashlimit-burst 5kb --hashlimit-name a
            -m hashlimit --hashlimit-upto 1kb/s --hashlimit-burst 8193mb --hashlimit-name a ; -m hashlimit --hashlimit-upto 1kb/s --hashlimit-burst 1mb --hashlimit-name a
            -m hashlimit --hashlimit-upto 1kb/s --hashlimit-burst 2000kb --hashlimit-name a ; UNREADABLE -m hashlimit --hashlimit-upto 1kb/s --hashlimit-burst 1mb --hashlimit-name a
            -m hashlimit --hashlimit-upto 1025kb/s --hashlimit-burst 1025kb --hashlimit-name a ; UNREADABLE -m hashlimit --hashlimit-upto 1025kb/s --hashlimit-burst 1mb --hashlimit-name a
            -m hashlimit --hashlimit-upto 1kb/s --hashlimit-burst 4096mb --hashlimit-name a ; -m hashlimit --hashlimit-upto 1kb/s --hashlimit-name a --hashlimit-htable-expire 60000
            -m hashlimit --hashlimit-upto 1kb/s --hashlimit-burst 1kb --hashlimit-name a --hashlimit-htable-expire 15000 ; =
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-mode "|srcip,,dstip|" --hashlimit-name a ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-mode srcip,dstip --hashlimit-name a
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-mode "" --hashlimit-name a ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name a
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-name a --hashlimit-rate-match --hashlimit-rate-interval 4294967303s ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name a --hashlimit-rate-match --hashlimit-rate-interval 7
            -m hashlimit --hashlimit-u 1/sec --hashlimit-n a --hashlimit-htable-s 0 --hashlimit-htable-m 0 ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name a
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-mode SRCIP --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto -1/sec --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 0b/s --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto b/s --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 5/ --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 5/seconds --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 15b/s --hashlimit-burst 5 --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst -1 --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 977k --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1kb/s --hashlimit-burst 2000000 --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-name "" ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-name a --hashlimit-rate-interval 0x7 ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-name a --hashlimit-rate-interval 2147483648 ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec --hashlimit 1/sec --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec ; REFUSED
            -m hashlimit --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-above 1/sec --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 0/sec --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1000001/sec --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 0 --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 1000001 --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1mb/s --hashlimit-burst 1kb --hashlimit-name a ; REFUSED
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-mode source --hashlimit-name a ; REFUSED
            "#,
        );
        lines::check_v6(
            "
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name a --hashlimit-srcmask 64 ; =
            -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name a --hashlimit-srcmask 128 ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name a
            ",
        );
    }
    #[test]
    fn long_names_are_truncated() {
        let (given, kept) = ("a".repeat(300), "a".repeat(254));
        let begin = "-m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-name";
        lines::check(&format!("{begin} {given} ; {begin} {kept}"));
    }
}
