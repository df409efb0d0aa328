//! What iptables-restore makes of a whole text.

use self::table::{Fault, ReadsBack, Table};
use crate::{
    Acceptance, Document, Error, ErrorKind, Errors, Family, Line, LineKind, Purpose, Reader, Span,
    error::Name,
    line::{declaration, table_name},
    rule::Part,
};

mod chain;
mod circle;
mod print;
mod sequence;
mod table;

/// The tables that a kernel holds after iptables-restore loaded a text into empty ones.
///
/// The text is judged as a whole: commands are executed in order, jumps need their chain,
/// rules their number, and a chain of jumps must not come back to where it began. Where
/// the two backends of iptables differ, the stricter one is followed, which is the legacy
/// one nearly everywhere. Only what a kernel alone can know is not judged: whether it has
/// a module, an ipset, an interface; which tables and hooks a target may stand in; how
/// deep jumps may go.
///
/// ```
/// use iptables_save::{Document, Ruleset};
///
/// let text = b"*filter\n-N WEB\n-A WEB -p tcp --dport 80 -j ACCEPT\n-I INPUT -j WEB\nCOMMIT\n";
/// let ruleset = Ruleset::load(&Document::read(text), None).unwrap();
/// assert_eq!(
///     String::from_utf8(ruleset.to_bytes()).unwrap(),
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
#[derive(Debug, Default)]
pub struct Ruleset<'a> {
    tables: Vec<Table<'a>>,
    /// The rules of all tables without their jumps, each with a newline before it.
    rules: Vec<u8>,
    warnings: Errors,
}

impl<'a> Ruleset<'a> {
    /// Loads a text into empty tables. The family is that of the text, as far as it
    /// tells, when none is given.
    ///
    /// # Errors
    /// Every error that is fatal for [`Purpose::Load`], in the order of the input.
    pub fn load(document: &Document<'a>, family: Option<Family>) -> Result<Self, Errors> {
        Self::load_accepting(document, family, Acceptance::default())
    }

    /// Does the same and goes on with what the caller accepts.
    ///
    /// # Errors
    /// Every error that is fatal nevertheless, in the order of the input.
    pub fn load_accepting(
        document: &Document<'a>,
        family: Option<Family>,
        acceptance: Acceptance,
    ) -> Result<Self, Errors> {
        let family = family.or_else(|| document.family());
        let mut loader = Loader {
            document,
            family,
            reader: family.map(Reader::of).unwrap_or_default(),
            ruleset: Self::default(),
            open: None,
            errors: Errors::default(),
        };
        for error in document.refusals(Purpose::Load, acceptance) {
            loader.errors.push(error.clone());
        }
        for error in document.warnings(Purpose::Load, acceptance) {
            loader.ruleset.warnings.push(error.clone());
        }
        for line in document.lines() {
            loader.line(line);
        }
        let Loader {
            mut ruleset,
            mut errors,
            ..
        } = loader;
        if errors.is_empty() {
            ruleset.tables.sort_by_key(Table::rank);
            ruleset.warnings.sort();
            Ok(ruleset)
        } else {
            errors.sort();
            Err(errors)
        }
    }

    /// Returns what is wrong but not fatal, such as rules that iptables-save would print in
    /// a form that is refused or read as another rule.
    #[must_use]
    pub const fn warnings(&self) -> &Errors {
        &self.warnings
    }

    /// Appends what iptables-save would print, without comments: the tables in the order
    /// of iptables-nft-save, in each the builtin chains, the others by name, the rules.
    /// All counters are zero, as after iptables-restore without `-c`.
    pub fn write(&self, out: &mut Vec<u8>) {
        for table in &self.tables {
            table.write(&self.rules, out);
        }
    }

    /// What [`write`](Self::write) appends.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.rules.len() * 5 / 4);
        self.write(&mut out);
        out
    }
}

struct Loader<'d, 'a> {
    document: &'d Document<'a>,
    family: Option<Family>,
    reader: Reader<'a>,
    ruleset: Ruleset<'a>,
    /// The table that lines are about; none outside, and in a table that does not exist.
    open: Option<usize>,
    errors: Errors,
}

impl<'a> Loader<'_, 'a> {
    fn line(&mut self, line: Line<'a>) {
        if line.bytes.ends_with(b"\r\n") {
            return;
        }
        match line.kind {
            LineKind::Table => self.begin(line),
            LineKind::Chain => self.declare(line),
            LineKind::Commit => self.commit(),
            LineKind::Rule => self.rule(line),
            LineKind::Blank | LineKind::Comment | LineKind::Unknown => {}
        }
    }

    /// Opens a table, which forgets its rules and chains if it was there before.
    fn begin(&mut self, line: Line<'a>) {
        let tables = &mut self.ruleset.tables;
        self.open = Table::empty(table_name(line.bytes), self.family).map(|table| {
            let same = |it: &Table<'_>| it.rank() == table.rank();
            match tables.iter().position(same) {
                Some(at) => {
                    tables[at].clear();
                    at
                }
                None => {
                    tables.push(table);
                    tables.len() - 1
                }
            }
        });
    }

    fn commit(&mut self) {
        let Some(open) = self.open.take() else { return };
        let table = &self.ruleset.tables[open];
        if let Some(jump) = table.circle() {
            let chain = Name::new(table.name(jump.chain));
            let line = self.document.line(jump.line);
            let span = self.reader.blame(self.document, line, Part::Target);
            let error = Error::new(ErrorKind::JumpsInACircle { chain }, span);
            self.errors.push(error);
        }
    }

    fn declare(&mut self, line: Line<'a>) {
        let read = declaration(line.content());
        // Others are told of by the document.
        if let Some(open) = self.open
            && !read.policy.is_empty()
            && let Err(fault) = self.ruleset.tables[open].declare(&read, line.id)
        {
            let word = match fault.part {
                Part::Second => read.policy,
                _ => read.chain,
            };
            self.tell(fault, line.span_of(word));
        }
    }

    fn rule(&mut self, line: Line<'a>) {
        let Some(open) = self.open else {
            // The text of `iptables -S` names no table, and iptables-restore wants one.
            if self.ruleset.tables.is_empty() && self.document.is_listing() {
                let span = line.content_span();
                self.errors.push(Error::new(ErrorKind::OutsideTable, span));
            }
            return;
        };
        let Ruleset {
            tables,
            rules,
            warnings,
        } = &mut self.ruleset;
        let table = &mut tables[open];
        let done = match self.reader.read(self.document, line.id) {
            Ok(statement) => table.execute(statement, line.id, rules).map_err(Ok),
            Err(error) => Err(Err(error)),
        };
        if done.is_err()
            && let Some(chain) = self.document.chain_of(line.id)
        {
            table.miss_rule_of(self.document.chain_name(chain));
        }
        match done {
            Ok(ReadsBack(true)) => {}
            Ok(ReadsBack(false)) => {
                warnings.push(Error::new(ErrorKind::NotReadBack, line.content_span()));
            }
            Err(Err(error)) => self.errors.push(error),
            Err(Ok(fault)) => {
                let span = self.reader.blame(self.document, line, fault.part);
                self.tell(fault, span);
            }
        }
    }

    fn tell(&mut self, fault: Fault, span: Span) {
        let mut error = Error::new(fault.kind, span);
        error.other = fault
            .first
            .map(|line| self.document.line(line).content_span());
        self.errors.push(error);
    }
}
