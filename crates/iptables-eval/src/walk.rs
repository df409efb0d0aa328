//! One built-in chain and what it leads to, for a set of packets at once.

use std::{
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use iptables_save::{Chain, Policy};

use crate::{
    bdd::Set,
    condition::{Asks, Condition, Unknown},
    field::{Field, state},
    hook::{BaseChain, Table},
    known::Known,
    program::{Action, Change, Code, CompiledRule, End, Program, Update, anything, changeable},
    question,
    version::{Changed, Path, State},
    world::{Variable, World},
};

pub use self::outcome::{Outcome, Visit};

mod outcome;

/// How many chains packets may be in at once.
const MOST_DEPTH: usize = 400;
/// How many rules are asked before an answer is given up. The kernel asks each packet's
/// rules alone, but also as often as chains are jumped to.
const MOST_STEPS: usize = 2 << 20;

/// Whether a chain is the same in two rulesets, with all that it leads to.
pub(crate) type IsClean<'c, 'r> = &'c dyn Fn(Chain<'r>) -> bool;

/// Walks chains.
pub(crate) struct Walk<'w, 'r> {
    pub(crate) program: &'w mut Program<'r>,
    pub(crate) world: &'w mut World,
    /// Chains that are called by name and not entered.
    pub(crate) clean: Option<IsClean<'w, 'r>>,
    /// Whether to record who came to each rule.
    pub(crate) records: bool,
    /// What all packets have in common.
    pub(crate) known: Known,
    outcome: Outcome<'r>,
    steps: usize,
    depth: usize,
}

impl<'w, 'r> Walk<'w, 'r> {
    pub(crate) fn new(program: &'w mut Program<'r>, world: &'w mut World, state: State) -> Self {
        let known = Known::nothing(world.family);
        Self {
            program,
            world,
            known,
            clean: None,
            records: false,
            outcome: Outcome {
                ends: BTreeMap::new(),
                effects: BTreeMap::new(),
                policy: Set::NONE,
                visits: HashMap::new(),
                state,
            },
            steps: 0,
            depth: 0,
        }
    }

    /// Walks a built-in chain. Of packets that the table is not asked about none comes.
    pub(crate) fn base_chain(mut self, base: BaseChain, packets: Set) -> Outcome<'r> {
        let path = self.world.paths.base(&base.to_string());
        let enter = self.enter(base, packets, path);
        let back = match self.program.base_chain(base) {
            Some(chain) => {
                let code = self.program.code(chain);
                self.chain(&code, enter, path)
            }
            None => enter,
        };
        self.outcome.policy = back;
        match self.program.policy(base) {
            Policy::Accept => self.end(&End::Accept, back),
            Policy::Drop => self.end(&End::Drop, back),
        }
        self.outcome
    }

    /// The nat table is asked about the first packet of a connection alone, and the raw
    /// table before conntrack is.
    fn enter(&mut self, base: BaseChain, packets: Set, path: Path) -> Set {
        match base.table {
            Table::Nat => {
                let first = is_first();
                let first = self.world.set(&first, &self.outcome.state.clone(), path);
                self.world.bdd.and(packets, first)
            }
            Table::Raw => {
                let unknown = always(Field::State, Update::set(state::INVALID));
                self.change(&unknown, Set::ALL, path);
                packets
            }
            _ => packets,
        }
    }

    /// Sends packets through a chain. Returns those that come back.
    fn chain(&mut self, code: &Code<'r>, enter: Set, path: Path) -> Set {
        if self.depth >= MOST_DEPTH {
            self.world.bdd.exhaust();
            return Set::NONE;
        }
        self.depth += 1;
        let (mut alive, mut back) = (enter, Set::NONE);
        for (nth, rule) in code.rules.iter().enumerate() {
            if alive.is_none() || self.is_over() {
                break;
            }
            let taken = self.matched(&rule.condition, alive, path);
            if self.records {
                self.record(code, nth, alive, taken);
            }
            if !taken.is_none() {
                self.act(rule, path, taken, &mut alive, &mut back);
            }
        }
        self.depth -= 1;
        self.world.bdd.or(alive, back)
    }

    /// The packets that fulfil a condition.
    fn matched(&mut self, condition: &Condition, packets: Set, path: Path) -> Set {
        match self.known.decides(condition, &self.outcome.state) {
            Some(true) => packets,
            Some(false) => Set::NONE,
            None => {
                let matched = self.world.set(condition, &self.outcome.state, path);
                self.world.bdd.and(packets, matched)
            }
        }
    }

    fn is_over(&mut self) -> bool {
        self.steps += 1;
        if self.steps > MOST_STEPS {
            self.world.bdd.exhaust();
        }
        self.world.bdd.is_exhausted()
    }

    fn act(
        &mut self,
        rule: &CompiledRule<'r>,
        path: Path,
        taken: Set,
        alive: &mut Set,
        back: &mut Set,
    ) {
        let rest = |walk: &mut Self, alive: Set| walk.world.bdd.minus(alive, taken);
        match &rule.action {
            Action::Continue => {}
            Action::End(end) => {
                self.end(end, taken);
                *alive = rest(self, *alive);
            }
            Action::Return => {
                *back = self.world.bdd.or(*back, taken);
                *alive = rest(self, *alive);
            }
            Action::Jump {
                chain,
                nth,
                is_goto,
            } => {
                let returned = self.jump(*chain, *nth, taken, path);
                *alive = rest(self, *alive);
                let to = if *is_goto { back } else { alive };
                *to = self.world.bdd.or(*to, returned);
            }
            Action::Change(changes) => self.changes(changes, taken, path),
            Action::ChangeAndEffect(changes, text) => {
                self.changes(changes, taken, path);
                self.effect(text, taken);
            }
            Action::Effect(text) => self.effect(text, taken),
            Action::SetEffect(text) => {
                self.effect(text, taken);
                let sets = self.outcome.state.sets;
                self.outcome.state.sets = self.world.versions.change_sets(sets, text, taken);
            }
            Action::Unknown(text) => {
                let ends = self.world.set(&ends(text), &self.outcome.state, path);
                let ended = self.world.bdd.and(taken, ends);
                self.end(&End::Other(Rc::clone(text)), ended);
                *alive = self.world.bdd.minus(*alive, ended);
                let changes: Vec<Change> = anything(text).collect();
                self.changes(&changes, taken, path);
            }
        }
    }

    fn jump(&mut self, chain: Chain<'r>, nth: u32, enter: Set, path: Path) -> Set {
        let name = String::from_utf8_lossy(chain.name());
        let path = self.world.paths.step(path, &name, nth);
        if self.clean.is_some_and(|is_clean| is_clean(chain)) {
            return self.call(&name, enter, path);
        }
        let code = self.program.code(chain);
        self.chain(&code, enter, path)
    }

    /// Calls a chain that is the same in both rulesets: it treats the same packets in the
    /// same state alike, whatever it does.
    fn call(&mut self, name: &str, enter: Set, path: Path) -> Set {
        let state = self.outcome.state.clone();
        let number = self.world.state_number(&state);
        let chain: Rc<str> = name.into();
        let text: Rc<str> = format!("{name}, called in state {number}").into();
        let returns = self.world.variable(Variable::Returns {
            chain: Rc::clone(&chain),
            path,
            state,
        });
        for field in changeable() {
            let update = Update::Choose {
                first: 0,
                last: u128::MAX,
                text: Rc::clone(&text),
            };
            self.change(&always(field, update), enter, path);
        }
        let sets = self.outcome.state.sets;
        self.outcome.state.sets = self.world.versions.change_sets(sets, &text, enter);
        let ended = self.world.bdd.minus(enter, returns);
        self.end(&End::AsChain(chain), ended);
        self.world.bdd.and(enter, returns)
    }

    fn end(&mut self, end: &End, packets: Set) {
        if packets.is_none() {
            return;
        }
        match self.outcome.ends.get_mut(end) {
            Some(set) => *set = self.world.bdd.or(*set, packets),
            None => {
                self.outcome.ends.insert(end.clone(), packets);
            }
        }
    }

    fn changes(&mut self, changes: &[Change], packets: Set, path: Path) {
        for change in changes {
            self.change(change, packets, path);
        }
    }

    fn change(&mut self, change: &Change, packets: Set, path: Path) {
        let state = &mut self.outcome.state;
        apply(self.world, state, change, packets, path);
    }

    fn effect(&mut self, text: &Rc<str>, packets: Set) {
        let times = self.outcome.effects.entry(Rc::clone(text)).or_default();
        let mut again = packets;
        for set in times.iter_mut() {
            let both = self.world.bdd.and(*set, again);
            *set = self.world.bdd.or(*set, again);
            again = both;
            if again.is_none() {
                return;
            }
        }
        times.push(again);
    }

    fn record(&mut self, code: &Code<'r>, nth: usize, reached: Set, taken: Set) {
        let empty = || vec![Visit::NONE; code.rules.len()];
        let visit = &mut self.outcome.visits.entry(code.chain).or_insert_with(empty)[nth];
        visit.reached = self.world.bdd.or(visit.reached, reached);
        visit.taken = self.world.bdd.or(visit.taken, taken);
    }
}

/// Changes a field for some packets.
pub(crate) fn apply(
    world: &mut World,
    state: &mut State,
    change: &Change,
    packets: Set,
    path: Path,
) {
    let condition = world.set(&change.condition, state, path);
    let condition = world.bdd.and(condition, packets);
    if condition.is_none() {
        return;
    }
    let source = match &change.update {
        Update::Rewrite {
            copied: Some(copied),
            ..
        } => state.version(copied.field),
        _ => crate::version::Version::default(),
    };
    let version = world.versions.change(Changed {
        field: change.field,
        before: state.version(change.field),
        condition,
        update: change.update.clone(),
        source,
        path,
    });
    state.set(change.field, version);
}

/// A change for all packets.
pub(crate) const fn always(field: Field, update: Update) -> Change {
    Change {
        field,
        update,
        condition: Condition::Always,
    }
}

/// The first packet of a connection, which the nat table is asked about.
pub(crate) const fn is_first() -> Condition {
    Condition::Range {
        field: Field::State,
        first: state::NEW,
        last: state::RELATED,
    }
}

/// Whether a target that is not understood ends the chain.
pub(crate) fn ends(text: &Rc<str>) -> Condition {
    Condition::Unknown(Unknown {
        text: question::ends(text),
        asks: Asks::Packet(crate::program::CHANGEABLE),
    })
}
