//! A model of how iptables-restore splits its input into lines.

use iptables_save::{LONGEST_LINE, LineKind};

/// Returns the lines of an input as `fgets` reads them into 10240 bytes.
pub(crate) fn lines(mut text: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    while !text.is_empty() {
        let newline = text.iter().position(|byte| *byte == b'\n');
        let end = newline.map_or(text.len(), |at| at + 1).min(LONGEST_LINE);
        let (line, rest) = text.split_at(end);
        lines.push(line);
        text = rest;
    }
    lines
}

/// What each line is: its first byte decides, and whether a table is open. The output of
/// `iptables -S` begins with a rule and has no table.
pub(crate) fn kinds(lines: &[&[u8]]) -> Vec<LineKind> {
    let mut in_table = false;
    let mut in_listing = false;
    let mut seen_table = false;
    let mut kind = |line: &[u8]| match line[0] {
        b'\n' => LineKind::Blank,
        b'#' => LineKind::Comment,
        _ if in_table && matches!(line, b"COMMIT\n" | b"COMMIT") => {
            in_table = false;
            LineKind::Commit
        }
        b':' if in_table => LineKind::Chain,
        _ if in_table => LineKind::Rule,
        b'*' => {
            (in_table, seen_table, in_listing) = (true, true, false);
            LineKind::Table
        }
        b'-' | b'[' if in_listing || !seen_table => {
            in_listing = true;
            LineKind::Rule
        }
        _ => LineKind::Unknown,
    };
    lines.iter().map(|line| kind(line)).collect()
}
