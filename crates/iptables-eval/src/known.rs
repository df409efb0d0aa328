//! What all packets of a set have in common, so that most rules are decided by comparing
//! numbers.

use iptables_save::Family;

use crate::{
    bdd::Set,
    condition::{Condition, InterfaceTest},
    field::Field,
    program::Update,
    version::{State, Version},
    walk::{always, apply},
    world::World,
};

/// Bits of fields and names of interfaces that every packet of a set has.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// For each field a mask of the bits that are known, and their values.
    bits: [(u128, u128); Field::COUNT],
    /// The versions of fields that are known.
    versions: [Version; Field::COUNT],
    family: Family,
    in_interface: Option<Vec<u8>>,
    out_interface: Option<Vec<u8>>,
}

impl Known {
    /// Nothing.
    pub(crate) fn nothing(family: Family) -> Self {
        Self {
            bits: [(0, 0); Field::COUNT],
            versions: [Version::default(); Field::COUNT],
            family,
            in_interface: None,
            out_interface: None,
        }
    }

    /// What the packets of a condition have in common, as far as the conditions say it that
    /// all must hold.
    pub(crate) fn of(condition: &Condition, family: Family) -> Self {
        let mut known = Self::nothing(family);
        known.add(condition);
        known
    }

    fn add(&mut self, condition: &Condition) {
        match condition {
            Condition::Masked { field, mask, value } => self.add_bits(*field, *mask, *value),
            Condition::Range { field, first, last } if first == last => {
                self.add_bits(*field, field.greatest(self.family), *first);
            }
            Condition::Interface(test) if !test.is_prefix => {
                let name = if test.is_out {
                    &mut self.out_interface
                } else {
                    &mut self.in_interface
                };
                *name = Some(test.name.clone());
            }
            Condition::All(all) => all.iter().for_each(|one| self.add(one)),
            _ => {}
        }
    }

    const fn add_bits(&mut self, field: Field, mask: u128, value: u128) {
        let (known, bits) = self.bits[field.index()];
        self.bits[field.index()] = (known | mask, bits & !mask | value & mask);
    }

    /// Whether a condition holds for all packets where rules have left their fields so, or
    /// for none; `None` when that is not known.
    pub(crate) fn decides(&self, condition: &Condition, state: &State) -> Option<bool> {
        match condition {
            Condition::Always => Some(true),
            Condition::Masked { field, mask, value } => {
                let (known, bits) = self.bits_of(*field, state)?;
                match (bits ^ value) & mask & known {
                    0 if mask & !known == 0 && value & !mask == 0 => Some(true),
                    0 => None,
                    _ => Some(false),
                }
            }
            Condition::Range { field, first, last } => {
                let (known, bits) = self.bits_of(*field, state)?;
                let (least, most) = (bits & known, bits | field.greatest(self.family) & !known);
                if most < *first || least > *last {
                    Some(false)
                } else {
                    (*first <= least && most <= *last).then_some(true)
                }
            }
            Condition::Interface(test) => self.decides_interface(test, state),
            Condition::Unknown(_) => None,
            Condition::Not(condition) => self.decides(condition, state).map(|holds| !holds),
            Condition::All(all) => self.decides_each(all, state, false),
            Condition::Any(any) => self.decides_each(any, state, true),
        }
    }

    /// Whether one of the conditions has an answer, which then is that of all together;
    /// otherwise they may all have the other one.
    fn decides_each(&self, each: &[Condition], state: &State, answer: bool) -> Option<bool> {
        let mut together = Some(!answer);
        for condition in each {
            match self.decides(condition, state) {
                Some(decided) if decided == answer => return Some(answer),
                Some(_) => {}
                None => together = None,
            }
        }
        together
    }

    /// Puts the fields that are known as a whole into a state, as constants, and takes them
    /// out of the packets that a walk begins with: what is done to them then takes smaller
    /// diagrams. What comes of the walk is about the packets only together with the set as
    /// it was.
    pub(crate) fn assume(&mut self, world: &mut World, state: &mut State, packets: Set) -> Set {
        let path = world.paths.base("");
        let mut fields = Vec::new();
        for field in Field::ALL.iter().copied() {
            let (known, value) = self.bits[field.index()];
            let is_interface = matches!(field, Field::InInterface | Field::OutInterface);
            if known != field.greatest(self.family) || is_interface {
                continue;
            }
            let constant = always(field, Update::set(value));
            apply(world, state, &constant, Set::ALL, path);
            self.versions[field.index()] = state.version(field);
            fields.push(field);
        }
        if self.in_interface.is_some() {
            fields.push(Field::InInterface);
        }
        if self.out_interface.is_some() {
            fields.push(Field::OutInterface);
        }
        world.forget(packets, &fields)
    }

    /// The known bits of a field that no rule has changed.
    fn bits_of(&self, field: Field, state: &State) -> Option<(u128, u128)> {
        let known = self.bits[field.index()];
        (state.version(field) == self.versions[field.index()] && known.0 != 0).then_some(known)
    }

    fn decides_interface(&self, test: &InterfaceTest, state: &State) -> Option<bool> {
        let (is_there, name) = if test.is_out {
            (state.has_out_interface, &self.out_interface)
        } else {
            (state.has_in_interface, &self.in_interface)
        };
        match name {
            _ if !is_there => Some(test.is_passed_by(b"")),
            Some(name) => Some(test.is_passed_by(name)),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hook::Hook;

    #[test]
    fn networks_and_values_decide() {
        let network = |field, text: &str| Condition::network(field, text.parse().unwrap());
        let known = Known::of(
            &Condition::all([
                network(Field::Source, "10.1.0.0/16"),
                Condition::is(Field::Protocol, 6),
                Condition::interface(true, b"eth0"),
            ]),
            Family::V4,
        );
        let state = State::new(true, Hook::Forward);
        let decides = |condition: &Condition| known.decides(condition, &state);
        assert_eq!(decides(&network(Field::Source, "10.0.0.0/8")), Some(true));
        assert_eq!(decides(&network(Field::Source, "10.2.0.0/16")), Some(false));
        assert_eq!(decides(&network(Field::Source, "10.1.2.0/24")), None);
        assert_eq!(decides(&network(Field::Destination, "10.1.2.0/24")), None);
        assert_eq!(decides(&Condition::is(Field::Protocol, 17)), Some(false));
        assert_eq!(decides(&Condition::interface(true, b"eth+")), Some(true));
        assert_eq!(decides(&Condition::interface(false, b"eth+")), None);
        let range = |first, last| Condition::Range {
            field: Field::Source,
            first,
            last,
        };
        assert_eq!(decides(&range(0x0a01_0000, 0x0a01_ffff)), Some(true));
        assert_eq!(decides(&range(0x0a01_8000, 0x0a02_0000)), None);
        assert_eq!(decides(&range(0, 0x0a00_ffff)), Some(false));
        let both = [
            network(Field::Source, "10.1.2.0/24"),
            Condition::is(Field::Protocol, 17),
        ];
        assert_eq!(decides(&Condition::all(both.clone())), Some(false));
        assert_eq!(decides(&Condition::any(both)), None);
    }
}
