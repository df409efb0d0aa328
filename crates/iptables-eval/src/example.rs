//! Single packets of sets, and whether a packet is in a set.

use std::{collections::HashMap, rc::Rc};

use crate::{
    bdd::Set,
    condition::Condition,
    field::{Field, Packet, kind, number, state},
    question::{self, Oracle, Place, Question},
    version::{Path, Version},
    world::{Asked, Variable, World},
};

/// The question takes more nodes, variables or steps than there may be: there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undecided {
    /// How many nodes were made.
    pub nodes: usize,
}

impl std::fmt::Display for Undecided {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "not decided within {} nodes", self.nodes)
    }
}

impl std::error::Error for Undecided {}

/// One packet of a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The packet.
    pub packet: Packet,
    /// What is assumed of what neither the packet nor the ruleset says. Anything else may
    /// be either way.
    pub assumed: Vec<(Question, bool)>,
}

impl Example {
    /// Answers what is assumed, and says no to everything else.
    #[must_use]
    pub fn oracle(&self) -> impl Oracle {
        |question: &Question| {
            let mut assumed = self.assumed.iter();
            assumed.any(|(other, answer)| *answer && other == question)
        }
    }
}

impl World {
    /// Passes a value on, unless the budget did not do for it.
    pub(crate) fn decided<T>(&self, value: T) -> Result<T, Undecided> {
        if self.bdd.is_exhausted() {
            Err(Undecided {
                nodes: self.bdd.node_count(),
            })
        } else {
            Ok(value)
        }
    }

    /// The packets of a set that there can be.
    pub(crate) fn possible(&mut self, set: Set) -> Set {
        let domain = self.domain();
        self.bdd.and(set, domain)
    }

    /// The answers with which the same words are answered alike wherever they ask about a
    /// packet, however rules may have changed it.
    pub(crate) fn consistent(&mut self) -> Set {
        let mut first: HashMap<Rc<str>, Set> = HashMap::new();
        let mut all = Set::ALL;
        for variable in self.variables() {
            let key = match &variable {
                Variable::Answer {
                    text,
                    asked: Asked::Packet { .. },
                } => Rc::clone(text),
                Variable::Choice {
                    text, field, bit, ..
                } => question::choice(*field, *bit, text),
                _ => continue,
            };
            let set = self.variable(variable);
            let same = *first.entry(key).or_insert(set);
            let differ = self.bdd.xor(set, same);
            all = self.bdd.minus(all, differ);
        }
        all
    }

    /// A set without regard to some fields.
    pub(crate) fn forget(&mut self, set: Set, fields: &[Field]) -> Set {
        let last = self.bdd.variables_of(set).last().copied().unwrap_or(0);
        let forgotten: Vec<bool> = (0..=last)
            .map(|variable| match self.meaning(variable) {
                Ok((field, _)) => fields.contains(&field),
                Err(Variable::Prefix { is_out, .. }) => fields.contains(if *is_out {
                    &Field::OutInterface
                } else {
                    &Field::InInterface
                }),
                Err(_) => false,
            })
            .collect();
        self.bdd
            .forget(set, &|variable| forgotten[variable as usize])
    }

    /// A packet of a set, a plain one if there is one.
    pub(crate) fn example(&mut self, set: Set) -> Option<Example> {
        let mut set = self.possible(set);
        for plain in plain() {
            let plain = self.initial(&plain);
            let both = self.bdd.and(set, plain);
            if !both.is_none() {
                set = both;
            }
        }
        let values = self.bdd.example(set)?;
        let mut packet = Packet::new(self.family);
        packet.set(Field::State, 0);
        packet.set(Field::SourceKind, 0);
        packet.set(Field::DestinationKind, 0);
        let mut others = HashMap::new();
        for (variable, value) in values {
            match self.meaning(variable) {
                Ok((field, bit)) => packet.set(field, packet.get(field) | u128::from(value) << bit),
                Err(meaning) => {
                    others.insert(meaning.clone(), value);
                }
            }
        }
        packet.in_interface = self.name(false, &packet, &others);
        packet.out_interface = self.name(true, &packet, &others);
        let mut assumed = Vec::new();
        let is_asked = |variable: &Variable| {
            matches!(variable, Variable::Answer { .. } | Variable::Choice { .. })
        };
        for (variable, value) in others.iter().filter(|(variable, _)| is_asked(variable)) {
            assumed.extend(Some((self.question(variable, &packet, &others)?, *value)));
        }
        assumed.sort_unstable();
        Some(Example { packet, assumed })
    }

    /// The name of the interface that a number and beginnings stand for.
    fn name(&self, is_out: bool, packet: &Packet, values: &HashMap<Variable, bool>) -> Vec<u8> {
        let field = if is_out {
            Field::OutInterface
        } else {
            Field::InInterface
        };
        let number = packet.get(field);
        let known = usize::try_from(number)
            .ok()
            .and_then(|number| number.checked_sub(1));
        let Some(nth) = known else {
            return Vec::new();
        };
        if let Some(name) = self.interfaces.names.get(nth) {
            return name.to_vec();
        }
        let begins = |name: &Rc<[u8]>| {
            let name = Rc::clone(name);
            values.get(&Variable::Prefix { is_out, name }).copied()
        };
        let prefixes = &self.interfaces.prefixes;
        let longest = prefixes
            .iter()
            .filter(|name| begins(name) == Some(true))
            .max_by_key(|name| name.len());
        let beginning = longest.map_or(&b"if"[..], |name| name);
        let is_free = |name: &[u8]| {
            let is_known = self.interfaces.names.iter().any(|other| **other == *name);
            let wrong =
                |prefix: &Rc<[u8]>| name.starts_with(prefix) && begins(prefix) == Some(false);
            !is_known && !prefixes.iter().any(wrong)
        };
        let candidates =
            (0..100_000u32).map(|nth| [beginning, nth.to_string().as_bytes()].concat());
        let letters = (b'a'..=b'z').map(|letter| [beginning, &[letter]].concat());
        let mut names = candidates.take(5000).chain(letters);
        names
            .find(|name| is_free(name))
            .unwrap_or_else(|| beginning.to_vec())
    }

    /// The question that a variable is the answer to, about one packet.
    fn question(
        &mut self,
        variable: &Variable,
        packet: &Packet,
        values: &HashMap<Variable, bool>,
    ) -> Option<Question> {
        let mut answer = |world: &mut Self, variable: &Variable| match values.get(variable) {
            Some(value) => *value,
            None => world.beginning(variable, packet).unwrap_or(false),
        };
        self.question_by(variable, packet, &mut answer)
    }

    /// Whether the name of a packet's interface begins as a variable says.
    fn beginning(&self, variable: &Variable, packet: &Packet) -> Option<bool> {
        match variable {
            Variable::Prefix { is_out: true, name } => Some(packet.out_interface.starts_with(name)),
            Variable::Prefix {
                is_out: false,
                name,
            } => Some(packet.in_interface.starts_with(name)),
            _ => None,
        }
    }

    /// The same with a function for the values of variables. A variable for something else
    /// than a question gives one that nobody asks.
    fn question_by(
        &mut self,
        variable: &Variable,
        packet: &Packet,
        answer: &mut Answers<'_>,
    ) -> Option<Question> {
        let question = |text: &Rc<str>| Question {
            text: Rc::clone(text),
            place: None,
            sees: Vec::new(),
            sets: Vec::new(),
        };
        Some(match variable {
            Variable::Prefix { name, .. } => question(&String::from_utf8_lossy(name).into()),
            Variable::Returns { chain, .. } => question(chain),
            Variable::Answer {
                text,
                asked: Asked::Memory { path, nth },
            } => Question {
                place: Some(self.place(*path, *nth)),
                ..question(text)
            },
            Variable::Answer {
                text,
                asked: Asked::Packet { sees, sets },
            } => {
                let mut question = question(text);
                for (field, version, _) in sees {
                    let value = self.value(*field, *version, packet, answer);
                    if value != packet.get(*field) {
                        question.sees.push((*field, value));
                    }
                }
                for (text, condition) in self.versions.set_changes(*sets) {
                    if self.contains_by(condition, packet, answer) {
                        question.sets.push(text);
                    }
                }
                question
            }
            Variable::Choice {
                field,
                bit,
                text,
                path,
                before,
            } => {
                let old = self.value(*field, *before, packet, answer);
                Question {
                    text: question::choice(*field, *bit, text),
                    place: Some(self.place(*path, 0)),
                    sees: vec![(*field, old)],
                    sets: Vec::new(),
                }
            }
        })
    }

    fn place(&self, path: Path, nth: u32) -> Place {
        Place {
            path: self.paths.steps(path),
            nth,
        }
    }

    /// The value that a version of a field has for a packet.
    pub(crate) fn value(
        &mut self,
        field: Field,
        version: Version,
        packet: &Packet,
        answer: &mut Answers<'_>,
    ) -> u128 {
        let bits = self.bits(field, version);
        let mut value = 0;
        for (nth, bit) in bits.iter().enumerate() {
            value |= u128::from(self.contains_by(*bit, packet, answer)) << nth;
        }
        value
    }

    fn contains_by(&mut self, mut set: Set, packet: &Packet, answer: &mut Answers<'_>) -> bool {
        while let Some((variable, low, high)) = self.bdd.top(set) {
            let value = match self.meaning(variable) {
                Ok((field, bit)) => self.field_value(field, packet) >> bit & 1 == 1,
                Err(meaning) => {
                    let meaning = meaning.clone();
                    answer(self, &meaning)
                }
            };
            set = if value { high } else { low };
        }
        set == Set::ALL
    }

    /// The value of a field; of an interface the number of its name.
    fn field_value(&self, field: Field, packet: &Packet) -> u128 {
        let name = match field {
            Field::InInterface => &packet.in_interface,
            Field::OutInterface => &packet.out_interface,
            _ => return packet.get(field),
        };
        if name.is_empty() {
            return 0;
        }
        let nth = self
            .interfaces
            .names
            .iter()
            .position(|other| **other == **name);
        nth.map_or(field.greatest(self.family), |nth| nth as u128 + 1)
    }

    /// Whether a packet is in a set, where an oracle answers what is unknown.
    pub(crate) fn contains(&mut self, set: Set, packet: &Packet, oracle: &mut dyn Oracle) -> bool {
        self.contains_by(set, packet, &mut |world, variable| {
            world.asked(variable, packet, oracle)
        })
    }

    /// The value of a version where an oracle answers what is unknown.
    pub(crate) fn value_of(
        &mut self,
        field: Field,
        version: Version,
        packet: &Packet,
        oracle: &mut dyn Oracle,
    ) -> u128 {
        self.value(field, version, packet, &mut |world, variable| {
            world.asked(variable, packet, oracle)
        })
    }

    fn asked(&mut self, variable: &Variable, packet: &Packet, oracle: &mut dyn Oracle) -> bool {
        if let Some(begins) = self.beginning(variable, packet) {
            return begins;
        }
        let question = self.question_by(variable, packet, &mut |world, variable| {
            world.asked(variable, packet, oracle)
        });
        question.is_some_and(|question| oracle.answer(&question))
    }
}

/// Gives variables their values.
type Answers<'a> = dyn FnMut(&mut World, &Variable) -> bool + 'a;

/// What examples are like, where they can be.
fn plain() -> impl Iterator<Item = Condition> {
    let values = [
        (Field::State, state::NEW),
        (Field::Fragment, 0),
        (Field::Protocol, 6),
        (Field::SourceKind, kind::UNICAST),
        (Field::DestinationKind, kind::UNICAST),
        (Field::DestinationPort, 80),
        (Field::SourcePort, 40000),
        (Field::TcpFlags, 2),
        (Field::Ttl, 64),
        (Field::Length, 60),
        (Field::OutInterface, 1),
        (Field::InInterface, 2),
    ];
    let addresses = [
        (Field::Source, "192.0.2.1"),
        (Field::Destination, "198.51.100.1"),
    ];
    let values = values
        .into_iter()
        .map(|(field, value)| Condition::is(field, value));
    let of_v4 = addresses.into_iter().filter_map(|(field, address)| {
        let address: std::net::IpAddr = address.parse().ok()?;
        Some(Condition::is(field, number(address)))
    });
    let ordinary = [Field::Source, Field::Destination].map(|field| Condition::Range {
        field,
        first: 1 << 24,
        last: 223 << 24,
    });
    values.chain(of_v4).chain(ordinary)
}
