//! Whether two rulesets treat the same packets alike.

use iptables_save::{Chain, LineId, RuleRef};

pub use self::align::Alignment;
use crate::{
    bdd::Set,
    concrete::{Fate, run_chain},
    condition::Condition,
    example::{Example, Undecided},
    field::{Field, Packet},
    hook::BaseChain,
    program::{End, Program, changeable},
    question::Question,
    version::State,
    walk::{IsClean, Outcome, Walk},
    world::{MOST_NODES, World},
};

mod align;

/// Which packets must fare alike.
#[derive(Clone, Debug)]
pub struct Care {
    /// These, as they come to the chain.
    pub packets: Condition,
    /// But not those that one of these lines of the first ruleset ended.
    pub except: Vec<LineId>,
}

/// Whether two rulesets treat packets alike.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// They do, every packet.
    Same,
    /// They do not, and this packet shows it.
    Differs(Box<Counterexample>),
    /// It takes more nodes than there may be to say.
    Undecided {
        /// How many nodes were made.
        nodes: usize,
    },
}

/// A packet that two rulesets treat differently: one by one through both, it fares so.
#[derive(Clone, Debug, PartialEq)]
pub struct Counterexample {
    /// The chain.
    pub chain: BaseChain,
    /// The packet, as it comes to the chain.
    pub packet: Packet,
    /// What is assumed of what neither the packet nor the rulesets say. Anything else is
    /// answered with no.
    pub assumed: Vec<(Question, bool)>,
    /// What the first ruleset does to it.
    pub before: Treatment,
    /// What the second one does.
    pub after: Treatment,
}

/// What a ruleset does to one packet in a built-in chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Treatment {
    /// How the chain ends.
    pub end: End,
    /// The rule that ends it; `None` for the policy.
    pub rule: Option<RuleRef>,
    /// The packet as it leaves the chain.
    pub packet: Packet,
    /// What is done that no rule sees.
    pub effects: Vec<std::rc::Rc<str>>,
}

impl Care {
    /// All packets.
    #[must_use]
    pub const fn all() -> Self {
        Self {
            packets: Condition::Always,
            except: Vec::new(),
        }
    }
}

impl Verdict {
    /// Whether all packets fare alike.
    #[must_use]
    pub const fn is_same(&self) -> bool {
        matches!(self, Self::Same)
    }
}

/// Compares two rulesets of one family at a built-in chain: how it ends, what it does that
/// no rule sees, and what it makes of marks and other fields.
///
/// Chains that are the same in both are not entered, unless it takes that to decide.
#[must_use]
pub fn compare(
    before: &mut Program<'_>,
    after: &mut Program<'_>,
    chain: BaseChain,
    care: &Care,
) -> Verdict {
    let alignment = Alignment::by_text(before, after);
    compare_aligned(before, after, chain, care, &alignment)
}

/// Does the same where it is known which chains are the same.
#[must_use]
pub fn compare_aligned(
    before: &mut Program<'_>,
    after: &mut Program<'_>,
    chain: BaseChain,
    care: &Care,
    alignment: &Alignment,
) -> Verdict {
    if alignment.is_clean(before, chain) {
        return Verdict::Same;
    }
    let mut comparison = Comparison::new(before, after, chain, care, MOST_NODES);
    if let Ok(None) = comparison.difference(Some(alignment)) {
        return Verdict::Same;
    }
    compare_full(before, after, chain, care, MOST_NODES)
}

/// Does the same and enters every chain, within a budget of nodes.
#[must_use]
pub fn compare_full(
    before: &mut Program<'_>,
    after: &mut Program<'_>,
    chain: BaseChain,
    care: &Care,
    most_nodes: usize,
) -> Verdict {
    let mut comparison = Comparison::new(before, after, chain, care, most_nodes);
    match comparison.difference(None) {
        Ok(None) => return Verdict::Same,
        Ok(Some(difference)) => {
            if let Some(verdict) = comparison.counterexample(difference) {
                return verdict;
            }
        }
        Err(Undecided { nodes }) => return Verdict::Undecided { nodes },
    }
    // Where fields have changed otherwise, the same question is one of its own, and was
    // answered differently for a packet of which it is the same after all.
    comparison.among = comparison.world.consistent();
    let verdict = match comparison.difference(None) {
        Ok(Some(difference)) => comparison.counterexample(difference),
        _ => None,
    };
    verdict.unwrap_or(Verdict::Undecided {
        nodes: comparison.world.bdd.node_count(),
    })
}

struct Comparison<'c, 'b, 'a> {
    before: &'c mut Program<'b>,
    after: &'c mut Program<'a>,
    chain: BaseChain,
    care: &'c Care,
    world: World,
    /// The packets that come to the chain.
    enter: Set,
    /// The packets, and answers to questions, that are compared.
    among: Set,
}

impl<'c, 'b, 'a> Comparison<'c, 'b, 'a> {
    fn new(
        before: &'c mut Program<'b>,
        after: &'c mut Program<'a>,
        chain: BaseChain,
        care: &'c Care,
        most_nodes: usize,
    ) -> Self {
        let mut world = World::new(before.family(), most_nodes);
        let packets = world.initial(&care.packets);
        let enter = world.at_hook(packets, chain.hook);
        Self {
            before,
            after,
            chain,
            care,
            world,
            enter,
            among: Set::ALL,
        }
    }

    /// Some packets that fare differently, if there are any.
    fn difference(&mut self, alignment: Option<&Alignment>) -> Result<Option<Set>, Undecided> {
        let mut enter = self.enter;
        // Where chains are called by name, taking packets out beforehand would make the calls
        // others.
        if alignment.is_none() {
            let packets = self.excepted(enter, None);
            enter = self.world.bdd.minus(enter, packets);
        }
        let is_clean = |chain: Chain<'_>| {
            alignment.is_some_and(|alignment| alignment.is_same(chain.table().name(), chain.name()))
        };
        let before = walk(
            self.before,
            &mut self.world,
            self.chain,
            enter,
            alignment.map(|_| &is_clean as _),
        );
        let after = walk(
            self.after,
            &mut self.world,
            self.chain,
            enter,
            alignment.map(|_| &is_clean as _),
        );
        let mut among = self.world.bdd.and(enter, self.among);
        if alignment.is_some() {
            let packets = self.excepted(enter, Some(&is_clean));
            among = self.world.bdd.minus(among, packets);
        }
        let difference = self.between(among, &before, &after);
        self.world.decided(difference)
    }

    /// The packets that the excepted lines take, apart from those in chains that are called
    /// by name.
    fn excepted(&mut self, enter: Set, clean: Option<IsClean<'_, 'b>>) -> Set {
        let mut packets = Set::NONE;
        if self.care.except.is_empty() {
            return packets;
        }
        let state = State::new(true, self.chain.hook);
        let mut walk = Walk::new(self.before, &mut self.world, state);
        walk.clean = clean;
        walk.records = true;
        let outcome = walk.base_chain(self.chain, enter);
        for (chain, visits) in outcome.visits() {
            let code = self.before.code(chain);
            for (rule, visit) in code.rules.iter().zip(visits) {
                if self.care.except.contains(&rule.reference.line) {
                    packets = self.world.bdd.or(packets, visit.taken);
                }
            }
        }
        packets
    }

    /// The first packets found that two outcomes differ in.
    fn between(&mut self, among: Set, before: &Outcome<'_>, after: &Outcome<'_>) -> Option<Set> {
        let pairs = pairs(&before.ends, &after.ends, Set::NONE);
        for (_, one, other) in &pairs {
            if let Some(found) = self.possible_difference(*one, *other, among) {
                return Some(found);
            }
        }
        let none = Vec::new();
        for (_, one, other) in pairs_of(&before.effects, &after.effects, &none) {
            for nth in 0..one.len().max(other.len()) {
                let at = |times: &[Set]| times.get(nth).copied().unwrap_or(Set::NONE);
                if let Some(found) = self.possible_difference(at(one), at(other), among) {
                    return Some(found);
                }
            }
        }
        // Marks of what is discarded are gone with it; those of its connection stay.
        let mut goes_on = Set::NONE;
        for (end, packets, _) in &pairs {
            if end.goes_on() {
                goes_on = self.world.bdd.or(goes_on, *packets);
            }
        }
        let goes_on = self.world.bdd.and(goes_on, among);
        for field in changeable() {
            let among = if field == Field::Connmark {
                among
            } else {
                goes_on
            };
            if let Some(found) = self.changed_differently(field, &before.state, &after.state, among)
            {
                return Some(found);
            }
        }
        None
    }

    fn possible_difference(&mut self, one: Set, other: Set, among: Set) -> Option<Set> {
        if one == other {
            return None;
        }
        let differ = self.world.bdd.xor(one, other);
        let differ = self.world.bdd.and(differ, among);
        let differ = self.world.possible(differ);
        (!differ.is_none()).then_some(differ)
    }

    /// Bit by bit: all at once they may take a diagram of 2^32 nodes.
    fn changed_differently(
        &mut self,
        field: Field,
        before: &State,
        after: &State,
        among: Set,
    ) -> Option<Set> {
        let versions = [before.version(field), after.version(field)];
        if versions[0] == versions[1] {
            return None;
        }
        let [one, other] = versions.map(|version| self.world.bits(field, version));
        let mut bits = one.iter().zip(&*other);
        bits.find_map(|(one, other)| self.possible_difference(*one, *other, among))
    }

    /// Sends a packet through both rulesets. It must show that they differ: otherwise the
    /// answers that it needs contradict each other, and it is none.
    fn counterexample(&mut self, difference: Set) -> Option<Verdict> {
        let example = self.world.example(difference)?;
        let before = treatment(self.before, self.chain, &example)?;
        let after = treatment(self.after, self.chain, &example)?;
        before.differs_from(&after).then(|| {
            Verdict::Differs(Box::new(Counterexample {
                chain: self.chain,
                packet: example.packet,
                assumed: example.assumed,
                before,
                after,
            }))
        })
    }
}

impl Treatment {
    /// Whether it is another one in what counts: not by which rule it comes about.
    #[must_use]
    pub fn differs_from(&self, other: &Self) -> bool {
        let connmark = |it: &Self| it.packet.get(Field::Connmark);
        let sorted = |it: &Self| {
            let mut effects = it.effects.clone();
            effects.sort_unstable();
            effects
        };
        self.end != other.end
            || sorted(self) != sorted(other)
            || connmark(self) != connmark(other)
            || self.end.goes_on() && self.packet != other.packet
    }
}

fn treatment(program: &mut Program<'_>, chain: BaseChain, example: &Example) -> Option<Treatment> {
    let mut packet = example.packet.clone();
    let fate = run_chain(program, chain, &mut packet, &mut example.oracle())?;
    let Fate {
        end, rule, effects, ..
    } = fate;
    Some(Treatment {
        end,
        rule: rule.map(|(_, rule)| rule),
        packet,
        effects,
    })
}

fn walk<'r>(
    program: &mut Program<'r>,
    world: &mut World,
    chain: BaseChain,
    enter: Set,
    clean: Option<IsClean<'_, 'r>>,
) -> Outcome<'r> {
    let state = State::new(true, chain.hook);
    let mut walk = Walk::new(program, world, state);
    walk.clean = clean;
    walk.base_chain(chain, enter)
}

/// The values of two maps under each key, in order.
fn pairs<K: Ord + Clone, V: Copy>(
    one: &std::collections::BTreeMap<K, V>,
    other: &std::collections::BTreeMap<K, V>,
    none: V,
) -> Vec<(K, V, V)> {
    let of_one = one.iter().map(|(key, value)| {
        let other = other.get(key).copied().unwrap_or(none);
        (key.clone(), *value, other)
    });
    let rest = other.iter().filter(|(key, _)| !one.contains_key(key));
    let rest = rest.map(|(key, value)| (key.clone(), none, *value));
    of_one.chain(rest).collect()
}

fn pairs_of<'m, K: Ord + Clone, V>(
    one: &'m std::collections::BTreeMap<K, V>,
    other: &'m std::collections::BTreeMap<K, V>,
    none: &'m V,
) -> Vec<(K, &'m V, &'m V)> {
    let of_one = one
        .iter()
        .map(|(key, value)| (key.clone(), value, other.get(key).unwrap_or(none)));
    let rest = other.iter().filter(|(key, _)| !one.contains_key(key));
    let rest = rest.map(|(key, value)| (key.clone(), none, value));
    of_one.chain(rest).collect()
}
