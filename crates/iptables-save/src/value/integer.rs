//! Integers as C reads them: `xtables_strtoui`, `strtoul` and `atoll`.

use nom::{
    Parser,
    branch::alt,
    bytes::complete::{tag_no_case, take_while1},
    character::complete::{char, one_of},
    combinator::{map_opt, opt, peek},
    sequence::preceded,
};

use super::parse::{Grammar, Parsed, complete, spaces};

/// Parses an integer in the range of its type as `xtables.c:xtables_strtoui` does: decimal,
/// `0x…` or octal `0…`.
pub(crate) fn integer<T: TryFrom<u64>>(text: &[u8]) -> Parsed<'_, T> {
    let prefixed = preceded((spaces, opt(char('+'))), alt((decimal, hexadecimal, octal)));
    map_opt(alt((decimal, prefixed)), |number| T::try_from(number).ok()).parse_complete(text)
}

/// Parses a token that is an integer as a whole.
pub(crate) fn unsigned<T: TryFrom<u64>>(token: &[u8]) -> Option<T> {
    complete(integer, token)
}

/// Parses a decimal number that does not begin with 0.
fn decimal(text: &[u8]) -> Parsed<'_, u64> {
    preceded(peek(one_of("123456789")), fitting(10)).parse_complete(text)
}

fn hexadecimal(text: &[u8]) -> Parsed<'_, u64> {
    preceded(tag_no_case("0x"), fitting(16)).parse_complete(text)
}

fn octal(text: &[u8]) -> Parsed<'_, u64> {
    preceded(peek(char('0')), fitting(8)).parse_complete(text)
}

/// Parses digits of a number that fits into 64 bits.
fn fitting<'t>(base: u32) -> impl Grammar<'t, u64> {
    map_opt(digits(base), |number| number)
}

/// Parses one or more digits; `None` if the number does not fit into 64 bits.
fn digits<'t>(base: u32) -> impl Grammar<'t, Option<u64>> {
    take_while1(move |byte| char::from(byte).is_digit(base)).map(move |digits: &[u8]| {
        let values = digits
            .iter()
            .filter_map(|digit| char::from(*digit).to_digit(base));
        values.into_iter().try_fold(0_u64, |number, digit| {
            number.checked_mul(base.into())?.checked_add(digit.into())
        })
    })
}

/// What C's `strtoul` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Strtoul {
    /// The number, the greatest there is if it does not fit; after a `-` counted down from
    /// 2^64.
    pub(crate) value: u64,
    /// Whether it does not fit.
    pub(crate) overflows: bool,
}

/// Parses a number as C's `strtoul` does, for the extensions that call it rather than
/// `xtables_strtoul`. In base 0 a prefix gives the base.
pub(crate) fn strtoul<'t>(base: u32) -> impl Grammar<'t, Strtoul> {
    move |text: &'t [u8]| {
        let (text, sign) = preceded(spaces, opt(one_of("+-"))).parse_complete(text)?;
        let prefixed = preceded(tag_no_case("0x"), digits(16));
        let octal = preceded(peek(char('0')), digits(8));
        let (rest, number) = match base {
            0 => alt((prefixed, octal, digits(10))).parse_complete(text)?,
            16 => alt((prefixed, digits(16))).parse_complete(text)?,
            _ => digits(base).parse_complete(text)?,
        };
        let value = match number {
            Some(number) if sign == Some('-') => number.wrapping_neg(),
            Some(number) => number,
            None => u64::MAX,
        };
        let overflows = number.is_none();
        Ok((rest, Strtoul { value, overflows }))
    }
}

/// Converts the decimal number that a text begins with as C's `sscanf` does.
pub(crate) fn leading_integer(text: &[u8]) -> Option<u64> {
    let (_, number) = strtoul(10).parse_complete(text).ok()?;
    Some(number.value)
}

/// Converts the number that a text begins with as C's `atoll` does; 0 if there is none.
/// `atoi` keeps the lower half of it.
pub(crate) fn atoll(text: &[u8]) -> i64 {
    let mut number = preceded(spaces, (opt(one_of("+-")), digits(10)));
    match number.parse_complete(text) {
        Ok((_, (Some('-'), Some(number)))) => 0_i64.saturating_sub_unsigned(number),
        Ok((_, (Some('-'), None))) => i64::MIN,
        Ok((_, (_, number))) => {
            number.map_or(i64::MAX, |number| i64::try_from(number).unwrap_or(i64::MAX))
        }
        Err(_) => 0,
    }
}

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
    fn spaces_before_a_number_are_those_of_c() {
        assert_eq!(unsigned::<u16>(b" \t\n\x0b\x0c\r5"), Some(5));
        assert_eq!(unsigned::<u16>(b"5 "), None);
    }

    #[test]
    fn strtoul_wraps_and_saturates() {
        let read = |text, base| {
            let (rest, number) = strtoul(base).parse_complete(text).ok()?;
            Some((number.value, rest))
        };
        assert_eq!(read(b" +12x", 10), Some((12, &b"x"[..])));
        assert_eq!(read(b"-1", 10), Some((u64::MAX, &b""[..])));
        assert_eq!(read(b"0x1g", 0), Some((1, &b"g"[..])));
        assert_eq!(read(b"0xg", 0), Some((0, &b"xg"[..])));
        assert_eq!(read(b"0x1f", 10), Some((0, &b"x1f"[..])));
        assert_eq!(read(b"0x1f", 16), Some((31, &b""[..])));
        assert_eq!(read(b"019", 0), Some((1, &b"9"[..])));
        assert_eq!(read(b"019", 10), Some((19, &b""[..])));
        let most = complete(strtoul(0), b"-18446744073709551616").unwrap();
        assert_eq!((most.value, most.overflows), (u64::MAX, true));
        for none in [&b""[..], b"-", b"-+5", b"- 5", b"x", b"8"] {
            assert_eq!(read(none, 8), None);
        }
    }

    #[test]
    fn atoll_saturates_and_atoi_cuts() {
        assert_eq!(atoll(b" 12x"), 12);
        assert_eq!(atoll(b"-012"), -12);
        assert_eq!(atoll(b"x"), 0);
        assert_eq!(atoll(b"9223372036854775808"), i64::MAX);
        assert_eq!(atoll(b"-99999999999999999999"), i64::MIN);
        assert_eq!(atoll(b"4294967297") as i32, 1);
    }
}
