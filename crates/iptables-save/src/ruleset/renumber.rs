//! Rules' numbers in commands, after the text is edited.
//!
//! An edit that makes two rules of one, or none, moves the rules after it, and
//! `-I CHAIN 5` means another place than before. So do `-D RULE` and `-C RULE` when the
//! rule they name is written otherwise. The text is executed once more unchanged, each
//! rule having the width that it will have.

use std::collections::{HashMap, HashSet};

use super::{
    Ruleset, Table,
    chain::Slot,
    execute::{Executed, Scope},
    sequence::Sequence,
};
use crate::LineId;

/// What becomes of the rules that a line makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reshaped {
    /// How many rules stand in the place of each.
    pub width: u32,
    /// Whether they stand all together in the place of all, so that no other rule may come
    /// between them.
    pub is_block: bool,
}

/// What has to become of commands that name rules by number or by their words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renumbering {
    /// The numbers of `-I`, `-R`, `-D` and `-Z` that change.
    pub numbers: HashMap<LineId, u32>,
    /// Commands that need other words.
    pub commands: HashMap<LineId, Vec<Replacement>>,
    /// Commands whose place is inside of rules that are edited as one.
    pub conflicts: Vec<LineId>,
}

/// What a command becomes that named a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// `-D CHAIN NUMBER`.
    Delete(u32),
    /// Nothing: the rule is gone, or was checked before it was edited.
    Nothing,
}

impl Ruleset<'_> {
    /// Computes what the commands of a table have to say once some lines are edited.
    ///
    /// `texts` are the rules that those lines make now and will make, as iptables-save prints
    /// them: `-D` and `-C` that name one of them may mean another rule then.
    #[must_use]
    pub fn renumber(
        &self,
        table: Table<'_>,
        lines: HashMap<LineId, Reshaped>,
        texts: HashSet<Vec<u8>>,
    ) -> Renumbering {
        if table.only_appends() {
            return Renumbering::default();
        }
        let mut executed = Executed::new(table.name(), self.family);
        executed.shape = Some(Box::new(Shape {
            lines,
            texts,
            renumbering: Renumbering::default(),
        }));
        executed.run(table.section(), &mut Scope::new(self.document, self.family));
        executed
            .shape
            .map(|shape| shape.renumbering)
            .unwrap_or_default()
    }
}

/// What a command does to the rule that it names by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Removed,
    Replaced,
    /// Its counters are set to zero.
    Zeroed,
}

/// The edits that a text is executed for.
#[derive(Debug)]
pub(super) struct Shape {
    lines: HashMap<LineId, Reshaped>,
    texts: HashSet<Vec<u8>>,
    renumbering: Renumbering,
}

impl Shape {
    /// How many rules stand in the place of one.
    pub(super) fn width(&self, slot: &Slot) -> u32 {
        match self.lines.get(&slot.line) {
            None => 1,
            Some(shaped) if shaped.is_block && slot.copy > 0 => 0,
            Some(shaped) => shaped.width,
        }
    }

    /// Notes that a command names the rule at a place by its number.
    pub(super) fn renumber(
        &mut self,
        rules: &Sequence<Slot>,
        at: usize,
        line: LineId,
        named: Named,
    ) {
        match (rules.get(at), named) {
            (Some(slot), _) if self.is_block(slot) => self.renumbering.conflicts.push(line),
            (None | Some(Slot { width: 1, .. }), _) => self.note(rules, at, line),
            // Of several rules that come from one, the first.
            (Some(Slot { width: 2.., .. }), Named::Zeroed) => self.note(rules, at, line),
            (Some(Slot { width: 0, .. }), Named::Zeroed | Named::Removed) => {
                self.replace(line, Replacement::Nothing);
            }
            (Some(_), _) => self.renumbering.conflicts.push(line),
        }
    }

    fn is_block(&self, slot: &Slot) -> bool {
        let shaped = self.lines.get(&slot.line);
        shaped.is_some_and(|shaped| shaped.is_block)
    }

    /// Notes that `-I` names a place by its number.
    pub(super) fn renumber_insertion(&mut self, rules: &Sequence<Slot>, at: usize, line: LineId) {
        let before = at.checked_sub(1).and_then(|before| rules.get(before));
        let is_inside = rules
            .get(at)
            .zip(before)
            .is_some_and(|(next, before)| self.is_block(next) && next.line == before.line);
        if is_inside {
            self.renumbering.conflicts.push(line);
        } else {
            self.note(rules, at, line);
        }
    }

    /// Notes that `-D` or `-C` names a rule by its words, and which it is.
    pub(super) fn renumber_found(
        &mut self,
        rules: &Sequence<Slot>,
        at: Option<usize>,
        line: LineId,
        removes: bool,
        text: &[u8],
    ) {
        if !self.texts.contains(text) {
            return;
        }
        if !removes {
            return self.replace(line, Replacement::Nothing);
        }
        match at.and_then(|at| Some((at, rules.get(at)?))) {
            None => {}
            Some((_, slot)) if self.is_block(slot) => self.renumbering.conflicts.push(line),
            Some((at, Slot { width: 1, .. })) => {
                let number = number(rules.weight_before(at));
                self.replace(line, Replacement::Delete(number));
            }
            Some((_, Slot { width: 0, .. })) => self.replace(line, Replacement::Nothing),
            Some(_) => self.renumbering.conflicts.push(line),
        }
    }

    fn note(&mut self, rules: &Sequence<Slot>, at: usize, line: LineId) {
        let before = rules.weight_before(at);
        if before != at {
            self.renumbering.numbers.insert(line, number(before));
        }
    }

    fn replace(&mut self, line: LineId, replacement: Replacement) {
        let commands = &mut self.renumbering.commands;
        commands.entry(line).or_default().push(replacement);
    }
}

fn number(before: usize) -> u32 {
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}
