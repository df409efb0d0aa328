//! Puts decisions into the words of a rule; all other words stay as they are.

use std::ops::Range;

use ipnetwork::IpNetwork;
use iptables_save::{Base, Clause, Document, Edit, Edits, LineId, Place, Verb, value::Not};

use super::{
    decide::{Exemption, SourceWords, Split},
    rules::NatRule,
};

/// A rule's line, amended.
pub(super) struct Amended {
    /// The whole line, without the newline.
    pub(super) text: Vec<u8>,
    /// The edits that make it of the line that is there.
    pub(super) edits: Vec<Edit>,
}

/// The rule with pods exempt as destinations.
pub(super) fn exempted(rule: &NatRule<'_>, exemption: &Exemption) -> Vec<Amended> {
    with_words_apart(rule, |rule| {
        let mut words = Words::of(rule);
        words.exempt(exemption);
        vec![words.amended(rule.bytes)]
    })
}

/// The rule for others first, then those for pods.
pub(super) fn split(rule: &NatRule<'_>, split: &Split) -> Vec<Amended> {
    with_words_apart(rule, |rule| {
        let mut others = Words::of(rule);
        others.source(&split.others);
        let pods = split.pods.iter().map(|source| {
            let mut pods = Words::of(rule);
            pods.inserted();
            pods.source(source);
            pods.exempt(&split.exemption);
            pods.amended(&uncounted(rule.bytes))
        });
        std::iter::once(others.amended(rule.bytes))
            .chain(pods)
            .collect()
    })
}

/// Amends a rule whose options have words of their own. Where two options share a word,
/// as in `-fd ADDRESS`, the rule is first written out as iptables-save would print it; and
/// so is one with `-R`, which has many spellings.
fn with_words_apart(
    rule: &NatRule<'_>,
    amend: impl Fn(&NatRule<'_>) -> Vec<Amended>,
) -> Vec<Amended> {
    let mut pairs = rule.clauses.windows(2);
    let shared = pairs.any(|pair| pair[0].words().end > pair[1].words().start);
    if !shared && !rule.replaces() {
        return amend(rule);
    }
    let text = rule.statement.to_bytes();
    let Ok(apart) = NatRule::read_alone(&text, rule.line) else {
        return amend(rule);
    };
    let mut lines = amend(&apart);
    if let Some(first) = lines.first_mut() {
        let with = first.text[iptables_save::counters_end(&first.text)..].trim_ascii();
        let all = [(0..rule.words.len(), with.to_vec())];
        *first = Amended {
            text: applied(rule.bytes, &all),
            edits: edits(rule.line, &all),
        };
    }
    lines
}

/// The line with its counters, if it has any, set to zero: a rule that comes from
/// another has seen nothing yet.
fn uncounted(line: &[u8]) -> Vec<u8> {
    match line.first() {
        Some(b'[') => [b"[0:0]", &line[iptables_save::counters_end(line)..]].concat(),
        _ => line.to_vec(),
    }
}

/// Changes to the words of one rule.
struct Words<'r, 'a> {
    rule: &'r NatRule<'a>,
    changes: Vec<(Range<usize>, String)>,
}

impl<'r, 'a> Words<'r, 'a> {
    fn of(rule: &'r NatRule<'a>) -> Self {
        Self {
            rule,
            changes: Vec::new(),
        }
    }

    fn exempt(&mut self, exemption: &Exemption) {
        if let Some(network) = exemption.destination {
            let at = self.slot(Base::Destination, &[Base::Source]);
            self.changes.push((at, format!("! -d {network}")));
        }
        for network in &exemption.ranges {
            self.range("--dst-range", &Not::is_not(*network));
        }
    }

    /// Makes a rule that comes beside a `-R` one: a second `-R` would undo the first.
    fn inserted(&mut self) {
        if self.rule.replaces()
            && let Some(command) = self.rule.clause(Base::Command(Verb::Replace))
        {
            let start = command.words().start;
            self.changes.push((start..start + 1, "-I".to_owned()));
        }
    }

    fn source(&mut self, source: &SourceWords) {
        if let Some(Not { negated, value }) = source.source {
            let not = if negated { "! " } else { "" };
            let at = self.slot(Base::Source, &[]);
            self.changes.push((at, format!("{not}-s {value}")));
        }
        for network in &source.ranges {
            self.range("--src-range", network);
        }
    }

    /// Puts an iprange match right before the target.
    fn range(&mut self, option: &str, network: &Not<IpNetwork>) {
        let not = if network.negated { "! " } else { "" };
        let (first, last) = (network.value.network(), network.value.broadcast());
        let target = self
            .rule
            .target()
            .map_or(self.rule.words.len(), |it| it.words().start);
        let text = format!("-m iprange {not}{option} {first}-{last}");
        self.changes.push((target..target, text));
    }

    /// The words of an option; when it is not there, the place where iptables-save
    /// prints it: before all that is printed after it.
    fn slot(&self, option: Base, earlier: &[Base]) -> Range<usize> {
        if let Some(clause) = self.rule.clause(option) {
            return clause.words();
        }
        let later = |clause: &&Clause| match clause.place {
            Place::Base(
                base @ (Base::Source
                | Base::Destination
                | Base::InInterface
                | Base::OutInterface
                | Base::Protocol
                | Base::Fragment),
            ) => !earlier.contains(&base),
            Place::Base(_) => false,
            // A match that `-p` brings has no words of its own.
            _ => !clause.words().is_empty(),
        };
        let at = self.rule.clauses.iter().find(later);
        let at = at.map_or(self.rule.words.len(), |it| it.words().start);
        at..at
    }

    fn amended(mut self, line: &[u8]) -> Amended {
        // Several changes at one place come in the order they were made, matches behind
        // addresses.
        self.changes
            .sort_by_key(|(words, text)| (words.start, words.end, text.starts_with("-m ")));
        let changes: Vec<_> = self
            .changes
            .into_iter()
            .map(|(words, with)| (words, with.into_bytes()))
            .collect();
        Amended {
            text: applied(line, &changes),
            edits: edits(self.rule.line, &changes),
        }
    }
}

/// Changes of words as edits of a line.
fn edits(line: LineId, changes: &[(Range<usize>, Vec<u8>)]) -> Vec<Edit> {
    let edit = |(words, with): &(Range<usize>, Vec<u8>)| Edit::Words {
        line,
        words: words.clone(),
        with: with.clone(),
    };
    changes.iter().map(edit).collect()
}

/// A line by itself with words changed.
fn applied(line: &[u8], changes: &[(Range<usize>, Vec<u8>)]) -> Vec<u8> {
    let alone = Document::read(line);
    alone
        .lines()
        .next()
        .and_then(|only| Edits::new(edits(only.id, changes)).ok())
        .map_or_else(|| line.to_vec(), |edits| edits.apply(&alone))
}
