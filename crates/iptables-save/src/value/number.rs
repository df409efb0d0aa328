//! Numbers as `xtables.c:xtables_strtoul` reads them: decimal, `0x…` or octal `0…`.

use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::{tag, tag_no_case, take_while1},
    combinator::{opt, rest},
    sequence::preceded,
};

use super::{Context, Invertible, Value, ValueError};
use crate::{Word, Writer, writer};

/// Reads a number that ends where its digits end.
pub(crate) fn number(input: &[u8]) -> IResult<&[u8], u64> {
    let (input, _) = opt(tag(&b"+"[..])).parse(input)?;
    if let [b'1'..=b'9', ..] = input {
        return digits(10, |byte| byte.is_ascii_digit())(input);
    }
    alt((
        preceded(
            tag_no_case(&b"0x"[..]),
            digits(16, |byte| byte.is_ascii_hexdigit()),
        ),
        digits(8, |byte| matches!(byte, b'0'..=b'7')),
    ))
    .parse(input)
}

fn digits(base: u8, is_digit: impl Fn(u8) -> bool) -> impl Fn(&[u8]) -> IResult<&[u8], u64> {
    move |input| {
        let (rest, digits) = take_while1(&is_digit)(input)?;
        let value = digits.iter().try_fold(0_u64, |value, digit| {
            let digit = (*digit as char).to_digit(base.into())?;
            value.checked_mul(base.into())?.checked_add(digit.into())
        });
        match value {
            Some(value) => Ok((rest, value)),
            None => Err(nom::Err::Error(nom::error::Error::new(
                input,
                nom::error::ErrorKind::TooLarge,
            ))),
        }
    }
}

/// Reads a whole text as a number of the type's range.
pub(crate) fn unsigned<T: TryFrom<u64>>(text: &[u8]) -> Option<T> {
    match leading(text)? {
        (b"", value) => Some(value),
        _ => None,
    }
}

/// Reads a number of the type's range at the beginning of a text, and what follows it.
pub(crate) fn leading<T: TryFrom<u64>>(text: &[u8]) -> Option<(&[u8], T)> {
    let (left, value) = number(without_blanks(text)).ok()?;
    Some((left, T::try_from(value).ok()?))
}

/// The text without what C's `isspace` takes for a blank at its beginning, as all
/// functions of C that read numbers skip it.
pub(crate) fn without_blanks(text: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    let blanks = text.iter().take_while(|byte| is_blank(byte)).count();
    &text[blanks..]
}

/// What C's `strtoul` finds at the beginning of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leading<'t> {
    /// The number; after a `-` it is counted down from 2^64.
    pub(crate) value: u64,
    /// Whether it did not fit. The value is the greatest there is then.
    pub(crate) overflows: bool,
    /// What follows its digits.
    pub(crate) rest: &'t [u8],
}

/// Reads a number at the beginning of a text as C's `strtoul` does, for the extensions
/// that ask it and not `xtables_strtoul`; none when there is no digit. With the base 0 a
/// prefix may tell the base.
pub(crate) fn like_strtoul(text: &[u8], base: u32) -> Option<Leading<'_>> {
    let (is_negative, text) = match without_blanks(text) {
        [b'-', text @ ..] => (true, text),
        [b'+', text @ ..] | text => (false, text),
    };
    let (base, text) = match text {
        [b'0', b'x' | b'X', digits @ ..]
            if matches!(base, 0 | 16) && digits.first().is_some_and(u8::is_ascii_hexdigit) =>
        {
            (16, digits)
        }
        [b'0', ..] if base == 0 => (8, text),
        _ if base == 0 => (10, text),
        _ => (base, text),
    };
    let digit = |byte: &u8| char::from(*byte).to_digit(base);
    let length = text.iter().take_while(|byte| digit(byte).is_some()).count();
    let (digits, rest) = text.split_at(length);
    if digits.is_empty() {
        return None;
    }
    let value = digits
        .iter()
        .filter_map(digit)
        .try_fold(0_u64, |value, digit| {
            value.checked_mul(base.into())?.checked_add(digit.into())
        });
    Some(Leading {
        value: match value {
            Some(value) if is_negative => value.wrapping_neg(),
            Some(value) => value,
            None => u64::MAX,
        },
        overflows: value.is_none(),
        rest,
    })
}

/// Reads a number at the beginning of a text as C's `atoll` does, which makes 0 of
/// anything else; `atoi` keeps the lower half of it.
pub(crate) fn like_atoll(text: &[u8]) -> i64 {
    let Some(number) = like_strtoul(text, 10) else {
        return 0;
    };
    let is_negative = without_blanks(text).first() == Some(&b'-');
    let magnitude = match is_negative && !number.overflows {
        true => number.value.wrapping_neg(),
        false => number.value,
    };
    match is_negative {
        true => 0_i64.saturating_sub_unsigned(magnitude),
        false => i64::try_from(magnitude).unwrap_or(i64::MAX),
    }
}

/// Splits a text at the first `separator` and reads both sides.
pub(super) fn pair<T>(
    text: &[u8],
    separator: u8,
    read: impl Fn(&[u8]) -> Option<T>,
) -> Option<(T, Option<T>)> {
    let split: IResult<&[u8], &[u8]> = take_while1(|byte| byte != separator)(text);
    match split {
        Ok((left, first)) if !left.is_empty() => {
            let (second, _) = tag::<_, _, nom::error::Error<_>>(&[separator][..])(left).ok()?;
            let (_, second) = rest::<_, nom::error::Error<_>>(second).ok()?;
            Some((read(first)?, Some(read(second)?)))
        }
        _ => Some((read(text)?, None)),
    }
}

macro_rules! integers {
    ($($ty:ty: $meta:literal, $expected:literal;)*) => {$(
        impl<'a> Value<'a> for $ty {
            const ARGS: &'static [&'static str] = &[$meta];

            fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
                unsigned(&args[0].text).ok_or(ValueError::new($expected))
            }

            fn write(&self, out: &mut Writer<'_>) {
                out.number(*self);
            }
        }
    )*};
}

integers! {
    u8: "NUMBER", "a number from 0 to 255";
    u16: "NUMBER", "a number from 0 to 65535";
    u32: "NUMBER", "a number from 0 to 4294967295";
    u64: "NUMBER", "a number from 0 to 18446744073709551615";
}

/// A number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bounded<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Bounded<MIN, MAX> {
    /// The number, unless it is out of range.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        if MIN <= number && number <= MAX {
            Some(Self(number))
        } else {
            None
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> Default for Bounded<MIN, MAX> {
    fn default() -> Self {
        Self(MIN)
    }
}

impl<'a, const MIN: u32, const MAX: u32> Value<'a> for Bounded<MIN, MAX> {
    const ARGS: &'static [&'static str] = &["NUMBER"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        unsigned(&args[0].text)
            .and_then(Self::new)
            .ok_or_else(|| ValueError::of(format!("a number from {MIN} to {MAX}")))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.0);
    }
}

/// A number from `MIN` to 4294967295 that iptables-save prints as C's `int`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignedOnWrite<const MIN: u32>(Bounded<MIN, { u32::MAX }>);

impl<const MIN: u32> SignedOnWrite<MIN> {
    /// The number, unless it is too low.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        match Bounded::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

impl<'a, const MIN: u32> Value<'a> for SignedOnWrite<MIN> {
    const ARGS: &'static [&'static str] = Bounded::<MIN, { u32::MAX }>::ARGS;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Value::read(args, context).map(Self)
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.int(self.get());
    }
}

/// A number written in hexadecimal, `0x…`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Hex(pub u32);

impl<'a> Value<'a> for Hex {
    const ARGS: &'static [&'static str] = &["NUMBER"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Value::read(args, context).map(Self)
    }

    fn write(&self, out: &mut Writer<'_>) {
        writer::hex(out.begin(), self.0);
    }
}

/// A number written with eight hexadecimal digits, `0x0000001f`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct WideHex(pub u32);

impl<'a> Value<'a> for WideHex {
    const ARGS: &'static [&'static str] = &["NUMBER"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Value::read(args, context).map(Self)
    }

    fn write(&self, out: &mut Writer<'_>) {
        use std::io::Write as _;
        write!(out.begin(), "{:#010x}", self.0).expect("a Vec takes any bytes");
    }
}

/// A number, or all from one to another: `FIRST[:LAST]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Range<T> {
    /// The lowest.
    pub first: T,
    /// The highest; the same as `first` for one number.
    pub last: T,
}

impl Range<u32> {
    /// Forgets a test that every number passes: iptables-save does not write it.
    ///
    /// It does not write one that none passes either, up to 1.8.10, and so turns its
    /// meaning around; as since 1.8.11, that one is kept here.
    pub(crate) fn forget_all(test: &mut Option<Invertible<Self>>) {
        let all = Self {
            first: 0,
            last: u32::MAX,
        };
        if *test == Some(Invertible::is(all)) {
            *test = None;
        }
    }
}

macro_rules! ranges {
    ($($ty:ty),*) => {$(
        impl<'a> Value<'a> for Range<$ty> {
            const ARGS: &'static [&'static str] = &["NUMBER[:NUMBER]"];

            fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
                let expected = ValueError::new("a number or a range such as `1:10`");
                let text = &args[0].text;
                let end = |text: &[u8], missing| match text {
                    b"" => Some(missing),
                    _ => unsigned(text),
                };
                let (first, last) = match text.iter().position(|byte| *byte == b':') {
                    None => {
                        let only = end(text, 0).ok_or(expected)?;
                        return Ok(Self { first: only, last: only });
                    }
                    Some(colon) => (&text[..colon], &text[colon + 1..]),
                };
                // A range from the higher to the lower matches nothing, and is taken.
                match (end(first, 0), end(last, <$ty>::MAX)) {
                    (Some(first), Some(last)) => Ok(Self { first, last }),
                    _ => Err(expected),
                }
            }

            fn write(&self, out: &mut Writer<'_>) {
                out.number(self.first);
                if self.first != self.last {
                    out.more().push(b':');
                    writer::decimal(out.more(), self.last.into());
                }
            }
        }
    )*};
}

ranges!(u16, u32, u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_c_prefixes() {
        assert_eq!(unsigned::<u16>(b"0x1F"), Some(31));
        assert_eq!(unsigned::<u16>(b"010"), Some(8));
        assert_eq!(unsigned::<u16>(b"+5"), Some(5));
        assert_eq!(unsigned::<u16>(b"0"), Some(0));
        assert_eq!(unsigned::<u16>(b"65536"), None);
        assert_eq!(unsigned::<u16>(b"-1"), None);
        assert_eq!(unsigned::<u16>(b"08"), None);
        assert_eq!(unsigned::<u64>(b"18446744073709551616"), None);
        assert_eq!(unsigned::<u16>(b"0x"), None);
        assert_eq!(unsigned::<u16>(b""), None);
    }

    #[test]
    fn blanks_before_a_number_are_those_of_c() {
        assert_eq!(unsigned::<u16>(b" \t\n\x0b\x0c\r5"), Some(5));
        assert_eq!(unsigned::<u16>(b"5 "), None);
    }

    #[test]
    fn strtoul_wraps_and_saturates() {
        let read = |text, base| like_strtoul(text, base).map(|it| (it.value, it.rest));
        assert_eq!(read(b" +12x", 10), Some((12, &b"x"[..])));
        assert_eq!(read(b"-1", 10), Some((u64::MAX, &b""[..])));
        assert_eq!(read(b"0x1g", 0), Some((1, &b"g"[..])));
        assert_eq!(read(b"0xg", 0), Some((0, &b"xg"[..])));
        assert_eq!(read(b"0x1f", 10), Some((0, &b"x1f"[..])));
        assert_eq!(read(b"0x1f", 16), Some((31, &b""[..])));
        assert_eq!(read(b"019", 0), Some((1, &b"9"[..])));
        assert_eq!(read(b"019", 10), Some((19, &b""[..])));
        let most = like_strtoul(b"-18446744073709551616", 0).unwrap();
        assert_eq!((most.value, most.overflows), (u64::MAX, true));
        for none in [&b""[..], b"-", b"-+5", b"- 5", b"x", b"8"] {
            assert_eq!(read(none, 8), None);
        }
    }

    #[test]
    fn atoll_saturates_and_atoi_cuts() {
        assert_eq!(like_atoll(b" 12x"), 12);
        assert_eq!(like_atoll(b"-012"), -12);
        assert_eq!(like_atoll(b"x"), 0);
        assert_eq!(like_atoll(b"9223372036854775808"), i64::MAX);
        assert_eq!(like_atoll(b"-99999999999999999999"), i64::MIN);
        assert_eq!(like_atoll(b"4294967297") as i32, 1);
    }

    #[test]
    fn pairs_are_split_once() {
        assert_eq!(pair(b"1/2", b'/', unsigned::<u8>), Some((1, Some(2))));
        assert_eq!(pair(b"1", b'/', unsigned::<u8>), Some((1, None)));
        assert_eq!(pair(b"1/", b'/', unsigned::<u8>), None);
        assert_eq!(pair(b"/1", b'/', unsigned::<u8>), None);
    }
}
