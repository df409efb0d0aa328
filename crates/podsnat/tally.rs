//! Counting, so that a thousand diagnostics of a kind do not bury the others.

use iptables_save::Diagnostic;

/// So many diagnostics of a kind are printed one by one, unless fewer are asked for.
pub(crate) const MOST: usize = 20;

/// How many diagnostics there were of each code.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    kinds: Vec<Kind>,
}

#[derive(Debug)]
struct Kind {
    code: &'static str,
    count: usize,
    /// How many of them are printed.
    most: usize,
    /// The first of them that was too many, for the others.
    like: Option<Diagnostic>,
}

/// What to do with a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Print it, with everything that holds for all of its kind.
    First,
    /// Print it.
    Further,
    /// There were enough of its kind.
    TooMany,
}

impl Tally {
    /// Counts a diagnostic, of whose code `most` are printed. It is made only where it is
    /// needed.
    pub(crate) fn count(
        &mut self,
        most: usize,
        code: &'static str,
        diagnostic: impl FnOnce() -> Diagnostic,
    ) -> Turn {
        let Some(known) = self.kinds.iter_mut().find(|kind| kind.code == code) else {
            self.kinds.push(Kind {
                code,
                count: 1,
                most,
                like: None,
            });
            return Turn::First;
        };
        known.count += 1;
        if known.count <= most {
            return Turn::Further;
        }
        known.like.get_or_insert_with(diagnostic);
        Turn::TooMany
    }

    /// The diagnostics that were too many: how many of each kind, and one of them.
    pub(crate) fn rest(&self) -> impl Iterator<Item = (usize, &Diagnostic)> {
        let count = |kind: &Kind| kind.count.saturating_sub(kind.most);
        let rest = self.kinds.iter();
        rest.filter_map(move |kind| Some((count(kind), kind.like.as_ref()?)))
    }
}
