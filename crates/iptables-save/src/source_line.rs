//! A rule line as it is written, and what to change in it so that it says something else.

use std::{borrow::Cow, ops::Range};

use crate::{
    Base, Clause, ClauseKind, Command, Document, Edit, Edits, Error, Family, LineId, Reader, Rule,
    RuleLine, Span, Word, Writer, value::Argument, writer::Style,
};

/// A rule line with its words: what it takes to give it another command or another rule and
/// to leave all other words as they are.
///
/// ```
/// use iptables_save::{Document, Rule, SourceLine, value::Invertible};
///
/// let document = Document::read(b"*nat\n-A POSTROUTING  -o eth0 -j MASQUERADE\nCOMMIT\n");
/// let line = document.lines().nth(1).unwrap();
/// let source = SourceLine::read(&document, line.id, None).unwrap();
/// let rule = Rule {
///     destination: Some(Invertible::is_not("10.0.0.0/8".parse::<ipnetwork::IpNetwork>().unwrap().into())),
///     ..source.rule_line.rule.clone()
/// };
/// let written = source.rewrite(&source.rule_line.command, &rule);
/// assert_eq!(written.text, b"-A POSTROUTING  ! -d 10.0.0.0/8 -o eth0 -j MASQUERADE");
/// ```
#[derive(Clone, Debug)]
pub struct SourceLine<'a> {
    /// The line.
    pub line: LineId,
    /// Its bytes, without the newline.
    pub bytes: &'a [u8],
    /// What it says.
    pub rule_line: RuleLine<'a>,
    /// Its words.
    pub words: Vec<Word<'a>>,
    /// The words, grouped by the option they belong to.
    pub clauses: Vec<Clause>,
    /// Where it begins in the input.
    start: usize,
}

/// A line that says something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// The whole line, without the newline.
    pub text: Vec<u8>,
    /// The edits that make it of the line that is there.
    pub edits: Vec<Edit>,
}

/// Words to put in place of others.
type Change = (Range<usize>, Vec<u8>);

impl<'a> SourceLine<'a> {
    /// Parses a line of a document.
    ///
    /// # Errors
    /// What iptables-restore would refuse in this line, with its place in the input.
    pub fn read(
        document: &Document<'a>,
        line: LineId,
        family: Option<Family>,
    ) -> Result<Self, Error> {
        let mut reader = family.map(Reader::for_family).unwrap_or_default();
        reader.read_clauses(document, line)?;
        let place = document.line(line);
        Ok(Self {
            line,
            bytes: place.content(),
            words: reader.words().to_vec(),
            clauses: reader.clauses().to_vec(),
            rule_line: reader.into_rule_line(),
            start: place.span.start,
        })
    }

    /// Returns the span of a clause in the input.
    #[must_use]
    pub fn span_of(&self, clause: &Clause) -> Span {
        clause.span(&self.words).shifted(self.start)
    }

    /// Returns the `-j` or `-g` clause.
    #[must_use]
    pub fn target(&self) -> Option<&Clause> {
        self.clauses.iter().find(|clause| is_target(clause.kind))
    }

    /// Rewrites the line so that it has this command and this rule. Words that say the same
    /// stay as they are.
    #[must_use]
    pub fn rewrite(&self, command: &Command<'_>, rule: &Rule<'_>) -> Rewritten {
        let changes = self.changes(command, rule);
        Rewritten {
            text: apply(self.bytes, &changes),
            edits: edits(self.line, &changes),
        }
    }

    /// Returns a line like this one with another command and rule, for a place next to it: its
    /// counters are zero.
    #[must_use]
    pub fn sibling(&self, command: &Command<'_>, rule: &Rule<'_>) -> Vec<u8> {
        let bytes = match self.bytes.first() {
            Some(b'[') => {
                let rest = &self.bytes[crate::counters_end(self.bytes)..];
                Cow::Owned([b"[0:0]", rest].concat())
            }
            _ => Cow::Borrowed(self.bytes),
        };
        apply(&bytes, &self.changes(command, rule))
    }

    /// Derives the changes of words; where an option has no words of its own, as in
    /// `-fd ADDRESS`, all are written anew.
    fn changes(&self, command: &Command<'_>, rule: &Rule<'_>) -> Vec<Change> {
        let mut changes = Vec::new();
        let in_place = self.has_own_words()
            && self.change_command(command, &mut changes).is_some()
            && self.change_options(rule, &mut changes).is_some()
            && self.change_matches(rule, &mut changes).is_some()
            && self.change_target(rule, &mut changes).is_some();
        if !in_place {
            return vec![(0..self.words.len(), self.anew(command, rule))];
        }
        // Several changes at one place come in the order in which they were made.
        changes.sort_by_key(|(words, _)| (words.start, words.end));
        changes
    }

    fn has_own_words(&self) -> bool {
        let mut pairs = self.clauses.windows(2);
        !pairs.any(|pair| pair[0].words().end > pair[1].words().start)
    }

    /// The whole line in canonical form, without its counters.
    fn anew(&self, command: &Command<'_>, rule: &Rule<'_>) -> Vec<u8> {
        let takes_rule = !matches!(command, Command::DeleteNumber { .. });
        let none = Rule::default();
        let rule_line = RuleLine {
            counters: None,
            command: command.clone(),
            set_counters: self.rule_line.set_counters.filter(|_| takes_rule),
            rule: if takes_rule { rule } else { &none }.clone(),
            family: self.rule_line.family,
        };
        rule_line.to_bytes()
    }

    fn change_command(&self, new: &Command<'_>, changes: &mut Vec<Change>) -> Option<()> {
        let old = &self.rule_line.command;
        if old == new {
            return Some(());
        }
        let (from, to) = match (old, new) {
            (Command::Insert { number: from, .. }, Command::Insert { number: to, .. })
            | (Command::Replace { number: from, .. }, Command::Replace { number: to, .. })
            | (
                Command::DeleteNumber { number: from, .. },
                Command::DeleteNumber { number: to, .. },
            )
            | (
                Command::Zero {
                    number: Some(from), ..
                },
                Command::Zero {
                    number: Some(to), ..
                },
            ) => (from, to),
            _ => return None,
        };
        let is_command =
            |clause: &&Clause| matches!(clause.kind, ClauseKind::Base(Base::Command(_)));
        let command = self.clauses.iter().find(is_command)?;
        let words = command.words();
        let has_number = command.with_value(&self.words, |args| args.len() > 1);
        // Without a number, `-I` means the first place.
        let number = if has_number {
            words.end - 1..words.end
        } else {
            words.end..words.end
        };
        if from != to {
            changes.push((number, to.to_string().into_bytes()));
        }
        Some(())
    }

    fn change_options(&self, new: &Rule<'_>, changes: &mut Vec<Change>) -> Option<()> {
        let old = &self.rule_line.rule;
        let printed = [print_options(old), print_options(new)];
        for (nth, option) in OPTIONS.iter().enumerate() {
            let [old, new] = [&printed[0][nth], &printed[1][nth]];
            if old != new {
                let words = self.slot(nth, *option);
                if new.is_empty() || words.is_empty() != old.is_empty() {
                    return None;
                }
                changes.push((words, new.clone()));
            }
        }
        Some(())
    }

    /// The words of an option; when it is not there, the place where iptables-save prints
    /// it: before all that is printed after it.
    fn slot(&self, nth: usize, option: Base) -> Range<usize> {
        let is_option = |clause: &&Clause| clause.kind == ClauseKind::Base(option);
        if let Some(clause) = self.clauses.iter().find(is_option) {
            return clause.words();
        }
        let is_later = |clause: &&Clause| match clause.kind {
            ClauseKind::Base(Base::Goto) => true,
            ClauseKind::Base(base) => OPTIONS[nth + 1..].contains(&base),
            // A match that `-p` brings has no words of its own.
            _ => !clause.words().is_empty(),
        };
        let later = self.clauses.iter().find(is_later);
        let at = later.map_or(self.words.len(), |clause| clause.words().start);
        at..at
    }

    /// Puts new matches after those that are there.
    fn change_matches(&self, new: &Rule<'_>, changes: &mut Vec<Change>) -> Option<()> {
        let added = new.matches.strip_prefix(&self.rule_line.rule.matches[..])?;
        let target = self.target();
        let at = target.map_or(self.words.len(), |clause| clause.words().start);
        for one in added {
            changes.push((at..at, print(|out| one.write(out))));
        }
        Some(())
    }

    fn change_target(&self, new: &Rule<'_>, _: &mut [Change]) -> Option<()> {
        (self.rule_line.rule.target == new.target).then_some(())
    }
}

/// iptables' own options of a rule, in the order in which iptables-save prints them.
const OPTIONS: [Base; 6] = [
    Base::Source,
    Base::Destination,
    Base::InInterface,
    Base::OutInterface,
    Base::Protocol,
    Base::Fragment,
];

const fn is_target(place: ClauseKind) -> bool {
    matches!(place, ClauseKind::Target(_) | ClauseKind::Base(Base::Goto))
}

/// What iptables-save prints for each of [`OPTIONS`].
fn print_options(rule: &Rule<'_>) -> [Vec<u8>; 6] {
    fn one<'a>(value: Option<&impl Argument<'a>>, flag: &str) -> Vec<u8> {
        value.map_or_else(Vec::new, |value| print(|out| value.write(flag, out)))
    }
    [
        one(rule.source.as_ref(), "-s"),
        one(rule.destination.as_ref(), "-d"),
        one(rule.in_interface.as_ref(), "-i"),
        one(rule.out_interface.as_ref(), "-o"),
        one(rule.protocol.as_ref(), "-p"),
        one(rule.fragment.as_ref(), "-f"),
    ]
}

fn print(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
    let mut printed = Vec::new();
    write(&mut Writer::new(&mut printed, Style::default()));
    printed
}

/// Changes of words as edits of a line.
fn edits(line: LineId, changes: &[Change]) -> Vec<Edit> {
    let edit = |(words, with): &Change| Edit::Words {
        line,
        words: words.clone(),
        with: with.clone(),
    };
    changes.iter().map(edit).collect()
}

/// A line by itself with words changed.
fn apply(line: &[u8], changes: &[Change]) -> Vec<u8> {
    let alone = Document::read(line);
    let only = alone.lines().next();
    only.and_then(|only| Edits::new(edits(only.id, changes)).ok())
        .map_or_else(|| line.to_vec(), |edits| edits.apply(&alone))
}
