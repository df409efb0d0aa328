//! A table while it is being loaded: the commands of iptables, executed.

use std::hash::BuildHasher as _;

use hashbrown::HashMap;

use super::{
    chain::{Chain, Jump, Kind, Policy, Rule},
    sequence::Sequence,
};
use crate::{
    Command, Declaration, ErrorKind, Family, LineId, Statement, Style, Target, Text, Writer,
    clause::hint,
    error::Name,
    rule::{self, Part},
    tables::{self, TABLES},
    value::{Addresses, Not},
    writer,
};

/// A table with its chains.
#[derive(Debug)]
pub(super) struct Table<'a> {
    pub(super) kind: &'static tables::Table,
    family: Option<Family>,
    /// The builtin chains first.
    pub(super) chains: Vec<Chain<'a>>,
    names: HashMap<Text<'a>, u32, foldhash::fast::RandomState>,
    /// The rules of the line at hand.
    made: Vec<Rule>,
    /// How many rules there are more than lines, because of lists of addresses.
    from_lists: usize,
}

/// A line of two kilobytes can ask for a quarter of a million rules: no ruleset has so many
/// from lists.
const MOST_FROM_LISTS: usize = 1_000_000;

/// Why a line cannot be executed.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) kind: ErrorKind,
    pub(super) part: Part,
    /// The line that stands in the way.
    pub(super) first: Option<LineId>,
}

impl Fault {
    const fn new(kind: ErrorKind, part: Part) -> Self {
        Self {
            kind,
            part,
            first: None,
        }
    }
}

/// Whether what iptables-save prints for a line can be read back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReadsBack(pub(super) bool);

type Done<T = ()> = Result<T, Fault>;

impl<'a> Table<'a> {
    /// A table as the kernel makes it; none when it does not have it.
    pub(super) fn empty(name: &[u8], family: Option<Family>) -> Option<Self> {
        let kind = tables::Table::named(name)?;
        let mut table = Self {
            kind,
            family,
            chains: Vec::new(),
            names: HashMap::default(),
            made: Vec::new(),
            from_lists: 0,
        };
        for name in kind.chains {
            let chain = Kind::Builtin(Policy::default());
            table.add(Chain::new(Text::Borrowed(name.as_bytes()), chain, None));
        }
        Some(table)
    }

    /// Where it comes among the tables.
    pub(super) fn rank(&self) -> usize {
        let same = |it: &tables::Table| std::ptr::eq(it, self.kind);
        TABLES.iter().position(same).unwrap_or(TABLES.len())
    }

    /// Removes all rules and all chains but the builtin ones, which keep their policies.
    pub(super) fn clear(&mut self) {
        self.chains.truncate(self.kind.chains.len());
        self.names
            .retain(|_, chain| (*chain as usize) < self.kind.chains.len());
        for chain in &mut self.chains {
            chain.rules = Sequence::default();
            chain.jumps = 0;
        }
    }

    pub(super) fn name(&self, chain: u32) -> &[u8] {
        &self.chains[chain as usize].name
    }

    /// Notes that a rule is missing that a chain should have.
    pub(super) fn miss_rule_of(&mut self, chain: &[u8]) {
        if let Some(chain) = self.names.get(chain) {
            self.chains[*chain as usize].has_gaps = true;
        }
    }

    /// Makes the chain that a `:CHAIN POLICY` line declares.
    pub(super) fn declare(&mut self, line: &Declaration<'a>, id: LineId) -> Done {
        rule::check_declaration(line, self.kind).map_err(|(kind, part)| Fault::new(kind, part))?;
        let chain = match self.names.get(line.chain) {
            Some(chain) if self.chain(*chain).policy().is_some() => *chain,
            _ => self.make(Text::Borrowed(line.chain), id)?,
        };
        self.set_policy(chain, line.policy);
        Ok(())
    }

    /// Executes a rule line. What a new rule prints is added to `rules`.
    pub(super) fn execute(
        &mut self,
        statement: &Statement<'a>,
        line: LineId,
        rules: &mut Vec<u8>,
    ) -> Done<ReadsBack> {
        let fault = |(kind, part)| Fault::new(kind, part);
        rule::check_statement(statement, Some(self.kind), self.family).map_err(fault)?;
        let chain = match &statement.command {
            Command::NewChain { .. } => None,
            command => match command.chain() {
                Some(name) => Some(self.find(name, line)?),
                None => None,
            },
        };
        let all = 0..u32::try_from(self.chains.len()).expect("fewer chains than bytes");
        let chains = chain.map_or(all, |it| it..it + 1);
        let chain = chain.unwrap_or_default();
        let mut reads_back = ReadsBack(true);
        match &statement.command {
            Command::Append { .. } => {
                reads_back = self.make_rules(statement, line, rules)?;
                for nth in 0..self.made.len() {
                    let rule = self.take(nth);
                    self.chains[chain as usize].rules.push(rule.key, rule);
                }
            }
            Command::Insert { number, .. } => {
                reads_back = self.make_rules(statement, line, rules)?;
                let at = self.place(chain, *number, Beyond::ByOne)?;
                for nth in 0..self.made.len() {
                    let rule = self.take(nth);
                    self.chains[chain as usize].rules.insert(at, rule.key, rule);
                }
            }
            Command::Replace { number, .. } => {
                reads_back = self.make_rules(statement, line, rules)?;
                let at = self.place(chain, *number, Beyond::Never)?;
                let rule = self.take(0);
                let chain = &mut self.chains[chain as usize];
                if let Some(old) = chain.rules.replace(at, rule.key, rule) {
                    self.release(&old);
                }
            }
            Command::Delete { .. } | Command::Check { .. } => {
                let kept = rules.len();
                self.make_rules(statement, line, rules)?;
                for nth in 0..self.made.len() {
                    let at = self.position(chain, &self.made[nth], rules)?;
                    if let (Some(at), Command::Delete { .. }) = (at, &statement.command) {
                        self.remove(chain, at);
                    }
                }
                rules.truncate(kept);
            }
            Command::DeleteNumber { number, .. } => {
                let at = self.place(chain, *number, Beyond::Never)?;
                self.remove(chain, at);
            }
            Command::Flush { .. } => {
                for chain in chains {
                    for rule in self.chains[chain as usize].rules.drain() {
                        self.release(&rule);
                    }
                }
            }
            Command::Zero { number, .. } => {
                if let Some(number) = number {
                    self.place(chain, *number, Beyond::Never)?;
                }
            }
            Command::NewChain { chain } => {
                self.make(chain.clone(), line)?;
            }
            Command::DeleteChain { chain: Some(_) } => self.delete(chain)?,
            Command::DeleteChain { chain: None } => {
                for chain in chains {
                    if self.chain(chain).kind == Kind::User {
                        self.delete(chain)?;
                    }
                }
            }
            Command::RenameChain { new, .. } => {
                self.rename(chain, new.clone(), line)?;
                reads_back = ReadsBack(rule::is_new_chain(new) && writer::is_plain(new));
            }
            Command::Policy { target, .. } => self.set_policy(chain, target),
            Command::List { .. } | Command::Skip => {}
        }
        Ok(reads_back)
    }

    pub(super) fn chain(&self, chain: u32) -> &Chain<'a> {
        &self.chains[chain as usize]
    }

    fn add(&mut self, chain: Chain<'a>) -> u32 {
        let id = u32::try_from(self.chains.len()).expect("fewer chains than bytes");
        self.names.insert(chain.name.clone(), id);
        self.chains.push(chain);
        id
    }

    /// Finds the chain that a command names. What is missing is told of once.
    fn find(&mut self, name: &Text<'a>, line: LineId) -> Done<u32> {
        if let Some(found) = self.names.get(name) {
            return Ok(*found);
        }
        let chain = Name::new(name);
        self.add(Chain::new(name.clone(), Kind::Missing, Some(line)));
        Err(Fault::new(ErrorKind::NoSuchChain { chain }, Part::Chain))
    }

    /// Makes a chain that is not there yet.
    fn make(&mut self, name: Text<'a>, line: LineId) -> Done<u32> {
        match self.names.get(&name) {
            Some(found) => {
                let chain = &mut self.chains[*found as usize];
                if chain.kind == Kind::Missing {
                    chain.kind = Kind::User;
                    return Ok(*found);
                }
                Err(Fault {
                    first: chain.made_by,
                    ..Fault::new(ErrorKind::DuplicateChain, Part::Chain)
                })
            }
            None => Ok(self.add(Chain::new(name, Kind::User, Some(line)))),
        }
    }

    fn delete(&mut self, chain: u32) -> Done {
        let it = self.chain(chain);
        let fault = |kind| Err(Fault::new(kind, Part::Chain));
        match it.kind {
            Kind::Builtin(_) => return fault(ErrorKind::BuiltinChain),
            _ if it.jumps > 0 => {
                let chain = Name::new(&it.name);
                return fault(ErrorKind::ChainInUse { chain });
            }
            _ if !it.rules.is_empty() && !it.has_gaps => {
                let chain = Name::new(&it.name);
                return fault(ErrorKind::ChainNotEmpty { chain });
            }
            _ => {}
        }
        self.names.remove(&it.name.clone());
        self.chains[chain as usize].kind = Kind::Deleted;
        Ok(())
    }

    fn rename(&mut self, chain: u32, new: Text<'a>, line: LineId) -> Done {
        let it = self.chain(chain);
        if it.policy().is_some() {
            return Err(Fault::new(ErrorKind::BuiltinChain, Part::Chain));
        }
        if let Some(other) = self.names.get(&new) {
            return Err(Fault {
                first: self.chain(*other).made_by,
                ..Fault::new(ErrorKind::DuplicateChain, Part::Second)
            });
        }
        self.names.remove(&it.name.clone());
        self.names.insert(new.clone(), chain);
        let it = &mut self.chains[chain as usize];
        it.name = new;
        it.made_by = Some(line);
        Ok(())
    }

    fn set_policy(&mut self, chain: u32, policy: &[u8]) {
        if let Kind::Builtin(kept) = &mut self.chains[chain as usize].kind
            && let Some(policy) = Policy::named(policy)
        {
            *kept = policy;
        }
    }

    /// Makes the rules that a line stands for: one for each pair of its addresses.
    fn make_rules(
        &mut self,
        statement: &Statement<'a>,
        line: LineId,
        text: &mut Vec<u8>,
    ) -> Done<ReadsBack> {
        let rule = &statement.rule;
        let jump = match &rule.target {
            Some(Target::Jump(name)) => Some(self.jump(name, false, line)?),
            Some(Target::Goto(name)) => Some(self.jump(name, true, line)?),
            _ => None,
        };
        let many = |it: &Option<Not<Addresses>>| match it {
            Some(it) => it.value.as_slice().len(),
            None => 1,
        };
        self.from_lists += many(&rule.source) * many(&rule.destination) - 1;
        if self.from_lists > MOST_FROM_LISTS {
            return Err(Fault::new(ErrorKind::TooManyRules, Part::Whole));
        }
        let mut reads_back = [
            statement.command.chain(),
            rule.target.as_ref().and_then(Target::chain),
        ]
        .into_iter()
        .flatten()
        .all(|name| writer::is_plain(name));
        let made = &mut self.made;
        made.clear();
        rule.each(|rule| {
            text.push(b'\n');
            let start = text.len();
            let mut out = Writer::new(text, Style::default());
            match jump {
                Some(_) => rule.write_tests(&mut out),
                None => rule.write(&mut out),
            }
            reads_back &= out.reads_back();
            let key = self
                .names
                .hasher()
                .hash_one((&text[start..], jump.map(|jump| (jump.chain, jump.is_goto))));
            made.push(Rule {
                text: start..text.len(),
                jump,
                key: key as u32,
            });
        });
        Ok(ReadsBack(reads_back))
    }

    fn jump(&mut self, name: &Text<'a>, is_goto: bool, line: LineId) -> Done<Jump> {
        let Some(chain) = self.names.get(name).copied() else {
            let kind = match is_goto {
                true => ErrorKind::NoSuchChain {
                    chain: Name::new(name),
                },
                false => ErrorKind::NoSuchTarget {
                    name: Name::new(name),
                    hint: hint::of_target(name).into(),
                },
            };
            return Err(Fault::new(kind, Part::Target));
        };
        match self.chain(chain).policy() {
            Some(_) => Err(Fault::new(ErrorKind::JumpToBuiltin, Part::Target)),
            None => Ok(Jump {
                chain,
                is_goto,
                line,
            }),
        }
    }

    /// One of the rules that were made, for a chain to hold.
    fn take(&mut self, nth: usize) -> Rule {
        let rule = self.made[nth].clone();
        if let Some(jump) = rule.jump {
            self.chains[jump.chain as usize].jumps += 1;
        }
        rule
    }

    fn release(&mut self, rule: &Rule) {
        if let Some(jump) = rule.jump {
            self.chains[jump.chain as usize].jumps -= 1;
        }
    }

    fn remove(&mut self, chain: u32, at: usize) {
        if let Some(rule) = self.chains[chain as usize].rules.remove(at) {
            self.release(&rule);
        }
    }

    /// The place of a rule by its number, from 1.
    fn place(&self, chain: u32, number: u32, beyond: Beyond) -> Done<usize> {
        let chain = self.chain(chain);
        let rules = chain.rules.len();
        let at = (number as usize).saturating_sub(1);
        match at {
            _ if at < rules => Ok(at),
            _ if at == rules && beyond == Beyond::ByOne => Ok(at),
            _ if chain.has_gaps => Ok(rules),
            _ => Err(Fault::new(ErrorKind::NoSuchNumber { rules }, Part::Second)),
        }
    }

    /// The place of the first rule that is the same; none where it may be missing because
    /// its line could not be read.
    fn position(&self, chain: u32, rule: &Rule, text: &[u8]) -> Done<Option<usize>> {
        let chain = self.chain(chain);
        let target = |it: &Rule| it.jump.map(|jump| (jump.chain, jump.is_goto));
        let same = |it: &Rule| {
            it.text.len() == rule.text.len()
                && target(it) == target(rule)
                && text[it.text.clone()] == text[rule.text.clone()]
        };
        match chain.rules.position(rule.key, same) {
            None if !chain.has_gaps => Err(Fault::new(ErrorKind::NoSuchRule, Part::Whole)),
            found => Ok(found),
        }
    }
}

/// Whether a rule's number may be the next after the last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beyond {
    Never,
    ByOne,
}
