//! Physical lines, and what iptables-restore takes each for.

use crate::Span;

/// Most bytes of a line that iptables-restore reads at once, the newline included.
///
/// It reads into a buffer of 10240 bytes with `fgets`; what is left of a longer
/// line becomes a line of its own, without any error.
pub const LONGEST_LINE: usize = 10239;

/// A line's number in its [`Document`](crate::Document), from 0. Edits never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineId(pub(crate) u32);

impl LineId {
    pub(crate) fn at(position: usize) -> Self {
        Self(u32::try_from(position).expect("the index refuses more lines"))
    }

    /// The position in [`Document::lines`](crate::Document::lines).
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a line is, told from its first byte and from whether a table is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// A newline alone.
    Blank,
    /// `# …`
    Comment,
    /// `*TABLE`, outside a table.
    Table,
    /// `:CHAIN POLICY [PACKETS:BYTES]`, in a table.
    Chain,
    /// `COMMIT`, in a table.
    Commit,
    /// Anything else in a table: a command such as `-A CHAIN …`.
    Rule,
    /// Anything else outside a table, which iptables-restore refuses.
    Unknown,
}

/// One line of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its place among the lines.
    pub id: LineId,
    /// What it is.
    pub kind: LineKind,
    /// Its span, the line ending included.
    pub span: Span,
    /// Its bytes, the ending included.
    pub bytes: &'a [u8],
}

impl<'a> Line<'a> {
    /// The bytes without the newline.
    #[must_use]
    pub fn content(&self) -> &'a [u8] {
        self.bytes.strip_suffix(b"\n").unwrap_or(self.bytes)
    }

    /// Returns the span of a part of its bytes.
    pub(crate) fn span_of(&self, part: &[u8]) -> Span {
        let start = part.as_ptr().addr() - self.bytes.as_ptr().addr();
        Span::from(start..start + part.len()).shifted(self.span.start)
    }

    /// Returns the span of the content.
    #[must_use]
    pub fn content_span(&self) -> Span {
        Span {
            start: self.span.start,
            end: self.span.start + self.content().len(),
        }
    }
}

/// The table named by a `*TABLE` line: the first word after the asterisk.
#[must_use]
pub fn table_name(line: &[u8]) -> &[u8] {
    first_word(line.strip_prefix(b"*").unwrap_or(line)).0
}

/// A `:CHAIN POLICY [PACKETS:BYTES]` line, taken apart. No quoting here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declaration<'a> {
    /// The chain's name.
    pub chain: &'a [u8],
    /// `ACCEPT`, `DROP` or `-`; empty when the line has no second word.
    pub policy: &'a [u8],
    /// The third word, empty when there is none.
    pub counters: &'a [u8],
}

/// Takes a chain's declaration apart.
#[must_use]
pub fn declaration(line: &[u8]) -> Declaration<'_> {
    let (chain, rest) = first_word(line.strip_prefix(b":").unwrap_or(line));
    let (policy, rest) = first_word(rest);
    let (counters, _) = first_word(rest);
    Declaration {
        chain,
        policy,
        counters,
    }
}

/// The first word as `strtok(" \t\n")` finds it, and what follows.
fn first_word(text: &[u8]) -> (&[u8], &[u8]) {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | 0);
    let start = text
        .iter()
        .position(|byte| !blank(byte))
        .unwrap_or(text.len());
    let text = &text[start..];
    text.split_at(text.iter().position(blank).unwrap_or(text.len()))
}

/// Returns where the words of a rule line begin: after `[packets:bytes]`, when it has that.
#[must_use]
pub fn counters_end(line: &[u8]) -> usize {
    match line.first() {
        Some(b'[') => memchr::memchr(b']', line).map_or(0, |end| end + 1),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_has_up_to_three_words() {
        let read = declaration(b":a\"b  - [1:2] more\n");
        assert_eq!(read.chain, b"a\"b");
        assert_eq!(read.policy, b"-");
        assert_eq!(read.counters, b"[1:2]");
        assert_eq!(declaration(b":x").policy, b"");
        assert_eq!(table_name(b"* nat junk\n"), b"nat");
    }
}
