//! Asks a ruleset about packets.

use std::rc::Rc;

use iptables_save::{Family, Ruleset};

use crate::{
    bdd::Set,
    condition::Condition,
    describe::Description,
    example::{Example, Undecided},
    explain::{Explanation, explain},
    field::{Field, Packet},
    hook::{BaseChain, Hook},
    hooks::{Facts, Host, Journey, Origin, journey},
    known::Known,
    program::Program,
    question::Oracle,
    version::State,
    walk::{Outcome, Walk},
    world::{MOST_NODES, Variable, World},
};

/// Answers which packets come to which rules of a ruleset, and what becomes of them.
///
/// ```
/// use iptables_eval::{BaseChain, Condition, Evaluator, Field, Hook, Table};
/// use iptables_save::{Document, Family, Ruleset};
///
/// let document = Document::read(
///     b"*nat\n:POSTROUTING ACCEPT [0:0]\n\
///       -A POSTROUTING -d 172.5.0.0/16 -j ACCEPT\n\
///       -A POSTROUTING -s 172.5.1.0/24 ! -o docker0 -j MASQUERADE\nCOMMIT\n",
/// );
/// let ruleset = Ruleset::new(&document, Some(Family::V4));
/// let mut evaluator = Evaluator::new(&ruleset, Family::V4);
/// let pods = "172.5.0.0/16".parse().unwrap();
/// let between_pods = Condition::all([
///     Condition::network(Field::Source, pods),
///     Condition::network(Field::Destination, pods),
/// ]);
/// let postrouting = BaseChain::new(Table::Nat, Hook::Postrouting);
/// let outcome = evaluator.chain(postrouting, &between_pods)?;
/// let masquerade = outcome.visit(evaluator.program().base_chain(postrouting).unwrap(), 2);
/// assert!(!evaluator.is_possible(masquerade.taken)?);
/// # Ok::<(), iptables_eval::Undecided>(())
/// ```
#[derive(Debug)]
pub struct Evaluator<'r> {
    program: Program<'r>,
    world: World,
}

impl<'r> Evaluator<'r> {
    /// Makes one for a ruleset of a family, with a budget of [`MOST_NODES`].
    #[must_use]
    pub fn new(ruleset: &'r Ruleset<'r>, family: Family) -> Self {
        Self::with_budget(ruleset, family, MOST_NODES)
    }

    /// Makes one with a budget of nodes, of 16 bytes and the same again for finding them.
    #[must_use]
    pub fn with_budget(ruleset: &'r Ruleset<'r>, family: Family, most_nodes: usize) -> Self {
        Self {
            program: Program::new(ruleset, family),
            world: World::new(family, most_nodes),
        }
    }

    /// The ruleset.
    #[must_use]
    pub const fn program(&self) -> &Program<'r> {
        &self.program
    }

    /// Walks a built-in chain with all packets of a condition, in any state that they can
    /// come there in, and says what became of them.
    ///
    /// The condition is about packets as they come to the chain.
    ///
    /// # Errors
    /// When the budget does not do.
    pub fn chain(
        &mut self,
        base: BaseChain,
        packets: &Condition,
    ) -> Result<Outcome<'r>, Undecided> {
        let known = Known::of(packets, self.world.family);
        let packets = self.set(packets)?;
        self.chain_where(base, packets, known)
    }

    /// Does the same with a set.
    ///
    /// # Errors
    /// When the budget does not do.
    pub fn chain_of_set(
        &mut self,
        base: BaseChain,
        packets: Set,
    ) -> Result<Outcome<'r>, Undecided> {
        let known = Known::nothing(self.world.family);
        self.chain_where(base, packets, known)
    }

    fn chain_where(
        &mut self,
        base: BaseChain,
        packets: Set,
        mut known: Known,
    ) -> Result<Outcome<'r>, Undecided> {
        let packets = self.world.at_hook(packets, base.hook);
        let mut state = State::new(true, base.hook);
        let enter = known.assume(&mut self.world, &mut state, packets);
        let mut walk = Walk::new(&mut self.program, &mut self.world, state);
        walk.known = known;
        walk.records = true;
        let mut outcome = walk.base_chain(base, enter);
        outcome.restrict(&mut self.world, packets);
        self.decided(outcome)
    }

    /// Sends all packets of a condition through the host.
    ///
    /// # Errors
    /// When the budget does not do.
    pub fn through(
        &mut self,
        host: &Host,
        origin: Origin,
        packets: &Condition,
    ) -> Result<Journey<'r>, Undecided> {
        let known = Known::of(packets, self.world.family);
        let packets = self.set(packets)?;
        let mut packets = self.world.bdd.and(packets, self.world.domain);
        if origin == Origin::Host {
            packets = self.world.at_hook(packets, Hook::Output);
        }
        let facts = Facts {
            host,
            origin,
            known,
        };
        journey(&mut self.program, &mut self.world, facts, packets)
    }

    /// Tells packets apart by the rules that decide about them on a way through the host.
    ///
    /// # Errors
    /// When the budget does not do.
    pub fn explain(
        &mut self,
        journey: &Journey<'r>,
        packets: Set,
    ) -> Result<Explanation<'r>, Undecided> {
        explain(&mut self.program, &mut self.world, journey, packets)
    }

    /// Describes a set in words.
    ///
    /// # Errors
    /// When the budget does not do.
    pub fn describe(&mut self, set: Set) -> Result<Description, Undecided> {
        self.world.describe(set)
    }

    /// The packets that fulfil a condition.
    ///
    /// # Errors
    /// When the budget does not do.
    pub fn set(&mut self, condition: &Condition) -> Result<Set, Undecided> {
        let set = self.world.initial(condition);
        self.decided(set)
    }

    /// The packets that are in both sets.
    ///
    /// # Errors
    /// When the budget does not do.
    pub fn and(&mut self, a: Set, b: Set) -> Result<Set, Undecided> {
        let set = self.world.bdd.and(a, b);
        self.decided(set)
    }

    /// The packets that are in one of the sets.
    ///
    /// # Errors
    /// When the budget does not do.
    pub fn or(&mut self, a: Set, b: Set) -> Result<Set, Undecided> {
        let set = self.world.bdd.or(a, b);
        self.decided(set)
    }

    /// Whether there can be a packet in a set.
    ///
    /// # Errors
    /// When the budget does not do.
    pub fn is_possible(&mut self, set: Set) -> Result<bool, Undecided> {
        let set = self.world.possible(set);
        self.decided(!set.is_none())
    }

    /// Whether every packet of a set fulfils a condition.
    ///
    /// # Errors
    /// When the budget does not do.
    pub fn is_within(&mut self, set: Set, condition: &Condition) -> Result<bool, Undecided> {
        let others = self.set(condition)?;
        let outside = self.and(set, !others)?;
        self.is_possible(outside).map(|possible| !possible)
    }

    /// The set without regard to some fields: the packets that are in it for some values of
    /// them.
    ///
    /// # Errors
    /// When the budget does not do.
    pub fn forget(&mut self, set: Set, fields: &[Field]) -> Result<Set, Undecided> {
        let set = self.world.possible(set);
        let set = self.world.forget(set, fields);
        self.decided(set)
    }

    /// The fields that it depends on whether a packet is in a set, in order.
    #[must_use]
    pub fn fields_of(&self, set: Set) -> Vec<Field> {
        let variables = self.world.bdd.variables_of(set);
        let mut fields: Vec<Field> = variables
            .into_iter()
            .filter_map(|variable| match self.world.meaning(variable) {
                Ok((field, _)) => Some(field),
                Err(Variable::Prefix { is_out: true, .. }) => Some(Field::OutInterface),
                Err(Variable::Prefix { is_out: false, .. }) => Some(Field::InInterface),
                Err(_) => None,
            })
            .collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// The texts of the questions that it depends on whether a packet is in a set.
    #[must_use]
    pub fn questions_of(&self, set: Set) -> Vec<Rc<str>> {
        let variables = self.world.bdd.variables_of(set);
        let mut texts: Vec<Rc<str>> = variables
            .into_iter()
            .filter_map(|variable| match self.world.meaning(variable) {
                Err(Variable::Answer { text, .. }) => Some(Rc::clone(text)),
                _ => None,
            })
            .collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    }

    /// A packet of a set, a plain one if there is one; `None` of the empty set.
    ///
    /// # Errors
    /// When the budget does not do.
    pub fn example(&mut self, set: Set) -> Result<Option<Example>, Undecided> {
        let example = self.world.example(set);
        self.decided(example)
    }

    /// Whether a packet is in a set, where an oracle answers what is unknown.
    ///
    /// # Errors
    /// When the budget does not do.
    pub fn contains(
        &mut self,
        set: Set,
        packet: &Packet,
        oracle: &mut dyn Oracle,
    ) -> Result<bool, Undecided> {
        let contains = self.world.contains(set, packet, oracle);
        self.decided(contains)
    }

    /// The value that a field of a packet has after a chain.
    ///
    /// # Errors
    /// When the budget does not do.
    pub fn value_after(
        &mut self,
        outcome: &Outcome<'_>,
        field: Field,
        packet: &Packet,
        oracle: &mut dyn Oracle,
    ) -> Result<u128, Undecided> {
        let version = outcome.state.version(field);
        let value = self.world.value_of(field, version, packet, oracle);
        self.decided(value)
    }

    fn decided<T>(&self, value: T) -> Result<T, Undecided> {
        self.world.decided(value)
    }
}
