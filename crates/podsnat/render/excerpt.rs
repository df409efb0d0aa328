//! A line of the input with carets under the words that a diagnostic is about.
//!
//! annotate-snippets would not replace this: it takes only UTF-8, so that lines would have to
//! be escaped and spans mapped here all the same, which is most of the work. Measured in a
//! small program, it added 196 KB, a sixteenth of podsnat, and took 22 µs an excerpt.

use std::{fmt::Write as _, ops::Range};

use anstyle::Style;
use iptables_save::{Document, LONGEST_LINE, Span};

use super::{Palette, Source};
use crate::escape::{escape, escaped};

/// Columns of a line that are shown; of a longer one only what is near the carets.
const WIDTH: usize = 100;
/// What stands where a longer line is cut, in one column.
const CUT: &str = "…";

/// Appends the place of `span`, the line it begins in, and carets in `style` under it.
pub(crate) fn draw(
    source: Source<'_>,
    span: Span,
    gutter: usize,
    (palette, style): (&Palette, Style),
    out: &mut String,
) {
    let frame = palette.frame;
    let (number, column) = source.document.position(span.start);
    let _ = writeln!(
        out,
        "{:gutter$}{frame}-->{frame:#} {}:{number}:{column}",
        "",
        escaped(source.name)
    );
    let Some(line) = line_with(source.document, span.start) else {
        return;
    };
    let bytes = &source.document.bytes()[line.range()];
    let clip = |at: usize| at.clamp(line.start, line.end) - line.start;
    let (text, carets) = view(bytes, clip(span.start)..clip(span.end));
    let _ = writeln!(out, "{frame}{number:gutter$} |{frame:#} {text}");
    let _ = writeln!(
        out,
        "{:gutter$} {frame}|{frame:#} {:indent$}{style}{:^<length$}{style:#}",
        "",
        "",
        "",
        indent = carets.start,
        length = carets.len(),
    );
}

/// The line at `offset` without its newline; `None` where there is nothing to show.
fn line_with(document: &Document<'_>, offset: usize) -> Option<Span> {
    let line = document.line(document.line_at(offset)?);
    let after_the_last = offset == line.span.end && line.bytes.ends_with(b"\n");
    let mut content = line.content_span();
    // Only what is left of an input with too many lines is longer.
    content.end = content.end.min(content.start + LONGEST_LINE);
    (!after_the_last && !line.content().is_empty()).then_some(content)
}

/// Where a character of a line is.
#[derive(Clone, Copy)]
struct Cell {
    /// Its first byte in the line.
    byte: usize,
    /// Its first byte in the line as it is shown.
    shown: usize,
    /// Its first column.
    column: usize,
}

/// A line as it is shown, and the columns of it where the bytes `marked` are.
fn view(line: &[u8], marked: Range<usize>) -> (String, Range<usize>) {
    let (text, cells) = cells(line);
    let cell_at = |byte| cells.partition_point(|cell| cell.byte < byte);
    let (first, last) = (cell_at(marked.start), cell_at(marked.end));
    let (from, to) = window(&cells, first, last);

    let (left, right) = (cells[from], cells[to]);
    let before = if from == 0 { "" } else { CUT };
    let after = if right.shown == text.len() { "" } else { CUT };
    let shown = format!("{before}{}{after}", &text[left.shown..right.shown]);
    let lead = before.chars().count();
    let column = |cell: usize| lead + cells[cell.clamp(from, to)].column - left.column;
    let start = column(first);
    (shown, start..column(last).max(start + 1))
}

/// The line as it is shown and its characters, with one more for the line's end.
fn cells(line: &[u8]) -> (String, Vec<Cell>) {
    let mut text = String::with_capacity(line.len());
    let mut cells = Vec::with_capacity(line.len() + 1);
    let mut add = |byte, shown| {
        cells.push(Cell {
            byte,
            shown,
            column: 0,
        });
    };
    escape(line, &mut text, &mut add);
    add(line.len(), text.len());
    for cell in 1..cells.len() {
        let before = cells[cell - 1];
        let shown = text[before.shown..cells[cell].shown].chars();
        let columns: usize = shown
            .filter_map(unicode_width::UnicodeWidthChar::width)
            .sum();
        cells[cell].column = before.column + columns;
    }
    (text, cells)
}

/// The cells to begin and to end with, so that the marked ones from `first` on are seen.
fn window(cells: &[Cell], first: usize, last: usize) -> (usize, usize) {
    let end = cells.len() - 1;
    let width = cells[end].column;
    let left = if cells[last].column <= WIDTH {
        0
    } else {
        let lead = cells[first].column.saturating_sub(WIDTH / 4);
        lead.min(width.saturating_sub(WIDTH))
    };
    let from = cells.partition_point(|cell| cell.column < left);
    let to = cells.partition_point(|cell| cell.column <= left + WIDTH) - 1;
    (from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &[u8], marked: Range<usize>, expected: [&str; 2]) {
        let (text, carets) = view(line, marked);
        let indent = carets.start;
        let carets = format!("{:indent$}{}", "", "^".repeat(carets.len()));
        assert_eq!([text.as_str(), carets.as_str()], expected);
    }

    #[test]
    fn carets_stand_under_the_words() {
        check(b"-A INPUT", 3..8, ["-A INPUT", "   ^^^^^"]);
        check(b"-A INPUT", 8..8, ["-A INPUT", "        ^"]);
        check(b"a\tb\x1bc", 4..5, [r"a\tb\x1bc", "        ^"]);
        check(b"a\xff\xfeb", 2..4, [r"a\xff\xfeb", "     ^^^^^"]);
        check("größer so".as_bytes(), 9..11, ["größer so", "       ^^"]);
        check("東京 so".as_bytes(), 7..9, ["東京 so", "     ^^"]);
        check("東京".as_bytes(), 3..6, ["東京", "  ^^"]);
        check("e\u{301} so".as_bytes(), 4..6, ["e\u{301} so", "  ^^"]);
    }

    #[test]
    fn a_long_line_is_cut_around_the_carets() {
        let view = |marked| {
            let line = format!("{}WORD{}", "a".repeat(300), "b".repeat(300));
            let (text, carets) = view(line.as_bytes(), marked);
            let under: String = text.chars().skip(carets.start).take(carets.len()).collect();
            let ends = (text.chars().next().unwrap(), text.chars().last().unwrap());
            (text.chars().count(), ends, under)
        };
        assert_eq!(view(300..304), (WIDTH + 2, ('…', '…'), "WORD".into()));
        assert_eq!(view(0..604), (WIDTH + 1, ('a', '…'), view(0..604).2));
        assert_eq!(view(0..604).2.len(), WIDTH);
        assert_eq!(view(603..604), (WIDTH + 1, ('…', 'b'), "b".into()));
        assert_eq!(view(604..604), (WIDTH + 1, ('…', 'b'), String::new()));
    }
}
