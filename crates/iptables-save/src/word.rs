//! Splits rule lines into words as iptables-restore does.
//!
//! The rules are those of `xshared.c:add_param_to_argv`: space, tab and newline
//! separate; `"` opens a quote anywhere in a word and the closing `"` also ends
//! the word; inside quotes `\X` is `X`; outside them a backslash and a `'` are
//! ordinary bytes. Quotes leave no trace: `"!"` inverts like `!`.

use std::borrow::Cow;

use wide::u8x16;

use crate::Span;

/// Bytes of the input, borrowed unless quotes had to be taken out of them.
pub type Text<'a> = Cow<'a, [u8]>;

/// A word as iptables sees it, with its span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word<'a> {
    /// What iptables sees, without quotes and escapes.
    pub text: Text<'a>,
    start: u32,
    end: u32,
}

impl<'a> Word<'a> {
    /// Returns its span in the line, quotes included.
    #[must_use]
    pub fn span(&self) -> Span {
        Span {
            start: self.start as usize,
            end: self.end as usize,
        }
    }

    /// Makes a word of which only the text matters.
    pub(crate) const fn of(text: Text<'a>) -> Self {
        Self {
            text,
            start: 0,
            end: 0,
        }
    }

    /// Returns the word from byte `from` of its text on, such as the argument of `--dport=80`.
    pub(crate) fn tail(&self, from: usize) -> Self {
        let text = match &self.text {
            Cow::Borrowed(text) => Cow::Borrowed(&text[from..]),
            Cow::Owned(text) => Cow::Owned(text[from..].to_vec()),
        };
        // Quotes taken out before `from` would shift the place: it may only grow.
        let start = u32::try_from(from).map_or(self.end, |from| self.end.min(self.start + from));
        Word {
            text,
            start,
            end: self.end,
        }
    }
}

/// The longest word that iptables-restore accepts, in bytes (`xshared.h:PARAM_BUFF`).
pub const LONGEST_WORD: usize = 1023;

/// Splits `line` from byte `from` on, appending to `words`.
///
/// Returns the offset of a quote that is never closed. As in iptables 1.8 the last word then
/// contains everything to the end of the line, including the newline.
pub fn split<'a>(line: &'a [u8], from: usize, words: &mut Vec<Word<'a>>) -> Option<usize> {
    let mut start = from;
    let mut base = from;
    'eights: loop {
        let mut stops = stops(line, base);
        while stops != 0 {
            let at = base + (stops.trailing_zeros() / 8) as usize;
            stops &= stops - 1;
            match line.get(at) {
                Some(b' ' | b'\t' | b'\n') => {
                    if start < at {
                        words.push(word(Cow::Borrowed(&line[start..at]), start, at));
                    }
                    start = at + 1;
                }
                Some(b'"') => {
                    let (text, end, closed) = quoted(line, start, at);
                    words.push(word(text, start, end));
                    if !closed {
                        return Some(at);
                    }
                    start = end;
                    base = end;
                    continue 'eights;
                }
                // A C string ends at its NUL; the rest of the line is never read.
                None | Some(0) => {
                    if start < at {
                        words.push(word(Cow::Borrowed(&line[start..at]), start, at));
                    }
                    return None;
                }
                Some(_) => {}
            }
        }
        base += 8;
    }
}

const ONES: u64 = u64::MAX / 255;
const LOW: u64 = ONES * 0x7f;

/// Finds, among the eight bytes from `base` on, those that may end a word: control characters,
/// spaces and quotes. Each sets the high bit of its byte. After the end are NULs.
#[inline]
fn stops(line: &[u8], base: usize) -> u64 {
    let eight = eight(line.get(base..).unwrap_or_default());
    let quote = eight ^ (ONES * u64::from(b'"'));
    let not_quote = (quote & LOW) + LOW;
    blanks(eight) | !(not_quote | quote) & !LOW
}

/// Returns whether no byte of `text` may end a word.
pub(crate) fn is_plain(text: &[u8]) -> bool {
    let blanks = |block: u8x16| block.min(u8x16::splat(b' ')).simd_eq(block);
    let ends = |block: u8x16| blanks(block) | block.simd_eq(u8x16::splat(b'"'));
    !any(text, ends, |byte| matches!(byte, 0..=b' ' | b'"'))
}

/// Returns whether `text` has bytes of a kind, testing sixteen at a time if there are at least
/// eight.
#[inline]
pub(crate) fn any(text: &[u8], in_block: impl Fn(u8x16) -> u8x16, is: impl Fn(u8) -> bool) -> bool {
    // The last bytes may overlap those before.
    if let Some(last) = text.last_chunk() {
        let mut blocks = text.as_chunks().0.iter().chain([last]);
        return blocks.any(|block| in_block(u8x16::from(*block)).any());
    }
    if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        let both =
            u128::from(u64::from_le_bytes(*first)) << 64 | u128::from(u64::from_le_bytes(*last));
        return in_block(u8x16::from(both.to_le_bytes())).any();
    }
    text.iter().any(|byte| is(*byte))
}

/// Returns the high bit of each byte that is a control character or a space.
#[inline]
fn blanks(eight: u64) -> u64 {
    // No carry leaves its byte, so the answer is exact for each.
    let above = (eight & LOW) + ONES * (0x7f - 0x20);
    !(above | eight) & !LOW
}

/// Returns the first eight bytes of `text`, the first the lowest. After the end are NULs.
#[inline]
pub(crate) fn eight(text: &[u8]) -> u64 {
    if let Some(eight) = text.first_chunk() {
        u64::from_le_bytes(*eight)
    } else {
        let mut eight = [0; 8];
        eight[..text.len()].copy_from_slice(text);
        u64::from_le_bytes(eight)
    }
}

/// Returns the first bytes of `text` before a space, at most eight; the rest are NULs.
#[inline]
pub(crate) fn first_eight(text: &[u8]) -> u64 {
    let eight = eight(text);
    let blanks = blanks(eight);
    // All bits below the first of them, or all there are.
    eight & ((blanks & blanks.wrapping_neg()) >> 7).wrapping_sub(1)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a line is at most 10239 bytes long"
)]
fn word(text: Text<'_>, start: usize, end: usize) -> Word<'_> {
    Word {
        text,
        start: start as u32,
        end: end as u32,
    }
}

/// Parses a word that starts at `start` and has its first quote at `quote`.
/// Returns the text, the end, and whether the quote was closed.
fn quoted(line: &[u8], start: usize, quote: usize) -> (Text<'_>, usize, bool) {
    let body = quote + 1;
    let stop = |from: usize| {
        memchr::memchr3(b'"', b'\\', 0, &line[from..]).map_or(line.len(), |found| from + found)
    };
    let mut at = stop(body);
    if start == quote && line.get(at) == Some(&b'"') {
        return (Cow::Borrowed(&line[body..at]), at + 1, true);
    }
    let mut text = line[start..quote].to_vec();
    let mut from = body;
    loop {
        text.extend_from_slice(&line[from..at]);
        match line.get(at) {
            Some(b'"') => return (Cow::Owned(text), at + 1, true),
            Some(b'\\') if !matches!(line.get(at + 1), None | Some(0)) => {
                text.push(line[at + 1]);
                from = at + 2;
                at = stop(from);
            }
            _ => return (Cow::Owned(text), at, false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_str(line: &str) -> (Vec<String>, Option<usize>) {
        let mut words = Vec::new();
        let open = split(line.as_bytes(), 0, &mut words);
        let text = words
            .iter()
            .map(|word| String::from_utf8(word.text.to_vec()).unwrap())
            .collect();
        (text, open)
    }

    #[track_caller]
    fn check(line: &str, expected: &[&str]) {
        let (words, open) = split_str(line);
        assert_eq!(words, expected, "{line:?}");
        assert_eq!(open, None, "{line:?}");
    }

    #[test]
    fn words_are_what_the_program_sees() {
        check("-A INPUT\t -j  ACCEPT\n", &["-A", "INPUT", "-j", "ACCEPT"]);
        check("'a b'\n", &["'a", "b'"]);
        check("a\\ b\n", &["a\\", "b"]);
        check(r#"foo"a b""bar"baz"#, &["fooa b", "bar", "baz"]);
        check(r#""-p""tcp""-j""ACCEPT""#, &["-p", "tcp", "-j", "ACCEPT"]);
        check(r#"--comment "" -j"#, &["--comment", "", "-j"]);
        check(r#""say \"hi\" \\ \n""#, &[r#"say "hi" \ n"#]);
        check("a\rb \u{1f}c\n", &["a\rb", "\u{1f}c"]);
        check("a b\0c \"d", &["a", "b"]);
        check("", &[]);
    }

    #[test]
    fn an_open_quote_takes_the_newline_along() {
        let (words, open) = split_str("--comment x\"a b\n");
        assert_eq!(words, ["--comment", "xa b\n"]);
        assert_eq!(open, Some(11));
    }

    #[test]
    fn spans_include_the_quotes() {
        let line = br#"-j x"a\"b" c"#;
        let mut words = Vec::new();
        split(line, 0, &mut words);
        let written: Vec<_> = words
            .iter()
            .map(|word| &line[word.span().range()])
            .collect();
        assert_eq!(written, [&b"-j"[..], br#"x"a\"b""#, b"c"]);
    }
}
