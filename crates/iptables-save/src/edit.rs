//! Changes to a text that leave every other byte as it is.

use std::{cmp::Ordering, ops::Range};

use crate::{Document, LineId, Span, word};

mod diff;

/// One change.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Puts `with` in place of words of a line. Between the words of an empty range
    /// nothing is replaced: `with` comes before the word at its start.
    Words {
        /// The line.
        line: LineId,
        /// Which of its words, from 0.
        words: Range<usize>,
        /// What to put there: words with single blanks between them.
        with: Vec<u8>,
    },
    /// Puts other lines in place of a line.
    Line {
        /// The line.
        line: LineId,
        /// The lines, each with its newline.
        with: Vec<u8>,
    },
    /// Removes a line.
    Remove {
        /// The line.
        line: LineId,
    },
    /// Puts lines before a line.
    Before {
        /// The line.
        line: LineId,
        /// The lines, each with its newline.
        text: Vec<u8>,
    },
    /// Puts lines after a line.
    After {
        /// The line.
        line: LineId,
        /// The lines, each with its newline.
        text: Vec<u8>,
    },
}

impl Edit {
    /// The line the edit is at.
    #[must_use]
    pub const fn line(&self) -> LineId {
        match self {
            Self::Words { line, .. }
            | Self::Line { line, .. }
            | Self::Remove { line }
            | Self::Before { line, .. }
            | Self::After { line, .. } => *line,
        }
    }

    /// Where in the output the edit comes: by line, and in a line before it, in it in
    /// the order of its words, after it.
    fn place(&self) -> (LineId, u8, usize, usize) {
        match self {
            Self::Before { line, .. } => (*line, 0, 0, 0),
            Self::Remove { line } | Self::Line { line, .. } => (*line, 1, 0, 0),
            Self::Words { line, words, .. } => (*line, 1, words.start, words.end),
            Self::After { line, .. } => (*line, 2, 0, 0),
        }
    }

    fn overlaps(&self, next: &Self) -> bool {
        match (self, next) {
            (Self::Before { .. } | Self::After { .. }, _)
            | (_, Self::Before { .. } | Self::After { .. }) => false,
            (
                Self::Words { words, .. },
                Self::Words {
                    words: next_words, ..
                },
            ) => self.line() == next.line() && words.end > next_words.start,
            _ => self.line() == next.line(),
        }
    }
}

/// Edits in the order of the text, no two of which touch the same words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    // Sorted by `Edit::place`, and no neighbours overlap: `Edits::new` sees to it.
    list: Vec<Edit>,
}

/// Two edits that touch the same words: their places in the list that was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two edits touch the same words")]
pub struct Overlap {
    /// The earlier in the text.
    pub first: usize,
    /// The later.
    pub second: usize,
}

impl Edits {
    /// Sorts edits by their place in the text. Several at one place keep their order.
    ///
    /// # Errors
    /// When two of them touch the same words or both remove or change one line.
    pub fn new(edits: Vec<Edit>) -> Result<Self, Overlap> {
        let mut order: Vec<usize> = (0..edits.len()).collect();
        order.sort_by(|a, b| match edits[*a].place().cmp(&edits[*b].place()) {
            Ordering::Equal => a.cmp(b),
            unequal => unequal,
        });
        for pair in order.windows(2) {
            if edits[pair[0]].overlaps(&edits[pair[1]]) {
                return Err(Overlap {
                    first: pair[0],
                    second: pair[1],
                });
            }
        }
        let mut edits: Vec<Option<Edit>> = edits.into_iter().map(Some).collect();
        let list = order
            .into_iter()
            .filter_map(|at| edits[at].take())
            .collect();
        Ok(Self { list })
    }

    /// The edits, in the order of the text.
    #[must_use]
    pub fn as_slice(&self) -> &[Edit] {
        &self.list
    }

    /// The text with the edits made, in pieces: long runs of the input as they are,
    /// and what is new between them.
    #[must_use]
    pub fn pieces<'e>(&'e self, document: &Document<'e>) -> Vec<&'e [u8]> {
        pieces(&self.list, document, Span::from(0..document.bytes().len()))
    }

    /// The text with the edits made.
    #[must_use]
    pub fn apply(&self, document: &Document<'_>) -> Vec<u8> {
        self.pieces(document).concat()
    }
}

/// A stretch of the text with the edits of its lines made, in pieces.
fn pieces<'e>(edits: &'e [Edit], document: &Document<'e>, stretch: Span) -> Vec<&'e [u8]> {
    let input = document.bytes();
    let mut pieces = Vec::with_capacity(edits.len() * 2 + 1);
    let mut done = stretch.start;
    let mut put = |upto: usize, new: &'e [u8], from: usize| {
        pieces.push(&input[done..upto]);
        pieces.push(new);
        done = from;
    };
    let mut words = Vec::new();
    for edit in edits {
        let line = document.line(edit.line());
        match edit {
            Edit::Before { text, .. } => put(line.span.start, text, line.span.start),
            Edit::After { text, .. } => put(line.span.end, text, line.span.end),
            Edit::Line { with, .. } => put(line.span.start, with, line.span.end),
            Edit::Remove { .. } => put(line.span.start, b"", line.span.end),
            Edit::Words {
                words: range, with, ..
            } => {
                words.clear();
                word::split(
                    line.bytes,
                    crate::line::counters_end(line.bytes),
                    &mut words,
                );
                let start = line.span.start;
                let end = line.content_span().end;
                // A quote that nothing closes takes the newline into its word: not here.
                let place = |at: usize| {
                    let span = words.get(at)?.span().shifted(start);
                    Some(Span::from(span.start.min(end)..span.end.min(end)))
                };
                match (range.is_empty(), place(range.start)) {
                    (true, Some(next)) => {
                        put(next.start, with, next.start);
                        put(next.start, b" ", next.start);
                    }
                    (true, None) => {
                        put(end, b" ", end);
                        put(end, with, end);
                    }
                    (false, first) => {
                        let from = first.map_or(end, |place| place.start);
                        let to = place(range.end - 1).map_or(end, |place| place.end);
                        put(from, with, to);
                    }
                }
            }
        }
    }
    pieces.push(&input[done..stretch.end]);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}
