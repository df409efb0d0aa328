//! `-m rateest`: how fast packets come, as `-j RATEEST` estimates it.

use crate::{
    Word, Writer,
    ext::{Description, Extension, OptionDescription, Unfit},
    value::{Argument, Context, Field, Flag, Not, Plain, Value, ValueError, float, low_bits},
};

/// Compares the rate of packets that an estimator found with a number, or with the rate of
/// another estimator. `-j RATEEST` makes them.
///
/// Of several comparisons the last one counts, and a `!` before any of them. Kernel
/// `xt_rateest`; iptables `libxt_rateest`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rateest<'a> {
    /// `--rateest-delta`: compares by how much the rates stay below the numbers.
    pub delta: bool,
    /// `--rateest`, `--rateest1`: the estimator's name.
    pub estimator: Plain<'a, 15>,
    /// `--rateest-lt` and others: how to compare. Always there.
    pub comparison: Option<Not<Comparison>>,
    /// `--rateest-bps` and others: looks at bytes a second. These or the packets are there.
    pub bytes: Option<Rates>,
    /// `--rateest-pps` and others: looks at packets a second.
    pub packets: Option<Rates>,
    /// `--rateest2`: the other estimator's name.
    pub other: Option<Plain<'a, 15>>,
}

/// How to compare rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `--rateest-lt`: the rate is less.
    #[default]
    Less,
    /// `--rateest-gt`: the rate is greater.
    Greater,
    /// `--rateest-eq`: the rate is the same.
    Equal,
}

impl Comparison {
    /// Every one, in the order of the options.
    pub const ALL: [Self; 3] = [Self::Less, Self::Greater, Self::Equal];

    /// The option.
    #[must_use]
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Less => "--rateest-lt",
            Self::Greater => "--rateest-gt",
            Self::Equal => "--rateest-eq",
        }
    }
}

/// The numbers to compare with, a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Rates {
    /// With `--rateest-delta`: what the first estimator's rate is taken from; else 0.
    pub first: u32,
    /// With `--rateest-delta`: what the other estimator's rate is taken from, if there is
    /// one. Without either it is what the rate is compared with; else 0.
    pub second: u32,
}

/// Bits in each unit of a rate, as iproute2 has them.
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

/// Reads bytes a second: a number of bits with a unit or without one.
fn bytes(text: &[u8]) -> Option<u32> {
    let (unit, number) = float(text).ok()?;
    let is_unit = |name: &str| unit.eq_ignore_ascii_case(name.as_bytes());
    let bits = match unit {
        b"" => number,
        _ => number * UNITS.iter().find(|(name, _)| is_unit(name))?.1,
    };
    Some(low_bits(bits / 8.0))
}

/// Writes bytes a second as `libxt_rateest.c:rateest_print_rate` does: of large rates
/// without the last digits.
fn print_bytes(bytes: u32, out: &mut Writer<'_>) {
    use std::io::Write as _;
    let bits = f64::from(bytes) * 8.0;
    let (size, unit) = match bits {
        1e9.. => (1e6, "Mbit"),
        1e6.. => (1e3, "Kbit"),
        _ => (1.0, "bit"),
    };
    if bits % size != 0.0 {
        out.is_lost();
    }
    write!(out.begin(), "{:.0}{unit}", bits / size).expect("a Vec takes any bytes");
}

impl Rates {
    /// Notes a rate, if the option has one. An option takes no word that could be the
    /// next option.
    fn note<'a>(
        args: &[Word<'a>],
        into: impl FnOnce(&mut Self) -> &mut u32,
        rates: &mut Option<Self>,
        read: impl FnOnce(&[u8]) -> Option<u32>,
        expected: &'static str,
    ) -> Result<(), ValueError> {
        let rate = into(rates.get_or_insert_default());
        let Some(word) = args.first() else {
            return Ok(());
        };
        *rate = match word.text.first() {
            Some(b'-' | b'!') => None,
            _ => read(&word.text),
        }
        .ok_or(ValueError::new(expected))?;
        Ok(())
    }
}

/// Describes an option with a word that may be missing.
const fn with_rate(
    flag: &'static str,
    aliases: &'static [&'static str],
    args: &'static [&'static str],
    doc: &'static [&'static str],
) -> OptionDescription {
    OptionDescription {
        args,
        may_miss_word: true,
        ..OptionDescription::of::<bool>(flag, aliases, doc)
    }
}

const A_RATE: &str = "a rate such as `5kbit`, `1.5Mbit` or `64KiBps`, or none";
const PACKETS: &str = "a number of packets from 0 to 4294967295, or none";

impl<'a> Extension<'a> for Rateest<'a> {
    const DESCRIPTION: Description = Description {
        name: "rateest",
        aliases: &[],
        family: None,
        options: &[
            OptionDescription::of::<bool>(
                "--rateest-delta",
                &[],
                &[" Compares by how much the rates stay below the numbers."],
            ),
            OptionDescription::of::<Option<Plain<'_, 15>>>(
                "--rateest1",
                &["--rateest"],
                &[" The estimator's name. What is longer than 15 bytes is cut off."],
            ),
            with_rate(
                "--rateest-bps1",
                &[],
                &["[RATE]"],
                &[" With `--rateest-delta`: what the first rate of bytes is taken from."],
            ),
            with_rate(
                "--rateest-pps1",
                &[],
                &["[PACKETS]"],
                &[" With `--rateest-delta`: what the first rate of packets is taken from."],
            ),
            OptionDescription::of::<Option<Not<Flag>>>(
                Comparison::Less.flag(),
                &[],
                &[" The rate is less."],
            ),
            OptionDescription::of::<Option<Not<Flag>>>(
                Comparison::Greater.flag(),
                &[],
                &[" The rate is greater."],
            ),
            OptionDescription::of::<Option<Not<Flag>>>(
                Comparison::Equal.flag(),
                &[],
                &[" The rate is the same."],
            ),
            with_rate(
                "--rateest-bps2",
                &["--rateest-bps"],
                &["[RATE]"],
                &[
                    " Looks at bytes a second, and compares them with this rate.",
                    "",
                    " With `--rateest-delta` and another estimator its rate is taken from this.",
                ],
            ),
            with_rate(
                "--rateest-pps2",
                &["--rateest-pps"],
                &["[PACKETS]"],
                &[
                    " Looks at packets a second, and compares them with this number.",
                    "",
                    " With `--rateest-delta` and another estimator its rate is taken from this.",
                ],
            ),
            OptionDescription::of::<Option<Plain<'_, 15>>>(
                "--rateest2",
                &[],
                &[" The name of an estimator whose rate is compared with."],
            ),
        ],
        exclusive: &[],
        needs: &[],
        doc: &[
            " Compares the rate of packets that an estimator found with a number, or with the",
            " rate of another estimator. `-j RATEEST` makes them.",
            "",
            " Of several comparisons the last one counts, and a `!` before any of them. Kernel",
            " `xt_rateest`; iptables `libxt_rateest`.",
        ],
    };

    fn set(
        &mut self,
        option: usize,
        negated: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError> {
        let packets = |text: &[u8]| crate::value::unsigned(text);
        match option {
            0 => self.delta = true,
            1 => self.estimator = Value::read(args, context)?,
            2 => Rates::note(args, |it| &mut it.first, &mut self.bytes, bytes, A_RATE)?,
            3 => Rates::note(
                args,
                |it| &mut it.first,
                &mut self.packets,
                packets,
                PACKETS,
            )?,
            4..=6 => {
                let earlier = self.comparison.is_some_and(|it| it.negated);
                self.comparison = Some(Not {
                    negated: negated || earlier,
                    value: Comparison::ALL[option - 4],
                });
            }
            7 => Rates::note(args, |it| &mut it.second, &mut self.bytes, bytes, A_RATE)?,
            8 => Rates::note(
                args,
                |it| &mut it.second,
                &mut self.packets,
                packets,
                PACKETS,
            )?,
            9 => self.other = Some(Value::read(args, context)?),
            _ => unreachable!("options are found in this description"),
        }
        Ok(())
    }

    /// What the kernel's `xt_rateest_mt_checkentry` asks of every rule, and what
    /// `libxt_rateest.c:rateest_save` leaves out.
    fn finish(&mut self, _: &Context) -> Result<(), Unfit> {
        if self.comparison.is_none() {
            return Err("`rateest` needs `--rateest-lt`, `--rateest-gt` or `--rateest-eq`".into());
        }
        if self.bytes.or(self.packets).is_none() {
            return Err("`rateest` needs `--rateest-bps` or `--rateest-pps`".into());
        }
        if !self.delta {
            for rates in [&mut self.bytes, &mut self.packets].into_iter().flatten() {
                rates.first = 0;
                if self.other.is_some() {
                    rates.second = 0;
                }
            }
        }
        Ok(())
    }

    fn write(&self, out: &mut Writer<'_>) {
        Field::write(&self.delta, "--rateest-delta", out);
        let name = match self.other {
            None => "--rateest",
            Some(_) => "--rateest1",
        };
        Argument::write(&self.estimator, name, out);
        // With both rates the comparison is written twice, which is not read.
        if self.bytes.and(self.packets).is_some() {
            out.is_lost();
        }
        let mut rates =
            |rates: Option<Rates>, flags: [&str; 3], write: fn(u32, &mut Writer<'_>)| {
                let Some(Rates { first, second }) = rates else {
                    return;
                };
                if self.delta {
                    out.word(flags[0].as_bytes());
                    write(first, out);
                }
                if let Some(Not { negated, value }) = self.comparison {
                    let flag = Not {
                        negated,
                        value: Flag,
                    };
                    flag.write(value.flag(), out);
                }
                out.word(flags[if self.delta { 1 } else { 2 }].as_bytes());
                if self.delta || self.other.is_none() {
                    write(second, out);
                }
            };
        let flags = ["--rateest-bps1", "--rateest-bps2", "--rateest-bps"];
        rates(self.bytes, flags, print_bytes);
        let flags = ["--rateest-pps1", "--rateest-pps2", "--rateest-pps"];
        rates(self.packets, flags, |packets, out| out.number(packets));
        Field::write(&self.other, "--rateest2", out);
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
