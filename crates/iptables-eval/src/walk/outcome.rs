//! What a built-in chain did.

use std::{
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use iptables_save::Chain;

use crate::{bdd::Set, program::End, version::State, world::World};

/// What a built-in chain did to a set of packets.
///
/// The sets are of packets as they came to the chain, not as rules have changed them.
#[derive(Debug)]
pub struct Outcome<'r> {
    /// How the chain ended, and for which packets.
    pub ends: BTreeMap<End, Set>,
    /// What was done that no rule sees, such as `LOG`: the packets for which it was done
    /// once at least, twice at least and so on.
    pub effects: BTreeMap<Rc<str>, Vec<Set>>,
    /// The packets that met the policy.
    pub policy: Set,
    /// For each chain that packets came to, what its rules did.
    pub(super) visits: HashMap<Chain<'r>, Vec<Visit>>,
    pub(crate) state: State,
}

/// The packets that came to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Those that came to it.
    pub reached: Set,
    /// Those of them that it matched.
    pub taken: Set,
}

impl<'r> Outcome<'r> {
    /// Leaves only some of the packets.
    pub(crate) fn restrict(&mut self, world: &mut World, packets: Set) {
        let mut keep = |set: &mut Set| *set = world.bdd.and(*set, packets);
        self.ends.values_mut().for_each(&mut keep);
        self.effects.values_mut().flatten().for_each(&mut keep);
        keep(&mut self.policy);
        for visit in self.visits.values_mut().flatten() {
            keep(&mut visit.reached);
            keep(&mut visit.taken);
        }
        self.ends.retain(|_, set| !set.is_none());
    }

    /// The packets that came to a rule of a chain, by its number from 1; none when nothing
    /// came to the chain.
    #[must_use]
    pub fn visit(&self, chain: Chain<'_>, number: u32) -> Visit {
        let visits = self.visits.iter().find(|(other, _)| **other == chain);
        let nth = (number as usize).checked_sub(1);
        let visit = visits
            .zip(nth)
            .and_then(|((_, visits), nth)| visits.get(nth));
        visit.copied().unwrap_or(Visit::NONE)
    }

    /// The chains that packets came to, with what each rule did, in the order of the
    /// ruleset.
    #[must_use]
    pub fn visits(&self) -> Vec<(Chain<'r>, &[Visit])> {
        let mut visits: Vec<_> = self
            .visits
            .iter()
            .map(|(chain, rules)| (*chain, &**rules))
            .collect();
        visits.sort_unstable_by_key(|(chain, _)| *chain);
        visits
    }
}

impl Visit {
    /// No packet came.
    pub const NONE: Self = Self {
        reached: Set::NONE,
        taken: Set::NONE,
    };
}
