//! A ruleset as conditions and actions, each chain compiled when it is first entered.

use std::{collections::HashMap, rc::Rc};

use iptables_save::{Chain, Family, Policy, Rule, RuleRef, Ruleset};

pub use self::action::{End, Nat, NatKind};
pub(crate) use self::{
    action::{Action, Change, Copied, Update, anything, changeable},
    matches::{CHANGEABLE, is_tracked},
};
use crate::{
    condition::{Asks, Condition, Unknown},
    hook::BaseChain,
};

mod action;
mod matches;
#[cfg(test)]
mod tests;

/// A ruleset of one family, ready to be evaluated.
#[derive(Debug)]
pub struct Program<'r> {
    ruleset: &'r Ruleset<'r>,
    family: Family,
    chains: HashMap<Chain<'r>, Rc<Code<'r>>>,
}

/// A compiled chain.
#[derive(Debug)]
pub(crate) struct Code<'r> {
    pub(crate) chain: Chain<'r>,
    pub(crate) rules: Vec<CompiledRule<'r>>,
}

/// A compiled rule.
#[derive(Debug)]
pub(crate) struct CompiledRule<'r> {
    pub(crate) reference: RuleRef,
    pub(crate) condition: Condition,
    pub(crate) action: Action<'r>,
}

impl<'r> Program<'r> {
    /// Takes a ruleset as one of a family.
    #[must_use]
    pub fn new(ruleset: &'r Ruleset<'r>, family: Family) -> Self {
        Self {
            ruleset,
            family,
            chains: HashMap::new(),
        }
    }

    /// The ruleset.
    #[must_use]
    pub const fn ruleset(&self) -> &'r Ruleset<'r> {
        self.ruleset
    }

    /// The family.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.family
    }

    /// Finds a built-in chain, if the ruleset has it.
    #[must_use]
    pub fn base_chain(&self, base: BaseChain) -> Option<Chain<'r>> {
        self.ruleset
            .table(base.table.name().as_bytes())?
            .chain(base.hook.name().as_bytes())
    }

    /// The policy of a built-in chain: `ACCEPT` where the ruleset says none.
    #[must_use]
    pub fn policy(&self, base: BaseChain) -> Policy {
        let chain = self.base_chain(base);
        chain.and_then(Chain::policy).unwrap_or_default()
    }

    /// Compiles a chain unless it is compiled already.
    pub(crate) fn code(&mut self, chain: Chain<'r>) -> Rc<Code<'r>> {
        if let Some(code) = self.chains.get(&chain) {
            return Rc::clone(code);
        }
        let code = Rc::new(Compiler::new(self.ruleset, self.family).compile(chain));
        self.chains.insert(chain, Rc::clone(&code));
        code
    }
}

/// What compiling the rules of one chain needs to know.
struct Compiler<'r> {
    ruleset: &'r Ruleset<'r>,
    family: Family,
    /// How many rules so far had these words of a match that remembers, or jumped to this
    /// chain: rules are distinguished by that, so that the same rule of a changed ruleset is
    /// recognized.
    seen: HashMap<Rc<str>, u32>,
}

impl<'r> Compiler<'r> {
    fn new(ruleset: &'r Ruleset<'r>, family: Family) -> Self {
        Self {
            ruleset,
            family,
            seen: HashMap::new(),
        }
    }

    fn compile(mut self, chain: Chain<'r>) -> Code<'r> {
        let references = chain.rules();
        let mut rules = Vec::with_capacity(references.len());
        let mut line = None;
        for reference in references {
            // A line with lists of addresses makes several rules.
            if line.as_ref().is_none_or(|(id, _)| *id != reference.line) {
                let read = self.ruleset.document().rule_line(reference.line);
                line = Some((reference.line, read.ok().map(|read| read.rule)));
            }
            let read = line.as_ref().and_then(|(_, rule)| rule.as_ref());
            rules.push(match read {
                Some(rule) if rule.copies() > 1 => {
                    let rule = rule.copy(usize::try_from(reference.copy).unwrap_or(0));
                    self.rule(chain, reference, &rule)
                }
                Some(rule) => self.rule(chain, reference, rule),
                None => self.unreadable(reference),
            });
        }
        Code { chain, rules }
    }

    fn rule(&mut self, chain: Chain<'r>, reference: RuleRef, rule: &Rule<'r>) -> CompiledRule<'r> {
        let mut all = matches::base(rule);
        for one in &rule.matches {
            all.push(matches::condition(one, self.family, &mut |text| {
                self.count(text)
            }));
        }
        let action = match &rule.target {
            None => Action::Continue,
            Some(target) => action::action(target, |name| {
                let to = chain.table().jump(reference, name)?;
                let text: Rc<str> = format!("-j {}", String::from_utf8_lossy(name)).into();
                Some((to, self.count(&text)))
            }),
        };
        CompiledRule {
            reference,
            condition: Condition::all(all),
            action,
        }
    }

    /// A line that cannot be parsed may match any packet, and may do anything with it.
    fn unreadable(&mut self, reference: RuleRef) -> CompiledRule<'r> {
        let line = self.ruleset.document().line(reference.line);
        let content = line.content();
        // Counters are no part of what it does.
        let words = if content.starts_with(b"[") {
            content
                .splitn(2, |byte| *byte == b' ')
                .nth(1)
                .unwrap_or(b"")
        } else {
            content
        };
        let text: Rc<str> = String::from_utf8_lossy(words).into();
        let condition = Condition::Unknown(Unknown {
            asks: Asks::Memory(self.count(&text)),
            text: Rc::clone(&text),
        });
        CompiledRule {
            reference,
            condition,
            action: Action::Unknown(text),
        }
    }

    /// Counts the rules of the chain with these words, this one not included.
    fn count(&mut self, text: &Rc<str>) -> u32 {
        let count = self.seen.entry(Rc::clone(text)).or_default();
        *count += 1;
        *count - 1
    }
}
