//! Goes through the bytes of a text 64 at a time.

use wide::u8x64;

/// Finds the lines of a text that ends with a newline. Calls `line` with the end of each,
/// its newline included, and the count of its quotes. Returns whether the text has a NUL,
/// a backslash or a carriage return.
pub(super) fn scan(text: &[u8], mut line: impl FnMut(usize, usize)) -> bool {
    let (blocks, rest) = text.as_chunks();
    let mut last = [b' '; 64];
    last[..rest.len()].copy_from_slice(rest);

    let mut odd = u8x64::splat(0);
    let mut quotes_before = 0;
    for (nth, block) in blocks.iter().chain([&last]).enumerate() {
        let block = u8x64::from(*block);
        let all = |byte| block.simd_eq(u8x64::splat(byte));
        odd |= all(0) | all(b'\\') | all(b'\r');
        let mut newlines = all(b'\n').to_bitmask();
        let mut quotes = all(b'"').to_bitmask();
        while newlines != 0 {
            let at = newlines.trailing_zeros();
            let up_to_it = newlines ^ (newlines - 1);
            line(
                64 * nth + at as usize + 1,
                quotes_before + (quotes & up_to_it).count_ones() as usize,
            );
            quotes_before = 0;
            quotes &= !up_to_it;
            newlines &= newlines - 1;
        }
        quotes_before += quotes.count_ones() as usize;
    }
    odd.any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_quotes_are_found_wherever_they_stand() {
        for length in 0..200 {
            let mut text = vec![b'x'; length];
            for at in (0..length).step_by(7) {
                text[at] = b'"';
            }
            for at in (0..length).step_by(31) {
                text[at] = b'\n';
            }
            text.push(b'\n');
            let mut found = Vec::new();
            let is_odd = scan(&text, |end, quotes| found.push((end, quotes)));
            let mut start = 0;
            let expected = text.split_inclusive(|byte| *byte == b'\n').map(|line| {
                start += line.len();
                (start, line.iter().filter(|byte| **byte == b'"').count())
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
