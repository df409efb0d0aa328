//! Which packets earlier rules of a chain exempt from translation.

use std::collections::HashMap;

use crate::ranges::Ranges;

/// Which traffic between pods bypasses translation because of one RETURN or ACCEPT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bypass {
    /// None for certain.
    Nothing,
    /// Every packet without a certain mark.
    Unmarked,
    /// All traffic from some pods to some pods.
    Pods {
        /// The sources.
        from: Ranges,
        /// The destinations.
        to: Ranges,
    },
}

/// Which packets the rules of a chain so far have exempted.
#[derive(Debug, Default)]
pub(super) struct Exempted {
    /// Sources, and the destinations that are exempt for all of them.
    pairs: Vec<(Ranges, Ranges)>,
    /// The union of the destinations of some pairs, each of them a bit: cached, because rules
    /// ask for the same few again and again.
    unions: HashMap<u32, Ranges>,
    /// Whether only packets with a certain mark are left.
    pub(super) by_mark: bool,
}

/// The maximum number of different sources that are kept, and of ranges of their
/// destinations: with more, the work would grow with the square of the number of rules. A
/// pair is a bit of a `u32`.
const MOST_SOURCES: usize = 32;
const MOST_DESTINATIONS: usize = 256;

impl Exempted {
    /// Adds what a rule exempts. Returns whether that is all traffic between `pods`.
    pub(super) fn add(&mut self, bypass: Bypass, pods: &Ranges) -> bool {
        let (from, to) = match bypass {
            Bypass::Nothing => return false,
            Bypass::Unmarked => {
                self.by_mark = true;
                return false;
            }
            Bypass::Pods { from, to } => (from, to),
        };
        let all = from == *pods && to == *pods;
        match self.pairs.iter().position(|(source, _)| *source == from) {
            Some(at)
                if self.pairs[at].1.count() < MOST_DESTINATIONS
                    && !self.pairs[at].1.covers(&to) =>
            {
                self.pairs[at].1 = self.pairs[at].1.union(&to);
                self.unions.clear();
            }
            None if self.pairs.len() < MOST_SOURCES => self.pairs.push((from, to)),
            _ => {}
        }
        all
    }

    /// Returns whether everything is exempt that some pods send and that is sent to them:
    /// those of this node, whose program has no others to spare.
    pub(super) fn spares_node(&mut self, pods: &Ranges) -> bool {
        let nodes: Vec<Ranges> = self.pairs.iter().map(|(from, _)| from.clone()).collect();
        nodes
            .iter()
            .any(|node| node != pods && self.covers(node, pods) && self.covers(pods, node))
    }

    /// Returns whether everything from these pods to those is exempt.
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
