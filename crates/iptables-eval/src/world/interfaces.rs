//! Names of interfaces as numbers, and their beginnings as variables.
//!
//! So a new name does not change what sets mean that were made before.

use std::rc::Rc;

use super::{Variable, World};
use crate::{
    bdd::Set,
    condition::{Condition, InterfaceTest},
    field::Field,
    version::State,
};

impl World {
    pub(super) fn interface(&mut self, test: &InterfaceTest, state: &State) -> Set {
        let (field, is_there) = if test.is_out {
            (Field::OutInterface, state.has_out_interface)
        } else {
            (Field::InInterface, state.has_in_interface)
        };
        if !is_there || test.is_prefix && test.name.is_empty() {
            return if test.is_passed_by(b"") {
                Set::ALL
            } else {
                Set::NONE
            };
        }
        if !test.is_prefix {
            let number = self.interface_number(&test.name);
            let bits = self.bits(field, state.version(field));
            return self.masked(&bits, u128::MAX >> (128 - bits.len()), number);
        }
        let name: Rc<[u8]> = test.name.as_slice().into();
        if !self.interfaces.prefixes.contains(&name) {
            self.interfaces.prefixes.push(Rc::clone(&name));
        }
        let is_out = test.is_out;
        self.variable(Variable::Prefix { is_out, name })
    }

    /// The number of an interface's name, a new one for a new name.
    pub(crate) fn interface_number(&mut self, name: &[u8]) -> u128 {
        if name.is_empty() {
            return 0;
        }
        let names = &mut self.interfaces.names;
        let nth = names
            .iter()
            .position(|other| **other == *name)
            .unwrap_or_else(|| {
                names.push(name.into());
                names.len() - 1
            });
        let number = nth as u128 + 1;
        // The greatest number is left for other names.
        if number >= Field::OutInterface.greatest(self.family) {
            self.bdd.exhaust();
        }
        number
    }

    /// What holds for every packet that there can be: names of interfaces begin as they do.
    pub(crate) fn domain(&mut self) -> Set {
        let sizes = (self.interfaces.names.len(), self.interfaces.prefixes.len());
        if sizes == self.interfaces.known || sizes.1 == 0 {
            return self.domain;
        }
        self.interfaces.known = sizes;
        for is_out in [false, true] {
            let rules = self.beginnings(is_out);
            self.domain = self.bdd.and(self.domain, rules);
        }
        self.domain
    }

    /// Which beginnings the names of interfaces have.
    fn beginnings(&mut self, is_out: bool) -> Set {
        let prefixes = self.interfaces.prefixes.clone();
        let variables: Vec<Set> = prefixes
            .iter()
            .map(|name| {
                self.variable(Variable::Prefix {
                    is_out,
                    name: Rc::clone(name),
                })
            })
            .collect();
        let mut all = Set::ALL;
        // Of two beginnings of one name, one is a beginning of the other.
        for (a, one) in prefixes.iter().enumerate() {
            for (b, other) in prefixes.iter().enumerate() {
                let excluded = match (one.starts_with(other), other.starts_with(one)) {
                    (true, _) if a != b => self.bdd.minus(variables[a], variables[b]),
                    (false, false) => self.bdd.and(variables[a], variables[b]),
                    _ => continue,
                };
                all = self.bdd.minus(all, excluded);
            }
        }
        let names = self.interfaces.names.clone();
        let known = names.iter().map(|name| &**name);
        for (number, name) in std::iter::once(&b""[..]).chain(known).enumerate() {
            let begins = prefixes.iter().map(|prefix| name.starts_with(prefix));
            let pairs: Vec<(bool, Set)> = begins.zip(variables.iter().copied()).collect();
            let fits = pairs
                .into_iter()
                .fold(Set::ALL, |fits, (begins, variable)| {
                    let literal = if begins { variable } else { !variable };
                    self.bdd.and(literal, fits)
                });
            let field = if is_out {
                Field::OutInterface
            } else {
                Field::InInterface
            };
            let is_it = self.initial(&Condition::is(field, number as u128));
            let wrong = self.bdd.minus(is_it, fits);
            all = self.bdd.minus(all, wrong);
        }
        all
    }
}
