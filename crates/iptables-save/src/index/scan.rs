//! Finds lines and quotes in the input, many bytes at a time.

use wide::u8x16;

/// How many bytes are scanned before their lines are reported.
const BLOCK: usize = 1024;

/// The quotes of a line, as sets of bits, so that nothing has to be counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quotes {
    /// Empty if there are none.
    any: u64,
    /// An odd number of bits if the quotes are odd in number, else an even one.
    sum: u64,
}

impl Quotes {
    pub(crate) fn of(line: &[u8]) -> Self {
        let count = memchr::memchr_iter(b'"', line).count();
        Self {
            any: count as u64,
            sum: count as u64 & 1,
        }
    }

    /// Returns whether there are any.
    pub(crate) const fn any(self) -> bool {
        self.any != 0
    }

    /// Returns whether their number is odd.
    pub(crate) const fn is_odd(self) -> bool {
        let sum = self.sum ^ self.sum >> 32;
        let sum = sum ^ sum >> 16;
        let sum = sum ^ sum >> 8;
        let sum = sum ^ sum >> 4;
        // The bits are the numbers with an odd number of bits.
        0b0110_1001_1001_0110 >> (sum & 15) & 1 == 1
    }

    fn add(&mut self, quotes: u64) {
        self.any |= quotes;
        self.sum ^= quotes;
    }
}

/// Finds the lines of `text`, which ends with a newline. Calls `line` with the end of each,
/// including its newline, and its quotes. Returns whether there is a backslash, or a byte up to
/// carriage return other than a newline.
pub(crate) fn scan(text: &[u8], mut line: impl FnMut(usize, Quotes)) -> bool {
    let (blocks, rest) = text.as_chunks();
    let mut last = [b' '; BLOCK];
    last[..rest.len()].copy_from_slice(rest);

    let mut is_odd = false;
    let mut of_line = Quotes::default();
    for (nth, block) in blocks.iter().chain([&last]).enumerate() {
        let marks = Marks::of(block);
        is_odd |= marks.odd;
        let parts = marks.newlines.into_iter().zip(marks.quotes);
        for (part, (mut newlines, mut quotes)) in parts.enumerate() {
            while newlines != 0 {
                let up_to_it = newlines ^ (newlines - 1);
                of_line.add(quotes & up_to_it);
                let at = newlines.trailing_zeros() as usize;
                line(BLOCK * nth + 64 * part + at + 1, of_line);
                of_line = Quotes::default();
                quotes &= !up_to_it;
                newlines &= newlines - 1;
            }
            of_line.add(quotes);
        }
    }
    is_odd
}

/// The bytes of each kind in a block, a bit for each byte.
struct Marks {
    newlines: [u64; BLOCK / 64],
    quotes: [u64; BLOCK / 64],
    /// Whether there is a byte that needs a second pass.
    odd: bool,
}

impl Marks {
    /// All at once, so that nothing needs to be put away for what is done with a line.
    #[inline(always)]
    fn of(block: &[u8; BLOCK]) -> Self {
        let mut marks = Self {
            newlines: [0; BLOCK / 64],
            quotes: [0; BLOCK / 64],
            odd: false,
        };
        let mut odd = u8x16::splat(0);
        for (nth, part) in block.as_chunks::<64>().0.iter().enumerate() {
            let (mut newlines, mut quotes) = (0, 0);
            for (quarter, part) in part.as_chunks().0.iter().enumerate() {
                let part = u8x16::from(*part);
                let is_newline = part.simd_eq(u8x16::splat(b'\n'));
                let is_low = part.min(u8x16::splat(b'\r')).simd_eq(part);
                odd |= part.simd_eq(u8x16::splat(b'\\')) | (is_low ^ is_newline);
                let bits = |found: u8x16| u64::from(found.to_bitmask()) << (16 * quarter);
                newlines |= bits(is_newline);
                quotes |= bits(part.simd_eq(u8x16::splat(b'"')));
            }
            (marks.newlines[nth], marks.quotes[nth]) = (newlines, quotes);
        }
        marks.odd = odd.simd_ne(u8x16::splat(0)).any();
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_quotes_are_found_wherever_they_stand() {
        for length in (0..200).chain(1000..1100).chain(2040..2060) {
            let mut text = vec![b'x'; length];
            for at in (0..length).step_by(7) {
                text[at] = b'"';
            }
            for at in (0..length).step_by(31) {
                text[at] = b'\n';
            }
            text.push(b'\n');
            let mut found = Vec::new();
            let is_odd = scan(&text, |end, quotes| {
                found.push((end, quotes.any(), quotes.is_odd()));
            });
            let mut start = 0;
            let expected = text.split_inclusive(|byte| *byte == b'\n').map(|line| {
                start += line.len();
                let quotes = memchr::memchr_iter(b'"', line).count();
                (start, quotes > 0, quotes % 2 == 1)
            });
            assert_eq!(found, expected.collect::<Vec<_>>());
            assert!(!is_odd);
            for odd in [0, b'\\', b'\r'] {
                text[length / 2] = odd;
                assert!(scan(&text, |_, _| ()));
            }
        }
    }
}
