//! Conditions as sets, under what is known: the variables of the decision diagrams.

use std::{collections::HashMap, rc::Rc};

use iptables_save::Family;

use crate::{
    bdd::{Bdd, Set},
    condition::{Asks, Condition, Unknown},
    field::{Field, state},
    hook::Hook,
    program::Update,
    version::{Changed, Path, Sets, State, Version, Versions, update_bits},
};

pub(crate) use self::paths::Paths;

mod interfaces;
mod paths;

/// How many nodes of decision diagrams are made before an answer is given up (about 130 MB).
pub const MOST_NODES: usize = 4 << 20;
/// How many variables there may be besides the fields of a packet.
const MOST_VARIABLES: usize = 1 << 17;

/// Sets of packets, and what their variables stand for.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) family: Family,
    pub(crate) bdd: Bdd,
    pub(crate) versions: Versions,
    /// The first variable of each field, that of its highest bit.
    first: [u32; Field::COUNT],
    /// The first variable after those of the fields.
    fields_end: u32,
    variables: Vec<Variable>,
    numbers: HashMap<Variable, u32>,
    pub(crate) interfaces: Interfaces,
    /// What holds for every packet that there can be.
    pub(crate) domain: Set,
    pub(crate) paths: Paths,
    states: HashMap<State, usize>,
}

/// What a variable besides the fields represents.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Variable {
    /// The name of an interface begins so.
    Prefix { is_out: bool, name: Rc<[u8]> },
    /// The answer to a question.
    Answer { text: Rc<str>, asked: Asked },
    /// A bit of a field that a target chooses.
    Choice {
        field: Field,
        bit: u32,
        text: Rc<str>,
        path: Path,
        before: Version,
    },
    /// Whether a chain that is called by name comes back, given the state there.
    Returns {
        chain: Rc<str>,
        path: Path,
        state: State,
    },
}

/// What the answer to a question depends on: the same, the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Asked {
    /// The fields that rules have changed, each with what it has become.
    Packet {
        sees: Vec<(Field, Version, u32)>,
        sets: Sets,
    },
    Memory {
        path: Path,
        nth: u32,
    },
}

/// The names of interfaces that were asked for.
#[derive(Debug, Default)]
pub(crate) struct Interfaces {
    /// Number 1 is the first; 0 is no interface, and others are names that were
    /// not asked for.
    pub(crate) names: Vec<Rc<[u8]>>,
    pub(crate) prefixes: Vec<Rc<[u8]>>,
    /// How many names and prefixes [`World::domain`] is about.
    known: (usize, usize),
}

impl World {
    pub(crate) fn new(family: Family, most_nodes: usize) -> Self {
        let mut first = [0; Field::COUNT];
        let mut end = 0;
        for field in Field::ALL {
            first[field.index()] = end;
            end += field.width(family);
        }
        let mut world = Self {
            family,
            bdd: Bdd::new(most_nodes),
            versions: Versions::default(),
            first,
            fields_end: end,
            variables: Vec::new(),
            numbers: HashMap::new(),
            interfaces: Interfaces::default(),
            domain: Set::ALL,
            paths: Paths::default(),
            states: HashMap::new(),
        };
        world.restrict_fields();
        world
    }

    /// Fields of a few values have no others; a new connection has no replies; conntrack puts
    /// fragments together before it looks at a packet (kernel `nf_defrag_ipv4`).
    fn restrict_fields(&mut self) {
        let at_most = |field, last| Condition::Range {
            field,
            first: 0,
            last,
        };
        let not_both = |condition: Condition, field| {
            Condition::all([condition, Condition::is(field, 1)]).inverted(true)
        };
        let all = Condition::all([
            at_most(Field::State, state::UNTRACKED),
            at_most(Field::SourceKind, crate::field::kind::LAST),
            at_most(Field::DestinationKind, crate::field::kind::LAST),
            not_both(Condition::is(Field::State, state::NEW), Field::Reply),
            not_both(crate::program::is_tracked(), Field::Fragment),
        ]);
        self.domain = self.initial(&all);
    }

    /// The packets of a set that can come to a hook: those without an interface that no
    /// packet has there.
    pub(crate) fn at_hook(&mut self, packets: Set, hook: Hook) -> Set {
        let mut none = Vec::new();
        if !hook.has_in_interface() {
            none.push(Condition::is(Field::InInterface, 0));
        }
        if !hook.has_out_interface() {
            none.push(Condition::is(Field::OutInterface, 0));
        }
        let none = self.initial(&Condition::all(none));
        let packets = self.bdd.and(packets, none);
        self.bdd.and(packets, self.domain)
    }

    /// The packets that fulfil a condition as they come, interfaces and all.
    pub(crate) fn initial(&mut self, condition: &Condition) -> Set {
        let state = State::new(true, Hook::Forward);
        let path = self.paths.base("");
        self.set(condition, &state, path)
    }

    /// The packets that fulfil a condition where rules have left their fields so.
    pub(crate) fn set(&mut self, condition: &Condition, state: &State, path: Path) -> Set {
        match condition {
            Condition::Always => Set::ALL,
            Condition::Masked { field, mask, value } => {
                let bits = self.bits(*field, state.version(*field));
                self.masked(&bits, *mask, *value)
            }
            Condition::Range { field, first, last } => {
                let bits = self.bits(*field, state.version(*field));
                self.range(&bits, *first, *last)
            }
            Condition::Interface(test) => self.interface(test, state),
            Condition::Unknown(unknown) => self.answer(unknown, state, path),
            Condition::Not(condition) => !self.set(condition, state, path),
            Condition::All(all) => {
                // Backwards: fields that are decided first are mostly asked for first.
                all.iter().rev().fold(Set::ALL, |set, one| {
                    let one = self.set(one, state, path);
                    self.bdd.and(one, set)
                })
            }
            Condition::Any(any) => any.iter().rev().fold(Set::NONE, |set, one| {
                let one = self.set(one, state, path);
                self.bdd.or(one, set)
            }),
        }
    }

    fn masked(&mut self, bits: &[Set], mask: u128, value: u128) -> Set {
        let width = u32::try_from(bits.len()).expect("at most 128");
        if value & !mask != 0 || value.checked_shr(width).unwrap_or(0) != 0 {
            return Set::NONE;
        }
        let mut set = Set::ALL;
        // The lowest bits are decided last, and tell most values apart.
        for nth in (0..bits.len()).filter(|nth| mask >> nth & 1 == 1) {
            let bit = if value >> nth & 1 == 1 {
                bits[nth]
            } else {
                !bits[nth]
            };
            set = self.bdd.and(bit, set);
            if set.is_none() {
                break;
            }
        }
        set
    }

    fn range(&mut self, bits: &[Set], first: u128, last: u128) -> Set {
        let greatest = u128::MAX >> (128 - bits.len());
        if first > last || first > greatest {
            return Set::NONE;
        }
        let last = last.min(greatest);
        if first == last {
            return self.masked(bits, greatest, first);
        }
        let (mut least, mut most) = (Set::ALL, Set::ALL);
        for (nth, bit) in bits.iter().copied().enumerate() {
            least = match first >> nth & 1 {
                0 => self.bdd.or(bit, least),
                _ => self.bdd.and(bit, least),
            };
            most = match last >> nth & 1 {
                0 => self.bdd.and(!bit, most),
                _ => self.bdd.or(!bit, most),
            };
        }
        self.bdd.and(least, most)
    }

    /// The bits of a field as rules have left it, the lowest first.
    pub(crate) fn bits(&mut self, field: Field, version: Version) -> Rc<[Set]> {
        let mut open = Vec::new();
        let mut at = version;
        let mut bits = loop {
            if let Some(bits) = self.versions.known_bits(field, at) {
                break bits;
            }
            let Some(changed) = self.versions.changed(at) else {
                let bits: Rc<[Set]> = self.initial_bits(field).into();
                self.versions.keep_bits(field, at, &bits);
                break bits;
            };
            open.push((at, changed.clone()));
            at = changed.before;
        };
        while let Some((version, changed)) = open.pop() {
            bits = self.changed_bits(&changed, &bits).into();
            self.versions.keep_bits(field, version, &bits);
        }
        bits
    }

    fn changed_bits(&mut self, changed: &Changed, old: &[Set]) -> Vec<Set> {
        let new = match &changed.update {
            Update::Choose { first, last, text } => self.chosen_bits(changed, *first, *last, text),
            update @ Update::Rewrite {
                copied: Some(copied),
                ..
            } => {
                let source = self.bits(copied.field, changed.source);
                update_bits(&mut self.bdd, update, old, &source)
            }
            update => update_bits(&mut self.bdd, update, old, &[]),
        };
        let pairs = new.into_iter().zip(old);
        pairs
            .map(|(new, old)| self.bdd.choose(changed.condition, new, *old))
            .collect()
    }

    fn chosen_bits(
        &mut self,
        changed: &Changed,
        first: u128,
        last: u128,
        text: &Rc<str>,
    ) -> Vec<Set> {
        let mut bits: Vec<Set> = (0..changed.field.width(self.family))
            .rev()
            .map(|bit| {
                let Changed {
                    field,
                    path,
                    before,
                    ..
                } = *changed;
                let text = Rc::clone(text);
                self.variable(Variable::Choice {
                    field,
                    bit,
                    text,
                    path,
                    before,
                })
            })
            .collect();
        bits.reverse();
        let range = self.range(&bits, first, last);
        self.domain = self.bdd.and(self.domain, range);
        bits
    }

    fn initial_bits(&mut self, field: Field) -> Vec<Set> {
        let width = field.width(self.family);
        let first = self.first[field.index()];
        let last = first + width - 1;
        (0..width)
            .map(|bit| self.bdd.variable(last - bit))
            .collect()
    }

    /// The variable that represents something.
    pub(crate) fn variable(&mut self, variable: Variable) -> Set {
        let next = self.fields_end + u32::try_from(self.variables.len()).expect("bounded");
        if let Some(number) = self.numbers.get(&variable) {
            return self.bdd.variable(*number);
        }
        if self.variables.len() >= MOST_VARIABLES {
            self.bdd.exhaust();
            return Set::NONE;
        }
        self.variables.push(variable.clone());
        self.numbers.insert(variable, next);
        self.bdd.variable(next)
    }

    /// What the variables besides the fields stand for.
    pub(crate) fn variables(&self) -> Vec<Variable> {
        self.variables.clone()
    }

    /// A number for a state, the same for the same.
    pub(crate) fn state_number(&mut self, state: &State) -> usize {
        let next = self.states.len();
        *self.states.entry(state.clone()).or_insert(next)
    }

    /// What a number of a variable represents: a field with the bit, or something else.
    pub(crate) fn meaning(&self, number: u32) -> Result<(Field, u32), &Variable> {
        if let Some(nth) = number.checked_sub(self.fields_end) {
            return Err(&self.variables[nth as usize]);
        }
        let nth = self.first.partition_point(|first| *first <= number) - 1;
        let field = Field::ALL[nth];
        let bit = self.first[nth] + field.width(self.family) - 1 - number;
        Ok((field, bit))
    }

    fn answer(&mut self, unknown: &Unknown, state: &State, path: Path) -> Set {
        let (fields, sets) = match unknown.asks {
            Asks::Memory(nth) => {
                let asked = Asked::Memory { path, nth };
                let text = Rc::clone(&unknown.text);
                return self.variable(Variable::Answer { text, asked });
            }
            Asks::Packet(fields) => (fields, Sets::default()),
            Asks::Sets(fields) => (fields, state.sets),
        };
        let mut sees = Vec::new();
        for field in fields {
            let version = state.version(*field);
            let (bits, came) = (
                self.bits(*field, version),
                self.bits(*field, Version::default()),
            );
            if bits != came {
                sees.push((*field, version, self.versions.fingerprint(&bits)));
            }
        }
        // Versions that are the same function ask the same question.
        let is_same = |other: &Variable| match other {
            Variable::Answer {
                text,
                asked:
                    Asked::Packet {
                        sees: others,
                        sets: set,
                    },
            } => {
                let pairs = sees.iter().zip(others);
                *text == unknown.text
                    && *set == sets
                    && sees.len() == others.len()
                    && pairs.into_iter().all(|(a, b)| (a.0, a.2) == (b.0, b.2))
            }
            _ => false,
        };
        if !sees.is_empty()
            && let Some(nth) = self.variables.iter().position(is_same)
        {
            return self
                .bdd
                .variable(self.fields_end + u32::try_from(nth).expect("bounded"));
        }
        let asked = Asked::Packet { sees, sets };
        let text = Rc::clone(&unknown.text);
        self.variable(Variable::Answer { text, asked })
    }
}
