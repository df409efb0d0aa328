//! What iptables-save prints of a ruleset.

use super::{
    Contents, Ruleset,
    chain::Kind,
    execute::{Executed, Scope},
};
use crate::{
    Acceptance, Error, Errors, Fidelity, LineId, Purpose, RuleError, Style, Writer, rule, writer,
};

/// What iptables-save prints of a [`Ruleset`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// The text, without comments: the tables in the order of iptables-nft-save, in each the
    /// built-in chains, the others by name, the rules. All counters are zero, as after
    /// iptables-restore without `-c`.
    pub text: Vec<u8>,
    /// What is wrong with the input but not fatal, and rules and chains that iptables-save
    /// prints in a form that is refused or parsed as another rule.
    pub warnings: Errors,
}

impl Ruleset<'_> {
    /// Prints the tables as iptables-save would.
    ///
    /// ```
    /// use iptables_save::{Document, Ruleset};
    ///
    /// let document = Document::read(
    ///     b"*filter\n-N WEB\n-A WEB -p tcp --dport 80 -j ACCEPT\n-I INPUT -j WEB\nCOMMIT\n",
    /// );
    /// let saved = Ruleset::load(&document, None).unwrap().save();
    /// assert_eq!(
    ///     String::from_utf8(saved.text).unwrap(),
    ///     "*filter
    /// :INPUT ACCEPT [0:0]
    /// :FORWARD ACCEPT [0:0]
    /// :OUTPUT ACCEPT [0:0]
    /// :WEB - [0:0]
    /// -A INPUT -j WEB
    /// -A WEB -p tcp -m tcp --dport 80 -j ACCEPT
    /// COMMIT
    /// ",
    /// );
    /// ```
    #[must_use]
    pub fn save(&self) -> Saved {
        let mut saved = Saved {
            text: Vec::with_capacity(self.document.bytes().len() * 9 / 8),
            warnings: Errors::default(),
        };
        // Whether they are accepted was asked when the ruleset was made.
        let accepted = Acceptance { lossy: true };
        for error in self.document.warnings(Purpose::Load, accepted) {
            saved.warnings.push(error.clone());
        }
        let mut again = Vec::new();
        let mut tables = Vec::new();
        for table in self.tables.iter().filter(|table| !table.is_replaced) {
            match &table.contents {
                Contents::Executed(executed) => tables.push(&**executed),
                // It was not executed yet.
                Contents::Lines => {
                    let name = self.document.table(table.section);
                    let mut executed = Executed::new(name, self.family);
                    executed.run(table.section, &mut Scope::new(self.document, self.family));
                    again.push(executed);
                }
            }
        }
        tables.extend(&again);
        tables.sort_by_key(|table| table.rank());
        for table in tables {
            self.save_table(table, &mut saved);
        }
        saved.warnings.sort();
        saved
    }

    fn save_table(&self, table: &Executed<'_>, saved: &mut Saved) {
        let mut scope = Scope::new(self.document, self.family);
        let Some(kind) = table.kind else {
            return;
        };
        let line = |out: &mut Vec<u8>, words: &[&[u8]]| {
            for word in words {
                out.extend_from_slice(word);
            }
            out.push(b'\n');
        };
        line(&mut saved.text, &[b"*", kind.name.as_bytes()]);
        let (builtin, own) = table.chains.split_at(kind.chains.len());
        let is_there = |kind| matches!(kind, Kind::User | Kind::Missing);
        let mut own: Vec<_> = own.iter().filter(|chain| is_there(chain.kind)).collect();
        own.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        for chain in builtin {
            let policy = chain.kind.policy_or_default().name().as_bytes();
            line(
                &mut saved.text,
                &[b":", &chain.name, b" ", policy, b" [0:0]"],
            );
        }
        for chain in &own {
            line(&mut saved.text, &[b":", &chain.name, b" - [0:0]"]);
            if !(rule::is_new_chain(&chain.name) && writer::is_plain(&chain.name))
                && let Some(made_by) = chain.made_by
            {
                self.warn(made_by, saved);
            }
        }
        for chain in builtin.iter().chain(own) {
            let mut warned = None;
            let mut save = |slot: super::chain::Slot, scope: &mut Scope<'_>| {
                let Ok(rule_line) = scope.read(slot.line) else {
                    return;
                };
                saved.text.extend_from_slice(b"-A ");
                saved.text.extend_from_slice(&chain.name);
                let mut out = Writer::new(&mut saved.text, Style::default());
                let rule = &rule_line.rule;
                let single;
                let rule = if rule.copies() > 1 {
                    single = rule.copy(slot.copy as usize);
                    &single
                } else {
                    rule
                };
                match slot.jump.or_else(|| table.jump_at(rule, slot.line)) {
                    Some(jump) => {
                        rule.write_tests(&mut out);
                        out.word(if jump.is_goto() { b"-g" } else { b"-j" });
                        out.name(table.name(jump.chain()));
                    }
                    None => rule.write(&mut out),
                }
                if out.fidelity() == Fidelity::Lossy && warned != Some(slot.line) {
                    warned = Some(slot.line);
                    self.warn(slot.line, saved);
                }
                saved.text.push(b'\n');
            };
            for slot in chain.rules.iter() {
                save(*slot, &mut scope);
            }
            for pending in &chain.pending {
                for slot in scope.slots(*pending) {
                    save(slot, &mut scope);
                }
            }
        }
        line(&mut saved.text, &[b"COMMIT"]);
    }

    fn warn(&self, line: LineId, saved: &mut Saved) {
        let span = self.document.line(line).content_span();
        saved
            .warnings
            .push(Error::new(RuleError::NotReadBack, span));
    }
}
