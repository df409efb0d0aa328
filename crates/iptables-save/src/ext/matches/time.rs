//! `-m time`: the arrival time of the packet.

use nom::{
    Parser,
    branch::alt,
    character::complete::char,
    combinator::{map_opt, success, verify},
    sequence::terminated,
};

use super::extension;
use crate::{
    Word, Writer,
    ext::OptionConflict,
    value::{
        Context, Flag, Grammar, Invertible, Value, ValueError, after, complete, list, strtoul, till,
    },
    writer,
};

extension! {
    /// Matches packets by their arrival time, in UTC unless `--kerneltz` is given.
    ///
    /// Kernel `xt_time`; iptables `libxt_time`.
    Time = "time" {
        /// The time of day from which packets match.
        "--timestart" => timestart: Option<TimeOfDay>,
        /// The time of day until which packets match.
        "--timestop" => timestop: Option<TimeOfDay>,
        /// The days of the month on which packets match.
        "--monthdays" => monthdays: Option<Invertible<MonthDays>>,
        /// The days of the week on which packets match.
        "--weekdays" => weekdays: Option<Invertible<WeekDays>>,
        /// The date and time from which packets match.
        "--datestart" => datestart: Option<Date>,
        /// The date and time until which packets match: by default the last one that the kernel
        /// knows, in 2038.
        "--datestop" => datestop: Option<Date>,
        /// Uses the time zone of the kernel.
        "--kerneltz" => kerneltz: bool,
        /// Treats a period that extends past midnight as part of the day on which it begins.
        "--contiguous" => contiguous: bool,
        /// Uses UTC, the default. Never written.
        "--utc" => utc: bool,
    }
    reads {
        /// An older name of `--kerneltz`.
        "--localtz" as "--kerneltz" => |time, localtz: Flag| {
            let Flag = localtz;
            time.kerneltz = true;
        },
    }
    one of ["--utc", "--localtz"], ["--utc", "--kerneltz"];
    validate = validate;
    normalize = normalize;
    default datestop = Date::LAST;
    omit datestart when |date| date.0 == 0;
}

/// A time of day: `HH:MM[:SS]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeOfDay {
    /// The seconds since midnight, less than 86400.
    seconds: u32,
}

impl TimeOfDay {
    const LAST: Self = Self { seconds: 86_399 };

    /// Returns the time this many seconds after midnight; `None` if it is on another day.
    #[must_use]
    pub const fn new(seconds: u32) -> Option<Self> {
        match seconds {
            0..86_400 => Some(Self { seconds }),
            _ => None,
        }
    }

    /// Returns the seconds since midnight.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.seconds
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let hour = terminated(field(23), char(':'));
        let time = (hour, field(59), after(':', field(59)));
        let (hour, minute, second) = complete(time, text)?;
        Some(Self {
            seconds: (hour * 60 + minute) * 60 + second.unwrap_or(0),
        })
    }
}

/// Parses a number up to a maximum; 0 without digits.
fn field<'t>(max: u32) -> impl Grammar<'t, u32> {
    verify(number(10), move |number| *number <= max)
}

/// Parses the lower 32 bits of a number as `strtoul` does; 0 without digits, which consumes
/// nothing.
fn number<'t>(base: u32) -> impl Grammar<'t, u32> {
    let number = strtoul(base).map(|number| (number.value & u64::from(u32::MAX)) as u32);
    alt((number, success(0)))
}

impl<'a> Value<'a> for TimeOfDay {
    const ARGS: &'static [&'static str] = &["HH:MM[:SS]"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new("a time such as `08:00` or `17:59:59`"))
    }

    fn write(&self, out: &mut Writer<'_>) {
        use std::io::Write as _;
        let (hours, rest) = (self.seconds / 3600, self.seconds % 3600);
        write!(out.begin(), "{hours:02}:{:02}:{:02}", rest / 60, rest % 60)
            .expect("writing to a Vec cannot fail");
    }
}

/// A date and time in seconds since 1970: `YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub u32);

impl Date {
    /// The last second that the kernel knows.
    const LAST: Self = Self(i32::MAX as u32);

    fn parse(text: &[u8]) -> Option<Self> {
        let time = (field(59), after(':', field(59)));
        let time = (field(23), after(':', time));
        let day = (field(31), after('T', time));
        let month = (field(12), after('-', day));
        let (year, month) = complete((field(2038), after('-', month)), text)?;
        // An absent field is the first of its kind.
        let (month, day) = month.unwrap_or((1, None));
        let (day, time) = day.unwrap_or((1, None));
        let (hour, time) = time.unwrap_or((0, None));
        let (minute, second) = time.unwrap_or((0, None));
        let second = second.unwrap_or(0);
        if year < 1970 {
            return None;
        }
        // As in `mktime`, month 0 is December of the year before, and days after the end of a
        // month belong to the next one.
        let days = days_before(year, month) + i64::from(day) - 1;
        let seconds = days * 86_400 + i64::from((hour * 60 + minute) * 60 + second);
        u32::try_from(seconds).ok().map(Self)
    }
}

/// Returns the days from 1970 to the first of a month.
fn days_before(year: u32, month: u32) -> i64 {
    // Years that begin in March have their leap day at the end. Month 0 is December.
    let (year, month) = match month {
        0 => (i64::from(year) - 1, 9),
        1 | 2 => (i64::from(year) - 1, i64::from(month) + 9),
        _ => (i64::from(year), i64::from(month) - 3),
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5;
    days - 719_468
}

impl<'a> Value<'a> for Date {
    const ARGS: &'static [&'static str] = &["YYYY[-MM[-DD[Thh[:mm[:ss]]]]]"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "a date from 1970 to 2038 such as `2025-01-31` or `2025-01-31T12:00`",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        use std::io::Write as _;
        let (days, time) = (i64::from(self.0 / 86_400), self.0 % 86_400);
        let year = (1970..=2106)
            .take_while(|year| days_before(*year, 1) <= days)
            .last()
            .unwrap_or(1970);
        let month = (1..=12)
            .take_while(|month| days_before(year, *month) <= days)
            .last()
            .unwrap_or(1);
        let day = days - days_before(year, month) + 1;
        let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
        write!(
            out.begin(),
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
        )
        .expect("writing to a Vec cannot fail");
    }

    /// iptables-save reads the first second as an absent date.
    fn is_left_out(&self, _: bool) -> bool {
        self.0 == 0
    }
}

/// Days of the month, a bit for each from 1 to 31. Bit 0 is kept only together with all others,
/// which iptables then prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MonthDays(pub u32);

impl<'a> Value<'a> for MonthDays {
    const ARGS: &'static [&'static str] = &["DAY,…"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        // iptables parses two characters of a day, and reads an empty one as day 0.
        let day = |text: &[u8]| match complete(number(0), &text[..text.len().min(2)]) {
            Some(day @ 0..=31) => Some(1 << day),
            _ => None,
        };
        days(&args[0].text, day)
            .map(Self)
            .ok_or(ValueError::new("days from 1 to 31, separated by commas"))
    }

    fn write(&self, out: &mut Writer<'_>) {
        if matches!(self.0, 0 | 1 | u32::MAX) {
            out.mark_lossy();
        }
        let days = (1..=31).filter(|day| self.0 & (1 << day) != 0);
        write_days(out, days, |day, out| writer::decimal(out, day));
    }
}

/// Days of the week, a bit for each from 1 (Monday) to 7. Bit 0 is kept only together with all
/// others, which iptables then prints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct WeekDays(pub u8);

const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

impl<'a> Value<'a> for WeekDays {
    const ARGS: &'static [&'static str] = &["DAY,…"];
    const CHOICES: &'static [&'static str] = &NAMES;

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        // iptables parses three characters of a number and compares two of a name. The CPU
        // shifts by the lower five bits of a number, and the kernel stores only bits up to 7.
        let day = |text: &[u8]| match complete(number(0), &text[..text.len().min(3)]) {
            Some(0) => None,
            Some(day) => Some(1_u32.wrapping_shl(day) & 0xff),
            None => {
                let beginning = text.get(..2)?;
                let mut names = NAMES.iter();
                let index = names.position(|name| name.as_bytes().starts_with(beginning))?;
                Some(2 << index)
            }
        };
        days(&args[0].text, day)
            .and_then(|days| u8::try_from(days).ok())
            .map(Self)
            .ok_or(ValueError::new(
                "some of Mon, Tue, Wed, Thu, Fri, Sat, Sun, or 1 to 7, separated by commas",
            ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        if matches!(self.0, 0 | 1 | u8::MAX) {
            out.mark_lossy();
        }
        let names = NAMES.iter().enumerate();
        let days = names.filter(|(nth, _)| self.0 & (2 << nth) != 0);
        write_days(out, days, |(_, name), out| {
            out.extend_from_slice(name.as_bytes());
        });
    }
}

/// Writes days separated by commas; without any day, iptables-save prints an empty word.
fn write_days<T>(
    out: &mut Writer<'_>,
    days: impl Iterator<Item = T>,
    write: impl Fn(T, &mut Vec<u8>),
) {
    let mut days = days.peekable();
    if days.peek().is_none() {
        out.word(b"");
    }
    out.list(days, write);
}

/// Parses days separated by commas, optionally with a comma at the end, into a bit for each.
fn days(text: &[u8], day: impl Fn(&[u8]) -> Option<u32>) -> Option<u32> {
    let day = map_opt(till(b','), day);
    let days = list(char(','), day, |days: &mut u32, day| {
        *days |= day;
        Some(())
    });
    if text.is_empty() {
        return Some(0);
    }
    complete(days, text.strip_suffix(b",").unwrap_or(text))
}

/// Returns the time of day from which and until which packets match.
fn part_of_day(time: &Time) -> (TimeOfDay, TimeOfDay) {
    let start = time.timestart.unwrap_or_default();
    (start, time.timestop.unwrap_or(TimeOfDay::LAST))
}

fn validate(time: &Time, _: &Context) -> Result<(), OptionConflict> {
    let (start, stop) = part_of_day(time);
    if time.contiguous && start < stop {
        return Err("`--contiguous` needs a `--timestop` that is before `--timestart`".into());
    }
    Ok(())
}

/// Keeps what `libxt_time.c:time_save` prints.
fn normalize(time: &mut Time, _: &Context) {
    time.utc = false;
    let (start, stop) = part_of_day(time);
    let is_condition = (start, stop) != (TimeOfDay::default(), TimeOfDay::LAST);
    time.timestart = is_condition.then_some(start);
    time.timestop = is_condition.then_some(stop);

    time.monthdays = time.monthdays.and_then(|days| {
        let days = kept_days(days.value.0, days.inverted, u32::MAX);
        (days != u32::MAX - 1).then_some(Invertible::is(MonthDays(days)))
    });
    time.weekdays = time.weekdays.and_then(|days| {
        let all = u8::MAX;
        let days = kept_days(days.value.0.into(), days.inverted, all.into()) as u8;
        (days != all - 1).then_some(Invertible::is(WeekDays(days)))
    });
}

/// Returns days as iptables-save writes them: not inverted, and day 0 only with all others.
fn kept_days(days: u32, inverted: bool, all: u32) -> u32 {
    let days = if inverted { days ^ (all - 1) } else { days };
    if days == all { days } else { days & (all - 1) }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m time ; -m time --datestop 2038-01-19T03:14:07
            -m time --timestart 8:00 --timestop 17:59:59 --weekdays Mon,Tu,3 ; -m time --timestart 08:00:00 --timestop 17:59:59 --weekdays Mon,Tue,Wed --datestop 2038-01-19T03:14:07
            -m time ! --weekdays Sa,Su ; -m time --weekdays Mon,Tue,Wed,Thu,Fri --datestop 2038-01-19T03:14:07
            -m time --monthdays 31,1,7 ; -m time --monthdays 1,7,31 --datestop 2038-01-19T03:14:07
            -m time ! --monthdays 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28 ; -m time --monthdays 29,30,31 --datestop 2038-01-19T03:14:07
            -m time --datestart 2024 --datestop 2024-02-29T23:59 ; -m time --datestart 2024-01-01T00:00:00 --datestop 2024-02-29T23:59:00
            -m time --datestart 2023-02-31 --datestop 2000-12-31T01:02:03 ; -m time --datestart 2023-03-03T00:00:00 --datestop 2000-12-31T01:02:03
            -m time --datestart 1970 --timestart 00:00 --timestop 23:59:59 ; -m time --datestop 2038-01-19T03:14:07
            -m time --timestart 22:00 --timestop 6:00 --contiguous --localtz ; -m time --timestart 22:00:00 --timestop 06:00:00 --datestop 2038-01-19T03:14:07 --kerneltz --contiguous
            -m time --utc --weekdays 1,2,3,4,5,6,7 ; -m time --datestop 2038-01-19T03:14:07
            -m time --timestart 6:00 --timestop 22:00 --contiguous ; REFUSED
            -m time --timestop :5 ; -m time --timestart 00:00:00 --timestop 00:05:00 --datestop 2038-01-19T03:14:07
            -m time --timestart 8: --timestop +9::7 ; -m time --timestart 08:00:00 --timestop 09:00:07 --datestop 2038-01-19T03:14:07
            -m time --timestart 4294967304:0 ; -m time --timestart 08:00:00 --timestop 23:59:59 --datestop 2038-01-19T03:14:07
            -m time --timestart 12:00 --timestop 12:00 --contig ; -m time --timestart 12:00:00 --timestop 12:00:00 --datestop 2038-01-19T03:14:07 --contiguous
            -m time --datestart 2024- --datestop 2024-03-0 ; -m time --datestart 2023-12-01T00:00:00 --datestop 2024-02-29T00:00:00
            -m time --datestart 2024-1-1T --datestop 2024-12-31T23:59:59 ; -m time --datestart 2024-01-01T00:00:00 --datestop 2024-12-31T23:59:59
            -m time --datestop 2038-12-31T23:59:59 ; =
            -m time --datestop 1970 ; UNREADABLE -m time
            -m time --monthdays 123,031,2, ; -m time --monthdays 2,3,12 --datestop 2038-01-19T03:14:07
            -m time --monthdays 0,,5 ; -m time --monthdays 5 --datestop 2038-01-19T03:14:07
            -m time --weekdays Monday,Thx,0x5,+6,7, ; -m time --weekdays Mon,Thu,Fri,Sat,Sun --datestop 2038-01-19T03:14:07
            -m time --weekdays 34,8 ; -m time --weekdays Tue --datestop 2038-01-19T03:14:07
            -m time ! --weekdays \"\" ! --monthdays \"\" ; -m time --datestop 2038-01-19T03:14:07
            -m time --kerneltz --localtz ; -m time --datestop 2038-01-19T03:14:07 --kerneltz
            -m time --weekdays 8 ; UNREADABLE -m time --weekdays  --datestop 2038-01-19T03:14:07
            -m time --monthdays 0 ; UNREADABLE -m time --monthdays  --datestop 2038-01-19T03:14:07
            -m time ! --weekdays 1,2,3,4,5,6,7 ; UNREADABLE -m time --weekdays  --datestop 2038-01-19T03:14:07
            -m time ! --weekdays 32 ; UNREADABLE -m time --weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun --datestop 2038-01-19T03:14:07
            -m time ! --monthdays 0 ; UNREADABLE -m time --monthdays 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31 --datestop 2038-01-19T03:14:07
            -m time --monthdays 0,9 ; -m time --monthdays 9 --datestop 2038-01-19T03:14:07
            -m time --timestart 24:00 ; REFUSED
            -m time --timestart -1:00 ; REFUSED
            -m time --timestart 8:60 ; REFUSED
            -m time --timestart 8:00:60 ; REFUSED
            -m time --timestart 8:00:00: ; REFUSED
            -m time --timestart 8.30:00 ; REFUSED
            -m time --timestart \"\" ; REFUSED
            -m time --datestart 1970-0 ; REFUSED
            -m time --datestart 2039 ; REFUSED
            -m time --datestart 2024-01-32 ; REFUSED
            -m time --datestart 2024-01-01T24 ; REFUSED
            -m time --datestart 2024-01-01T0:0:0: ; REFUSED
            -m time --datestart 2024-01-01-00 ; REFUSED
            -m time --datestart 2024T ; REFUSED
            -m time --monthdays 08 ; REFUSED
            -m time --monthdays 1-5 ; REFUSED
            -m time --monthdays x ; REFUSED
            -m time --monthdays -1 ; REFUSED
            -m time --weekdays mon ; REFUSED
            -m time --weekdays M ; REFUSED
            -m time --weekdays 1st ; REFUSED
            -m time --weekdays Mo,,Tu ; REFUSED
            -m time --weekdays ,Mo ; REFUSED
            -m time --utc --localtz ; REFUSED
            -m time --utc --utc ; REFUSED
            -m time ! --kerneltz ; REFUSED
            -m time ! --timestart 8:00 ; REFUSED
            -m time --weekdays Mo --weekdays Tu ; REFUSED
            -m time --timestart 8 ; REFUSED
            -m time --datestart 1969 ; REFUSED
            -m time --datestart 2024-13 ; REFUSED
            -m time --monthdays 32 ; REFUSED
            -m time --weekdays Foo ; REFUSED
            -m time --weekdays 0 ; REFUSED
            -m time --utc --kerneltz ; REFUSED
            ",
        );
    }
}
