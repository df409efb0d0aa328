//! `-m rateest`: the rates that `-j RATEEST` estimates.

use nom::combinator::rest;

use super::extension;
use crate::{
    Word, Writer,
    value::{
        Argument, Context, Field, Flag, Invertible, Unquoted, Value, ValueError, complete, float,
        low_bits, unsigned,
    },
};

extension! {
    /// Compares the rate of a rate estimator with a value, or with the rate of another
    /// estimator. `-j RATEEST` collects the statistics.
    ///
    /// Of several comparisons the last one applies, inverted if `!` precedes any of them.
    /// Kernel `xt_rateest`; iptables `libxt_rateest`.
    Rateest<'a> = "rateest" {
        /// Compares the differences between the given values and the rates.
        "--rateest-delta" => delta: bool,
        /// The name of the first estimator, truncated to 15 bytes.
        "--rateest1" | "--rateest" => estimator: Option<Unquoted<'a, 15>>,
        /// With `--rateest-delta`: the byte rate from which the first estimator's rate is
        /// subtracted.
        "--rateest-bps1" => bps1: Option<BytesPerSecond>,
        /// With `--rateest-delta`: the packet rate from which the first estimator's rate is
        /// subtracted.
        "--rateest-pps1" => pps1: Option<PacketsPerSecond>,
        /// Matches if the rate is less than that of the other estimator or the given value.
        "--rateest-lt" => less: Option<Invertible<Flag>>
            => |rateest| rateest.less = rateest.compare_as(rateest.less),
        /// Matches if the rate is greater than that of the other estimator or the given value.
        "--rateest-gt" => greater: Option<Invertible<Flag>>
            => |rateest| rateest.greater = rateest.compare_as(rateest.greater),
        /// Matches if the rate equals that of the other estimator or the given value.
        "--rateest-eq" => equal: Option<Invertible<Flag>>
            => |rateest| rateest.equal = rateest.compare_as(rateest.equal),
        /// Compares the byte rate, with this rate unless there is another estimator.
        ///
        /// With `--rateest-delta` and another estimator, the rate from which that one's rate
        /// is subtracted.
        "--rateest-bps2" | "--rateest-bps" => bps2: Option<BytesPerSecond>,
        /// Compares the packet rate, with this rate unless there is another estimator.
        ///
        /// With `--rateest-delta` and another estimator, the rate from which that one's rate
        /// is subtracted.
        "--rateest-pps2" | "--rateest-pps" => pps2: Option<PacketsPerSecond>,
        /// The name of the second estimator, truncated to 15 bytes.
        "--rateest2" => other: Option<Unquoted<'a, 15>>,
    }
    at_least one of ["--rateest-lt", "--rateest-gt", "--rateest-eq"],
        ["--rateest-bps1", "--rateest-pps1", "--rateest-bps2", "--rateest-pps2"];
    normalize = |rateest, _| {
        let Rateest { delta, other, .. } = rateest;
        let (delta, has_other) = (*delta, other.is_some());
        keep_rates(&mut rateest.bps1, &mut rateest.bps2, delta, has_other);
        keep_rates(&mut rateest.pps1, &mut rateest.pps2, delta, has_other);
    };
    default estimator = Unquoted::default();
    write = write;
}

impl Rateest<'_> {
    /// Replaces all comparisons by the newest one, which stays inverted if any was.
    fn compare_as(&mut self, newest: Option<Invertible<Flag>>) -> Option<Invertible<Flag>> {
        let all = [self.less.take(), self.greater.take(), self.equal.take()];
        let inverted = all.iter().flatten().any(|one| one.inverted);
        newest.map(|Invertible { value, .. }| Invertible { inverted, value })
    }
}

/// A rate in bytes per second, read as a number of bits or with a unit; 0 if the word is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct BytesPerSecond(pub u32);

/// A rate in packets per second; 0 if the word is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PacketsPerSecond(pub u32);

crate::value::owned!(BytesPerSecond, PacketsPerSecond);

/// Bits in each unit of a rate, as iproute2 defines them.
const UNITS: [(&str, f64); 18] = [
    ("bit", 1.0),
    ("Kibit", 1024.0),
    ("kbit", 1e3),
    ("Mibit", 1_048_576.0),
    ("mbit", 1e6),
    ("Gibit", 1_073_741_824.0),
    ("gbit", 1e9),
    ("Tibit", 1_099_511_627_776.0),
    ("tbit", 1e12),
    ("Bps", 8.0),
    ("KiBps", 8_192.0),
    ("KBps", 8e3),
    ("MiBps", 8_388_608.0),
    ("MBps", 8e6),
    ("GiBps", 8_589_934_592.0),
    ("GBps", 8e9),
    ("TiBps", 8_796_093_022_208.0),
    ("TBps", 8e12),
];

/// Reads the optional word of a rate, unless it may be the next option.
fn rate(
    args: &[Word<'_>],
    read: impl FnOnce(&[u8]) -> Option<u32>,
    expected: &'static str,
) -> Result<u32, ValueError> {
    let Some(word) = args.first() else {
        return Ok(0);
    };
    match word.text.first() {
        Some(b'-' | b'!') => None,
        _ => read(&word.text),
    }
    .ok_or(ValueError::new(expected))
}

impl BytesPerSecond {
    /// Parses a number of bits, or a number with a unit.
    fn parse(text: &[u8]) -> Option<u32> {
        let (number, unit) = complete((float, rest), text)?;
        let is_unit = |name: &str| unit.eq_ignore_ascii_case(name.as_bytes());
        let bits = match unit {
            b"" => number,
            _ => number * UNITS.iter().find(|(name, _)| is_unit(name))?.1,
        };
        Some(low_bits(bits / 8.0))
    }
}

impl<'a> Value<'a> for BytesPerSecond {
    const ARGS: &'static [&'static str] = &["[RATE]"];
    const MAY_MISS_WORD: bool = true;

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let expected = "a rate such as `5kbit`, `1.5Mbit` or `64KiBps`, or no value";
        rate(args, Self::parse, expected).map(Self)
    }

    /// Writes the rate as `libxt_rateest.c:rateest_print_rate` does, which rounds large rates.
    fn write(&self, out: &mut Writer<'_>) {
        use std::io::Write as _;
        let bits = f64::from(self.0) * 8.0;
        let (size, unit) = match bits {
            1e9.. => (1e6, "Mbit"),
            1e6.. => (1e3, "Kbit"),
            _ => (1.0, "bit"),
        };
        if bits % size != 0.0 {
            out.mark_lossy();
        }
        write!(out.begin(), "{:.0}{unit}", bits / size).expect("writing to a Vec cannot fail");
    }
}

impl<'a> Value<'a> for PacketsPerSecond {
    const ARGS: &'static [&'static str] = &["[PACKETS]"];
    const MAY_MISS_WORD: bool = true;

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let expected = "a number of packets from 0 to 4294967295, or no value";
        rate(args, unsigned, expected).map(Self)
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.0);
    }
}

/// Keeps those of two rates that `libxt_rateest.c:rateest_save` prints: the first one only
/// with `--rateest-delta`, and no value of the second one if it is another estimator's.
fn keep_rates<T: Default>(
    first: &mut Option<T>,
    second: &mut Option<T>,
    delta: bool,
    has_other: bool,
) {
    if first.is_none() && second.is_none() {
        return;
    }
    if delta {
        first.get_or_insert_default();
    } else {
        *first = None;
    }
    if !delta && has_other {
        *second = Some(T::default());
    } else {
        second.get_or_insert_default();
    }
}

fn write(rateest: &Rateest<'_>, out: &mut Writer<'_>) {
    Field::write(&rateest.delta, "--rateest-delta", out);
    let name = match rateest.other {
        None => "--rateest",
        Some(_) => "--rateest1",
    };
    Field::write(&rateest.estimator, name, out);
    let flags = ["--rateest-bps1", "--rateest-bps2", "--rateest-bps"];
    write_rates(rateest, rateest.bps1, rateest.bps2, flags, out);
    // With both rates the comparison is written twice, which iptables-restore refuses.
    if rateest.bps2.is_some() && rateest.pps2.is_some() {
        out.mark_lossy();
    }
    let flags = ["--rateest-pps1", "--rateest-pps2", "--rateest-pps"];
    write_rates(rateest, rateest.pps1, rateest.pps2, flags, out);
    Field::write(&rateest.other, "--rateest2", out);
}

fn write_rates<'a, T: Value<'a>>(
    rateest: &Rateest<'_>,
    first: Option<T>,
    second: Option<T>,
    [first_flag, second_flag, only_flag]: [&str; 3],
    out: &mut Writer<'_>,
) {
    if first.is_none() && second.is_none() {
        return;
    }
    if let Some(first) = first {
        Argument::write(&first, first_flag, out);
    }
    Field::write(&rateest.less, "--rateest-lt", out);
    Field::write(&rateest.greater, "--rateest-gt", out);
    Field::write(&rateest.equal, "--rateest-eq", out);
    let flag = if rateest.delta {
        second_flag
    } else {
        only_flag
    };
    match second {
        Some(second) if rateest.delta || rateest.other.is_none() => {
            Argument::write(&second, flag, out);
        }
        _ => out.word(flag.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -m rateest --rateest RE1 --rateest-lt --rateest-bps 8bit ; =
        -m rateest --rateest RE1 ! --rateest-eq --rateest-pps 5 ; =
        -m rateest --rateest RE1 --rateest-gt --rateest-bps 5kbit ; -m rateest --rateest RE1 --rateest-gt --rateest-bps 5000bit
        -m rateest --rateest-delta --rateest RE1 --rateest-bps1 8bit --rateest-lt --rateest-bps2 16bit ; =
        -m rateest --rateest-delta --rateest RE1 --rateest-pps1 8 ! --rateest-gt --rateest-pps2 9 ; =
        -m rateest --rateest1 RE1 --rateest-lt --rateest-bps --rateest2 RE2 ; =
        -m rateest --rateest1 RE1 --rateest-eq --rateest-pps --rateest2 RE2 ; =
        -m rateest --rateest-delta --rateest1 RE1 --rateest-pps1 0 --rateest-lt --rateest-pps2 42 --rateest2 RE2 ; =
        -m rateest --rateest1 RE1 --rateest-pps2 7 --rateest-lt ; -m rateest --rateest RE1 --rateest-lt --rateest-pps 7
        -m rateest --rateest-g --rateest1 RE1 --rateest-bps 1.5e1Kibit ; -m rateest --rateest RE1 --rateest-gt --rateest-bps 15360bit
        -m rateest --rateest RE1 --rateest-lt --rateest-bps ; -m rateest --rateest RE1 --rateest-lt --rateest-bps 0bit
        -m rateest --rateest RE1 --rateest-pps ! --rateest-lt ; -m rateest --rateest RE1 ! --rateest-lt --rateest-pps 0
        -m rateest --rateest RE1 --rateest-lt --rateest-bps1 8bit ; -m rateest --rateest RE1 --rateest-lt --rateest-bps 0bit
        -m rateest --rateest-delta --rateest RE1 --rateest-lt --rateest-pps 010 ; -m rateest --rateest-delta --rateest RE1 --rateest-pps1 0 --rateest-lt --rateest-pps2 8
        -m rateest --rateest1 RE1 --rateest2 RE2 --rateest-bps1 1kbit --rateest-bps2 2kbit --rateest-lt ; -m rateest --rateest1 RE1 --rateest-lt --rateest-bps --rateest2 RE2
        -m rateest --rateest RE1 ! --rateest-lt --rateest-gt --rateest-pps 1 ; -m rateest --rateest RE1 ! --rateest-gt --rateest-pps 1
        -m rateest --rateest RE1 --rateest-lt ! --rateest-eq --rateest-pps 1 ; -m rateest --rateest RE1 ! --rateest-eq --rateest-pps 1
        -m rateest --rateest RE1 --rateest-lt --rateest-bps 80 ; -m rateest --rateest RE1 --rateest-lt --rateest-bps 80bit
        -m rateest --rateest RE1 --rateest-lt --rateest-bps 84 ; -m rateest --rateest RE1 --rateest-lt --rateest-bps 80bit
        -m rateest --rateest RE1 --rateest-lt --rateest-bps 1MIBPS ; UNREADABLE -m rateest --rateest RE1 --rateest-lt --rateest-bps 8389Kbit
        -m rateest --rateest RE1 --rateest-lt --rateest-bps 999999bit ; -m rateest --rateest RE1 --rateest-lt --rateest-bps 999992bit
        -m rateest --rateest RE1 --rateest-lt --rateest-bps 1.0005mbit ; UNREADABLE -m rateest --rateest RE1 --rateest-lt --rateest-bps 1000Kbit
        -m rateest --rateest RE1 --rateest-lt --rateest-bps 999999Kbit ; =
        -m rateest --rateest RE1 --rateest-lt --rateest-bps .5gbps ; -m rateest --rateest RE1 --rateest-lt --rateest-bps 4000Mbit
        -m rateest --rateest RE1 --rateest-lt --rateest-bps 100gbit ; UNREADABLE -m rateest --rateest RE1 --rateest-lt --rateest-bps 31281Mbit
        -m rateest --rateest RE1 --rateest-lt --rateest-bps infbit ; -m rateest --rateest RE1 --rateest-lt --rateest-bps 0bit
        -m rateest --rateest RE1 --rateest-lt --rateest-bps " -8e9bit" ; UNREADABLE -m rateest --rateest RE1 --rateest-lt --rateest-bps 26360Mbit
        -m rateest --rateest RE1 --rateest-lt --rateest-bps " 0x50" ; -m rateest --rateest RE1 --rateest-lt --rateest-bps 80bit
        -m rateest --rateest 0123456789abcdef --rateest-lt --rateest-pps 4294967295 ; -m rateest --rateest 0123456789abcde --rateest-lt --rateest-pps 4294967295
        -m rateest --rateest RE1 --rateest-lt --rateest-bps 8bit --rateest-pps 1 ; UNREADABLE -m rateest --rateest RE1 --rateest-lt --rateest-bps 8bit --rateest-lt --rateest-pps 1
        -m rateest --rateest-delta --rateest RE1 --rateest-bps1 8bit ! --rateest-gt --rateest-pps2 2 ; UNREADABLE -m rateest --rateest-delta --rateest RE1 --rateest-bps1 8bit ! --rateest-gt --rateest-bps2 0bit --rateest-pps1 0 ! --rateest-gt --rateest-pps2 2
        -m rateest --rateest RE1 --rateest-lt --rateest-bps=8bit ; REFUSED
        -m rateest --rateest RE1 --rateest-lt --rateest-bps -8bit ; REFUSED
        -m rateest --rateest RE1 --rateest-lt --rateest-bps 8apples ; REFUSED
        -m rateest --rateest RE1 --rateest-lt --rateest-bps bit ; REFUSED
        -m rateest --rateest RE1 --rateest-lt --rateest-bps "" ; REFUSED
        -m rateest --rateest RE1 --rateest-lt --rateest-bps "8 bit" ; REFUSED
        -m rateest --rateest RE1 --rateest-lt --rateest-bps 8 bit ; REFUSED
        -m rateest --rateest RE1 --rateest-lt --rateest-pps 1.5 ; REFUSED
        -m rateest --rateest RE1 --rateest-lt --rateest-pps 4294967296 ; REFUSED
        -m rateest --rateest RE1 --rateest-lt ! --rateest-pps 1 ; REFUSED
        -m rateest ! --rateest RE1 --rateest-lt --rateest-pps 1 ; REFUSED
        -m rateest --rateest RE1 --rateest1 RE1 --rateest-lt --rateest-pps 1 ; REFUSED
        -m rateest --rateest RE1 --rateest-lt --rateest-lt --rateest-pps 1 ; REFUSED
        -m rateest --rateest RE1 --rateest-lt --rateest-pps 1 --rateest-pps2 1 ; REFUSED
        -m rateest --rateest RE1 --rateest-lt --rateest-b 8 ; REFUSED
        -m rateest --rateest RE1 --rateest-bps 8bit ; REFUSED
        -m rateest --rateest RE1 --rateest-lt ; REFUSED
        -m rateest ; REFUSED
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
