//! The commands of iptables, executed on a table.

use hashbrown::HashMap;

use super::{
    chain::{Chain, Jump, Kind, Policy, Slot},
    has_rule,
    renumber::{Named, Shape},
};
use crate::{
    Command, Declaration, Document, Error, ErrorKind, Family, Line, LineId, LineKind, LoadError,
    Reader, Rule, RuleError, RuleLine, SectionId, Target, Text, TextError,
    error::Name,
    ext::hint,
    line::declaration,
    rule::{self, Located, Part},
    tables::{self, TABLES},
};

mod rules;

use self::rules::Beyond;

/// A table with its chains.
#[derive(Debug)]
pub(super) struct Executed<'d> {
    /// `None` in the text of `iptables -S`, and for a table that no kernel has.
    pub(super) kind: Option<&'static tables::Table>,
    family: Option<Family>,
    /// Whether commands fail that iptables-restore would refuse.
    is_strict: bool,
    /// The built-in chains first.
    pub(super) chains: Vec<Chain<'d>>,
    names: HashMap<Text<'d>, u32, foldhash::fast::RandomState>,
    /// Chains that had a name before the line given, which renamed or deleted them.
    former: HashMap<Text<'d>, Vec<(LineId, u32)>, foldhash::fast::RandomState>,
    /// Chains that may have rules, for `-F` without a chain.
    filled: Vec<u32>,
    /// User-defined chains that may be there, for `-X` without a chain.
    alive: Vec<u32>,
    /// How the text is to be edited, where rules' numbers are wanted as they will be then.
    pub(super) shape: Option<Box<Shape>>,
}

/// The result of a command; an error is why its line cannot be executed.
type Done<T = ()> = Result<T, Located>;

/// The text that is executed, and what it takes to parse lines of it again.
#[derive(Debug)]
pub(super) struct Scope<'d> {
    document: &'d Document<'d>,
    reader: Reader<'d>,
    /// Rules as [`Executed::identity`] writes them.
    wanted: Vec<u8>,
    other: Vec<u8>,
    /// How many more rules than lines there are, because of lists of addresses.
    from_lists: usize,
}

/// How many rules lists of addresses may make: a line of two kilobytes can ask for a
/// quarter of a million.
const MOST_FROM_LISTS: usize = 1_000_000;

impl<'d> Scope<'d> {
    pub(super) fn new(document: &'d Document<'d>, family: Option<Family>) -> Self {
        Self {
            document,
            reader: family.map(Reader::for_family).unwrap_or_default(),
            wanted: Vec::new(),
            other: Vec::new(),
            from_lists: 0,
        }
    }

    /// Parses a line; the rule line lasts until the next.
    pub(super) fn read(&mut self, line: LineId) -> Result<&RuleLine<'d>, Error> {
        self.reader.read(self.document, line)
    }

    /// Returns the rules that a line appends. A line that cannot be parsed counts as one.
    pub(super) fn slots(&mut self, line: LineId) -> impl Iterator<Item = Slot> + use<> {
        let copies = match self.reader.read(self.document, line) {
            Ok(rule_line) if rule_line.command == Command::Skip => 0,
            Ok(rule_line) => rule_line.rule.copies(),
            Err(_) => 1,
        };
        slots(line, self.allow(copies).unwrap_or(1), None)
    }

    /// Counts the rules of a line; `None` if there are too many.
    fn allow(&mut self, copies: usize) -> Option<usize> {
        let all = self.from_lists + copies.saturating_sub(1);
        (all <= MOST_FROM_LISTS).then(|| {
            self.from_lists = all;
            copies
        })
    }
}

fn slots(line: LineId, copies: usize, jump: Option<Jump>) -> impl Iterator<Item = Slot> {
    let copies = u32::try_from(copies).expect("a million at most");
    (0..copies).map(move |copy| Slot {
        line,
        copy,
        jump,
        width: 1,
    })
}

impl<'d> Executed<'d> {
    /// Makes a table as the kernel has it at first.
    pub(super) fn new(name: Option<&[u8]>, family: Option<Family>) -> Self {
        let kind = name.and_then(tables::Table::named);
        let mut table = Self {
            kind,
            family,
            is_strict: false,
            chains: Vec::new(),
            names: HashMap::default(),
            former: HashMap::default(),
            filled: Vec::new(),
            alive: Vec::new(),
            shape: None,
        };
        for name in kind.map_or(&[][..], |kind| kind.chains) {
            let chain = Kind::Builtin(None);
            table.add(Chain::new(Text::Borrowed(name.as_bytes()), chain, None));
        }
        table
    }

    /// Makes commands fail that iptables-restore would refuse.
    pub(super) const fn strict(mut self) -> Self {
        self.is_strict = true;
        self
    }

    /// Takes the policies of the table as it was before, which a new section keeps.
    pub(super) fn take_policies(&mut self, policy: impl Fn(&[u8]) -> Option<Policy>) {
        for chain in &mut self.chains {
            chain.kind = Kind::Builtin(policy(&chain.name));
        }
    }

    /// The table's place among the kernel's.
    pub(super) fn rank(&self) -> usize {
        let same = |table: &tables::Table| self.kind.is_some_and(|kind| std::ptr::eq(table, kind));
        TABLES.iter().position(same).unwrap_or(TABLES.len())
    }

    pub(super) fn chain(&self, chain: u32) -> &Chain<'d> {
        &self.chains[chain as usize]
    }

    pub(super) fn name(&self, chain: u32) -> &[u8] {
        &self.chain(chain).name
    }

    /// The chains that are there.
    pub(super) fn chain_ids(&self) -> impl Iterator<Item = u32> {
        let ids = 0..u32::try_from(self.chains.len()).expect("fewer chains than bytes");
        ids.filter(|id| self.chain(*id).kind != Kind::Deleted)
    }

    /// Finds a chain by the name it has at the end.
    pub(super) fn named(&self, name: &[u8]) -> Option<u32> {
        self.names.get(name).copied()
    }

    /// Finds a chain by the name it had when a line was executed.
    pub(super) fn named_at(&self, name: &[u8], line: LineId) -> Option<u32> {
        let former = self.former.get(name).and_then(|former| {
            let later = former.partition_point(|(until, _)| *until <= line);
            former.get(later).map(|(_, chain)| *chain)
        });
        former.or_else(|| self.named(name))
    }

    /// Executes a section of the text.
    pub(super) fn run(&mut self, section: SectionId, scope: &mut Scope<'d>) {
        let document = scope.document;
        let mut reader = self.family.map(Reader::for_family).unwrap_or_default();
        // Lines of one chain mostly come together.
        let mut last = None;
        for line in document.section_lines(section) {
            match line.kind {
                LineKind::Chain => _ = self.declare(&declaration(line.content()), line.id),
                LineKind::Rule => {
                    let named = document.chain_of(line.id);
                    if document.plain_chain(line.id).is_some()
                        && let Some(named) = named
                    {
                        let chain = match last {
                            Some((same, chain)) if same == named => chain,
                            _ => self.find_or_add(document.chain_name(named), line.id),
                        };
                        last = Some((named, chain));
                        self.push_pending(chain, line.id);
                        continue;
                    }
                    last = None;
                    match reader.read(document, line.id) {
                        Ok(rule_line) => _ = self.execute(rule_line, line.id, scope),
                        Err(_) => self.push_unreadable(line, scope),
                    }
                }
                _ => {}
            }
        }
    }

    fn push_pending(&mut self, chain: u32, line: LineId) {
        self.note_filled(chain);
        self.chains[chain as usize].pending.push(line);
    }

    fn push_unreadable(&mut self, line: Line<'d>, scope: &mut Scope<'d>) {
        if let Some(named) = scope.document.chain_of(line.id) {
            let chain = self.find_or_add(scope.document.chain_name(named), line.id);
            self.settle(chain, scope);
            slots(line.id, 1, None).for_each(|slot| self.push(chain, slot, scope));
        }
    }

    /// Makes the chain that a `:CHAIN POLICY` line declares.
    pub(super) fn declare(&mut self, line: &Declaration<'d>, id: LineId) -> Done {
        if let (true, Some(kind)) = (self.is_strict, self.kind) {
            rule::check_declaration(line, kind)?;
        }
        let chain = match self.names.get(line.chain) {
            Some(chain) if self.chain(*chain).is_builtin() => *chain,
            _ => self.make(Text::Borrowed(line.chain), id)?,
        };
        self.set_policy(chain, line.policy, id);
        Ok(())
    }

    /// Executes a rule line.
    pub(super) fn execute(
        &mut self,
        rule_line: &RuleLine<'d>,
        line: LineId,
        scope: &mut Scope<'d>,
    ) -> Done {
        if self.is_strict {
            rule::check_rule_line(rule_line, self.kind, self.family)?;
        }
        let chain = match &rule_line.command {
            Command::NewChain { .. } => None,
            command => command.chain(),
        };
        let chain = match chain {
            Some(name) => Some(self.find(name, line)?),
            None => None,
        };
        match (&rule_line.command, chain) {
            (Command::Append { .. }, Some(chain)) => {
                self.settle(chain, scope);
                for slot in self.slots(rule_line, line, scope)? {
                    self.push(chain, slot, scope);
                }
            }
            (Command::Insert { number, .. }, Some(chain)) => {
                self.settle(chain, scope);
                let slots = self.slots(rule_line, line, scope)?;
                let at = self.place(chain, *number, Beyond::ByOne)?;
                self.renumber_insertion(chain, at, line);
                for slot in slots {
                    self.insert(chain, at, slot, scope);
                }
            }
            (Command::Replace { number, .. }, Some(chain)) => {
                self.settle(chain, scope);
                let mut slots = self.slots(rule_line, line, scope)?;
                let at = self.place(chain, *number, Beyond::Never)?;
                self.renumber(chain, at, line, Named::Replaced);
                if let Some(slot) = slots.next() {
                    self.replace(chain, at, slot, scope);
                }
            }
            (Command::Delete { .. } | Command::Check { .. }, Some(chain)) => {
                self.settle(chain, scope);
                self.find_rules(chain, rule_line, line, scope)?;
            }
            (Command::DeleteNumber { number, .. }, Some(chain)) => {
                self.settle(chain, scope);
                let at = self.place(chain, *number, Beyond::Never)?;
                self.renumber(chain, at, line, Named::Removed);
                self.remove(chain, at);
            }
            (Command::Flush { .. }, Some(chain)) => self.flush(chain, scope),
            (Command::Flush { .. }, None) => {
                for chain in std::mem::take(&mut self.filled) {
                    self.flush(chain, scope);
                }
            }
            (
                Command::Zero {
                    number: Some(number),
                    ..
                },
                Some(chain),
            ) => {
                self.settle(chain, scope);
                let at = self.place(chain, *number, Beyond::Never)?;
                self.renumber(chain, at, line, Named::Zeroed);
            }
            (Command::NewChain { chain }, _) => _ = self.make(chain.clone(), line)?,
            (Command::DeleteChain { .. }, Some(chain)) => self.delete(chain, line)?,
            (Command::DeleteChain { .. }, None) => self.delete_all(line)?,
            (Command::RenameChain { new, .. }, Some(chain)) => {
                self.rename(chain, new.clone(), line)?;
            }
            (Command::Policy { target, .. }, Some(chain)) => self.set_policy(chain, target, line),
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, chain: Chain<'d>) -> u32 {
        let id = u32::try_from(self.chains.len()).expect("fewer chains than bytes");
        self.names.insert(chain.name.clone(), id);
        if !chain.is_builtin() {
            self.alive.push(id);
        }
        self.chains.push(chain);
        id
    }

    /// Finds the chain that a command names. A missing one is reported once.
    fn find(&mut self, name: &Text<'d>, line: LineId) -> Done<u32> {
        if let Some(found) = self.named(name) {
            return Ok(found);
        }
        let id = self.add(Chain::new(name.clone(), Kind::Missing, Some(line)));
        if !self.is_strict {
            return Ok(id);
        }
        let chain = Name::new(name);
        Err(Located::new(LoadError::NoSuchChain { chain }, Part::Chain))
    }

    fn find_or_add(&mut self, name: &'d [u8], line: LineId) -> u32 {
        self.named(name).unwrap_or_else(|| {
            self.add(Chain::new(Text::Borrowed(name), Kind::Missing, Some(line)))
        })
    }

    /// Makes a chain that is not there yet.
    fn make(&mut self, name: Text<'d>, line: LineId) -> Done<u32> {
        let Some(found) = self.named(&name) else {
            return Ok(self.add(Chain::new(name, Kind::User, Some(line))));
        };
        let chain = &mut self.chains[found as usize];
        chain.declared = Some(line);
        if chain.kind == Kind::Missing {
            chain.kind = Kind::User;
        } else if self.is_strict {
            return Err(
                Located::new(TextError::DuplicateChain, Part::Chain).with_other(chain.made_by)
            );
        }
        Ok(found)
    }

    fn delete(&mut self, id: u32, line: LineId) -> Done {
        let chain = self.chain(id);
        let refuse = |kind| Err(Located::new(kind, Part::Chain));
        match chain.kind {
            Kind::Builtin(_) => return refuse(LoadError::BuiltinChain),
            _ if chain.jumps > 0 => {
                let chain = Name::new(&chain.name);
                return refuse(LoadError::ChainInUse { chain });
            }
            _ if !chain.is_empty() && !chain.has_gaps => {
                let chain = Name::new(&chain.name);
                return refuse(LoadError::ChainNotEmpty { chain });
            }
            _ => {}
        }
        self.forget_name(id, line);
        self.chains[id as usize].kind = Kind::Deleted;
        Ok(())
    }

    /// Deletes all user-defined chains, up to the first that cannot be deleted.
    fn delete_all(&mut self, line: LineId) -> Done {
        let alive = std::mem::take(&mut self.alive);
        for (nth, chain) in alive.iter().enumerate() {
            if matches!(self.chain(*chain).kind, Kind::User)
                && let Err(located) = self.delete(*chain, line)
            {
                self.alive = alive[nth..].to_vec();
                return Err(located);
            }
        }
        Ok(())
    }

    fn rename(&mut self, id: u32, new: Text<'d>, line: LineId) -> Done {
        if self.chain(id).is_builtin() {
            return Err(Located::new(LoadError::BuiltinChain, Part::Chain));
        }
        if let Some(other) = self.named(&new) {
            return Err(Located::new(TextError::DuplicateChain, Part::Second)
                .with_other(self.chain(other).made_by));
        }
        self.forget_name(id, line);
        self.names.insert(new.clone(), id);
        let chain = &mut self.chains[id as usize];
        chain.name = new;
        (chain.made_by, chain.declared) = (Some(line), Some(line));
        Ok(())
    }

    /// Takes its name from a chain; lines before still mean it.
    fn forget_name(&mut self, id: u32, line: LineId) {
        let name = self.chain(id).name.clone();
        self.names.remove(&name);
        self.former.entry(name).or_default().push((line, id));
    }

    fn set_policy(&mut self, chain: u32, policy: &[u8], line: LineId) {
        let chain = &mut self.chains[chain as usize];
        let takes_policy = chain.is_builtin() || self.kind.is_none();
        if let (true, Some(policy)) = (takes_policy, Policy::named(policy)) {
            chain.kind = Kind::Builtin(Some(policy));
            chain.declared = Some(line);
        }
    }

    /// Returns the rules that a line makes: one for each pair of its addresses.
    fn slots(
        &self,
        rule_line: &RuleLine<'d>,
        line: LineId,
        scope: &mut Scope<'d>,
    ) -> Done<impl Iterator<Item = Slot> + use<>> {
        debug_assert!(has_rule(rule_line), "the command takes a rule");
        let rule = &rule_line.rule;
        let jump = self.jump_of(rule)?;
        let copies = match scope.allow(rule.copies()) {
            None if self.is_strict => {
                return Err(Located::new(LoadError::TooManyRules, Part::Whole));
            }
            copies => copies.unwrap_or(1),
        };
        Ok(slots(line, copies, jump))
    }

    /// Finds the chain that a rule jumps or goes to, where the text is judged.
    fn jump_of(&self, rule: &Rule<'_>) -> Done<Option<Jump>> {
        match &rule.target {
            Some(Target::Jump(name)) => self.jump(name, false),
            Some(Target::Goto(name)) => self.jump(name, true),
            _ => Ok(None),
        }
    }

    /// Finds the chain that the rule of a line jumps or goes to.
    pub(super) fn jump_at(&self, rule: &Rule<'_>, line: LineId) -> Option<Jump> {
        let (name, is_goto) = match &rule.target {
            Some(Target::Jump(name)) => (name, false),
            Some(Target::Goto(name)) => (name, true),
            _ => return None,
        };
        Some(Jump::new(self.named_at(name, line)?, is_goto))
    }

    fn jump(&self, name: &[u8], is_goto: bool) -> Done<Option<Jump>> {
        let refuse = |kind: ErrorKind| Err(Located::new(kind, Part::Target));
        match self.named(name) {
            Some(chain) if self.is_strict && self.chain(chain).is_builtin() => {
                refuse(LoadError::JumpToBuiltin.into())
            }
            Some(chain) => Ok(Some(Jump::new(chain, is_goto))),
            None if !self.is_strict => Ok(None),
            None if is_goto => refuse(
                LoadError::NoSuchChain {
                    chain: Name::new(name),
                }
                .into(),
            ),
            None => refuse(
                RuleError::NoSuchTarget {
                    name: Name::new(name),
                    hint: hint::of_target(name).into(),
                }
                .into(),
            ),
        }
    }

    /// Notes that a rule is missing that a chain should have.
    pub(super) fn note_gap(&mut self, chain: &[u8]) {
        if let Some(chain) = self.named(chain) {
            self.chains[chain as usize].has_gaps = true;
        }
    }
}
