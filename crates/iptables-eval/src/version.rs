//! What fields become on a packet's way: functions of the packet as it came.

use std::{collections::HashMap, rc::Rc};

use crate::{
    bdd::{Bdd, Set},
    field::Field,
    hook::Hook,
    program::Update,
};

/// A field as rules have left it; version 0 is the field as it came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Version(u32);

/// A change of a field, one of a list of changes that begins with the field as it came.
///
/// A list is not evaluated unless a rule looks at the field: comparing lists costs less.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Changed {
    pub(crate) field: Field,
    pub(crate) before: Version,
    /// The packets that the change is for.
    pub(crate) condition: Set,
    pub(crate) update: Update,
    /// The field that bits are copied from, as it was.
    pub(crate) source: Version,
    /// Where it happens, for what is chosen there.
    pub(crate) path: Path,
}

/// The way to a chain: where it was jumped from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Path(pub(crate) u32);

/// Every field as rules have left it, the same list for all packets: what happened to one
/// packet alone is in the conditions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    versions: [Version; Field::COUNT],
    /// What `SET` targets have done.
    pub(crate) sets: Sets,
    /// Whether the packet has an incoming interface here.
    pub(crate) has_in_interface: bool,
    /// Whether it has an outgoing one.
    pub(crate) has_out_interface: bool,
}

/// What `SET` targets have done: a number for a list of them, 0 for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Sets(u32);

impl State {
    /// Every field as it came.
    pub(crate) fn new(has_in_interface: bool, hook: Hook) -> Self {
        Self {
            versions: [Version::default(); Field::COUNT],
            sets: Sets::default(),
            has_in_interface: has_in_interface && hook.has_in_interface(),
            has_out_interface: hook.has_out_interface(),
        }
    }

    pub(crate) const fn version(&self, field: Field) -> Version {
        self.versions[field.index()]
    }

    pub(crate) const fn set(&mut self, field: Field, version: Version) {
        self.versions[field.index()] = version;
    }
}

/// All changes, each kept once, so that equal lists have equal numbers.
#[derive(Debug, Default)]
pub(crate) struct Versions {
    /// Version 1 is the first of these.
    changes: Vec<Changed>,
    numbers: HashMap<Changed, Version>,
    sets: Vec<(Sets, Rc<str>, Set)>,
    set_numbers: HashMap<(Sets, Rc<str>, Set), Sets>,
    /// The bits of versions that were looked at.
    bits: HashMap<(Field, Version), Rc<[Set]>>,
    /// Numbers for lists of bits, 0 for those that came.
    fingerprints: HashMap<Rc<[Set]>, u32>,
}

impl Versions {
    /// The version that a change makes.
    pub(crate) fn change(&mut self, change: Changed) -> Version {
        let next = u32::try_from(self.changes.len() + 1).expect("bounded by the steps");
        *self.numbers.entry(change).or_insert_with_key(|change| {
            self.changes.push(change.clone());
            Version(next)
        })
    }

    /// The change that made a version; `None` for the field as it came.
    pub(crate) fn changed(&self, version: Version) -> Option<&Changed> {
        let nth = version.0.checked_sub(1)?;
        Some(&self.changes[nth as usize])
    }

    pub(crate) fn known_bits(&self, field: Field, version: Version) -> Option<Rc<[Set]>> {
        self.bits.get(&(field, version)).map(Rc::clone)
    }

    pub(crate) fn keep_bits(&mut self, field: Field, version: Version, bits: &Rc<[Set]>) {
        self.bits.insert((field, version), Rc::clone(bits));
    }

    /// A number for a list of bits, the same for the same list.
    pub(crate) fn fingerprint(&mut self, bits: &Rc<[Set]>) -> u32 {
        let next = u32::try_from(self.fingerprints.len() + 1).expect("bounded by the steps");
        *self.fingerprints.entry(Rc::clone(bits)).or_insert(next)
    }

    /// A `SET` target changes what sets hold.
    pub(crate) fn change_sets(&mut self, before: Sets, text: &Rc<str>, condition: Set) -> Sets {
        let change = (before, Rc::clone(text), condition);
        let next = u32::try_from(self.sets.len() + 1).expect("bounded by the steps");
        *self.set_numbers.entry(change).or_insert_with_key(|change| {
            self.sets.push(change.clone());
            Sets(next)
        })
    }

    /// The `SET` targets that led to a version of sets, with their packets, the first first.
    pub(crate) fn set_changes(&self, mut sets: Sets) -> Vec<(Rc<str>, Set)> {
        let mut changes = Vec::new();
        while let Some(nth) = sets.0.checked_sub(1) {
            let (before, text, condition) = &self.sets[nth as usize];
            changes.push((Rc::clone(text), *condition));
            sets = *before;
        }
        changes.reverse();
        changes
    }
}

/// The bits of a field after an update, the lowest first.
pub(crate) fn update_bits(bdd: &mut Bdd, update: &Update, old: &[Set], source: &[Set]) -> Vec<Set> {
    match update {
        Update::Rewrite {
            keep,
            flip,
            copied,
            shift,
        } => {
            let mut new: Vec<Set> = (0..old.len())
                .map(|nth| {
                    let kept = if keep >> nth & 1 == 1 {
                        old[nth]
                    } else {
                        Set::NONE
                    };
                    if flip >> nth & 1 == 1 { !kept } else { kept }
                })
                .collect();
            if let Some(copied) = copied {
                let masked: Vec<Set> = (0..source.len())
                    .map(|nth| {
                        if copied.mask >> nth & 1 == 1 {
                            source[nth]
                        } else {
                            Set::NONE
                        }
                    })
                    .collect();
                for (nth, bit) in shifted(&masked, copied.shift).into_iter().enumerate() {
                    new[nth] = bdd.xor(new[nth], bit);
                }
            }
            shifted(&new, *shift)
        }
        Update::Add(number) => add(bdd, old, *number),
        Update::Choose { .. } => old.to_vec(),
    }
}

fn shifted(bits: &[Set], left: i32) -> Vec<Set> {
    let at = |nth: usize| {
        let from = i64::try_from(nth).ok()? - i64::from(left);
        bits.get(usize::try_from(from).ok()?).copied()
    };
    (0..bits.len())
        .map(|nth| at(nth).unwrap_or(Set::NONE))
        .collect()
}

/// Adds a number, and stops at 0 and at the greatest number there is.
fn add(bdd: &mut Bdd, old: &[Set], number: i32) -> Vec<Set> {
    let magnitude = number.unsigned_abs();
    let mut carry = Set::NONE;
    let mut sum = Vec::with_capacity(old.len());
    for (nth, bit) in old.iter().copied().enumerate() {
        let other = if nth < 32 && magnitude >> nth & 1 == 1 {
            Set::ALL
        } else {
            Set::NONE
        };
        let half = bdd.xor(bit, other);
        sum.push(bdd.xor(half, carry));
        // Of a difference the borrow goes on where the bit is less.
        let bit = if number < 0 { !bit } else { bit };
        let both = bdd.and(bit, other);
        let either = bdd.or(bit, other);
        let carried = bdd.and(either, carry);
        carry = bdd.or(both, carried);
    }
    let limit = if number < 0 { Set::NONE } else { Set::ALL };
    sum.into_iter()
        .map(|bit| bdd.choose(carry, limit, bit))
        .collect()
}

/// What an update makes of a value, given the value that bits are copied from.
pub(crate) fn update_value(update: &Update, old: u128, source: u128, greatest: u128) -> u128 {
    let shift = |value: u128, left: i32| match left {
        0.. => value.checked_shl(left.unsigned_abs()).unwrap_or(0) & greatest,
        _ => value.checked_shr(left.unsigned_abs()).unwrap_or(0),
    };
    match update {
        Update::Rewrite {
            keep,
            flip,
            copied,
            shift: by,
        } => {
            let copied = copied
                .as_ref()
                .map_or(0, |copied| shift(source & copied.mask, copied.shift));
            shift((old & keep) ^ (flip & greatest) ^ copied, *by)
        }
        Update::Add(number) => {
            let magnitude = u128::from(number.unsigned_abs());
            match number {
                0.. => (old + magnitude).min(greatest),
                _ => old.saturating_sub(magnitude),
            }
        }
        Update::Choose { .. } => old,
    }
}
