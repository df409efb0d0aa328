//! Which sources the packets that reach a chain may have.

use crate::ranges::Ranges;

/// The sources of the packets that reach a chain.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    /// The pods whose packets reach it.
    pub(super) pods: Ranges,
    /// Whether packets of other sources may reach it, too.
    pub(super) others: bool,
}

impl Source {
    /// Adds the sources of another jump, among `all` pods.
    pub(super) fn add(&mut self, other: &Self, all: &Ranges) {
        self.others |= other.others;
        if self.pods.count() + other.pods.count() > MOST_RANGES {
            // Too many to distinguish: all pods, which leads to the same verdict for every packet.
            self.pods.clone_from(all);
        } else {
            self.pods = self.pods.union(&other.pods);
        }
    }
}

/// Bounds the work, however many jumps with different sources there are.
const MOST_RANGES: usize = 64;
