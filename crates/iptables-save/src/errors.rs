//! Collects the errors of an input, within limits.

use crate::{Error, ErrorKind};

/// The maximum number of errors of one kind that are kept: an input of nothing else would fill the
/// memory.
const MOST_ERRORS: usize = 1000;

/// The errors of an input. The first thousand of each kind are kept, and all are counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors {
    list: Vec<Error>,
    /// How many there are, by code.
    counts: Vec<(&'static str, usize)>,
}

impl Errors {
    /// Returns those that are kept, in the order of the input once a library function has
    /// returned them.
    #[must_use]
    pub fn as_slice(&self) -> &[Error] {
        &self.list
    }

    /// Returns whether there are no errors.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Returns how many there are of the same kind as `kind`, including those that are not kept.
    #[must_use]
    pub fn count(&self, kind: &ErrorKind) -> usize {
        let found = self.counts.iter().find(|(code, _)| *code == kind.code());
        found.map_or(0, |(_, count)| *count)
    }

    /// Returns each kind of which not all are kept, by one of them, and how many are not.
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
        let count = if let Some((_, count)) =
            self.counts.iter_mut().find(|(counted, _)| *counted == code)
        {
            count
        } else {
            self.counts.push((code, 0));
            &mut self.counts.last_mut().expect("one was pushed").1
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
