//! Canonical text into one buffer.

use wide::u8x16;

use crate::word;

/// Writes the words of a line with single blanks between them, as iptables-save does.
#[derive(Debug)]
pub struct Writer<'o> {
    out: &'o mut Vec<u8>,
    /// Whether there is something on the line.
    is_begun: bool,
    style: Style,
    fidelity: Fidelity,
}

/// Whether what iptables-save prints of a rule is parsed as the same rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Fidelity {
    /// It is.
    Exact,
    /// It is refused, or parsed as another rule: iptables-save writes names without quotes,
    /// whatever is in them.
    Lossy,
}

/// Whose spelling to write.
///
/// The versions of iptables-save differ in few places; what is written is read the
/// same by all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether protocols outside iptables' own table are written by their name in
    /// `/etc/protocols` (`gre`), as up to 1.8.10, or by number (`47`), as since 1.8.11.
    pub protocol_names: bool,
}

impl Style {
    /// The spelling of the program that wrote a text.
    #[must_use]
    pub fn of(generator: &crate::Generator<'_>) -> Self {
        let mut parts = generator
            .version
            .split(|byte| *byte == b'.')
            .map(|part| std::str::from_utf8(part).ok()?.parse::<u32>().ok());
        let version = [(); 3].map(|()| parts.next().flatten().unwrap_or(0));
        Self {
            protocol_names: version < [1, 8, 11],
        }
    }
}

impl<'o> Writer<'o> {
    /// Appends to `out`.
    pub fn new(out: &'o mut Vec<u8>, style: Style) -> Self {
        Self {
            is_begun: !matches!(out.last(), None | Some(b'\n')),
            out,
            style,
            fidelity: Fidelity::Exact,
        }
    }

    /// The spelling asked for.
    #[must_use]
    pub const fn style(&self) -> Style {
        self.style
    }

    /// Begins a word: a blank, unless the line has just begun.
    #[inline]
    pub fn begin(&mut self) -> &mut Vec<u8> {
        if self.is_begun {
            self.out.push(b' ');
        }
        self.is_begun = true;
        self.out
    }

    /// Goes on with the word at hand.
    pub fn more(&mut self) -> &mut Vec<u8> {
        self.out
    }

    /// Writes a word as it is.
    #[inline]
    pub fn word(&mut self, word: &[u8]) {
        self.begin().extend_from_slice(word);
    }

    /// Writes a name as it is. iptables-save does not quote names: one with blanks or
    /// quotes will not be read back.
    pub fn name(&mut self, name: &[u8]) {
        if !is_plain(name) {
            self.mark_lossy();
        }
        self.word(name);
    }

    /// Notes that iptables-save writes this so that it is refused or read otherwise.
    pub const fn mark_lossy(&mut self) {
        self.fidelity = Fidelity::Lossy;
    }

    /// Returns whether all that was written is parsed as what it was.
    pub const fn fidelity(&self) -> Fidelity {
        self.fidelity
    }

    /// Writes a number as a word.
    pub fn number(&mut self, number: impl Into<u64>) {
        decimal(self.begin(), number.into());
    }

    /// Writes a word of items with commas between them; no word if there are no items.
    pub(crate) fn list<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        write: impl Fn(T, &mut Vec<u8>),
    ) {
        for (nth, item) in items.into_iter().enumerate() {
            if nth == 0 {
                self.begin();
            } else {
                self.more().push(b',');
            }
            write(item, self.more());
        }
    }

    /// Writes a number where iptables-save prints a C `int`: a great one gets a `-`, with
    /// which it is not read back.
    pub(crate) fn int(&mut self, number: u32) {
        let number = number.cast_signed();
        let out = self.begin();
        if number < 0 {
            out.push(b'-');
        }
        decimal(out, number.unsigned_abs().into());
        if number < 0 {
            self.mark_lossy();
        }
    }

    /// Writes text as `xtables.c:xtables_save_string` does: bare when it is made of
    /// letters, digits, `-` and `_`, else in quotes.
    pub fn string(&mut self, text: &[u8]) {
        let up_to = |block: u8x16, most: u8| block.min(u8x16::splat(most)).simd_eq(block);
        let other = |block: u8x16| {
            let letters = up_to((block | u8x16::splat(0x20)) - u8x16::splat(b'a'), 25);
            let digits = up_to(block - u8x16::splat(b'0'), 9);
            let dash = block.simd_eq(u8x16::splat(b'-'));
            !(letters | digits | dash | block.simd_eq(u8x16::splat(b'_')))
        };
        let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if text.is_empty() || word::any(text, other, |byte| !is_bare(byte)) {
            quote(self.begin(), text, *b"\"\\'");
        } else {
            self.word(text);
        }
    }
}

/// Whether a name is read back without quotes.
pub(crate) fn is_plain(name: &[u8]) -> bool {
    let odd = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'"');
    !name.is_empty() && (word::is_plain(name) || !name.iter().any(odd))
}

/// Writes `text` in quotes, with a backslash before each byte of `escaped`.
pub(crate) fn quote(out: &mut Vec<u8>, text: &[u8], escaped: [u8; 3]) {
    let [a, b, c] = escaped.map(u8x16::splat);
    let is_escaped = |block: u8x16| block.simd_eq(a) | block.simd_eq(b) | block.simd_eq(c);
    out.reserve(text.len() + 2);
    out.push(b'"');
    if word::any(text, is_escaped, |byte| escaped.contains(&byte)) {
        for byte in text {
            if escaped.contains(byte) {
                out.push(b'\\');
            }
            out.push(*byte);
        }
    } else {
        out.extend_from_slice(text);
    }
    out.push(b'"');
}

/// Writes a number in decimal digits.
#[inline]
pub(crate) fn decimal(out: &mut Vec<u8>, number: u64) {
    match number {
        0..10_000 => short_decimal(out, number as usize),
        _ => long_decimal(out, number),
    }
}

/// Writes a number below 10000 without asking how many digits it has.
#[inline]
fn short_decimal(out: &mut Vec<u8>, number: usize) {
    let [[a, b], [c, d]] = [PAIRS[number / 100], PAIRS[number % 100]];
    let zeros = u32::from(number < 10) + u32::from(number < 100) + u32::from(number < 1000);
    let digits = u32::from_le_bytes([a, b, c, d]) >> (8 * zeros);
    out.extend_from_slice(&digits.to_le_bytes());
    out.truncate(out.len() - zeros as usize);
}

fn long_decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    while number >= 100 {
        at -= 2;
        digits[at..at + 2].copy_from_slice(&PAIRS[(number % 100) as usize]);
        number /= 100;
    }
    short_decimal(out, number as usize);
    out.extend_from_slice(&digits[at..]);
}

/// The numbers below 100 in two digits.
static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + number as u8 / 10, b'0' + number as u8 % 10];
        number += 1;
    }
    pairs
};

/// Writes `0x…`, as every mark and mask is written.
pub(crate) fn hex(out: &mut Vec<u8>, number: u32) {
    use std::io::Write as _;
    write!(out, "{number:#x}").expect("a Vec takes any bytes");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_their_digits_alone() {
        let powers = (0..20).map(|power| 10_u64.pow(power));
        let around = powers.flat_map(|power| [power - 1, power, power + 1]);
        for number in (0..70_000).chain(around).chain([u64::MAX]) {
            let mut out = b"x".to_vec();
            decimal(&mut out, number);
            assert_eq!(out, format!("x{number}").into_bytes());
        }
    }

    #[test]
    fn text_is_quoted_where_it_has_to_be() {
        for (text, written) in [
            ("plain-word_1", "plain-word_1"),
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("AZaz09-_AZaz09-_AZaz09-_", "AZaz09-_AZaz09-_AZaz09-_"),
            ("AZaz09-_AZaz09-_AZaz09-_{", "\"AZaz09-_AZaz09-_AZaz09-_{\""),
            ("plain-words-but.one", "\"plain-words-but.one\""),
            ("not@plain", "\"not@plain\""),
            ("[not-plain", "\"[not-plain\""),
            (
                "default/web:http cluster's IP",
                "\"default/web:http cluster\\'s IP\"",
            ),
            ("'a'\"\\", "\"\\'a\\'\\\"\\\\\""),
        ] {
            let mut out = Vec::new();
            Writer::new(&mut out, Style::default()).string(text.as_bytes());
            assert_eq!(String::from_utf8(out).unwrap(), written);
        }
    }

    #[test]
    fn names_that_need_quotes_are_lossy() {
        for (name, is_lossy) in [
            ("INPUT", false),
            ("KUBE-SVC-ABCDEFGHIJKLMNOP", false),
            ("a\u{1}b", false),
            ("", true),
            ("a b", true),
            ("KUBE-SVC-ABCDEFGHIJKLMNO\"", true),
            ("KUBE-SVC\tABCDEFGHIJKLMNO", true),
        ] {
            let mut out = Vec::new();
            let mut writer = Writer::new(&mut out, Style::default());
            writer.name(name.as_bytes());
            assert_eq!(writer.fidelity() == Fidelity::Lossy, is_lossy, "{name}");
        }
    }
}
