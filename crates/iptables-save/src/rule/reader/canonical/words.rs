//! The words of a line in canonical spelling, taken one by one.
//!
//! There, one blank stands between words, a newline behind the last, and a word is in
//! quotes altogether or not at all, without backslashes.

use wide::{u8x32, u8x64};

use crate::{ext::begins_with, word};

/// The words that are still to be taken.
#[derive(Debug)]
pub(crate) struct Words<'a> {
    /// What is left of the text: of the line, and of the lines after it. Blocks of bytes
    /// are looked at that reach behind the line.
    rest: &'a [u8],
    /// How much of it comes after the line.
    after: usize,
}

impl<'a> Words<'a> {
    /// The words of a line of `end` bytes at the beginning of a text, from byte `at` on.
    /// None if no newline ends it.
    pub(super) fn new(text: &'a [u8], at: usize, end: usize) -> Option<Self> {
        let ends_well = at < end && text.get(end - 1) == Some(&b'\n');
        // Longer words are for the reader that complains of them.
        (ends_well && end <= word::LONGEST_WORD).then(|| Self {
            rest: &text[at..],
            after: text.len() - end,
        })
    }

    /// Whether all words are taken.
    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.rest.len() == self.after
    }

    /// What is left of the line, and what comes after it. There has to be a word.
    #[inline(always)]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Goes on behind a word of `length` bytes, which a blank or a newline ends.
    #[inline(always)]
    pub(super) fn skip(&mut self, length: usize) {
        self.rest = &self.rest[length + 1..];
    }

    /// Goes on behind a `!` if it is there. There has to be a word, and is one then.
    #[inline(always)]
    pub(super) fn skip_inversion(&mut self) -> bool {
        match self.rest {
            [b'!', b' ', rest @ ..] => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Goes on behind a word if it is there.
    #[inline(always)]
    pub(super) fn skip_if(&mut self, word: &[u8]) -> bool {
        let is_there = !self.is_empty() && begins_with(self.rest, word);
        if is_there {
            self.skip(word.len());
        }
        is_there
    }

    /// Takes a word of `length` bytes, which a blank or a newline ends.
    #[inline(always)]
    pub(super) fn take_known(&mut self, length: usize) -> &'a [u8] {
        let (word, rest) = self.rest.split_at(length);
        self.rest = &rest[1..];
        word
    }

    /// Takes the next word without its quotes. None at the end of the line, for an empty
    /// word, and for one that is spelled in another way.
    #[inline(always)]
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
    #[inline(always)]
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

    /// Where a long word may end, or one at the end of the text.
    #[cold]
    fn far_stop(&self) -> usize {
        let may_end = |byte: &u8| matches!(byte, 0..=b' ' | b'"');
        self.rest
            .iter()
            .position(may_end)
            .unwrap_or(self.rest.len())
    }

    /// Takes a word by what follows the quote that begins it.
    #[inline(always)]
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

/// The bytes that may end a word: up to a blank, and quotes.
#[inline(always)]
fn stops(block: &[u8; 32]) -> u32 {
    let block = u8x32::from(*block);
    let blank = block.min(u8x32::splat(b' ')).simd_eq(block);
    (blank | block.simd_eq(u8x32::splat(b'"'))).to_bitmask()
}

/// The bytes that may end a text in quotes: quotes, backslashes and control characters.
#[inline(always)]
fn quoted_stops(block: &[u8; 64]) -> u64 {
    let block = u8x64::from(*block);
    let control = block.min(u8x64::splat(0x1f)).simd_eq(block);
    let quote = block.simd_eq(u8x64::splat(b'"'));
    (control | quote | block.simd_eq(u8x64::splat(b'\\'))).to_bitmask()
}

/// The same for a long text, or one at the end of all.
#[cold]
fn far_quoted_stop(body: &[u8]) -> usize {
    let may_end = |byte: &u8| matches!(byte, 0..=0x1f | b'"' | b'\\');
    body.iter().position(may_end).unwrap_or(body.len())
}
