//! A change as a transform proposes it, and as edits.

use std::borrow::Cow;

use iptables_save::{
    Chain, Command, Edit, Error, Family, LineId, Reader, Renumbering, Reshaped, Rule, RuleRef,
    SourceLine, Style, Writer,
};

use super::{Change, Finding, FindingKind, Operation, RulePlace, builder::with_number};
use crate::Place;

/// A change that a transform proposes.
#[derive(Debug)]
pub(crate) struct Proposal<'r, 'd> {
    pub(crate) chain: Chain<'r>,
    pub(crate) at: RuleRef,
    pub(crate) source: SourceLine<'d>,
    pub(crate) operation: Operation<'d>,
    pub(crate) place: Place,
    pub(crate) transform: &'static str,
    pub(crate) reason: String,
}

/// Lines shorter than this cannot have more words than iptables-restore accepts.
const SHORT: usize = 496;

impl<'d> Proposal<'_, 'd> {
    /// Returns why iptables-restore would refuse one of the new lines, which may have too many
    /// words; `None` if it would not.
    pub(super) fn refusal(&self, family: Option<Family>) -> Option<Error> {
        let lines = self.lines(None);
        let mut long = lines.iter().filter(|line| line.len() >= SHORT);
        long.find_map(|line| {
            let mut reader = family.map(Reader::for_family).unwrap_or_default();
            reader.read_line(line, None).err()
        })
    }

    /// Returns how many rules the line makes after the change.
    pub(super) fn reshaped(&self) -> (LineId, Reshaped) {
        let copies = self.source.rule_line.rule.copies();
        let after = |rules: &[Rule<'_>]| rules.iter().map(Rule::copies).sum::<usize>();
        let (width, is_block) = match &self.operation {
            Operation::Remove => (0, false),
            Operation::Replace(rules) if rules.len() == 1 && after(rules) == copies => (1, false),
            Operation::Replace(rules) => (after(rules), copies > 1),
            Operation::InsertBefore(rules) => (after(rules) + copies, copies > 1),
        };
        let width = u32::try_from(width).unwrap_or(u32::MAX);
        (self.source.line, Reshaped { width, is_block })
    }

    /// Returns the rules before and after the change, as iptables-save prints them: commands
    /// that name one of them by its text have to change.
    pub(super) fn texts(&self) -> impl Iterator<Item = Vec<u8>> {
        let old = match &self.operation {
            Operation::InsertBefore(_) => None,
            _ => Some(&self.source.rule_line.rule),
        };
        let all = old.into_iter().chain(self.operation.rules());
        all.flat_map(|rule| (0..rule.copies()).map(|nth| print(&rule.copy(nth))))
    }

    /// Returns the new lines: the one that replaces the old one, then those after it.
    fn lines(&self, number: Option<u32>) -> Vec<Vec<u8>> {
        let command = self.command(number);
        match &self.operation {
            Operation::Remove => match &*command {
                Command::Replace { .. } => vec![self.deletion(&command)],
                _ => Vec::new(),
            },
            Operation::Replace(rules) => {
                let mut lines = Vec::with_capacity(rules.len());
                let mut before = 0;
                for rule in rules {
                    lines.push(if before == 0 {
                        self.source.rewrite(&command, rule).text
                    } else {
                        self.source.sibling(&insertion(&command, before), rule)
                    });
                    before += rule.copies();
                }
                lines
            }
            Operation::InsertBefore(rules) => {
                let bare = |(before, rule)| self.rule_line_for(&insertion(&command, before), rule);
                rules.iter().enumerate().map(bare).collect()
            }
        }
    }

    /// Returns the line of a new rule, with counters of zero if other rules have counters.
    fn rule_line_for(&self, command: &Command<'_>, rule: &Rule<'_>) -> Vec<u8> {
        let counters = self.source.rule_line.counters;
        iptables_save::RuleLine {
            counters: counters.map(|_| iptables_save::Counters::default()),
            command: command.clone(),
            rule: rule.clone(),
            ..iptables_save::RuleLine::default()
        }
        .to_bytes()
    }

    fn command(&self, number: Option<u32>) -> Cow<'_, Command<'d>> {
        let command = &self.source.rule_line.command;
        number.map_or(Cow::Borrowed(command), |number| {
            Cow::Owned(with_number(command, number))
        })
    }

    /// Returns the deletion that replaces `-R` if its rule is to be removed.
    fn deletion(&self, command: &Command<'_>) -> Vec<u8> {
        let Command::Replace { chain, number } = command else {
            return self.source.bytes.to_vec();
        };
        let delete = Command::DeleteNumber {
            chain: chain.clone(),
            number: *number,
        };
        self.source.sibling(&delete, &self.source.rule_line.rule)
    }

    /// Makes the change, with the rule number that the line's command needs.
    pub(super) fn into_change(self, renumbering: Option<&Renumbering>) -> Change<'d> {
        let line = self.source.line;
        let number = renumbering.and_then(|all| all.numbers.get(&line)).copied();
        let lines = self.lines(number);
        let edits = self.edits(number, &lines);
        let lines = match &self.operation {
            Operation::Remove => Vec::new(),
            _ => lines,
        };
        Change {
            at: RulePlace {
                table: self.chain.table().name().map(<[u8]>::to_vec),
                chain: self.chain.name().to_vec(),
                number: self.at.number,
                line,
            },
            operation: self.operation,
            place: self.place,
            lines,
            edits,
            transform: self.transform,
            reason: self.reason,
        }
    }

    fn edits(&self, number: Option<u32>, lines: &[Vec<u8>]) -> Vec<Edit> {
        let line = self.source.line;
        let text = |lines: &[Vec<u8>]| {
            let ended = lines.iter().flat_map(|line| [&line[..], b"\n"]);
            ended.collect::<Vec<_>>().concat()
        };
        let command = self.command(number);
        let appends = matches!(&*command, Command::Append { .. });
        match (&self.operation, self.place) {
            (Operation::Remove, _) if lines.is_empty() => vec![Edit::Remove { line }],
            (Operation::Remove, _) => vec![Edit::Line {
                line,
                with: text(lines),
            }],
            (Operation::InsertBefore(_), _) => {
                // A rule that is inserted later at the same number comes first.
                let text = text(lines);
                let mut edits = self
                    .source
                    .rewrite(&command, &self.source.rule_line.rule)
                    .edits;
                edits.push(if appends {
                    Edit::Before { line, text }
                } else {
                    Edit::After { line, text }
                });
                edits
            }
            (Operation::Replace(_), Place::First) => vec![
                Edit::Before {
                    // Rules only move in tables where all are appended.
                    line: self.chain.unordered_lines().next().unwrap_or(line),
                    text: text(lines),
                },
                Edit::Remove { line },
            ],
            (Operation::Replace(rules), Place::InPlace) => {
                let mut edits: Vec<Edit> = rules
                    .first()
                    .map(|rule| self.source.rewrite(&command, rule).edits)
                    .unwrap_or_default();
                if let Some(rest) = lines.get(1..).filter(|rest| !rest.is_empty()) {
                    edits.push(Edit::After {
                        line,
                        text: text(rest),
                    });
                }
                edits
            }
        }
    }

    /// Returns the finding about a rule that cannot be edited because the result has too many
    /// words.
    pub(super) fn would_not_load(&self, error: &Error) -> Finding {
        let message = format!(
            "this rule was left unchanged, because iptables-restore would refuse what it becomes: {error}"
        );
        Finding {
            kind: FindingKind::CannotEdit,
            line: Some(self.source.line),
            span: self
                .source
                .target()
                .map(|clause| self.source.span_of(clause)),
            message,
            advice: Some(
                "give fewer pod networks that cover the same addresses, or split the rule"
                    .to_owned(),
            ),
        }
    }

    /// Returns the finding about a rule that cannot be edited because a command names one of
    /// the rules that its line makes.
    pub(super) fn is_numbered(&self, command: LineId) -> Finding {
        let message = format!(
            "this rule was left unchanged: line {} names rules of its chain by number, among those that a list of addresses makes",
            command.index() + 1
        );
        Finding {
            kind: FindingKind::CannotEdit,
            line: Some(self.source.line),
            span: None,
            message,
            advice: Some("load the file, and filter what `iptables-save` prints".to_owned()),
        }
    }
}

/// Returns the command for a rule `before` rules after the position that another command
/// names.
fn insertion<'c>(command: &Command<'c>, before: usize) -> Command<'c> {
    match command {
        Command::Insert { chain, number } | Command::Replace { chain, number } => {
            let before = u32::try_from(before).unwrap_or(u32::MAX);
            Command::Insert {
                chain: chain.clone(),
                number: number.saturating_add(before),
            }
        }
        other => other.clone(),
    }
}

fn print(rule: &Rule<'_>) -> Vec<u8> {
    let mut printed = Vec::new();
    rule.write(&mut Writer::new(&mut printed, Style::default()));
    printed
}
