//! One packet through a built-in chain, in plain integers: the referee of the symbolic walk.

use std::rc::Rc;

use iptables_save::{Chain, Policy, RuleRef};

use crate::{
    condition::{Asks, Condition, Unknown},
    field::{Field, Packet, state},
    hook::{BaseChain, Table},
    program::{Action, Change, Code, CompiledRule, End, Program, Update, anything},
    question::{self, Oracle, Place, Question},
    version::update_value,
    walk::{ends, is_first},
};

/// How many chains a packet may be in at once.
const MOST_DEPTH: usize = 400;
/// How many rules are asked before an answer is given up.
const MOST_STEPS: usize = 2 << 20;

/// What a built-in chain did to one packet.
#[derive(Clone, Debug, PartialEq)]
pub struct Fate<'r> {
    /// How the chain ended.
    pub end: End,
    /// The rule that ended it; `None` for the policy, and for a table that is not asked.
    pub rule: Option<(Chain<'r>, RuleRef)>,
    /// The rules that matched, in order: each counted the packet. A rule counts as often as
    /// its chain was entered.
    pub matched: Vec<(Chain<'r>, RuleRef)>,
    /// What was done that no rule sees, in order.
    pub effects: Vec<Rc<str>>,
    /// Whether the packet came to the policy, which counts it.
    pub met_policy: bool,
}

/// A packet on its way, with what rules have changed.
#[derive(Clone, Debug)]
pub(crate) struct Traveller {
    pub(crate) packet: Packet,
    /// As it came.
    pub(crate) came: Packet,
    /// The `SET` targets that it met.
    pub(crate) sets: Vec<Rc<str>>,
}

impl Traveller {
    pub(crate) fn new(packet: &Packet) -> Self {
        Self {
            packet: packet.clone(),
            came: packet.clone(),
            sets: Vec::new(),
        }
    }
}

/// Sends one packet through a built-in chain. The packet's fields become what the chain
/// makes of them; what the host would answer is asked of the oracle. An interface that no
/// packet has at the chain's hook is forgotten.
///
/// Returns `None` when the packet would meet too many rules.
pub fn run_chain<'r>(
    program: &mut Program<'r>,
    base: BaseChain,
    packet: &mut Packet,
    oracle: &mut dyn Oracle,
) -> Option<Fate<'r>> {
    if !base.hook.has_in_interface() {
        packet.in_interface.clear();
    }
    if !base.hook.has_out_interface() {
        packet.out_interface.clear();
    }
    let mut traveller = Traveller::new(packet);
    let fate = run(program, base, &mut traveller, oracle);
    *packet = traveller.packet;
    fate
}

/// The same for a packet that has come some way already.
pub(crate) fn run<'r>(
    program: &mut Program<'r>,
    base: BaseChain,
    traveller: &mut Traveller,
    oracle: &mut dyn Oracle,
) -> Option<Fate<'r>> {
    let mut run = Run {
        program,
        traveller,
        oracle,
        fate: Fate {
            end: End::Accept,
            rule: None,
            matched: Vec::new(),
            effects: Vec::new(),
            met_policy: false,
        },
        path: vec![(base.to_string().into(), 0)],
        steps: 0,
    };
    let packet = &mut run.traveller.packet;
    match base.table {
        Table::Nat if is_first().contains(packet) != Some(true) => return Some(run.fate),
        Table::Raw => packet.set(Field::State, state::INVALID),
        _ => {}
    }
    let chain = run.program.base_chain(base);
    let code = chain.map(|chain| run.program.code(chain));
    let passed = match code {
        Some(code) => run.chain(&code),
        None => Passed::Back,
    };
    match passed {
        Passed::Ended => {}
        Passed::GivenUp => return None,
        Passed::Back => {
            run.fate.met_policy = true;
            run.fate.end = match run.program.policy(base) {
                Policy::Accept => End::Accept,
                Policy::Drop => End::Drop,
            };
        }
    }
    Some(run.fate)
}

struct Run<'a, 'r> {
    program: &'a mut Program<'r>,
    traveller: &'a mut Traveller,
    oracle: &'a mut dyn Oracle,
    fate: Fate<'r>,
    /// The chains that the packet is in, as [`Place`] has them.
    path: Vec<(Rc<str>, u32)>,
    steps: usize,
}

/// How a packet left a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passed {
    Back,
    Ended,
    GivenUp,
}

impl<'r> Run<'_, 'r> {
    fn chain(&mut self, code: &Code<'r>) -> Passed {
        if self.path.len() > MOST_DEPTH {
            return Passed::GivenUp;
        }
        for rule in &code.rules {
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return Passed::GivenUp;
            }
            if !self.holds(&rule.condition) {
                continue;
            }
            self.fate.matched.push((code.chain, rule.reference));
            if let Some(passed) = self.act(code.chain, rule) {
                return passed;
            }
        }
        Passed::Back
    }

    /// Does what a rule says. Returns how the packet leaves the chain, if it does.
    fn act(&mut self, chain: Chain<'r>, rule: &CompiledRule<'r>) -> Option<Passed> {
        match &rule.action {
            Action::Continue => {}
            Action::End(end) => return Some(self.end(end.clone(), chain, rule)),
            Action::Return => return Some(Passed::Back),
            Action::Jump {
                chain,
                nth,
                is_goto,
            } => {
                let name: Rc<str> = String::from_utf8_lossy(chain.name()).into();
                self.path.push((name, *nth));
                let code = self.program.code(*chain);
                let passed = self.chain(&code);
                self.path.pop();
                if passed != Passed::Back || *is_goto {
                    return Some(passed);
                }
            }
            Action::Change(changes) => self.changes(changes),
            Action::ChangeAndEffect(changes, text) => {
                self.changes(changes);
                self.fate.effects.push(Rc::clone(text));
            }
            Action::Effect(text) => self.fate.effects.push(Rc::clone(text)),
            Action::SetEffect(text) => {
                self.fate.effects.push(Rc::clone(text));
                self.traveller.sets.push(Rc::clone(text));
            }
            Action::Unknown(text) => {
                let ends = self.holds(&ends(text));
                let changes: Vec<Change> = anything(text).collect();
                self.changes(&changes);
                if ends {
                    return Some(self.end(End::Other(Rc::clone(text)), chain, rule));
                }
            }
        }
        None
    }

    fn end(&mut self, end: End, chain: Chain<'r>, rule: &CompiledRule<'r>) -> Passed {
        self.fate.end = end;
        self.fate.rule = Some((chain, rule.reference));
        Passed::Ended
    }

    fn holds(&mut self, condition: &Condition) -> bool {
        holds(condition, self.traveller, &self.path, self.oracle)
    }

    fn changes(&mut self, changes: &[Change]) {
        for change in changes {
            apply(change, self.traveller, &self.path, self.oracle);
        }
    }
}

/// Whether a condition holds for a packet where it is.
fn holds(
    condition: &Condition,
    traveller: &Traveller,
    path: &[(Rc<str>, u32)],
    oracle: &mut dyn Oracle,
) -> bool {
    condition.holds(&traveller.packet, &mut |unknown, _| {
        oracle.answer(&question(unknown, traveller, path))
    })
}

fn question(unknown: &Unknown, traveller: &Traveller, path: &[(Rc<str>, u32)]) -> Question {
    let mut question = Question {
        text: Rc::clone(&unknown.text),
        place: None,
        sees: Vec::new(),
        sets: Vec::new(),
    };
    match unknown.asks {
        Asks::Memory(nth) => {
            let path = path.to_vec();
            question.place = Some(Place { path, nth });
        }
        Asks::Packet(fields) => question.sees = seen(fields, traveller),
        Asks::Sets(fields) => {
            question.sees = seen(fields, traveller);
            question.sets.clone_from(&traveller.sets);
        }
    }
    question
}

/// The fields that rules have changed, with their values.
fn seen(fields: &[Field], Traveller { packet, came, .. }: &Traveller) -> Vec<(Field, u128)> {
    let fields = fields.iter().copied();
    let changed = fields.filter(|field| packet.get(*field) != came.get(*field));
    changed.map(|field| (field, packet.get(field))).collect()
}

/// Changes a packet.
pub(crate) fn apply(
    change: &Change,
    traveller: &mut Traveller,
    path: &[(Rc<str>, u32)],
    oracle: &mut dyn Oracle,
) {
    if !holds(&change.condition, traveller, path, oracle) {
        return;
    }
    let packet = &traveller.packet;
    let (field, old) = (change.field, packet.get(change.field));
    let value = match &change.update {
        Update::Choose { text, .. } => {
            let place = Some(Place {
                path: path.to_vec(),
                nth: 0,
            });
            let bits = (0..field.width(packet.family)).filter(|bit| {
                oracle.answer(&Question {
                    text: question::choice(field, *bit, text),
                    place: place.clone(),
                    sees: vec![(field, old)],
                    sets: Vec::new(),
                })
            });
            bits.fold(0, |value, bit| value | 1 << bit)
        }
        update @ Update::Rewrite { copied, .. } => {
            let source = copied.as_ref().map_or(0, |copied| packet.get(copied.field));
            update_value(update, old, source, field.greatest(packet.family))
        }
        update @ Update::Add(_) => update_value(update, old, 0, field.greatest(packet.family)),
    };
    traveller.packet.set(field, value);
}
