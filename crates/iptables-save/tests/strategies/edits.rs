//! Edits of a document, most of which go together.

use std::ops::Range;

use iptables_save::{Document, Edit, LineId, counters_end, split};
use proptest::{collection::vec, prelude::*, sample::Index};

/// What to do at some line, before it is known which lines there are.
#[derive(Clone, Debug)]
pub(crate) struct PlanBuilder {
    line: Index,
    kind: u8,
    from: Index,
    words: usize,
    with: String,
}

pub(crate) fn drafts() -> impl Strategy<Value = Vec<PlanBuilder>> {
    let draft = (
        any::<Index>(),
        0..4_u8,
        any::<Index>(),
        0..3_usize,
        "[a-z]{1,4}( [a-z]{1,4})?",
    );
    let draft = draft.prop_map(|(line, kind, from, words, with)| PlanBuilder {
        line,
        kind,
        from,
        words,
        with,
    });
    vec(draft, 0..8)
}

/// The edits for a document that has a line.
pub(crate) fn edits(document: &Document<'_>, drafts: &[PlanBuilder]) -> Vec<Edit> {
    drafts.iter().map(|draft| draft.edit(document)).collect()
}

impl PlanBuilder {
    fn edit(&self, document: &Document<'_>) -> Edit {
        let line = self.line.index(document.lines().len());
        let line = document.lines().nth(line).unwrap().id;
        let text = format!("{}\n", self.with).into_bytes();
        match self.kind {
            0 => Edit::Before { line, text },
            1 => Edit::After { line, text },
            2 => Edit::Remove { line },
            _ => {
                let Some(count) = word_count(document, line) else {
                    return Edit::Remove { line };
                };
                let start = self.from.index(count + 1);
                Edit::Words {
                    line,
                    words: start..(start + self.words).min(count),
                    with: self.with.clone().into_bytes(),
                }
            }
        }
    }
}

/// How many words a line has; none when a quote is open. Its last word then holds the
/// newline, and there is no end of the line to put anything before.
fn word_count(document: &Document<'_>, line: LineId) -> Option<usize> {
    let bytes = document.line(line).bytes;
    let mut words = Vec::new();
    let open = split(bytes, counters_end(bytes), &mut words);
    open.is_none().then_some(words.len())
}

/// Whether two edits touch the same words, or one removes the line of the other's.
pub(crate) fn overlap(one: &Edit, other: &Edit) -> bool {
    let meet = |a: &Range<usize>, b: &Range<usize>| {
        // Between two words there is room for any number of insertions.
        a.start < b.end && b.start < a.end
    };
    one.line() == other.line()
        && match (one, other) {
            (Edit::Words { words: a, .. }, Edit::Words { words: b, .. }) => meet(a, b),
            (
                Edit::Words { .. } | Edit::Remove { .. },
                Edit::Words { .. } | Edit::Remove { .. },
            ) => true,
            _ => false,
        }
}
