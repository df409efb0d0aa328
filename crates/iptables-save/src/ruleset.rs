//! The tables, chains and rules that the commands of a text lead to.

use std::{borrow::Cow, cmp::Ordering, hash};

use self::{
    chain::{Kind, Slot},
    execute::{Executed, Scope},
};
use crate::{ChainId, Command, Document, Family, LineId, LineKind, RuleLine, SectionId, tables};

mod chain;
mod execute;
mod load;
mod loops;
mod renumber;
mod save;
mod sequence;

pub use self::{
    chain::Policy,
    renumber::{Renumbering, Replacement, Reshaped},
    save::Saved,
};

/// The tables of a text as they stand at each `COMMIT`: their chains, the policies, and
/// the rules in the order in which packets meet them.
///
/// All commands are executed: `-A -I -R -D -F -X -E -N -P`. In saved text, where every
/// rule is appended, a chain is the lines of its rules, and making the ruleset costs
/// nothing. A rule is the line it comes from: [`Document::rule_line`] reads it when asked.
///
/// [`Ruleset::new`] never fails: what iptables-restore would refuse is passed over.
/// [`Ruleset::load`] is as strict as iptables-restore.
///
/// ```
/// use iptables_save::{Document, Policy, Ruleset};
///
/// let document = Document::read(
///     b"*filter\n-P INPUT DROP\n-A INPUT -i lo -j ACCEPT\n-I INPUT -j LOG\n-D INPUT 2\nCOMMIT\n",
/// );
/// let ruleset = Ruleset::new(&document, None);
/// let input = ruleset.table(b"filter").unwrap().chain(b"INPUT").unwrap();
/// assert_eq!(input.policy(), Some(Policy::Drop));
/// let rules = input.rules();
/// assert_eq!(rules.len(), 1);
/// assert_eq!(document.line(rules[0].line).content(), b"-I INPUT -j LOG");
/// ```
#[derive(Debug)]
pub struct Ruleset<'d> {
    document: &'d Document<'d>,
    family: Option<Family>,
    /// One for each section, in the order of the text.
    tables: Vec<TableState<'d>>,
}

/// The table of one section.
#[derive(Debug)]
struct TableState<'d> {
    section: SectionId,
    /// Whether a later section of the same table replaces this one.
    is_replaced: bool,
    contents: Contents<'d>,
}

/// What is in a table.
#[derive(Debug)]
enum Contents<'d> {
    /// The chains of the section with their lines: every rule of it is appended.
    Lines,
    /// What the section's commands lead to.
    Executed(Box<Executed<'d>>),
}

/// One rule of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleRef {
    /// The line that the rule comes from.
    pub line: LineId,
    /// Which of the rules that iptables makes of the line, from 0: several where `-s` or
    /// `-d` has a list.
    pub copy: u32,
    /// The rule's number in its chain, from 1.
    pub number: u32,
}

/// A table of a [`Ruleset`]: one section of the text.
#[derive(Clone, Copy, Debug)]
pub struct Table<'r> {
    ruleset: &'r Ruleset<'r>,
    nth: usize,
}

/// A chain of a [`Table`].
#[derive(Clone, Copy, Debug)]
pub struct Chain<'r> {
    table: Table<'r>,
    id: u32,
}

impl<'d> Ruleset<'d> {
    /// Executes the commands of a text. The family is that of the text, as far as it
    /// shows, when none is given.
    ///
    /// What iptables-restore would refuse is passed over: an unknown chain is made, a
    /// number that is too high is taken for the last one. A line that cannot be parsed
    /// counts as a rule at the end of its chain.
    #[must_use]
    pub fn new(document: &'d Document<'d>, family: Option<Family>) -> Self {
        let family = family.or_else(|| document.header_family());
        let mut ruleset = Self {
            document,
            family,
            tables: Vec::with_capacity(document.sections().len()),
        };
        for section in document.sections() {
            ruleset.add(section);
        }
        ruleset
    }

    /// The text.
    #[must_use]
    pub const fn document(&self) -> &'d Document<'d> {
        self.document
    }

    /// Returns the tables, one for each section, in the order of the text.
    #[must_use]
    pub fn tables(&self) -> impl ExactSizeIterator<Item = Table<'_>> + DoubleEndedIterator {
        (0..self.tables.len()).map(|nth| Table { ruleset: self, nth })
    }

    /// Returns the table of a name; of several sections the last, which replaces the
    /// others.
    #[must_use]
    pub fn table(&self, name: &[u8]) -> Option<Table<'_>> {
        self.tables().rfind(|table| table.name() == Some(name))
    }

    fn add(&mut self, section: SectionId) {
        let name = self.document.table(section);
        let before = self.replace(name);
        let contents = if before.is_none() && self.document.only_appends(section) {
            Contents::Lines
        } else {
            let mut executed = Executed::new(name, self.family);
            self.keep_policies(before, &mut executed);
            executed.run(section, &mut Scope::new(self.document, self.family));
            Contents::Executed(Box::new(executed))
        };
        self.push(section, contents);
    }

    fn push(&mut self, section: SectionId, contents: Contents<'d>) {
        self.tables.push(TableState {
            section,
            is_replaced: false,
            contents,
        });
    }

    /// Marks the earlier section of a table as replaced, and returns its place.
    fn replace(&mut self, name: Option<&[u8]>) -> Option<usize> {
        let known = tables::Table::named(name?)?;
        let nth = self
            .tables
            .iter()
            .rposition(|table| self.document.table(table.section) == Some(known.name.as_bytes()))?;
        self.tables[nth].is_replaced = true;
        Some(nth)
    }

    /// Gives a new section's table the policies that the one before has.
    fn keep_policies(&self, before: Option<usize>, table: &mut Executed<'d>) {
        if let Some(nth) = before {
            let before = Table { ruleset: self, nth };
            table.take_policies(|chain| before.chain(chain)?.policy());
        }
    }
}

impl<'r> Table<'r> {
    /// The table's name; `None` in the text of `iptables -S`.
    #[must_use]
    pub fn name(self) -> Option<&'r [u8]> {
        self.ruleset.document.table(self.section())
    }

    /// The section that the table is from.
    #[must_use]
    pub fn section(self) -> SectionId {
        self.state().section
    }

    /// Whether a later section of the same table replaces this one.
    #[must_use]
    pub fn is_replaced(self) -> bool {
        self.state().is_replaced
    }

    /// Whether the section does nothing but append rules to its chains, as saved text
    /// does, so that rules are in the order of their lines.
    #[must_use]
    pub fn only_appends(self) -> bool {
        matches!(self.state().contents, Contents::Lines)
    }

    /// Returns the chains: built-in ones first where commands were executed, otherwise in
    /// the order of the text.
    pub fn chains(self) -> impl Iterator<Item = Chain<'r>> {
        let (listed, executed) = match &self.state().contents {
            Contents::Lines => {
                let chains = self.ruleset.document.chains(self.section());
                (Some(chains.map(|chain| chain.0)), None)
            }
            Contents::Executed(executed) => (None, Some(executed.chain_ids())),
        };
        let ids = listed
            .into_iter()
            .flatten()
            .chain(executed.into_iter().flatten());
        ids.map(move |id| Chain { table: self, id })
    }

    /// Finds a chain by its name.
    #[must_use]
    pub fn chain(self, name: &[u8]) -> Option<Chain<'r>> {
        let id = match &self.state().contents {
            Contents::Lines => self.ruleset.document.chain(self.section(), name)?.0,
            Contents::Executed(executed) => executed.named(name)?,
        };
        Some(Chain { table: self, id })
    }

    /// Finds the chain that a rule jumps or goes to by this name. Chains may have been
    /// renamed since.
    #[must_use]
    pub fn jump(self, rule: RuleRef, name: &[u8]) -> Option<Chain<'r>> {
        let Contents::Executed(executed) = &self.state().contents else {
            return self.chain(name);
        };
        let id = executed.named_at(name, rule.line)?;
        Some(Chain { table: self, id })
    }

    fn state(self) -> &'r TableState<'r> {
        &self.ruleset.tables[self.nth]
    }
}

impl<'r> Chain<'r> {
    /// The chain's name at `COMMIT`.
    #[must_use]
    pub fn name(self) -> &'r [u8] {
        match &self.table.state().contents {
            Contents::Lines => self.ruleset().document.chain_name(ChainId(self.id)),
            Contents::Executed(executed) => executed.name(self.id),
        }
    }

    /// The table that the chain is in.
    #[must_use]
    pub const fn table(self) -> Table<'r> {
        self.table
    }

    /// The policy of a built-in chain, as far as the input shows: the kernel keeps the one
    /// it has where a text has none. User-defined chains have none.
    #[must_use]
    pub fn policy(self) -> Option<Policy> {
        let declaration = match &self.table.state().contents {
            Contents::Lines => self.declaration()?,
            Contents::Executed(executed) => {
                return match executed.chain(self.id).kind {
                    Kind::Builtin(policy) => policy,
                    _ => None,
                };
            }
        };
        let document = self.ruleset().document;
        let line = document.line(declaration);
        let policy = match line.kind {
            LineKind::Chain => Cow::Borrowed(crate::declaration(line.bytes).policy),
            _ => match document.rule_line(line.id).ok()?.command {
                Command::Policy { target, .. } => target,
                _ => return None,
            },
        };
        Policy::named(&policy)
    }

    /// The line that makes the chain or sets its policy: its `:CHAIN` line, `-N` or `-P`,
    /// the last of them.
    #[must_use]
    pub fn declaration(self) -> Option<LineId> {
        match &self.table.state().contents {
            Contents::Lines => self.ruleset().document.declaration(ChainId(self.id)),
            Contents::Executed(executed) => executed.chain(self.id).declared,
        }
    }

    /// Returns the chain's rules in the order in which packets meet them. A line that
    /// cannot be parsed counts as one.
    #[must_use]
    pub fn rules(self) -> Vec<RuleRef> {
        let Ruleset {
            document, family, ..
        } = *self.ruleset();
        let mut scope = Scope::new(document, family);
        let mut rules = Vec::new();
        let mut add = |slot: Slot| {
            let number = u32::try_from(rules.len() + 1).expect("fewer rules than 2^32");
            rules.push(RuleRef {
                line: slot.line,
                copy: slot.copy,
                number,
            });
        };
        match &self.table.state().contents {
            Contents::Lines => {
                for line in document.rules(ChainId(self.id)) {
                    scope.slots(line).for_each(&mut add);
                }
            }
            Contents::Executed(executed) => {
                let chain = executed.chain(self.id);
                chain.rules.iter().copied().for_each(&mut add);
                for line in &chain.pending {
                    scope.slots(*line).for_each(&mut add);
                }
            }
        }
        rules
    }

    /// Returns the lines that the chain's rules come from, in the order in which packets
    /// meet them: each once, where its first rule is.
    #[must_use]
    pub fn lines(self) -> Vec<RuleRef> {
        let mut rules = self.rules();
        if rules.iter().any(|rule| rule.copy > 0) {
            let mut seen = std::collections::HashSet::new();
            rules.retain(|rule| seen.insert(rule.line));
        }
        rules
    }

    /// Returns the lines of the rules without parsing them, in no particular order: for
    /// those who look for something that few chains have.
    pub fn unordered_lines(self) -> impl Iterator<Item = LineId> {
        let (listed, executed) = match &self.table.state().contents {
            Contents::Lines => (Some(self.ruleset().document.rules(ChainId(self.id))), None),
            Contents::Executed(executed) => {
                let chain = executed.chain(self.id);
                let placed = chain.rules.iter().map(|slot| slot.line);
                (None, Some(placed.chain(chain.pending.iter().copied())))
            }
        };
        listed
            .into_iter()
            .flatten()
            .chain(executed.into_iter().flatten())
    }

    const fn ruleset(self) -> &'r Ruleset<'r> {
        self.table.ruleset
    }

    const fn key(self) -> (usize, u32) {
        (self.table.nth, self.id)
    }
}

/// Tables of one ruleset are equal when they are of the same section.
impl PartialEq for Table<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.nth == other.nth
    }
}

impl Eq for Table<'_> {}

impl hash::Hash for Table<'_> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.nth.hash(state);
    }
}

/// Chains of one ruleset are equal when they are the same chain.
impl PartialEq for Chain<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Chain<'_> {}

impl PartialOrd for Chain<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Chain<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl hash::Hash for Chain<'_> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// Whether a `rule_line` makes a rule, or names one as `-D` and `-C` do.
fn has_rule(rule_line: &RuleLine<'_>) -> bool {
    rule_line.command.adds_rule()
        || matches!(
            rule_line.command,
            Command::Delete { .. } | Command::Check { .. }
        )
}
