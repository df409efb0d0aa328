//! Bytes of the input, shown so that they cannot disturb a terminal.

use std::fmt::Write as _;

/// Text as it can be shown on one line: what a terminal would act on or not show is
/// written as an escape, and so are bytes that are not UTF-8.
pub(crate) fn printable(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    write(bytes, &mut out, |_, _| {});
    out
}

/// Appends `bytes` to `out`, and calls `begin` before each character with its place in
/// `bytes` and in `out`.
pub(crate) fn write(bytes: &[u8], out: &mut String, mut begin: impl FnMut(usize, usize)) {
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        for one in chunk.valid().chars() {
            begin(at, out.len());
            at += one.len_utf8();
            match one {
                '\0' => out.push_str("\\0"),
                '\t' | '\n' | '\r' => out.extend(one.escape_default()),
                _ if one.is_ascii_control() => escape(one as u8, out),
                _ if is_plain(one) => out.push(one),
                _ => out.extend(one.escape_unicode()),
            }
        }
        for byte in chunk.invalid() {
            begin(at, out.len());
            at += 1;
            escape(*byte, out);
        }
    }
}

fn escape(byte: u8, out: &mut String) {
    let _ = write!(out, "\\x{byte:02x}");
}

/// Whether a character is shown as itself: not a control character, and none that is
/// invisible or turns the direction of what follows.
fn is_plain(one: char) -> bool {
    !one.is_control()
        && !matches!(
            one,
            '\u{ad}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}'
                | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        assert_eq!(printable(b"-A INPUT\t\x1b[31m\0"), r"-A INPUT\t\x1b[31m\0");
        assert_eq!(printable("Zürich \u{202e}".as_bytes()), r"Zürich \u{202e}");
        assert_eq!(printable(b"a\xff\xc3 b"), r"a\xff\xc3 b");
    }
}
