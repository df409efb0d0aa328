//! Sets as binary decision diagrams with complement edges, within a budget of nodes.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet, HashTable};
use std::hash::BuildHasher as _;

#[cfg(test)]
mod tests;

/// A set of packets, or a condition on them: an edge to a node of a decision
/// diagram. It means something to the [`Evaluator`](crate::Evaluator) that made it.
///
/// Two sets of one evaluator are equal exactly when they hold the same packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Set(u32);

impl Set {
    /// The set of all packets.
    pub const ALL: Self = Self(0);
    /// The empty set.
    pub const NONE: Self = Self(1);

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 1
    }

    const fn node(self) -> usize {
        (self.0 >> 1) as usize
    }

    const fn is_complemented(self) -> bool {
        self.0 & 1 == 1
    }

    const fn flip_if(self, flip: bool) -> Self {
        Self(self.0 ^ flip as u32)
    }
}

/// Returns the packets that are not in the set.
impl std::ops::Not for Set {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// The variable of the one node that decides nothing.
const LEAF: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Node {
    variable: u32,
    /// Where the variable is 0.
    low: Set,
    /// Where it is 1; never complemented, so that a set has one form only.
    high: Set,
}

/// A slot of the cache: `f ? g : h` is the last one.
#[derive(Clone, Copy, Debug)]
struct Cached(Set, Set, Set, Set);

/// The nodes of decision diagrams. Lower variables are decided first.
#[derive(Debug)]
pub(crate) struct Bdd {
    nodes: Vec<Node>,
    /// Indices of `nodes`, found by what they hold.
    unique: HashTable<u32>,
    cache: Vec<Cached>,
    most_nodes: usize,
    /// How many calls of [`Bdd::choose`] are open: one for each variable on the way.
    depth: usize,
    is_exhausted: bool,
}

/// How many variables there may be on the way: each takes space on the stack.
const MOST_DEPTH: usize = 4000;

const HASHER: FixedState = FixedState::with_seed(0);
const EMPTY: Cached = Cached(Set(u32::MAX), Set(0), Set(0), Set(0));

fn hash(node: &Node) -> u64 {
    HASHER.hash_one((
        u64::from(node.variable) << 32 | u64::from(node.low.0),
        node.high.0,
    ))
}

impl Bdd {
    /// Makes a diagram that holds at most this many nodes.
    pub(crate) fn new(most_nodes: usize) -> Self {
        Self {
            nodes: vec![Node {
                variable: LEAF,
                low: Set::ALL,
                high: Set::ALL,
            }],
            unique: HashTable::new(),
            cache: vec![EMPTY; 1 << 12],
            most_nodes: most_nodes.min(1 << 30),
            depth: 0,
            is_exhausted: false,
        }
    }

    /// Whether more nodes were asked for than the budget allows. From then on sets may be
    /// any, and no answer counts.
    pub(crate) const fn is_exhausted(&self) -> bool {
        self.is_exhausted
    }

    /// Gives up: no answer counts from now on.
    pub(crate) const fn exhaust(&mut self) {
        self.is_exhausted = true;
    }

    pub(crate) const fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The packets for which a variable is 1.
    pub(crate) fn variable(&mut self, variable: u32) -> Set {
        self.node(variable, Set::NONE, Set::ALL)
    }

    /// The packets that have `high` where the variable is 1, and `low` where it is 0. Both
    /// depend on greater variables only.
    pub(crate) fn node(&mut self, variable: u32, low: Set, high: Set) -> Set {
        if low == high {
            return low;
        }
        let flip = high.is_complemented();
        let node = Node {
            variable,
            low: low.flip_if(flip),
            high: high.flip_if(flip),
        };
        let nodes = &self.nodes;
        let hash_of = |index: &u32| hash(&nodes[*index as usize]);
        let is_same = |index: &u32| {
            let other = &nodes[*index as usize];
            (other.variable, other.low, other.high) == (node.variable, node.low, node.high)
        };
        let hashed = hash(&node);
        if let Some(index) = self.unique.find(hashed, is_same) {
            return Set(index << 1).flip_if(flip);
        }
        if self.nodes.len() >= self.most_nodes {
            self.is_exhausted = true;
            return Set::NONE;
        }
        let index = u32::try_from(self.nodes.len()).expect("bounded by the budget");
        self.unique.insert_unique(hashed, index, hash_of);
        self.nodes.push(node);
        Set(index << 1).flip_if(flip)
    }

    /// The packets that are in both sets.
    pub(crate) fn and(&mut self, a: Set, b: Set) -> Set {
        self.choose(a, b, Set::NONE)
    }

    /// The packets that are in one of the sets.
    pub(crate) fn or(&mut self, a: Set, b: Set) -> Set {
        !self.choose(!a, !b, Set::NONE)
    }

    /// The packets of `a` that are not in `b`.
    pub(crate) fn minus(&mut self, a: Set, b: Set) -> Set {
        self.choose(a, !b, Set::NONE)
    }

    /// The packets that are in exactly one of the sets.
    pub(crate) fn xor(&mut self, a: Set, b: Set) -> Set {
        self.choose(a, !b, b)
    }

    /// The packets of `condition` that are in `yes`, and the others that are in `no`.
    pub(crate) fn choose(&mut self, condition: Set, yes: Set, no: Set) -> Set {
        let (mut f, mut g, mut h) = (condition, yes, no);
        if self.is_exhausted {
            return Set::NONE;
        }
        match f {
            Set::ALL => return g,
            Set::NONE => return h,
            _ => {}
        }
        // `f` is known where the others are looked at.
        g = Self::known(g, f);
        h = Self::known(h, !f);
        match (g, h) {
            _ if g == h => return g,
            (Set::ALL, Set::NONE) => return f,
            (Set::NONE, Set::ALL) => return !f,
            // f or h = not (not f and not h)
            (Set::ALL, _) => return !self.choose(!f, !h, Set::NONE),
            // not f and h
            (Set::NONE, _) => return self.choose(!f, h, Set::NONE),
            // not f or g = not (f and not g)
            (_, Set::ALL) => return !self.choose(f, !g, Set::NONE),
            (_, Set::NONE) if f.0 > g.0 => (f, g) = (g, f),
            _ => {}
        }
        if h != Set::NONE && f.is_complemented() {
            (f, g, h) = (!f, h, g);
        }
        // One form of an exclusive or of two sets and of its complement.
        let flip = h != Set::NONE && g.is_complemented();
        let (g, h) = (g.flip_if(flip), h.flip_if(flip));
        self.choose_by_variable(f, g, h).flip_if(flip)
    }

    /// A set as far as it is looked at where `condition` holds.
    fn known(set: Set, condition: Set) -> Set {
        match set {
            _ if set == condition => Set::ALL,
            _ if set == !condition => Set::NONE,
            _ => set,
        }
    }

    fn choose_by_variable(&mut self, f: Set, g: Set, h: Set) -> Set {
        let slot = self.slot(f, g, h);
        let cached = self.cache[slot];
        if (cached.0, cached.1, cached.2) == (f, g, h) {
            return cached.3;
        }
        let variable = [f, g, h].map(|set| self.nodes[set.node()].variable);
        let variable = variable.into_iter().min().expect("three of them");
        let (f0, f1) = self.split(f, variable);
        let (g0, g1) = self.split(g, variable);
        let (h0, h1) = self.split(h, variable);
        if self.depth == MOST_DEPTH {
            self.exhaust();
            return Set::NONE;
        }
        self.depth += 1;
        let low = self.choose(f0, g0, h0);
        let high = self.choose(f1, g1, h1);
        self.depth -= 1;
        let result = self.node(variable, low, high);
        if self.is_exhausted {
            return Set::NONE;
        }
        self.grow_cache();
        let slot = self.slot(f, g, h);
        self.cache[slot] = Cached(f, g, h, result);
        result
    }

    fn slot(&self, f: Set, g: Set, h: Set) -> usize {
        let mixed = HASHER.hash_one((u64::from(f.0) << 32 | u64::from(g.0), h.0));
        usize::try_from(mixed & (self.cache.len() as u64 - 1)).expect("less than a length")
    }

    fn grow_cache(&mut self) {
        if self.nodes.len() > self.cache.len() {
            let old = std::mem::take(&mut self.cache);
            self.cache = vec![EMPTY; old.len() * 4];
            for one in old.into_iter().filter(|one| one.0 != EMPTY.0) {
                let slot = self.slot(one.0, one.1, one.2);
                self.cache[slot] = one;
            }
        }
    }

    /// A set where a variable is 0 and where it is 1.
    fn split(&self, set: Set, variable: u32) -> (Set, Set) {
        let node = self.nodes[set.node()];
        if node.variable == variable {
            let flip = set.is_complemented();
            (node.low.flip_if(flip), node.high.flip_if(flip))
        } else {
            (set, set)
        }
    }

    /// The set without regard to some variables: the packets that are in it for some values
    /// of them.
    pub(crate) fn forget(&mut self, set: Set, is_forgotten: &dyn Fn(u32) -> bool) -> Set {
        self.forget_known(set, is_forgotten, &mut HashMap::with_hasher(HASHER))
    }

    fn forget_known(
        &mut self,
        set: Set,
        is_forgotten: &dyn Fn(u32) -> bool,
        known: &mut HashMap<Set, Set, FixedState>,
    ) -> Set {
        if set == Set::ALL || set == Set::NONE || self.is_exhausted {
            return set;
        }
        if let Some(result) = known.get(&set) {
            return *result;
        }
        let variable = self.nodes[set.node()].variable;
        let (low, high) = self.split(set, variable);
        let low = self.forget_known(low, is_forgotten, known);
        let high = self.forget_known(high, is_forgotten, known);
        let result = if is_forgotten(variable) {
            self.or(low, high)
        } else {
            self.node(variable, low, high)
        };
        known.insert(set, result);
        result
    }

    /// The variables that a set depends on, in order.
    pub(crate) fn variables_of(&self, set: Set) -> Vec<u32> {
        let mut seen: HashSet<usize, FixedState> = HashSet::with_hasher(HASHER);
        let mut open = vec![set.node()];
        let mut variables = Vec::new();
        while let Some(index) = open.pop() {
            let node = self.nodes[index];
            if node.variable != LEAF && seen.insert(index) {
                variables.push(node.variable);
                open.extend([node.low.node(), node.high.node()]);
            }
        }
        variables.sort_unstable();
        variables.dedup();
        variables
    }

    /// Variables with values that a packet of the set has, 0 where either will do; `None`
    /// for the empty set.
    pub(crate) fn example(&self, mut set: Set) -> Option<Vec<(u32, bool)>> {
        let mut values = Vec::new();
        while set != Set::ALL {
            if set == Set::NONE {
                return None;
            }
            let variable = self.nodes[set.node()].variable;
            let (low, high) = self.split(set, variable);
            let value = low == Set::NONE;
            values.push((variable, value));
            set = if value { high } else { low };
        }
        Some(values)
    }

    /// The first variable that a set depends on, with the set where it is 0 and where it is
    /// 1; `None` of the empty set and the set of all packets.
    pub(crate) fn top(&self, set: Set) -> Option<(u32, Set, Set)> {
        let variable = self.nodes[set.node()].variable;
        let (low, high) = self.split(set, variable);
        (variable != LEAF).then_some((variable, low, high))
    }
}
