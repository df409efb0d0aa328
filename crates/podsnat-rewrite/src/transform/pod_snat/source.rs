//! Where packets come from, as far as pods are concerned.

use crate::ranges::Ranges;

/// Where the packets of a chain come from, as far as pods are concerned.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    /// The pods whose packets come here.
    pub(super) pods: Ranges,
    /// Whether others' packets may come here too.
    pub(super) others: bool,
}

impl Source {
    pub(super) fn add(&mut self, other: &Self, all: &Ranges) {
        self.others |= other.others;
        if self.pods.pieces() + other.pods.pieces() > MOST_PIECES {
            // More than is worth telling apart: all pods, which changes no packet's fate.
            self.pods.clone_from(all);
        } else {
            self.pods = self.pods.union(&other.pods);
        }
    }
}

/// Keeps the work in proportion, however many jumps with sources of their own there are.
const MOST_PIECES: usize = 64;
