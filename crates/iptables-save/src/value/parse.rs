//! The parsers that the grammars of values are composed of.
//!
//! A grammar is a parser of nom: it takes the rest of a token, and returns what it parsed
//! and the rest after it. Its error carries nothing, because [`ValueError`] says what the
//! whole value should have been.
//!
//! [`ValueError`]: super::ValueError

use nom::{
    Err, IResult, Parser,
    branch::alt,
    bytes::complete::{take_till, take_while},
    character::complete::char,
    combinator::{all_consuming, eof, map_opt, opt, peek, rest, value},
    sequence::preceded,
};

/// What a grammar returns.
pub(crate) type Parsed<'t, T> = IResult<&'t [u8], T, ()>;

/// A parser of the bytes of a token.
pub(crate) trait Grammar<'t, T>: Parser<&'t [u8], Output = T, Error = ()> {}

impl<'t, T, P: Parser<&'t [u8], Output = T, Error = ()>> Grammar<'t, T> for P {}

/// Parses a token, all of which the grammar must take.
#[inline(always)]
pub(crate) fn complete<'t, T>(grammar: impl Grammar<'t, T>, token: &'t [u8]) -> Option<T> {
    let parsed = all_consuming(grammar).parse_complete(token);
    parsed.ok().map(|(_, value)| value)
}

/// Parses what C's `isspace` accepts, which the C functions for numbers skip.
pub(crate) fn spaces(text: &[u8]) -> Parsed<'_, &[u8]> {
    take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).parse_complete(text)
}

/// Parses the bytes before the first `end`, or all of them if there is none.
pub(crate) fn till<'t>(end: u8) -> impl Grammar<'t, &'t [u8]> {
    take_till(move |byte| byte == end)
}

/// Parses the bytes before the first `end`, or all of them if there is none, with a grammar
/// that must take them all.
pub(crate) fn before<'t, T>(end: u8, grammar: impl Grammar<'t, T>) -> impl Grammar<'t, T> {
    till(end).and_then(all_consuming(grammar))
}

/// Parses the bytes before the last `end`, or all of them if there is none.
pub(crate) fn till_last<'t>(end: u8) -> impl Grammar<'t, &'t [u8]> {
    move |text: &'t [u8]| {
        let length = memchr::memrchr(end, text).unwrap_or(text.len());
        Ok((&text[length..], &text[..length]))
    }
}

/// Parses a separator and what follows it, if the separator is there.
pub(crate) fn after<'t, T>(
    separator: char,
    grammar: impl Grammar<'t, T>,
) -> impl Grammar<'t, Option<T>> {
    opt(preceded(char(separator), grammar))
}

/// Parses one or more items with separators between them, and adds each to a collection,
/// which may refuse it.
pub(crate) fn list<'t, T, S, C: Default>(
    mut separator: impl Grammar<'t, S>,
    mut item: impl Grammar<'t, T>,
    add: impl Fn(&mut C, T) -> Option<()>,
) -> impl Grammar<'t, C> {
    move |text: &'t [u8]| {
        let mut collection = C::default();
        let mut text = text;
        loop {
            let (after_item, item) = item.parse_complete(text)?;
            add(&mut collection, item).ok_or(Err::Error(()))?;
            match separator.parse_complete(after_item) {
                Ok((after_separator, _)) => text = after_separator,
                Err(_) => return Ok((after_item, collection)),
            }
        }
    }
}

/// Parses `FIRST[SEPARATOR LAST]`; `LAST` is `FIRST` if it is missing.
pub(crate) fn range<'t, T: Copy>(
    separator: char,
    end: impl Grammar<'t, T> + Copy,
) -> impl Grammar<'t, (T, T)> {
    (end, after(separator, end)).map(|(first, last)| (first, last.unwrap_or(first)))
}

/// Parses `FIRST[:LAST]`, where either end may be missing if there is a colon.
pub(crate) fn open_range<'t, T: Copy>(
    lowest: T,
    end: impl Grammar<'t, T> + Copy,
    highest: T,
) -> impl Grammar<'t, (T, T)> {
    let first = alt((value(lowest, peek(char(':'))), end));
    let last = alt((value(highest, eof), end));
    (first, after(':', last)).map(|(first, last)| (first, last.unwrap_or(first)))
}

/// Parses the rest of a token, which a function looks up or converts.
pub(crate) fn word<'t, T>(convert: impl Fn(&'t [u8]) -> Option<T>) -> impl Grammar<'t, T> {
    map_opt(rest, convert)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::integer::integer;

    #[test]
    fn lists_have_an_item_on_either_side_of_a_separator() {
        let numbers = |text| {
            let add = |list: &mut Vec<u8>, item| {
                list.push(item);
                Some(())
            };
            complete(list(char(','), integer, add), text)
        };
        assert_eq!(numbers(b"1,2,3"), Some(vec![1, 2, 3]));
        for invalid in [&b""[..], b"1,", b",1", b"1,,2", b"1 2"] {
            assert_eq!(numbers(invalid), None);
        }
    }

    #[test]
    fn open_ranges_lack_either_end_or_both() {
        let numbers = |text| complete(open_range(0, integer::<u8>, 9), text);
        assert_eq!(numbers(b"1:2"), Some((1, 2)));
        assert_eq!(numbers(b"1"), Some((1, 1)));
        assert_eq!(numbers(b"1:"), Some((1, 9)));
        assert_eq!(numbers(b":2"), Some((0, 2)));
        assert_eq!(numbers(b":"), Some((0, 9)));
        for invalid in [&b""[..], b"::", b"1:2:3", b"1:x"] {
            assert_eq!(numbers(invalid), None);
        }
    }

    #[test]
    fn masks_follow_a_slash() {
        let mark = |text| complete((integer::<u8>, after('/', integer::<u8>)), text);
        assert_eq!(mark(b"1/2"), Some((1, Some(2))));
        assert_eq!(mark(b"1"), Some((1, None)));
        assert_eq!(mark(b"1/"), None);
        assert_eq!(mark(b"/1"), None);
    }
}
