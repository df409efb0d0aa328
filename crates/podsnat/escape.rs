//! Text and bytes of others, escaped so that they cannot disturb a terminal.

use std::fmt::Write as _;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// Returns text for one line, in which everything that a terminal would act on or not show
/// is escaped, and so are bytes that are not UTF-8.
pub(crate) fn escaped(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref();
    let mut out = String::with_capacity(bytes.len());
    escape(bytes, &mut out, |_, _| {});
    out
}

/// Appends `bytes` to `out`, and calls `begin` before each character with its offset in
/// `bytes` and in `out`.
pub(crate) fn escape(bytes: &[u8], out: &mut String, mut begin: impl FnMut(usize, usize)) {
    let mut offset = 0;
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            begin(offset, out.len());
            offset += character.len_utf8();
            match character {
                '\0' => out.push_str("\\0"),
                '\t' | '\n' | '\r' => out.extend(character.escape_default()),
                _ if character.is_ascii_control() => escape_byte(character as u8, out),
                _ if is_plain(character) => out.push(character),
                _ => out.extend(character.escape_unicode()),
            }
        }
        for byte in chunk.invalid() {
            begin(offset, out.len());
            offset += 1;
            escape_byte(*byte, out);
        }
    }
}

fn escape_byte(byte: u8, out: &mut String) {
    let _ = write!(out, "\\x{byte:02x}");
}

/// Whether a character is shown as itself: printable ASCII, a letter, a digit, a mark or a
/// symbol. Formats, separators, private and unassigned characters are not: they may be
/// invisible or change the direction of what follows.
fn is_plain(character: char) -> bool {
    character.is_ascii()
        || matches!(
            character.general_category_group(),
            GeneralCategoryGroup::Letter
                | GeneralCategoryGroup::Number
                | GeneralCategoryGroup::Mark
                | GeneralCategoryGroup::Symbol
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        assert_eq!(escaped(b"-A INPUT\t\x1b[31m\0"), r"-A INPUT\t\x1b[31m\0");
        assert_eq!(escaped("Zürich 東京 e\u{301} €"), "Zürich 東京 e\u{301} €");
        assert_eq!(escaped(b"a\xff\xc3 b"), r"a\xff\xc3 b");
    }

    #[test]
    fn invisible_characters_are_escaped() {
        for character in [
            '\u{80}',
            '\u{9b}',
            '\u{a0}',
            '\u{ad}',
            '\u{61c}',
            '\u{180e}',
            '\u{200b}',
            '\u{202e}',
            '\u{2028}',
            '\u{2066}',
            '\u{feff}',
            '\u{fff9}',
            '\u{fffb}',
            '\u{e0000}',
            '\u{e007f}',
        ] {
            let shown = escaped(character.to_string());
            assert_eq!(shown, character.escape_unicode().to_string());
        }
    }
}
