//! Numbers with a fraction, as the C library's `strtod` parses them.

use nom::{
    Parser,
    branch::alt,
    bytes::complete::{tag, tag_no_case, take_while},
    character::complete::{digit1, one_of},
    combinator::{map_opt, opt, recognize, value, verify},
    sequence::{preceded, terminated},
};

use super::parse::{Grammar, Parsed, spaces};

/// Parses the longest number that a text begins with.
pub(crate) fn float(text: &[u8]) -> Parsed<'_, f64> {
    let (rest, sign) = preceded(spaces, opt(one_of("+-"))).parse(text)?;
    let (rest, number) = alt((hexadecimal, decimal, named)).parse(rest)?;
    Ok((rest, if sign == Some('-') { -number } else { number }))
}

/// Converts the whole part of a number to 32 bits, as C does.
///
/// C leaves it to the processor what becomes of a number that does not fit. This is the
/// conversion of x86-64: the lowest bits, or 0 if it does not fit into 64 bits either.
pub(crate) fn low_bits(number: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "the lowest bits are meant")]
    let whole = number as i64;
    if whole == i64::MAX {
        return 0;
    }
    let [a, b, c, d, ..] = whole.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

fn decimal(text: &[u8]) -> Parsed<'_, f64> {
    let exponent = (one_of("eE"), opt(one_of("+-")), digit1);
    let digits = (mantissa(|byte| byte.is_ascii_digit()), opt(exponent));
    let number = |text| std::str::from_utf8(text).ok()?.parse().ok();
    map_opt(recognize(digits), number).parse(text)
}

/// Parses `0x…`, whose exponent is a power of two.
fn hexadecimal(text: &[u8]) -> Parsed<'_, f64> {
    let (text, _) = tag_no_case("0x")(text)?;
    let (rest, digits) = mantissa(|byte| byte.is_ascii_hexdigit()).parse(text)?;
    let exponent = recognize((opt(one_of("+-")), digit1));
    let exponent = map_opt(exponent, |text| {
        std::str::from_utf8(text).ok()?.parse().ok()
    });
    let (rest, exponent) = opt(preceded(one_of("pP"), exponent)).parse(rest)?;
    let whole = digits.split(|byte| *byte == b'.').next().unwrap_or(digits);
    let places = digits.len().saturating_sub(whole.len() + 1);
    let number = digits
        .iter()
        .filter_map(|byte| char::from(*byte).to_digit(16))
        .fold(0.0, |number, digit| number * 16.0 + f64::from(digit));
    let places = i32::try_from(4 * places).unwrap_or(i32::MAX);
    let power = exponent.unwrap_or(0_i32).saturating_sub(places);
    Ok((rest, number * 2_f64.powi(power)))
}

/// Parses digits with a point before, between or after them, or without one.
fn mantissa<'t>(is_digit: impl Fn(u8) -> bool + Copy) -> impl Grammar<'t, &'t [u8]> {
    let digits = (take_while(is_digit), opt((tag("."), take_while(is_digit))));
    verify(recognize(digits), move |text: &[u8]| {
        text.iter().any(|byte| is_digit(*byte))
    })
}

fn named(text: &[u8]) -> Parsed<'_, f64> {
    let infinity = (tag_no_case("inf"), opt(tag_no_case("inity")));
    // The payload in parentheses is not kept.
    let payload = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let payload = (tag("("), take_while(payload), tag(")"));
    let nan = terminated(tag_no_case("nan"), opt(payload));
    alt((value(f64::INFINITY, infinity), value(f64::NAN, nan))).parse(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_strtod_reads_them() {
        for (text, number, rest) in [
            ("250ms", 250.0, "ms"),
            (".5", 0.5, ""),
            ("1.", 1.0, ""),
            ("-.5e1x", -5.0, "x"),
            ("+1e-2", 0.01, ""),
            ("1e", 1.0, "e"),
            ("1e+", 1.0, "e+"),
            (" \t5s", 5.0, "s"),
            ("infinityx", f64::INFINITY, "x"),
            ("-infx", f64::NEG_INFINITY, "x"),
            ("0x10s", 16.0, "s"),
            ("0x1.8p1s", 3.0, "s"),
            ("0x.8", 0.5, ""),
            ("0x", 0.0, "x"),
            ("0x.", 0.0, "x."),
            ("0b1", 0.0, "b1"),
            ("1_0", 1.0, "_0"),
            ("1e400", f64::INFINITY, ""),
            ("0x1p99999", f64::INFINITY, ""),
        ] {
            let (left, read) = float(text.as_bytes()).unwrap();
            assert_eq!((read, left), (number, rest.as_bytes()), "{text}");
        }
        let (left, read) = float(b"nan(12)s").unwrap();
        assert!(read.is_nan() && left == b"s");
        for refused in ["", ".", "+ 5", "+-1", "ms", "-", "e5"] {
            assert!(float(refused.as_bytes()).is_err(), "{refused}");
        }
    }
}
