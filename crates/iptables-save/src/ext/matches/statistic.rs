//! `-m statistic`: a share of the packets.

use nom::{
    Parser,
    branch::alt,
    bytes::complete::{tag, take_while_m_n},
    combinator::{eof, map, verify},
    sequence::{preceded, terminated},
};

use super::extension;
use crate::{
    Word, Writer,
    ext::OptionConflict,
    value::{Context, Invertible, Parsed, Required, Value, ValueError, complete, float, keywords},
    writer,
};

extension! {
    /// Matches a share of the packets: at random, or every n-th packet.
    ///
    /// Kernel `xt_statistic`; iptables `libxt_statistic`.
    Statistic = "statistic" {
        /// How to select packets.
        "--mode" => mode: Required<Mode>,
        /// With `--mode random`: the probability of a match, from 0 to 1.
        "--probability" => probability: Option<Invertible<Probability>>,
        /// With `--mode nth`: matches one packet out of this many.
        "--every" => every: Option<Invertible<u32>>,
        /// With `--mode nth`: which of these packets to match, from 0.
        "--packet" => packet: Option<u32>,
    }
    one of ["--probability", "--every"], ["--probability", "--packet"];
    needs "--every" with "--packet", "--packet" with "--every";
    validate = validate;
}

keywords! {
    /// How `statistic` selects packets.
    Mode("random|nth", exact) {
        /// At random.
        Random = "random",
        /// Every n-th packet.
        Nth = "nth",
    }
    default Random
}

/// A probability from 0 to 1, in units of 2⁻³¹ as in the kernel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Probability(pub u32);

impl<'a> Value<'a> for Probability {
    const ARGS: &'static [&'static str] = &["PROBABILITY"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        // iptables refuses what is outside the range, and NaN is not.
        let any = map(float, |number| if number.is_nan() { 0.0 } else { number });
        let probability = alt((plain_fraction, any));
        let probability = verify(probability, |probability| (0.0..=1.0).contains(probability));
        let probability = complete(probability, &args[0].text)
            .ok_or(ValueError::new("a probability from 0 to 1 such as `0.5`"))?;
        // `libxt_statistic.c` rounds with lround(0x80000000 * probability).
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 0 to 2^31"
        )]
        Ok(Self((f64::from(1_u32 << 31) * probability).round() as u32))
    }

    fn write(&self, out: &mut Writer<'_>) {
        // As `%.11f` prints it: 10^11 / 2^31 is 5^11 / 2^20, and the remainder is rounded to
        // nearest, ties to even.
        const BITS: u32 = 20;
        let exact = u64::from(self.0) * 5_u64.pow(11);
        let (whole, left) = (exact >> BITS, exact & ((1 << BITS) - 1));
        let up = left + (whole & 1) > 1 << (BITS - 1);
        let rounded = whole + u64::from(up);
        // Two leading digits preserve the zeros after them, and are then overwritten.
        let one = 10_u64.pow(11);
        let begin = out.begin().len();
        writer::decimal(out.more(), 10 * one + rounded % one);
        let whole = if rounded < one { b"0." } else { b"1." };
        out.more()[begin..begin + 2].copy_from_slice(whole);
    }
}

/// Parses `0.…` with up to fifteen digits, the usual case. The digits as a number and the power
/// of ten are both exact then, so their quotient is rounded only once, as it should be.
fn plain_fraction(text: &[u8]) -> Parsed<'_, f64> {
    const MAX_DIGITS: usize = 15;
    let digits = take_while_m_n(0, MAX_DIGITS, |byte: u8| byte.is_ascii_digit());
    let digits = terminated(preceded(tag("0."), digits), eof);
    let add = |(number, power), digit: &u8| (number * 10 + i64::from(digit - b'0'), power * 10);
    map(digits, |digits: &[u8]| {
        let (number, power) = digits.iter().fold((0_i64, 1_i64), add);
        #[expect(clippy::cast_precision_loss, reason = "both are below 2^53")]
        let fraction = number as f64 / power as f64;
        fraction
    })
    .parse_complete(text)
}

fn validate(statistic: &Statistic, _: &Context) -> Result<(), OptionConflict> {
    let Statistic { every, packet, .. } = statistic;
    match statistic.mode.0 {
        Mode::Random if statistic.probability.is_none() => {
            Err("`--mode random` needs `--probability`".into())
        }
        Mode::Nth if every.is_none() => Err("`--mode nth` needs `--every`".into()),
        Mode::Nth
            if packet.is_some_and(|packet| packet >= every.map_or(1, |every| every.value)) =>
        {
            Err("`--packet` counts from 0 and must be less than `--every`".into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Style, ext::lines};

    #[test]
    fn probabilities_are_written_as_printf_does() {
        let spread = (0..=20_000).map(|step| step * 107_374);
        let halves = (0..4_096).map(|step| (2 * step + 1) << 19);
        let edges = [0, 1, 2, (1 << 31) - 2, (1 << 31) - 1, 1 << 31];
        for probability in spread
            .chain(halves)
            .chain(edges)
            .filter(|probability| *probability <= 1 << 31)
        {
            let mut out = Vec::new();
            Value::write(
                &Probability(probability),
                &mut Writer::new(&mut out, Style::default()),
            );
            let printed = format!("{:.11}", f64::from(probability) / f64::from(1_u32 << 31));
            assert_eq!(String::from_utf8(out).unwrap(), printed);
        }
    }

    #[test]
    fn lines() {
        lines::check(
            "
            -m statistic --mode random --probability 0.50000000000 ; =
            -m statistic --mode random ! --probability 0.3 ; -m statistic --mode random ! --probability 0.29999999981
            -m statistic --mode random --probability 1 ; -m statistic --mode random --probability 1.00000000000
            -m statistic --mode nth --every 3 --packet 1 ; =
            -m statistic --mode nth ! --every 0x3 --packet 0 ; -m statistic --mode nth ! --every 3 --packet 0
            -m statistic --mode random --probability 5e-1 ; -m statistic --mode random --probability 0.50000000000
            -m statistic --mode random --prob=0x1p-2 ; -m statistic --mode random --probability 0.25000000000
            -m statistic --mode random --probability 1e-10 ; -m statistic --mode random --probability 0.00000000000
            -m statistic --mode random --probability 0.99999999999 ; -m statistic --mode random --probability 1.00000000000
            -m statistic --mode random --probability -0 ; -m statistic --mode random --probability 0.00000000000
            -m statistic --mode random --probability nan ; -m statistic --mode random --probability 0.00000000000
            -m statistic --packet 2 --mode nth --every 3 ; -m statistic --mode nth --every 3 --packet 2
            -m statistic --mode nth --every 4294967295 --packet 4294967294 ; =
            -m statistic --mode nth --every 1 --packet 0 ; =
            -m statistic --mode random --probability inf ; REFUSED
            -m statistic --mode random --probability -0.1 ; REFUSED
            -m statistic --mode random --probability 0.5x ; REFUSED
            -m statistic --mode random --probability 50% ; REFUSED
            -m statistic --mode random --probability \"\" ; REFUSED
            -m statistic --mode random --probability 0.5 --probability 0.5 ; REFUSED
            -m statistic --mode random --probability 0.5 --packet 0 ; REFUSED
            -m statistic --mode random --every 3 --packet 0 ; REFUSED
            -m statistic --mode nth --every 3 ; REFUSED
            -m statistic --mode nth --every 3 ! --packet 0 ; REFUSED
            -m statistic --mode nth --every 4294967296 --packet 0 ; REFUSED
            -m statistic ! --mode nth --every 3 --packet 0 ; REFUSED
            -m statistic --mode Random --probability 1 ; REFUSED
            -m statistic --mode rand --probability 1 ; REFUSED
            -m statistic --mode random ; REFUSED
            -m statistic --mode nth ; REFUSED
            -m statistic --mode nth --every 3 --packet 3 ; REFUSED
            -m statistic --mode nth --every 0 --packet 0 ; REFUSED
            -m statistic --mode random --probability 1.1 ; REFUSED
            -m statistic --mode nth --every 3 --probability 1 ; REFUSED
            -m statistic --mode nth --packet 3 ; REFUSED
            -m statistic --mode often --every 3 ; REFUSED
            -m statistic --every 3 ; REFUSED
            ",
        );
    }
}
