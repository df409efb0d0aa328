//! A text executed as strictly as iptables-restore does.

use super::{
    Contents, Ruleset,
    chain::Kind,
    execute::{Executed, Scope},
};
use crate::{
    Acceptance, Document, Error, Errors, Family, Line, LineKind, LoadError, Purpose, Reader, Span,
    TextError,
    error::Name,
    line::declaration,
    rule::{Located, Part},
};

impl<'d> Ruleset<'d> {
    /// Executes the commands of a text on empty tables, as iptables-restore does. The
    /// family is that of the text, as far as it shows, when none is given.
    ///
    /// The text is judged as a whole: jumps need their chain, rules their number, and jumps
    /// must not loop. Where the two backends of iptables differ, the stricter one is
    /// followed, which is the legacy one nearly everywhere. Only what a kernel alone can
    /// know is not judged: whether it has a module, an ipset, an interface; in which tables
    /// and hooks a target is valid; how deep jumps may go.
    ///
    /// # Errors
    /// Every error that is fatal for [`Purpose::Load`], in the order of the input.
    pub fn load(document: &'d Document<'d>, family: Option<Family>) -> Result<Self, Errors> {
        Self::load_accepting(document, family, Acceptance::default())
    }

    /// Does the same and goes on with what the caller accepts.
    ///
    /// # Errors
    /// Every error that is fatal nevertheless, in the order of the input.
    pub fn load_accepting(
        document: &'d Document<'d>,
        family: Option<Family>,
        acceptance: Acceptance,
    ) -> Result<Self, Errors> {
        let family = family.or_else(|| document.family());
        let mut loader = Loader {
            document,
            reader: family.map(Reader::for_family).unwrap_or_default(),
            scope: Scope::new(document, family),
            ruleset: Self {
                document,
                family,
                tables: Vec::new(),
            },
            open: None,
            errors: Errors::default(),
        };
        for error in document.refusals(Purpose::Load, acceptance) {
            loader.errors.push(error.clone());
        }
        for section in document.sections() {
            loader.begin(section);
            for line in document.section_lines(section) {
                loader.line(line);
            }
        }
        let Loader {
            ruleset,
            mut errors,
            ..
        } = loader;
        if errors.is_empty() {
            return Ok(ruleset);
        }
        errors.sort();
        Err(errors)
    }
}

struct Loader<'d> {
    document: &'d Document<'d>,
    reader: Reader<'d>,
    /// For lines that are parsed again.
    scope: Scope<'d>,
    ruleset: Ruleset<'d>,
    /// The table that lines are about; `None` outside of tables, and in one that no kernel
    /// has.
    open: Option<Box<Executed<'d>>>,
    errors: Errors,
}

impl<'d> Loader<'d> {
    fn line(&mut self, line: Line<'d>) {
        if line.bytes.ends_with(b"\r\n") {
            return;
        }
        match line.kind {
            LineKind::Chain => self.declare(line),
            LineKind::Commit => self.commit(),
            LineKind::Rule => self.rule(line),
            _ => {}
        }
    }

    /// Opens a table, which forgets its rules and chains if it was there before.
    fn begin(&mut self, section: crate::SectionId) {
        self.open = None;
        let name = self.document.table(section);
        let mut table = Executed::new(name, self.ruleset.family).strict();
        if table.kind.is_none() {
            return;
        }
        let before = self.ruleset.replace(name);
        self.ruleset.keep_policies(before, &mut table);
        self.ruleset.push(section, Contents::Lines);
        self.open = Some(Box::new(table));
    }

    fn commit(&mut self) {
        let Some(table) = self.open.take() else {
            return;
        };
        if let Some(slot) = table.find_loop()
            && let Some(jump) = slot.jump
        {
            let chain = Name::new(table.name(jump.chain()));
            let line = self.document.line(slot.line);
            let span = self.reader.locate(self.document, line, Part::Target);
            let error = Error::new(LoadError::JumpLoop { chain }, span);
            self.errors.push(error);
        }
        if let Some(state) = self.ruleset.tables.last_mut() {
            state.contents = Contents::Executed(table);
        }
    }

    fn declare(&mut self, line: Line<'d>) {
        let read = declaration(line.content());
        // Others are reported by the document.
        if let Some(table) = &mut self.open
            && !read.policy.is_empty()
            && let Err(located) = table.declare(&read, line.id)
        {
            let word = match located.part {
                Part::Second => read.policy,
                _ => read.chain,
            };
            self.report(located, line.span_of(word));
        }
    }

    fn rule(&mut self, line: Line<'d>) {
        let Some(table) = &mut self.open else {
            // The text of `iptables -S` names no table, and iptables-restore wants one.
            if self.ruleset.tables.is_empty() && self.document.is_listing() {
                let span = line.content_span();
                self.errors.push(Error::new(TextError::OutsideTable, span));
            }
            return;
        };
        let done = match self.reader.read(self.document, line.id) {
            Ok(rule_line) => table
                .execute(rule_line, line.id, &mut self.scope)
                .map_err(Ok),
            Err(error) => Err(Err(error)),
        };
        if done.is_err()
            && let Some(chain) = self.document.chain_of(line.id)
        {
            table.note_gap(self.document.chain_name(chain));
        }
        match done {
            Ok(()) => {}
            Err(Err(error)) => self.errors.push(error),
            Err(Ok(located)) => {
                let span = self.reader.locate(self.document, line, located.part);
                self.report(located, span);
            }
        }
    }

    fn report(&mut self, located: Located, span: Span) {
        let mut error = Error::new(located.kind, span);
        error.other = located
            .other
            .map(|line| self.document.line(line).content_span());
        self.errors.push(error);
    }
}

impl Kind {
    /// The policy of a built-in chain as an empty table has it.
    pub(super) fn policy_or_default(self) -> super::Policy {
        match self {
            Self::Builtin(Some(policy)) => policy,
            _ => super::Policy::default(),
        }
    }
}
