//! Parses the clauses of a line into a typed rule line.

use super::{
    Command, Rule, RuleLine,
    blame::{Blamed, Part, blame, fault, repeated},
    command::{check_options, command_of, counters},
    quick,
    scope::LineScope,
    take::RuleBuilder,
    together,
};
use crate::{
    Clause, Error, Family, Place, RuleError, Span, Word,
    base::{Base, Verb},
    clause::{Clauses, Found, Loaded, match_at, target_at},
    ext::combine::{self, OptionBits},
    line::counters_end,
    value::Context,
    word,
};

/// Reads rules one after another, in memory that it keeps from rule to rule.
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
    loaded: Loaded,
    seen: Vec<OptionBits>,
    rule_line: RuleLine<'a>,
    family: Option<Family>,
}

impl<'a> Reader<'a> {
    /// A reader for text of a family, whatever its header says.
    #[must_use]
    pub fn for_family(family: Family) -> Self {
        Self {
            family: Some(family),
            ..Self::default()
        }
    }

    /// Reads the line of `length` bytes that `text` begins with, if it is spelled as
    /// iptables-save spells it and nothing is wrong with it.
    pub(crate) fn read_canonical(
        &mut self,
        text: &'a [u8],
        length: usize,
        scope: &LineScope<'_>,
    ) -> Option<()> {
        self.clear();
        self.loaded.clear();
        let from = counters_end(&text[..length]);
        if from > 0 {
            self.rule_line.counters = Some(counters(text, from).ok()?);
        }
        let at = match text.get(from) {
            Some(b' ') if from > 0 => from + 1,
            _ => from,
        };
        let family = self.family.or(scope.family);
        quick::read(text, at, length, family, scope, &mut self.rule_line)?;
        self.fits(&text[..length], scope.is_nat).then_some(())
    }

    /// Whether nothing is wrong with the options together of a rule that was read in the
    /// quick way.
    fn fits(&self, line: &[u8], is_nat: &dyn Fn() -> bool) -> bool {
        // So many words are on few lines that are short enough for the quick reader.
        let is_short = line.len() < 2 * MOST_WORDS_WITH_COUNTERS
            || memchr::memchr_iter(b' ', line).count() < MOST_WORDS_WITH_COUNTERS;
        let fits = || {
            let rule = &self.rule_line.rule;
            let interfaces = [rule.in_interface.is_some(), rule.out_interface.is_some()];
            together::check(&self.rule_line, interfaces, is_nat).is_ok()
        };
        is_short && (together::cannot_clash(&self.rule_line) || fits())
    }

    /// Reads a line as iptables does, with its words and clauses. Places in errors count from
    /// its first byte.
    pub(crate) fn read_in(
        &mut self,
        line: &'a [u8],
        scope: &LineScope<'_>,
    ) -> Result<&RuleLine<'a>, Error> {
        self.line(line, scope).map_err(|error| *error)?;
        Ok(&self.rule_line)
    }

    /// Reads one line by itself. Places in errors count from its first byte.
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

    /// The last rule_line.
    #[must_use]
    pub const fn rule_line(&self) -> &RuleLine<'a> {
        &self.rule_line
    }

    /// The words of the last line that was read with its clauses.
    #[must_use]
    pub fn words(&self) -> &[Word<'a>] {
        &self.words
    }

    /// The clauses of the last line that was read with them, in order.
    #[must_use]
    pub fn clauses(&self) -> &[Clause] {
        &self.loaded.clauses
    }

    /// Finds a part of the last line that was read with its clauses.
    pub(crate) fn find(&self, part: Part) -> Option<Span> {
        part.find(&self.words, &self.loaded.clauses)
    }

    /// The last rule_line, for good.
    #[must_use]
    pub fn into_rule_line(self) -> RuleLine<'a> {
        self.rule_line
    }

    /// Forgets the last rule; what it has no use for is freed.
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
    }

    /// Reads a line as iptables does.
    fn line(&mut self, line: &'a [u8], scope: &LineScope<'_>) -> Found<()> {
        self.clear();
        self.words.clear();
        self.seen.clear();
        self.rule_line.command = Command::default();
        let from = if scope.is_rule_alone {
            0
        } else {
            counters_end(line)
        };
        if from > 0 {
            self.rule_line.counters = Some(counters(line, from)?);
        }
        if let Some(quote) = word::split(line, from, &mut self.words) {
            return Err(fault(RuleError::OpenQuote, Span::from(quote..line.len())));
        }
        let most_words = match from {
            0 if scope.is_rule_alone => MOST_WORDS - COMMAND_WORDS,
            0 => MOST_WORDS,
            _ => MOST_WORDS_WITH_COUNTERS,
        };
        if line.len() > word::LONGEST_WORD || self.words.len() > most_words {
            check_sizes(&self.words, most_words)?;
        }

        let mut command = scope
            .is_rule_alone
            .then_some((Verb::Append, Span::default()));
        let mut target_seen = 0;
        let mut late = None;
        let mut clauses = Clauses::new(
            &self.words,
            0,
            self.family.or(scope.family),
            &mut self.loaded,
            scope.is_chain,
        );
        while clauses.next()? {
            let loaded = clauses.loaded();
            let Some(clause) = loaded.clauses.last() else {
                break;
            };
            let mut builder = RuleBuilder {
                line,
                words: &self.words,
                context: clauses.context(),
                rule: &mut self.rule_line.rule,
                seen: &mut self.seen,
                target_seen: &mut target_seen,
                late: &mut late,
                loaded,
            };
            match clause.place {
                Place::Base(option) if scope.is_rule_alone && is_of_line(option) => {
                    let option = option.name();
                    return Err(builder.error(RuleError::OptionOutOfPlace { option }, clause));
                }
                Place::Base(Base::Command(verb)) => {
                    let span = clause.span(&self.words);
                    if let Some((_, first)) = command.replace((verb, span)) {
                        let error = Error::new(RuleError::SecondCommand, span);
                        return Err(Box::new(error.with_other(first)));
                    }
                    self.rule_line.command = match verb {
                        Verb::Append => Command::Append {
                            chain: clause.first(&self.words),
                        },
                        _ => command_of(verb, &self.words, clause)?,
                    };
                }
                Place::Base(Base::Counters) => {
                    if self.rule_line.set_counters.is_some() {
                        return Err(builder.error(repeated("-c"), clause));
                    }
                    self.rule_line.set_counters = Some(builder.option_counters(clause)?);
                }
                Place::Base(Base::Ipv4) => self.rule_line.family = Some(Family::V4),
                Place::Base(Base::Ipv6) => self.rule_line.family = Some(Family::V6),
                _ => builder.take(clause)?,
            }
        }
        let context = *clauses.context();
        if clauses.is_for_other_family() {
            return self.skip();
        }
        let Some((verb, _)) = command else {
            return Err(fault(RuleError::NoCommand, Span::from(from..trimmed(line))));
        };
        self.finish(target_seen, &context)?;
        late.map_or(Ok(()), Err)?;
        check_options(verb, &self.words, &self.loaded.clauses)?;
        self.check_together(scope)
    }

    /// Takes a line for what it is that was found to be for the other family: nothing is
    /// looked at behind the `-4` or `-6`, and rules are not touched.
    fn skip(&mut self) -> Found<()> {
        let RuleLine { command, .. } = &self.rule_line;
        let command = match command {
            Command::Append { .. }
            | Command::Insert { .. }
            | Command::Delete { .. }
            | Command::Check { .. } => Command::Skip,
            // iptables-restore crashes.
            Command::Replace { .. } => {
                let clause = self.loaded.clauses.last().expect("a clause has ended it");
                let kind = RuleError::OptionBesideCommand {
                    option: match clause.place {
                        Place::Base(Base::Ipv6) => "-6",
                        _ => "-4",
                    },
                    command: "-R",
                };
                return Err(fault(kind, clause.span(&self.words)));
            }
            command => command.clone(),
        };
        self.clear();
        self.rule_line.command = command;
        Ok(())
    }

    /// Judges iptables' own options together.
    fn check_together(&self, scope: &LineScope<'_>) -> Found<()> {
        let clauses = &self.loaded.clauses;
        let interfaces = [Base::InInterface, Base::OutInterface]
            .map(|option| clauses.iter().any(|it| it.place.is_of(option)));
        together::check(&self.rule_line, interfaces, scope.is_nat).map_err(|error| {
            fault(
                error.kind,
                error.part.find(&self.words, clauses).unwrap_or_default(),
            )
        })
    }

    /// Judges each extension's options together.
    fn finish(&mut self, target_seen: OptionBits, context: &Context) -> Found<()> {
        let Self {
            rule_line: RuleLine { rule, .. },
            seen,
            words,
            loaded,
            ..
        } = self;
        let clauses = &loaded.clauses;
        for (nth, one) in rule.matches.iter_mut().enumerate() {
            let Some(place) = loaded.matches[nth] else {
                continue;
            };
            let found = combine::check_match(place, seen[nth])
                .and_then(|()| one.check_values(context).map_err(RuleError::OptionConflict));
            if let Err(kind) = found {
                return Err(blame(
                    kind,
                    words,
                    clauses,
                    Blamed::Match(nth),
                    match_at(place),
                ));
            }
            one.normalize(context);
        }
        if let (Some(target), Some(Some(place))) = (&mut rule.target, loaded.target) {
            let found = combine::check_target(place, target_seen).and_then(|()| {
                target
                    .check_values(context)
                    .map_err(RuleError::OptionConflict)
            });
            if let Err(kind) = found {
                return Err(blame(
                    kind,
                    words,
                    clauses,
                    Blamed::Target,
                    target_at(place),
                ));
            }
            target.normalize(context);
        }
        Ok(())
    }
}

/// Whether an option is for the line rather than for its rule.
const fn is_of_line(option: Base) -> bool {
    matches!(
        option,
        Base::Command(_) | Base::Counters | Base::Ipv4 | Base::Ipv6
    )
}

fn trimmed(line: &[u8]) -> usize {
    line.strip_suffix(b"\n").unwrap_or(line).len()
}

/// Most words that iptables-restore takes, besides its own three (`xshared.h:MAX_ARGC`).
const MOST_WORDS: usize = 251;

/// The words of `-A CHAIN`.
const COMMAND_WORDS: usize = 2;

/// The same behind counters, of which it makes three words.
const MOST_WORDS_WITH_COUNTERS: usize = MOST_WORDS - 3;

fn check_sizes(words: &[Word<'_>], most: usize) -> Found<()> {
    if let Some(word) = words.get(most) {
        return Err(fault(RuleError::TooManyWords, word.span()));
    }
    match words
        .iter()
        .find(|word| word.text.len() > word::LONGEST_WORD)
    {
        Some(word) => Err(fault(RuleError::WordTooLong, word.span())),
        None => Ok(()),
    }
}
