//! The rules of a chain while commands are executed: by number, by their text, and with the
//! jumps that they make.

use std::hash::BuildHasher as _;

use super::{Done, Executed, Scope};
use crate::{
    Command, LineId, LoadError, Rule, RuleLine, Style, Writer,
    rule::{Located, Part},
    ruleset::{chain::Slot, renumber::Named},
};

impl<'d> Executed<'d> {
    /// Parses the lines that a chain was given so far, and places their rules.
    pub(super) fn settle(&mut self, chain: u32, scope: &mut Scope<'d>) {
        for line in std::mem::take(&mut self.chains[chain as usize].pending) {
            for slot in scope.slots(line) {
                self.push(chain, slot, scope);
            }
        }
    }

    pub(super) fn note_filled(&mut self, chain: u32) {
        if self.chain(chain).is_empty() {
            self.filled.push(chain);
        }
    }

    pub(super) fn push(&mut self, chain: u32, slot: Slot, scope: &mut Scope<'d>) {
        let at = self.chain(chain).rules.len();
        self.insert(chain, at, slot, scope);
    }

    pub(super) fn insert(&mut self, chain: u32, at: usize, slot: Slot, scope: &mut Scope<'d>) {
        self.note_filled(chain);
        let key = self.key_of(chain, &slot, scope);
        let slot = self.counted(slot);
        self.chains[chain as usize].rules.insert(at, key, slot);
    }

    pub(super) fn replace(&mut self, chain: u32, at: usize, slot: Slot, scope: &mut Scope<'d>) {
        if at >= self.chain(chain).rules.len() {
            return self.push(chain, slot, scope);
        }
        let key = self.key_of(chain, &slot, scope);
        let slot = self.counted(slot);
        let old = self.chains[chain as usize].rules.replace(at, key, slot);
        old.iter().for_each(|old| self.release(old));
    }

    pub(super) fn remove(&mut self, chain: u32, at: usize) {
        let old = self.chains[chain as usize].rules.remove(at);
        old.iter().for_each(|old| self.release(old));
    }

    pub(super) fn flush(&mut self, chain: u32, _: &mut Scope<'d>) {
        let chain = &mut self.chains[chain as usize];
        chain.pending.clear();
        for rule in chain.rules.drain() {
            self.release(&rule);
        }
    }

    /// Counts the jump of a rule that comes into a chain, and gives it its width.
    pub(super) fn counted(&mut self, slot: Slot) -> Slot {
        if let Some(jump) = slot.jump {
            self.chains[jump.chain() as usize].jumps += u32::from(self.is_strict);
        }
        let width = self.shape.as_ref().map_or(1, |shape| shape.width(&slot));
        Slot { width, ..slot }
    }

    pub(super) fn release(&mut self, slot: &Slot) {
        if let Some(jump) = slot.jump {
            self.chains[jump.chain() as usize].jumps -= u32::from(self.is_strict);
        }
    }

    /// Finds the rules that `-D` or `-C` names, and removes them if it is `-D`.
    pub(super) fn find_rules(
        &mut self,
        chain: u32,
        rule_line: &RuleLine<'d>,
        line: LineId,
        scope: &mut Scope<'d>,
    ) -> Done {
        let removes = matches!(rule_line.command, Command::Delete { .. });
        let copies = self.slots(rule_line, line, scope)?.count();
        self.make_keys(chain, scope);
        for copy in 0..copies {
            scope.wanted.clear();
            self.identity(&rule_line.rule.copy(copy), line, &mut scope.wanted);
            let at = self.position(chain, scope)?;
            if let Some(shape) = &mut self.shape {
                let chain = &self.chains[chain as usize];
                shape.renumber_found(&chain.rules, at, line, removes, &scope.wanted);
            }
            if let (Some(at), true) = (at, removes) {
                self.remove(chain, at);
            }
        }
        Ok(())
    }

    /// Returns the place of the first rule that is the same as `scope.wanted`; `None` where
    /// it may be missing because its line could not be parsed.
    pub(super) fn position(&self, chain: u32, scope: &mut Scope<'d>) -> Done<Option<usize>> {
        let key = self.hash(&scope.wanted);
        let chain = self.chain(chain);
        let found = chain.rules.position(key, |slot| {
            self.write_identity(slot, scope);
            scope.other == scope.wanted
        });
        match found {
            None if self.is_strict && !chain.has_gaps => {
                Err(Located::new(LoadError::NoSuchRule, Part::Whole))
            }
            found => Ok(found),
        }
    }

    /// Gives each rule of a chain its key, once.
    pub(super) fn make_keys(&mut self, chain: u32, scope: &mut Scope<'d>) {
        let this = &mut self.chains[chain as usize];
        if std::mem::replace(&mut this.has_keys, true) {
            return;
        }
        let mut rules = std::mem::take(&mut this.rules);
        rules.set_keys(|slot| {
            self.write_identity(slot, scope);
            self.hash(&scope.other)
        });
        self.chains[chain as usize].rules = rules;
    }

    pub(super) fn key_of(&self, chain: u32, slot: &Slot, scope: &mut Scope<'d>) -> u32 {
        if !self.chain(chain).has_keys {
            return 0;
        }
        self.write_identity(slot, scope);
        self.hash(&scope.other)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "any bits of a hash will do"
    )]
    pub(super) fn hash(&self, identity: &[u8]) -> u32 {
        self.names.hasher().hash_one(identity) as u32
    }

    /// Writes a rule into `scope.other`.
    pub(super) fn write_identity(&self, slot: &Slot, scope: &mut Scope<'d>) {
        scope.other.clear();
        if let Ok(rule_line) = scope.reader.read(scope.document, slot.line) {
            let rule = rule_line.rule.copy(slot.copy as usize);
            self.identity(&rule, slot.line, &mut scope.other);
        }
    }

    /// Appends what makes a rule the same as another: what iptables-save prints for it, and
    /// the chain that it jumps to, whatever its name was then.
    pub(super) fn identity(&self, rule: &Rule<'_>, line: LineId, out: &mut Vec<u8>) {
        let mut writer = Writer::new(out, Style::default());
        match self.jump_at(rule, line) {
            Some(jump) => {
                rule.write_tests(&mut writer);
                out.push(b'\n');
                out.extend_from_slice(&jump.bits().to_le_bytes());
            }
            None => rule.write(&mut writer),
        }
    }

    /// The place of a rule by its number, from 1.
    pub(super) fn place(&self, chain: u32, number: u32, beyond: Beyond) -> Done<usize> {
        let chain = self.chain(chain);
        let rules = chain.rules.len();
        let at = (number as usize).saturating_sub(1);
        match at {
            _ if at < rules => Ok(at),
            _ if at == rules && beyond == Beyond::ByOne => Ok(at),
            _ if chain.has_gaps || !self.is_strict => Ok(rules),
            _ => Err(Located::new(
                LoadError::NoSuchNumber { rules },
                Part::Second,
            )),
        }
    }

    pub(super) fn renumber(&mut self, chain: u32, at: usize, line: LineId, named: Named) {
        if let Some(shape) = &mut self.shape {
            shape.renumber(&self.chains[chain as usize].rules, at, line, named);
        }
    }

    pub(super) fn renumber_insertion(&mut self, chain: u32, at: usize, line: LineId) {
        if let Some(shape) = &mut self.shape {
            shape.renumber_insertion(&self.chains[chain as usize].rules, at, line);
        }
    }
}

/// Whether a rule's number may be the next after the last.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    Never,
    ByOne,
}
