//! Parses the rules of a document.

use super::Document;
use crate::{
    Error, Line, LineId, Reader, RuleLine, Span,
    rule::{LineScope, Part},
};

impl<'a> Reader<'a> {
    /// Parses one line of a document. The family is that of the document's header unless the
    /// reader was made for one.
    ///
    /// # Errors
    /// What iptables-restore would refuse, with its span in the input.
    pub fn read(&mut self, document: &Document<'a>, line: LineId) -> Result<&RuleLine<'a>, Error> {
        let (text, length) = document.text_from(line);
        let read = document.with_scope(line, |scope| self.read_canonical(text, length, scope));
        match read {
            Some(()) => Ok(self.rule_line()),
            None => self.read_clauses(document, line),
        }
    }

    /// Parses one line of a document with its words and clauses, which takes longer.
    ///
    /// # Errors
    /// What iptables-restore would refuse, with its span in the input.
    pub fn read_clauses(
        &mut self,
        document: &Document<'a>,
        line: LineId,
    ) -> Result<&RuleLine<'a>, Error> {
        let Line { bytes, span, .. } = document.line(line);
        document
            .with_scope(line, |scope| self.read_in(bytes, scope).map(|_| ()))
            .map_err(|error| error.shifted(span.start))?;
        Ok(self.rule_line())
    }

    /// Returns the span of a part of a valid line, or of the whole line if it has no such part.
    pub(crate) fn locate(&mut self, document: &Document<'a>, line: Line<'a>, part: Part) -> Span {
        let found = match self.read_clauses(document, line.id) {
            Ok(_) => self.find(part),
            Err(_) => None,
        };
        found.map_or(line.content_span(), |span| span.shifted(line.span.start))
    }
}

impl<'a> Document<'a> {
    /// Calls a function with what the document knows about a line.
    #[inline]
    fn with_scope<T>(&self, line: LineId, read: impl FnOnce(&LineScope<'_>) -> T) -> T {
        let is_chain = |name: &[u8]| {
            let section = || self.chain_of(line).map(|chain| self.section_of(chain));
            self.shadowed_target
                && section().is_some_and(|section| self.chain(section, name).is_some())
        };
        read(&LineScope {
            family: self.header_family(),
            plain_chain: self.plain_chain(line),
            is_target_shadowed: self.shadowed_target,
            is_rule_alone: false,
            is_chain: &is_chain,
            is_nat: &|| self.table_at(line) == Some(b"nat"),
        })
    }

    /// Returns the length of the chain's name in a line that is known to begin with `-A CHAIN`
    /// without quotes, or with counters and that.
    pub(crate) fn plain_chain(&self, line: LineId) -> Option<usize> {
        self.index.plain_chain(&self.index.lines[line.index()])
    }

    /// Returns the input from a line on, and the length of the line.
    fn text_from(&self, id: LineId) -> (&'a [u8], usize) {
        let lines = &self.index.lines[id.index()..];
        let start = lines[0].start();
        let end = lines
            .get(1)
            .map_or(self.bytes.len(), super::super::index::Entry::start);
        (&self.bytes[start..], end - start)
    }
}
