//! Counting, so that a thousand messages of a kind do not bury the others.

/// So many messages of a kind are told one by one, unless fewer do.
pub(crate) const MOST: usize = 20;

/// How many messages there were of each kind.
#[derive(Debug)]
pub(crate) struct Tally<K> {
    kinds: Vec<Kind<K>>,
}

#[derive(Debug)]
struct Kind<K> {
    kind: K,
    count: usize,
    /// How many of them are told.
    most: usize,
    /// What the first of them said.
    first: String,
}

/// What to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Tell it, with everything that holds for all of its kind.
    First,
    /// Tell it.
    Further,
    /// There were enough of its kind.
    TooMany,
}

impl<K: PartialEq> Tally<K> {
    pub(crate) const fn new() -> Self {
        Self { kinds: Vec::new() }
    }

    /// Counts a message of a kind, of which `most` are told.
    pub(crate) fn count(&mut self, most: usize, kind: K, text: impl FnOnce() -> String) -> Turn {
        match self.kinds.iter_mut().find(|known| known.kind == kind) {
            Some(known) => {
                known.count += 1;
                match known.count <= most {
                    true => Turn::Further,
                    false => Turn::TooMany,
                }
            }
            None => {
                self.kinds.push(Kind {
                    kind,
                    count: 1,
                    most,
                    first: text(),
                });
                Turn::First
            }
        }
    }

    /// What to say of the messages that were too many.
    pub(crate) fn rest(&self) -> impl Iterator<Item = String> {
        let many = self.kinds.iter().filter(|kind| kind.count > kind.most);
        many.map(|kind| {
            let more = kind.count - kind.most;
            format!("… and {more} more: {}", kind.first)
        })
    }
}
