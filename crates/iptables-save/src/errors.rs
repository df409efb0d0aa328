//! All that is wrong with a text, kept within bounds.

use crate::{Error, ErrorKind};

/// How many errors of one kind are kept: a text of nothing else would fill the memory.
const MOST_ERRORS: usize = 1000;

/// Errors of one text. Of each kind the first thousand are kept, and all are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors {
    list: Vec<Error>,
    /// How many there are, by code.
    counts: Vec<(&'static str, usize)>,
}

impl Errors {
    /// Those that are kept. They are in the order of the text once a library function
    /// has returned them.
    #[must_use]
    pub fn as_slice(&self) -> &[Error] {
        &self.list
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are of the same kind as `kind`, those included that are not kept.
    #[must_use]
    pub fn count(&self, kind: &ErrorKind) -> usize {
        let found = self.counts.iter().find(|(code, _)| *code == kind.code());
        found.map_or(0, |(_, count)| *count)
    }

    /// A kind of which not all are kept, by one of them, and how many are not.
    pub fn left_out(&self) -> impl Iterator<Item = (&ErrorKind, usize)> {
        let many = self.counts.iter().filter(|(_, count)| *count > MOST_ERRORS);
        many.filter_map(|(code, count)| {
            let same = |error: &&Error| error.kind.code() == *code;
            let one = self.list.iter().find(same)?;
            Some((&one.kind, count - MOST_ERRORS))
        })
    }

    pub(crate) fn push(&mut self, error: Error) {
        let code = error.kind.code();
        let count = match self.counts.iter_mut().find(|(counted, _)| *counted == code) {
            Some((_, count)) => count,
            None => {
                self.counts.push((code, 0));
                &mut self.counts.last_mut().expect("one was pushed").1
            }
        };
        *count += 1;
        if *count <= MOST_ERRORS {
            self.list.push(error);
        }
    }

    pub(crate) fn sort(&mut self) {
        self.list.sort_by_key(|error| error.span.start);
    }
}
