//! Rules of the nat table, with their words.

use iptables_save::{
    Base, Clause, Command, Document, Error, Family, LineId, Place, Reader, Rule, Span, Statement,
    Style, Word, Writer,
};

use crate::{Finding, transform::unknown_extensions};

/// A rule with what is needed to change its words.
pub(super) struct NatRule<'a> {
    pub(super) line: LineId,
    pub(super) bytes: &'a [u8],
    pub(super) statement: Statement<'a>,
    pub(super) words: Vec<Word<'a>>,
    pub(super) clauses: Vec<Clause>,
    start: usize,
}

impl<'a> NatRule<'a> {
    pub(super) fn read(
        document: &Document<'a>,
        line: LineId,
        family: Family,
    ) -> Result<Self, Error> {
        let mut reader = Reader::of(family);
        reader.read_clauses(document, line)?;
        let place = document.line(line);
        Ok(Self {
            line,
            bytes: place.content(),
            words: reader.words().to_vec(),
            clauses: reader.clauses().to_vec(),
            statement: reader.into_statement(),
            start: place.span.start,
        })
    }

    /// Reads a line that stands for another.
    pub(super) fn read_alone(bytes: &'a [u8], line: LineId) -> Result<Self, Error> {
        let mut reader = Reader::default();
        reader.read_line(bytes, None)?;
        Ok(Self {
            line,
            bytes,
            words: reader.words().to_vec(),
            clauses: reader.clauses().to_vec(),
            statement: reader.into_statement(),
            start: 0,
        })
    }

    /// Findings about extensions of the rule that are not known here.
    pub(super) fn unknown_extensions(&self) -> impl Iterator<Item = Finding> {
        let rule = &self.statement.rule;
        unknown_extensions(self.line, self.start, rule, &self.words, &self.clauses)
    }

    /// The clause of a base option.
    pub(super) fn clause(&self, option: Base) -> Option<&Clause> {
        self.clauses
            .iter()
            .find(|it| it.place == Place::Base(option))
    }

    /// Whether the rule comes in place of another.
    pub(super) const fn replaces(&self) -> bool {
        matches!(self.statement.command, Command::Replace { .. })
    }

    /// The `-j` clause.
    pub(super) fn target(&self) -> Option<&Clause> {
        self.clauses
            .iter()
            .find(|it| matches!(it.place, Place::Target(_)))
    }

    /// Where the target stands in the input.
    pub(super) fn target_span(&self) -> Option<Span> {
        Some(self.target()?.span(&self.words).shifted(self.start))
    }

    /// The rule as iptables-save would print it, without command and counters.
    pub(super) fn canonical(&self) -> Vec<u8> {
        printed(&self.statement.rule)
    }
}

/// A line's rule as iptables-save would print it, without command and counters.
pub(super) fn canonical(line: &[u8], family: Family) -> Vec<u8> {
    let mut reader = Reader::default();
    match reader.read_line(line, Some(family)) {
        Ok(statement) => printed(&statement.rule),
        Err(_) => line.to_vec(),
    }
}

fn printed(rule: &Rule<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    rule.write(&mut Writer::new(&mut out, Style::default()));
    out
}
