//! Parses lines into rules, by two readers of one grammar.
//!
//! What an option may be and what it adds to a rule is stated once, in
//! [`builder`](super::builder), over the arguments that a reader finds:
//!
//! - The [`canonical`] reader takes them off the bytes of a line in the spelling of
//!   iptables-save, as nearly every line is. It gives up on anything else, and on any error.
//! - The [`getopt`] reader takes every line, splits it into words and clauses, and reports errors.
//!
//! A rule of a kube-proxy node takes 1190 instructions in the canonical reader and 5670 in the
//! getopt reader (callgrind, 20,000 rules), about 75 ns and 350 ns. Only
//! [`RuleBuilder::base`](super::builder::RuleBuilder::base) and the caller of it must be inlined:
//! the option is a constant there, and one indirect jump for each option of a rule is saved, 7 %
//! of the time. Everywhere else `#[inline]` did as well as `#[inline(always)]`, or better.

use super::{
    Rule, RuleLine, builder::BaseOptions, command::counters, error_span::Part, scope::LineScope,
    validate::base,
};
use crate::{
    Clause, Error, Family, Span, Word, clause::ClauseState, ext::validate::OptionBits,
    line::counters_end,
};

mod canonical;
mod getopt;

/// Parses rules one after another, in memory that it keeps from rule to rule.
///
/// ```
/// # let document = iptables_save::Document::read(b"*nat\n:X - [0:0]\n-A X -j RETURN\nCOMMIT\n");
/// let mut reader = iptables_save::Reader::default();
/// for line in document.lines() {
///     if line.kind == iptables_save::LineKind::Rule {
///         let rule_line = reader.read(&document, line.id)?;
///         assert!(rule_line.command.adds_rule());
///     }
/// }
/// # Ok::<(), iptables_save::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Reader<'a> {
    words: Vec<Word<'a>>,
    state: ClauseState,
    /// The options that are given of each match.
    given: Vec<OptionBits>,
    rule_line: RuleLine<'a>,
    family: Option<Family>,
}

impl<'a> Reader<'a> {
    /// Makes a reader for input of a family, whatever its header says.
    #[must_use]
    pub fn for_family(family: Family) -> Self {
        Self {
            family: Some(family),
            ..Self::default()
        }
    }

    /// Parses the line of `length` bytes that `text` begins with, if it is valid and spelled as
    /// iptables-save spells it.
    pub(crate) fn read_canonical(
        &mut self,
        text: &'a [u8],
        length: usize,
        scope: &LineScope<'_>,
    ) -> Option<()> {
        self.clear();
        self.state.clear();
        let from = counters_end(&text[..length]);
        if from > 0 {
            self.rule_line.counters = Some(counters(text, from).ok()?);
        }
        let at = match text.get(from) {
            Some(b' ') if from > 0 => from + 1,
            _ => from,
        };
        let family = self.family.or(scope.family);
        let given = canonical::read(text, at, length, family, scope, &mut self.rule_line)?;
        self.is_valid(&text[..length], given, scope).then_some(())
    }

    /// Returns whether a line of canonical words is within the limits of a line, and its options
    /// do not conflict.
    fn is_valid(&self, line: &[u8], given: BaseOptions, scope: &LineScope<'_>) -> bool {
        // A line of words that are short enough each has hardly ever too many of them.
        let is_short = line.len() < 2 * MOST_WORDS_WITH_COUNTERS
            || memchr::memchr_iter(b' ', line).count() < MOST_WORDS_WITH_COUNTERS;
        is_short
            && (base::cannot_conflict(&self.rule_line, given)
                || base::check(&self.rule_line, given, scope.is_nat).is_ok())
    }

    /// Parses a line as iptables does, with its words and clauses. Spans in errors count from
    /// its first byte.
    pub(crate) fn read_in(
        &mut self,
        line: &'a [u8],
        scope: &LineScope<'_>,
    ) -> Result<&RuleLine<'a>, Error> {
        self.line(line, scope).map_err(|error| *error)?;
        Ok(&self.rule_line)
    }

    /// Parses one line by itself. Spans in errors count from its first byte.
    ///
    /// # Errors
    /// What iptables-restore would refuse.
    pub fn read_line(
        &mut self,
        line: &'a [u8],
        family: Option<Family>,
    ) -> Result<&RuleLine<'a>, Error> {
        let scope = LineScope {
            family,
            ..LineScope::default()
        };
        self.read_in(line, &scope)
    }

    /// Returns the last rule line.
    #[must_use]
    pub const fn rule_line(&self) -> &RuleLine<'a> {
        &self.rule_line
    }

    /// Returns the words of the last line that was parsed with its clauses.
    #[must_use]
    pub fn words(&self) -> &[Word<'a>] {
        &self.words
    }

    /// Returns the clauses of the last line that was parsed with them, in order.
    #[must_use]
    pub fn clauses(&self) -> &[Clause] {
        &self.state.clauses
    }

    /// Finds a part of the last line that was parsed with its clauses.
    pub(crate) fn find(&self, part: Part) -> Option<Span> {
        part.find(&self.words, &self.state.clauses)
    }

    /// Returns the last rule line, and drops the rest.
    #[must_use]
    pub fn into_rule_line(self) -> RuleLine<'a> {
        self.rule_line
    }

    /// Clears the last rule.
    fn clear(&mut self) {
        self.rule_line.counters = None;
        self.rule_line.set_counters = None;
        self.rule_line.family = None;
        let Rule {
            source,
            destination,
            in_interface,
            out_interface,
            protocol,
            fragment,
            matches,
            target,
        } = &mut self.rule_line.rule;
        (*source, *destination) = (None, None);
        (*in_interface, *out_interface) = (None, None);
        (*protocol, *fragment) = (None, None);
        matches.clear();
        *target = None;
        self.given.clear();
    }
}

/// Most words that iptables-restore takes, besides its own three (`xshared.h:MAX_ARGC`).
const MOST_WORDS: usize = 251;

/// The same after counters, of which it makes three words.
const MOST_WORDS_WITH_COUNTERS: usize = MOST_WORDS - 3;
