//! Edits shown as a unified diff.

use std::borrow::Cow;

use memchr::memchr;

use super::{Edit, Edits, pieces};
use crate::{Document, LineId};

/// How many unchanged lines are shown around a change.
const CONTEXT: usize = 3;

/// A line and what it becomes.
struct Changed {
    line: usize,
    /// The new lines, its own included where it stays.
    new: Vec<u8>,
}

/// Changes that are shown together, and the lines from the first to the last of them.
struct Hunk<'c> {
    changes: &'c [Changed],
    from: usize,
    to: usize,
}

/// Ends a file's name as GNU diff does: without the tab, `patch` would take a space for its
/// end.
fn ended(name: &str) -> Cow<'_, str> {
    if name.contains(' ') {
        Cow::Owned(format!("{name}\t"))
    } else {
        Cow::Borrowed(name)
    }
}

impl Edits {
    /// Returns the edits as a unified diff, which `patch` can apply; empty without edits. The
    /// names go after `---` and `+++`.
    #[must_use]
    pub fn diff(&self, document: &Document<'_>, old_name: &str, new_name: &str) -> Vec<u8> {
        let changes = self.changed_lines(document);
        let lines = document.lines().len();
        let mut out = Vec::new();
        if !changes.is_empty() {
            let header = format!("--- {}\n+++ {}\n", ended(old_name), ended(new_name));
            out.extend_from_slice(header.as_bytes());
        }
        // By how many lines the new text is ahead.
        let mut ahead = 0_isize;
        let mut rest = changes.as_slice();
        while let [first, ..] = rest {
            let near = |pair: &[Changed]| pair[1].line - pair[0].line <= 2 * CONTEXT + 1;
            let count = rest.windows(2).take_while(|pair| near(pair)).count() + 1;
            let (changes, later) = rest.split_at(count);
            rest = later;
            let last = changes.last().map_or(first.line, |change| change.line);
            let hunk = Hunk {
                changes,
                from: first.line.saturating_sub(CONTEXT),
                to: lines.min(last + 1 + CONTEXT),
            };
            ahead = hunk.write(document, ahead, &mut out);
        }
        out
    }

    /// The lines that change, in order, each once.
    fn changed_lines(&self, document: &Document<'_>) -> Vec<Changed> {
        let same_line = |a: &Edit, b: &Edit| a.line() == b.line();
        let changed = |edits: &[Edit]| {
            let line = document.line(edits[0].line());
            Changed {
                line: line.id.index(),
                new: pieces(edits, document, line.span).concat(),
            }
        };
        self.list.chunk_by(same_line).map(changed).collect()
    }
}

impl Hunk<'_> {
    /// Writes the hunk; returns by how many lines the new text is ahead after it.
    fn write(&self, document: &Document<'_>, ahead: isize, out: &mut Vec<u8>) -> isize {
        let mut body = Vec::new();
        let mut new_count = 0;
        let mut changes = self.changes.iter().peekable();
        for at in self.from..self.to {
            let line = document.line(LineId::at(at));
            let Some(change) = changes.next_if(|change| change.line == line.id.index()) else {
                put(b' ', line.bytes, &mut body);
                new_count += 1;
                continue;
            };
            // A line that stays is context between what comes before and after it.
            let new: Vec<&[u8]> = change.new.split_inclusive(|byte| *byte == b'\n').collect();
            let stays = new.iter().position(|new| *new == line.bytes);
            let (before, after) = new.split_at(stays.unwrap_or(0));
            before.iter().for_each(|line| put(b'+', line, &mut body));
            let after = if stays.is_some() {
                put(b' ', line.bytes, &mut body);
                &after[1..]
            } else {
                put(b'-', line.bytes, &mut body);
                after
            };
            after.iter().for_each(|line| put(b'+', line, &mut body));
            new_count += new.len();
        }
        let old_count = self.to - self.from;
        let new_from = self.from.saturating_add_signed(ahead);
        let range = |from: usize, count: usize| match count {
            1 => format!("{}", from + 1),
            0 => format!("{from},0"),
            _ => format!("{},{count}", from + 1),
        };
        let header = format!(
            "@@ -{} +{} @@\n",
            range(self.from, old_count),
            range(new_from, new_count)
        );
        out.extend_from_slice(header.as_bytes());
        out.append(&mut body);
        ahead + new_count.cast_signed() - old_count.cast_signed()
    }
}

/// Writes a line with its sign.
fn put(sign: u8, line: &[u8], out: &mut Vec<u8>) {
    out.push(sign);
    out.extend_from_slice(line);
    if memchr(b'\n', line).is_none() {
        out.extend_from_slice(b"\n\\ No newline at end of file\n");
    }
}
