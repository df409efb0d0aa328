//! Sets of packets in words.

use std::rc::Rc;

use ipnetwork::IpNetwork;
use iptables_save::Family;

use crate::{
    bdd::Set,
    example::{Example, Undecided},
    field::{Field, address, state_name},
    world::{Asked, Variable, World},
};

/// How many alternatives a description has at most.
const MOST_ALTERNATIVES: usize = 3;
/// How many values of a field are listed at most.
const MOST_VALUES: usize = 16;

/// A set of packets in words: one of the alternatives holds for each.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// For each alternative what packets of it have in common, such as `source
    /// 10.0.0.0/8`. Nothing where it is every packet.
    pub alternatives: Vec<Vec<String>>,
    /// Whether every packet of an alternative is in the set. Otherwise only some are, such
    /// as the example.
    pub is_exact: bool,
    /// A packet of the set.
    pub example: Option<Example>,
}

/// Variables that are described together.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Group {
    Field(Field),
    /// The name of the interface in a field.
    Interface(Field),
    /// One variable for something else.
    Other(u32),
}

impl World {
    /// Describes a set in words.
    pub(crate) fn describe(&mut self, set: Set) -> Result<Description, Undecided> {
        let set = self.possible(set);
        let mut alternatives = Vec::new();
        let mut is_exact = true;
        let mut rest = set;
        while !rest.is_none() {
            if self.is_product(rest) {
                alternatives.push(self.words(rest));
                break;
            }
            if alternatives.len() + 1 >= MOST_ALTERNATIVES {
                alternatives.push(self.words(rest));
                is_exact = false;
                break;
            }
            if let Some(part) = self.part(rest) {
                alternatives.push(self.words(part));
                rest = self.bdd.minus(rest, part);
            } else {
                alternatives.push(self.words(rest));
                is_exact = false;
                break;
            }
        }
        let example = self.example(set);
        self.decided(Description {
            alternatives,
            is_exact,
            example,
        })
    }

    /// A part of a set that is a product: those packets that have one of the values which
    /// some field has in the set.
    fn part(&mut self, set: Set) -> Option<Set> {
        let groups = self.groups(set);
        for group in groups {
            let projection = self.project(set, &group);
            // The values with which every packet is in the set, and the others.
            let outside = self.possible(!set);
            let all_within = !self.project(outside, &group);
            let mut candidates = vec![all_within, !all_within];
            candidates.extend(self.cubes(projection).into_iter().flatten());
            for candidate in candidates {
                let part = self.bdd.and(set, candidate);
                if part != set && !part.is_none() && self.is_product(part) {
                    return Some(part);
                }
            }
        }
        None
    }

    /// Whether the set holds every packet that has, field by field, a value that one of its
    /// packets has.
    fn is_product(&mut self, set: Set) -> bool {
        let groups = self.groups(set);
        let mut product = self.domain();
        for group in groups {
            let projection = self.project(set, &group);
            product = self.bdd.and(product, projection);
        }
        product == set
    }

    /// The groups that a set depends on, in order.
    fn groups(&self, set: Set) -> Vec<Group> {
        let mut groups = Vec::new();
        for variable in self.bdd.variables_of(set) {
            let group = self.group(variable);
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        groups
    }

    fn group(&self, variable: u32) -> Group {
        match self.meaning(variable) {
            Ok((field @ (Field::InInterface | Field::OutInterface), _)) => Group::Interface(field),
            Ok((field, _)) => Group::Field(field),
            Err(Variable::Prefix { is_out: true, .. }) => Group::Interface(Field::OutInterface),
            Err(Variable::Prefix { is_out: false, .. }) => Group::Interface(Field::InInterface),
            Err(_) => Group::Other(variable),
        }
    }

    /// The values that a group has in a set.
    fn project(&mut self, set: Set, group: &Group) -> Set {
        let last = self.bdd.variables_of(set).last().copied().unwrap_or(0);
        let others: Vec<bool> = (0..=last)
            .map(|other| self.group(other) != *group)
            .collect();
        self.bdd.forget(set, &|variable| others[variable as usize])
    }

    /// The paths to packets of a set, each as a set; `None` when there are many.
    fn cubes(&mut self, set: Set) -> Option<Vec<Set>> {
        let paths = self.paths_of(set)?;
        let cubes = paths.into_iter().map(|path| {
            path.into_iter()
                .rev()
                .fold(Set::ALL, |cube, (variable, value)| {
                    let literal = self.bdd.variable(variable);
                    let literal = if value { literal } else { !literal };
                    self.bdd.and(literal, cube)
                })
        });
        Some(cubes.collect())
    }

    fn paths_of(&self, set: Set) -> Option<Vec<Vec<(u32, bool)>>> {
        let mut open = vec![(set, Vec::new())];
        let mut paths = Vec::new();
        while let Some((set, path)) = open.pop() {
            match self.bdd.top(set) {
                None if set == Set::ALL => paths.push(path),
                None => {}
                Some((variable, low, high)) => {
                    for (value, next) in [(true, high), (false, low)] {
                        let mut path = path.clone();
                        path.push((variable, value));
                        open.push((next, path));
                    }
                }
            }
            if paths.len() > MOST_VALUES || open.len() > 4096 {
                return None;
            }
        }
        Some(paths)
    }

    /// What the packets of a set have in common, field by field, without what the rest
    /// implies.
    fn words(&mut self, set: Set) -> Vec<String> {
        let mut groups = self.groups(set);
        groups.sort_by_key(|group| *group != Group::Interface(Field::InInterface));
        let mut parts: Vec<(Group, Set)> = Vec::new();
        for group in groups {
            let projection = self.project(set, &group);
            parts.push((group, projection));
        }
        for nth in (0..parts.len()).rev() {
            let mut others = self.domain();
            for (_, projection) in parts
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != nth)
                .map(|(_, part)| part)
            {
                others = self.bdd.and(others, *projection);
            }
            if self.bdd.minus(others, parts[nth].1).is_none() {
                parts.remove(nth);
            }
        }
        let words = parts.into_iter().map(|(group, projection)| match group {
            Group::Interface(field) => self.interface_words(field, projection),
            Group::Field(field) => self.field_words(field, projection),
            Group::Other(variable) => self.other_words(variable, projection),
        });
        words.collect()
    }

    fn interface_words(&mut self, field: Field, projection: Set) -> String {
        let is_out = field == Field::OutInterface;
        let word = if is_out { "out by" } else { "in by" };
        let names = self.interfaces.names.clone();
        let (mut within, mut outside) = (Vec::new(), Vec::new());
        for name in &names {
            let condition = crate::condition::Condition::interface(is_out, name);
            let is_it = self.initial(&condition);
            let both = self.bdd.and(projection, is_it);
            let both = self.possible(both);
            let list = if both.is_none() {
                &mut outside
            } else {
                &mut within
            };
            list.push(String::from_utf8_lossy(name).into_owned());
        }
        let mut others = projection;
        for nth in 0..=names.len() {
            let condition = crate::condition::Condition::is(field, nth as u128);
            let is_it = self.initial(&condition);
            others = self.bdd.minus(others, is_it);
        }
        let others = self.possible(others);
        match others.is_none() {
            true if within.is_empty() => format!("{word} no interface"),
            true => format!("{word} {}", within.join(", ")),
            false if outside.is_empty() => format!("{word} some interfaces"),
            false => format!("{word} anything but {}", outside.join(", ")),
        }
    }

    fn field_words(&self, field: Field, projection: Set) -> String {
        let name = field.name();
        if field.width(self.family) == 1 {
            let is_set = self
                .bdd
                .top(projection)
                .is_some_and(|(_, _, high)| high == Set::ALL);
            return if is_set {
                name.to_owned()
            } else {
                format!("not {name}")
            };
        }
        let [within, outside] = [projection, !projection].map(|set| self.values(field, set));
        match (within, outside) {
            (Some(within), Some(outside)) if outside.len() < within.len() => {
                format!("{name} not {}", outside.join(", "))
            }
            (Some(within), _) => format!("{name} {}", within.join(", ")),
            (None, Some(outside)) => format!("{name} not {}", outside.join(", ")),
            (None, None) => format!("{name} some of many"),
        }
    }

    /// The values of a field, as few words as it takes.
    fn values(&self, field: Field, set: Set) -> Option<Vec<String>> {
        let greatest = field.greatest(self.family);
        let cubes = self.paths_of(set)?.into_iter().map(|path| {
            path.into_iter().fold(
                (0, 0),
                |(mask, value): (u128, u128), (variable, bit)| match self.meaning(variable) {
                    Ok((_, nth)) => (mask | 1 << nth, value | u128::from(bit) << nth),
                    Err(_) => (mask, value),
                },
            )
        });
        let mut ranges: Vec<(u128, u128)> = Vec::new();
        let mut words = Vec::new();
        for (mask, value) in cubes {
            let rest = !mask & greatest;
            let is_prefix = rest & rest.wrapping_add(1) == 0;
            match ranges.last_mut() {
                _ if field.is_address() || !is_prefix => {
                    words.push(masked(field, mask, value, self.family));
                }
                Some((_, last)) if last.checked_add(1) == Some(value) => *last = value | rest,
                _ => ranges.push((value, value | rest)),
            }
        }
        words.extend(
            ranges
                .into_iter()
                .map(|(first, last)| range(field, first, last)),
        );
        Some(words)
    }

    fn other_words(&self, variable: u32, projection: Set) -> String {
        let answer = self
            .bdd
            .top(projection)
            .is_some_and(|(_, _, high)| high == Set::ALL);
        let not = if answer { "" } else { "not " };
        match self.meaning(variable) {
            Err(Variable::Answer { text, asked }) => match asked {
                Asked::Memory { .. } => format!("{not}`{text}` at that moment"),
                Asked::Packet { .. } => format!("{not}`{text}`"),
            },
            Err(Variable::Choice { field, text, .. }) => {
                format!("by the {} that {} chooses", field.name(), Rc::clone(text))
            }
            _ => format!("{not}something else"),
        }
    }
}

/// A value of which some bits count.
fn masked(field: Field, mask: u128, value: u128, family: Family) -> String {
    let ones = mask.count_ones();
    let width = field.width(family);
    let is_prefix =
        mask == field.greatest(family) & !(field.greatest(family).checked_shr(ones).unwrap_or(0));
    match (field.is_address(), is_prefix) {
        (true, true) if ones == width => address(value, family).to_string(),
        (true, true) => match IpNetwork::new(address(value, family), ones as u8) {
            Ok(network) => network.to_string(),
            Err(_) => address(value, family).to_string(),
        },
        (true, false) => format!("{}/{}", address(value, family), address(mask, family)),
        _ => format!("{value:#x}/{mask:#x}"),
    }
}

fn range(field: Field, first: u128, last: u128) -> String {
    let one = |value: u128| match field {
        Field::State => state_name(value).to_owned(),
        Field::Mark | Field::Connmark | Field::Tos | Field::TcpFlags => format!("{value:#x}"),
        _ => value.to_string(),
    };
    match field {
        _ if first == last => one(first),
        Field::State => (first..=last.min(4))
            .map(one)
            .collect::<Vec<_>>()
            .join(", "),
        _ => format!("{}–{}", one(first), one(last)),
    }
}
