//! The words of a line in canonical spelling, taken one by one.
//!
//! There, words are separated by one space, the last one ends with a newline, and a word is
//! completely in quotes or not at all, without backslashes.

use wide::{u8x32, u8x64};

use crate::{ext::begins_with, word};

/// The remaining words of a line.
#[derive(Debug)]
pub(crate) struct Words<'a> {
    /// The rest of the input: of the line, and of the lines after it, because blocks of bytes
    /// are examined that extend past the line.
    rest: &'a [u8],
    /// The length of the lines after it.
    after: usize,
}

impl<'a> Words<'a> {
    /// Returns the words of a line of `end` bytes that `text` begins with, from byte `at` on;
    /// `None` if no newline ends it, or a word may be too long.
    pub(super) fn new(text: &'a [u8], at: usize, end: usize) -> Option<Self> {
        let ends_well = at < end && text.get(end - 1) == Some(&b'\n');
        // The getopt reader reports words that are too long.
        (ends_well && end <= word::LONGEST_WORD).then(|| Self {
            rest: &text[at..],
            after: text.len() - end,
        })
    }

    /// Returns whether all words are taken.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.rest.len() == self.after
    }

    /// Returns the rest of the line and what comes after it. There must be a word.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Skips a word of `length` bytes, which a space or a newline ends.
    #[inline]
    pub(super) fn skip(&mut self, length: usize) {
        self.rest = &self.rest[length + 1..];
    }

    /// Skips a `!` if it is next, and returns whether it was. There must be a word, and another
    /// one follows the `!`.
    #[inline]
    pub(super) fn skip_inversion(&mut self) -> bool {
        match self.rest {
            [b'!', b' ', rest @ ..] => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Skips this word if it is next, and returns whether it was.
    #[inline]
    pub(super) fn skip_if(&mut self, word: &[u8]) -> bool {
        let is_there = !self.is_empty() && begins_with(self.rest, word);
        if is_there {
            self.skip(word.len());
        }
        is_there
    }

    /// Takes a word of `length` bytes, which a space or a newline ends.
    #[inline]
    pub(super) fn take_known(&mut self, length: usize) -> &'a [u8] {
        let (word, rest) = self.rest.split_at(length);
        self.rest = &rest[1..];
        word
    }

    /// Takes the next word without its quotes. Returns `None` at the end of the line, for an
    /// empty word, and for one in another spelling.
    #[inline]
    pub(super) fn take(&mut self) -> Option<&'a [u8]> {
        if self.is_empty() {
            return None;
        }
        match self.rest {
            [b'"', body @ ..] => self.take_quoted(body),
            _ => self.take_plain(),
        }
    }

    /// Takes the next word if it has no quotes.
    #[inline]
    pub(super) fn take_plain(&mut self) -> Option<&'a [u8]> {
        if self.is_empty() {
            return None;
        }
        let stop = match self.rest.first_chunk() {
            Some(block) => match stops(block) {
                0 => self.far_stop(),
                stops => stops.trailing_zeros() as usize,
            },
            None => self.far_stop(),
        };
        match self.rest.get(stop) {
            Some(b' ' | b'\n') if stop > 0 => Some(self.take_known(stop)),
            _ => None,
        }
    }

    /// Returns where a long word may end, or one at the end of the input.
    #[cold]
    fn far_stop(&self) -> usize {
        let may_end = |byte: &u8| matches!(byte, 0..=b' ' | b'"');
        self.rest
            .iter()
            .position(may_end)
            .unwrap_or(self.rest.len())
    }

    /// Takes a word in quotes; `body` follows the first of them.
    #[inline]
    fn take_quoted(&mut self, body: &'a [u8]) -> Option<&'a [u8]> {
        let end = match body.first_chunk() {
            Some(block) => match quoted_stops(block) {
                0 => far_quoted_stop(body),
                stops => stops.trailing_zeros() as usize,
            },
            None => far_quoted_stop(body),
        };
        match body.get(end..)? {
            [b'"', b' ' | b'\n', rest @ ..] if end > 0 => {
                self.rest = rest;
                Some(&body[..end])
            }
            _ => None,
        }
    }
}

/// Returns the bytes that may end a word, a bit for each: control characters, spaces and quotes.
#[inline]
fn stops(block: &[u8; 32]) -> u32 {
    let block = u8x32::from(*block);
    let blank = block.min(u8x32::splat(b' ')).simd_eq(block);
    (blank | block.simd_eq(u8x32::splat(b'"'))).to_bitmask()
}

/// Returns the bytes that may end a word in quotes: quotes, backslashes and control characters.
#[inline]
fn quoted_stops(block: &[u8; 64]) -> u64 {
    let block = u8x64::from(*block);
    let control = block.min(u8x64::splat(0x1f)).simd_eq(block);
    let quote = block.simd_eq(u8x64::splat(b'"'));
    (control | quote | block.simd_eq(u8x64::splat(b'\\'))).to_bitmask()
}

/// Returns where a long word in quotes may end, or one at the end of the input.
#[cold]
fn far_quoted_stop(body: &[u8]) -> usize {
    let may_end = |byte: &u8| matches!(byte, 0..=0x1f | b'"' | b'\\');
    body.iter().position(may_end).unwrap_or(body.len())
}
