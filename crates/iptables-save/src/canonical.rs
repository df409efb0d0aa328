//! Each line of a text in the spelling of iptables-save.

use crate::{
    Acceptance, Command, Document, Edit, Edits, Error, Errors, Family, Fidelity, Line, LineKind,
    Purpose, Reader, RuleError, Style,
    line::{declaration, table_name},
    rule::{self, Part},
    tables::Table,
};

/// What it takes to put each line of a text into canonical form.
///
/// Lines keep their order and what they ask for: `-I` stays `-I`, a list of addresses
/// stays one line. Comments and blank lines stay as they are.
///
/// ```
/// use iptables_save::{Canonical, Document};
///
/// let text = b"*filter\n# web\n-I INPUT --proto tcp -m tcp --dport 0x50 --jump ACCEPT\nCOMMIT\n";
/// let document = Document::read(text);
/// let canonical = Canonical::new(&document, None).unwrap();
/// assert_eq!(
///     canonical.edits.apply(&document),
///     b"*filter\n# web\n-I INPUT -p tcp -m tcp --dport 80 -j ACCEPT\nCOMMIT\n",
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Canonical {
    /// One for each line that is spelled otherwise.
    pub edits: Edits,
    /// What is wrong but not fatal. Lines that iptables-save would print in a form that is
    /// refused or read as another rule are among them, and stay as they are.
    pub warnings: Errors,
}

impl Canonical {
    /// Judges each line by itself and spells it anew. The family is that of the text, as
    /// far as it tells, when none is given.
    ///
    /// Whether chains and rules are there that a line asks for is not judged: the text may
    /// be for `iptables-restore --noflush`. [`Ruleset::load`](crate::Ruleset::load) does.
    ///
    /// # Errors
    /// Every error that is fatal for [`Purpose::Check`], in the order of the input.
    pub fn new(document: &Document<'_>, family: Option<Family>) -> Result<Self, Errors> {
        Self::accepting(document, family, Acceptance::default())
    }

    /// Does the same and goes on with what the caller accepts.
    ///
    /// # Errors
    /// Every error that is fatal nevertheless, in the order of the input.
    pub fn accepting(
        document: &Document<'_>,
        family: Option<Family>,
        acceptance: Acceptance,
    ) -> Result<Self, Errors> {
        let family = family.or_else(|| document.family());
        let mut speller = Speller {
            document,
            family,
            reader: family.map(Reader::for_family).unwrap_or_default(),
            table: None,
            new: Vec::new(),
            warnings: Errors::default(),
            errors: Errors::default(),
        };
        for error in document.refusals(Purpose::Check, acceptance) {
            speller.errors.push(error.clone());
        }
        for error in document.warnings(Purpose::Check, acceptance) {
            speller.warnings.push(error.clone());
        }
        let mut edits = Vec::new();
        for line in document.lines() {
            speller.new.clear();
            if speller.spell(line) && speller.new != line.bytes {
                let with = std::mem::take(&mut speller.new);
                edits.push(Edit::Line {
                    line: line.id,
                    with,
                });
            }
        }
        let Speller {
            mut errors,
            mut warnings,
            ..
        } = speller;
        if errors.is_empty() {
            warnings.sort();
            let edits = Edits::new(edits).expect("each is at a line of its own");
            Ok(Self { edits, warnings })
        } else {
            errors.sort();
            Err(errors)
        }
    }
}

struct Speller<'d, 'a> {
    document: &'d Document<'a>,
    family: Option<Family>,
    reader: Reader<'a>,
    /// The table that is open, if there is such a table.
    table: Option<&'static Table>,
    /// The line at hand as it should be, with its newline.
    new: Vec<u8>,
    warnings: Errors,
    errors: Errors,
}

impl<'a> Speller<'_, 'a> {
    /// Spells a line anew; false when it is to stay.
    fn spell(&mut self, line: Line<'a>) -> bool {
        if line.bytes.ends_with(b"\r\n") {
            return false;
        }
        match line.kind {
            LineKind::Table => {
                let name = table_name(line.bytes);
                self.table = Table::named(name);
                self.new.push(b'*');
                self.new.extend_from_slice(name);
            }
            LineKind::Chain => {
                if !self.declaration(line) {
                    return false;
                }
            }
            LineKind::Commit => self.new.extend_from_slice(b"COMMIT"),
            LineKind::Rule => {
                if !self.rule(line) {
                    return false;
                }
            }
            LineKind::Blank | LineKind::Comment | LineKind::Unknown => return false,
        }
        self.new.push(b'\n');
        true
    }

    fn declaration(&mut self, line: Line<'a>) -> bool {
        let read = declaration(line.content());
        if read.policy.is_empty() {
            // Told by the document.
            return false;
        }
        if let Some(table) = self.table
            && let Err(error) = rule::check_declaration(&read, table)
        {
            let word = match error.part {
                Part::Second => read.policy,
                _ => read.chain,
            };
            self.errors.push(Error::new(error.kind, line.span_of(word)));
            return false;
        }
        let counters = match read.counters {
            [] => &b"[0:0]"[..],
            given => given,
        };
        if !rule::is_counters(counters) {
            let span = line.span_of(counters);
            self.errors.push(Error::new(RuleError::BadCounters, span));
            return false;
        }
        for part in [b":", read.chain, b" ", read.policy, b" ", counters] {
            self.new.extend_from_slice(part);
        }
        true
    }

    fn rule(&mut self, line: Line<'a>) -> bool {
        let rule_line = match self.reader.read(self.document, line.id) {
            Ok(rule_line) => rule_line,
            Err(error) => {
                self.errors.push(error);
                return false;
            }
        };
        if let Err(error) = rule::check_rule_line(rule_line, self.table, self.family) {
            let span = self.reader.locate(self.document, line, error.part);
            self.errors.push(Error::new(error.kind, span));
            return false;
        }
        // A list of rules for people: how it is asked for is theirs. What is skipped has
        // not been read to its end.
        if matches!(rule_line.command, Command::List { .. } | Command::Skip) {
            return false;
        }
        match rule_line.write(&mut self.new, Style::default()) {
            Fidelity::Exact => true,
            Fidelity::Lossy => {
                let error = Error::new(RuleError::NotReadBack, line.content_span());
                self.warnings.push(error);
                false
            }
        }
    }
}
