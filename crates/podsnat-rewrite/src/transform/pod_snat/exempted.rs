//! What earlier rules of a chain let pass without translation.

use std::collections::HashMap;

use crate::ranges::Ranges;

/// What a RETURN or an ACCEPT lets pass, as far as pods are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Passed {
    /// Nothing that is sure.
    Nothing,
    /// Every packet without some mark.
    Unmarked,
    /// All traffic from some pods to some pods.
    Pods {
        /// The sources.
        from: Ranges,
        /// The destinations.
        to: Ranges,
    },
}

/// What the rules of a chain so far have let pass.
#[derive(Debug, Default)]
pub(super) struct Exempted {
    /// Sources, and the destinations that are exempt for all of them.
    pairs: Vec<(Ranges, Ranges)>,
    /// The union of the destinations of some pairs, each a bit: rules ask for few of them, and
    /// to unite the destinations again for each rule takes long.
    unions: HashMap<u32, Ranges>,
    /// Whether only packets with some mark are left.
    pub(super) by_mark: bool,
}

/// How many different sources are kept, and pieces of their destinations: more would
/// make the work grow with the square of the rules. A pair is a bit of a `u32`.
const MOST_SOURCES: usize = 32;
const MOST_DESTINATIONS: usize = 256;

impl Exempted {
    /// Takes note of a rule. Says whether it lets all traffic between `pods` pass.
    pub(super) fn add(&mut self, passed: Passed, pods: &Ranges) -> bool {
        let (from, to) = match passed {
            Passed::Nothing => return false,
            Passed::Unmarked => {
                self.by_mark = true;
                return false;
            }
            Passed::Pods { from, to } => (from, to),
        };
        let all = from == *pods && to == *pods;
        match self.pairs.iter().position(|(source, _)| *source == from) {
            Some(at) if self.pairs[at].1.pieces() < MOST_DESTINATIONS => {
                if !self.pairs[at].1.covers(&to) {
                    self.pairs[at].1 = self.pairs[at].1.union(&to);
                    self.unions.clear();
                }
            }
            None if self.pairs.len() < MOST_SOURCES => self.pairs.push((from, to)),
            _ => {}
        }
        all
    }

    /// Whether some traffic between pods passes.
    pub(super) fn some(&self) -> bool {
        !self.pairs.is_empty()
    }

    /// Whether everything from these pods to those passes.
    pub(super) fn covers(&mut self, from: &Ranges, to: &Ranges) -> bool {
        let mut chosen = 0_u32;
        for (nth, (source, _)) in self.pairs.iter().enumerate() {
            if source.covers(from) {
                chosen |= 1 << nth;
            }
        }
        let pairs = &self.pairs;
        let union = self.unions.entry(chosen).or_insert_with(|| {
            let is_chosen = |nth: &usize| chosen & 1 << nth != 0;
            let destinations = (0..pairs.len()).filter(is_chosen).map(|nth| &pairs[nth].1);
            destinations.fold(Ranges::default(), |all, to| all.union(to))
        });
        union.covers(to)
    }
}
