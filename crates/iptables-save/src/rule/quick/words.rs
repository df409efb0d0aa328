//! The words of a line in canonical spelling, taken one by one.
//!
//! There, one blank stands between words, a newline behind the last, and a word is in
//! quotes altogether or not at all, without backslashes.

use wide::u8x32;

use crate::word;

/// The words that are still to be taken.
#[derive(Debug)]
pub(crate) struct Words<'a> {
    /// The line, and what follows it: blocks of bytes are looked at that reach behind it.
    text: &'a [u8],
    /// Where the next word begins.
    at: usize,
    /// Where the line ends, its newline included.
    end: usize,
}

impl<'a> Words<'a> {
    /// The words of a line of `end` bytes at the beginning of a text, from byte `at` on.
    /// None if no newline ends it.
    pub(super) fn new(text: &'a [u8], at: usize, end: usize) -> Option<Self> {
        let ends_well = at < end && text.get(end - 1) == Some(&b'\n');
        // Longer words are for the reader that complains of them.
        (ends_well && end <= word::LONGEST_WORD).then_some(Self { text, at, end })
    }

    /// What is left of the line.
    #[inline(always)]
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.text[self.at..self.end]
    }

    /// What is left of the text.
    #[inline(always)]
    pub(super) fn beyond(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    /// Goes on behind a word of `length` bytes, which a blank or a newline ends.
    #[inline(always)]
    pub(super) fn skip(&mut self, length: usize) {
        self.at += length + 1;
    }

    /// Takes the next word without its quotes. None at the end of the line, for an empty
    /// word, and for one that is spelled in another way.
    #[inline(always)]
    pub(super) fn take(&mut self) -> Option<&'a [u8]> {
        if self.at == self.end {
            return None;
        }
        let (start, mut from) = (self.at, self.at);
        let stop = loop {
            let block = block(self.text, from);
            let ends = at_most(block, b' ') | block.simd_eq(u8x32::splat(b'"'));
            if ends.any() {
                break from + ends.to_bitmask().trailing_zeros() as usize;
            }
            from += 32;
        };
        match self.text.get(stop) {
            Some(b' ' | b'\n') if stop > start => {
                self.at = stop + 1;
                Some(&self.text[start..stop])
            }
            Some(b'"') if stop == start => self.take_quoted(),
            _ => None,
        }
    }

    /// Takes a word that a quote begins.
    fn take_quoted(&mut self) -> Option<&'a [u8]> {
        let start = self.at + 1;
        let mut from = start;
        let stop = loop {
            let block = block(self.text, from);
            let ends = at_most(block, 0x1f)
                | block.simd_eq(u8x32::splat(b'"'))
                | block.simd_eq(u8x32::splat(b'\\'));
            if ends.any() {
                break from + ends.to_bitmask().trailing_zeros() as usize;
            }
            from += 32;
        };
        match self.text.get(stop..)? {
            [b'"', b' ' | b'\n', ..] if stop > start => {
                self.at = stop + 2;
                Some(&self.text[start..stop])
            }
            _ => None,
        }
    }
}

/// The bytes of a text from `from` on; past its end are NULs.
#[inline(always)]
fn block(text: &[u8], from: usize) -> u8x32 {
    match text.get(from..).and_then(<[u8]>::first_chunk) {
        Some(block) => u8x32::from(*block),
        None => last_block(text, from),
    }
}

#[cold]
fn last_block(text: &[u8], from: usize) -> u8x32 {
    let rest = text.get(from..).unwrap_or_default();
    let mut block = [0; 32];
    block[..rest.len()].copy_from_slice(rest);
    u8x32::from(block)
}

/// Marks the bytes up to `most`.
#[inline(always)]
fn at_most(block: u8x32, most: u8) -> u8x32 {
    block.min(u8x32::splat(most)).simd_eq(block)
}
