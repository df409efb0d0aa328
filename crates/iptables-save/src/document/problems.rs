//! Finds what is wrong with the input as a whole, line by line.

use memchr::{memchr, memchr_iter};

use crate::{
    Error, ErrorKind, Errors, Reader, RuleError, Span, TextError,
    line::{LineKind, counters_end, table_name},
    tables::Table,
    word,
};

/// The errors of the input so far.
#[derive(Debug, Default)]
pub(super) struct Problems {
    pub(super) errors: Errors,
}

impl Problems {
    /// Reports a line, or a part of one.
    #[cold]
    pub(super) fn report(&mut self, kind: impl Into<ErrorKind>, start: usize, line: &[u8]) {
        self.errors.push(Error::new(kind, content(start, line)));
    }

    /// Checks the line that begins a table.
    pub(super) fn check_table(&mut self, line: &[u8], start: usize) {
        if Table::named(table_name(line)).is_none() {
            self.report(TextError::UnknownTable, start, line);
        }
    }

    /// Checks whether a comment of iptables-nft-save says that it left something out.
    pub(super) fn check_comment(&mut self, line: &[u8], start: usize) {
        if !line.starts_with(b"# Table `") {
            return;
        }
        let has = |words: &[u8]| memchr::memmem::find(line, words).is_some();
        if has(b"incompatible base-chains") {
            self.report(TextError::IncompatibleBaseChains, start, line);
        } else if has(b"is incompatible") {
            self.report(TextError::IncompatibleTable, start, line);
        }
    }

    /// Reports a line that is outside any table but must not be.
    pub(super) fn outside_table(&mut self, line: &[u8], start: usize) {
        let of_table = matches!(line[0], b'-' | b':') || line.starts_with(b"COMMIT");
        let kind = if of_table {
            TextError::OutsideTable
        } else {
            TextError::NotALine
        };
        self.report(kind, start, line);
    }

    /// Reports the second declaration of a chain, after a first one.
    pub(super) fn duplicate_chain(&mut self, line: &[u8], start: usize, first: Span) {
        let error = Error::new(TextError::DuplicateChain, content(start, line));
        self.errors.push(error.with_other(first));
    }

    /// Reports a quote that nothing closes.
    pub(super) fn check_quotes(&mut self, line: &[u8], start: usize) {
        if let Some(quote) = word::split(line, counters_end(line), &mut Vec::new()) {
            self.report(RuleError::OpenQuote, start + quote, &line[quote..]);
        }
    }

    /// Reports why a rule line names no chain; no other pass parses such a line.
    pub(super) fn check_without_chain(&mut self, line: &[u8], start: usize) {
        let mut reader = Reader::default();
        let wrong = reader.read_line(line, None).err();
        // Open quotes are reported already.
        if let Some(error) = wrong.filter(|error| error.kind != RuleError::OpenQuote.into()) {
            self.errors.push(error.shifted(start));
        }
    }

    /// Reports a rule of iptables-nft-save with neither a match nor a target: it leaves out
    /// what it cannot print.
    #[inline]
    pub(super) fn check_bare(&mut self, line: &[u8], start: usize) {
        let rest = line
            .get(counters_end(line)..)
            .and_then(|rest| rest.trim_ascii().strip_prefix(b"-A "));
        if rest.is_some_and(|rest| !rest.contains(&b' ')) {
            self.report(TextError::BareRule, start, line);
        }
    }

    /// Reports a table that no COMMIT ends, and a COMMIT that no newline ends. `open` is the
    /// header of the table that is open at the end; a listing has no tables.
    pub(super) fn check_end(&mut self, text: &[u8], open: Option<Span>, has_sections: bool) {
        let end = text.len();
        if let Some(header) = open {
            let error = Error::new(TextError::NoCommit, Span::from(end..end));
            self.errors.push(error.with_other(header));
        } else if text.ends_with(b"COMMIT") && has_sections {
            self.report(TextError::NoFinalNewline, end - b"COMMIT".len(), b"COMMIT");
        }
    }

    /// Reports the bytes of a line that iptables-restore may parse differently from what they
    /// look like. Few inputs have any.
    pub(super) fn look_closer(&mut self, line: &[u8], kind: LineKind, start: usize) {
        if let Some(nul) = memchr(0, line) {
            self.report(TextError::Nul, start + nul, &line[nul..=nul]);
        }
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        if content.ends_with(b"\r") {
            let offset = start + content.len() - 1;
            self.report(TextError::CarriageReturn, offset, b"\r");
        }
        // An odd count of quotes was looked into before.
        let even = || memchr_iter(b'"', line).count().is_multiple_of(2);
        if kind == LineKind::Rule && memchr(b'\\', line).is_some() && even() {
            self.check_quotes(line, start);
        }
    }
}

/// Returns the span of a line, without its newline.
fn content(start: usize, line: &[u8]) -> Span {
    let length = line.strip_suffix(b"\n").unwrap_or(line).len();
    Span::from(start..start + length)
}

/// Returns the span of the first line of a section, without its newline.
pub(super) fn first_line(text: &[u8], span: Span) -> Span {
    let length = memchr(b'\n', &text[span.range()]).unwrap_or(span.end - span.start);
    Span::from(span.start..span.start + length)
}
