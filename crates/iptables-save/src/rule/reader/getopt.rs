//! The getopt reader: parses any line as iptables does, and finds every error.
//!
//! The line is split into words, and these are grouped into clauses as `getopt_long` groups
//! them. What a clause adds to the rule says [`builder`](crate::rule::builder).

use super::{MOST_WORDS, MOST_WORDS_WITH_COUNTERS, Reader};
use crate::{
    Clause, ClauseKind, Error, Family, Match, RuleError, Span, Target, Text, Word,
    base::{Base, Verb},
    clause::{ClauseReader, Result},
    ext::{Description, OptionDescription, Other, validate::OptionBits},
    line::counters_end,
    rule::{
        Command,
        builder::{Arguments, RuleBuilder, repeated, set_option},
        command::{check_options, command_of, counters, option_counters},
        error_span::{Subject, bad_value, error_at, locate},
        scope::LineScope,
        validate::base,
    },
    value::{Argument, Context, ValueError},
    word,
};

impl<'a> Reader<'a> {
    /// Parses a line as iptables does.
    pub(super) fn line(&mut self, line: &'a [u8], scope: &LineScope<'_>) -> Result<()> {
        self.clear();
        self.rule_line.command = Command::default();
        let from = self.split(line, scope)?;
        let mut command = scope
            .is_rule_alone
            .then_some((Verb::Append, Span::default()));
        let mut target_given = 0;
        let mut deferred = None;
        let family = self.family.or(scope.family);
        let mut clauses =
            ClauseReader::new(&self.words, 0, family, &mut self.state, scope.is_chain);
        let mut builder = RuleBuilder::new(&mut self.rule_line.rule, family);
        while let Some(clause) = clauses.next()? {
            let mut arguments = ClauseArguments {
                line,
                words: &self.words,
                clause: &clause,
                deferred: &mut deferred,
            };
            match clause.kind {
                ClauseKind::Base(option) if scope.is_rule_alone && is_of_line(option) => {
                    let option = option.name();
                    return Err(arguments.error(|| RuleError::OptionOutOfPlace { option }));
                }
                ClauseKind::Base(Base::Command(verb)) => {
                    let span = clause.span(&self.words);
                    if let Some((_, first)) = command.replace((verb, span)) {
                        let error = Error::new(RuleError::SecondCommand, span);
                        return Err(Box::new(error.with_other(first)));
                    }
                    self.rule_line.command = match verb {
                        Verb::Append => Command::Append {
                            chain: clause.first(&self.words),
                        },
                        _ => command_of(verb, &self.words, &clause)?,
                    };
                }
                ClauseKind::Base(Base::Counters) => {
                    if self.rule_line.set_counters.is_some() {
                        return Err(arguments.error(|| repeated("-c")));
                    }
                    self.rule_line.set_counters = Some(option_counters(&self.words, &clause)?);
                }
                ClauseKind::Base(Base::Ipv4) => self.rule_line.family = Some(Family::V4),
                ClauseKind::Base(Base::Ipv6) => self.rule_line.family = Some(Family::V6),
                _ => add(
                    &mut builder,
                    &mut arguments,
                    &mut self.given,
                    &mut target_given,
                )?,
            }
        }
        let (context, options) = (builder.context, builder.given);
        if clauses.is_for_other_family() {
            return self.skip();
        }
        let Some((verb, _)) = command else {
            let end = line.strip_suffix(b"\n").unwrap_or(line).len();
            return Err(error_at(RuleError::NoCommand, Span::from(from..end)));
        };
        self.finish(target_given, &context)?;
        deferred.map_or(Ok(()), Err)?;
        check_options(verb, &self.words, &self.state.clauses)?;
        base::check(&self.rule_line, options, scope.is_nat).map_err(|error| {
            let span = error.part.find(&self.words, &self.state.clauses);
            error_at(error.kind, span.unwrap_or_default())
        })
    }

    /// Splits a line into words after its counters, and returns where those end.
    fn split(&mut self, line: &'a [u8], scope: &LineScope<'_>) -> Result<usize> {
        self.words.clear();
        let from = if scope.is_rule_alone {
            0
        } else {
            counters_end(line)
        };
        if from > 0 {
            self.rule_line.counters = Some(counters(line, from)?);
        }
        if let Some(quote) = word::split(line, from, &mut self.words) {
            let span = Span::from(quote..line.len());
            return Err(error_at(RuleError::OpenQuote, span));
        }
        let most = match from {
            0 if scope.is_rule_alone => MOST_WORDS - COMMAND_WORDS,
            0 => MOST_WORDS,
            _ => MOST_WORDS_WITH_COUNTERS,
        };
        if let Some(word) = self.words.get(most) {
            return Err(error_at(RuleError::TooManyWords, word.span()));
        }
        let is_long = |word: &&Word<'_>| word.text.len() > word::LONGEST_WORD;
        if line.len() > word::LONGEST_WORD
            && let Some(word) = self.words.iter().find(is_long)
        {
            return Err(error_at(RuleError::WordTooLong, word.span()));
        }
        Ok(from)
    }

    /// Ends a line that is for the other family: nothing after the `-4` or `-6` is parsed, and
    /// rules are not touched.
    fn skip(&mut self) -> Result<()> {
        let command = match &self.rule_line.command {
            Command::Append { .. }
            | Command::Insert { .. }
            | Command::Delete { .. }
            | Command::Check { .. } => Command::Skip,
            // iptables-restore crashes.
            Command::Replace { .. } => {
                let clause = self.state.clauses.last().expect("a clause has ended it");
                let kind = RuleError::OptionWithCommand {
                    option: match clause.kind {
                        ClauseKind::Base(Base::Ipv6) => "-6",
                        _ => "-4",
                    },
                    command: "-R",
                };
                return Err(error_at(kind, clause.span(&self.words)));
            }
            command => command.clone(),
        };
        self.clear();
        self.rule_line.command = command;
        Ok(())
    }

    /// Checks each extension's options together, and rewrites them as iptables-save prints them.
    fn finish(&mut self, target_given: OptionBits, context: &Context) -> Result<()> {
        let (words, clauses) = (&self.words, &self.state.clauses);
        let located = |error, subject, described: Option<&Description>| {
            let described = described.expect("only a described extension is checked");
            locate(error, words, clauses, subject, described)
        };
        let rule = &mut self.rule_line.rule;
        for (nth, (one, given)) in rule.matches.iter_mut().zip(&self.given).enumerate() {
            one.finish(*given, context)
                .map_err(|error| located(error, Subject::Match(nth), one.described()))?;
        }
        if let Some(target) = &mut rule.target {
            target
                .finish(target_given, context)
                .map_err(|error| located(error, Subject::Target, target.described()))?;
        }
        Ok(())
    }
}

/// Adds a clause of the rule to it.
fn add<'a>(
    builder: &mut RuleBuilder<'_, 'a>,
    arguments: &mut ClauseArguments<'_, 'a>,
    given: &mut Vec<OptionBits>,
    target_given: &mut OptionBits,
) -> Result<()> {
    let clause = arguments.clause;
    let inverted = clause.inverted;
    let context = builder.context;
    match clause.kind {
        ClauseKind::Base(option) => return builder.base(option, inverted, arguments),
        ClauseKind::Match(described) => {
            builder.rule.matches.push(match described {
                Some(described) => Match::without_options(described),
                None => Match::Other(Other {
                    name: arguments.name()?,
                    words: Vec::new(),
                }),
            });
            given.push(0);
        }
        ClauseKind::MatchOption { nth, option } => {
            let (nth, index) = (usize::from(nth), usize::from(option));
            let one = &mut builder.rule.matches[nth];
            let described = one.described().expect("only a described match has options");
            let option = &described.options[index];
            return set_option(option, index, &mut given[nth], arguments, |words| {
                one.set(index, inverted, words, &context)
            });
        }
        ClauseKind::Target(described) => {
            builder.check_no_target(arguments)?;
            let name = RuleBuilder::target_name(Base::Jump, arguments)?;
            match described {
                Some(described) => {
                    builder.rule.target = Some(Target::without_options(described));
                }
                None => builder.jump(name),
            }
        }
        ClauseKind::TargetOption { option } => {
            let index = usize::from(option);
            let target = builder.rule.target.as_mut();
            let target = target.expect("its options come after it");
            let described = target
                .described()
                .expect("only a described target has options");
            let option = &described.options[index];
            return set_option(option, index, target_given, arguments, |words| {
                target.set(index, inverted, words, &context)
            });
        }
        ClauseKind::OtherMatch { nth } => {
            if let Some(Match::Other(other)) = builder.rule.matches.get_mut(usize::from(nth)) {
                other.words.push(arguments.as_written());
            }
        }
        ClauseKind::OtherTarget => {
            if let Some(target) = &mut builder.rule.target {
                target.push_word(arguments.as_written());
            }
        }
    }
    Ok(())
}

/// The arguments of a clause.
struct ClauseArguments<'s, 'a> {
    line: &'a [u8],
    words: &'s [Word<'a>],
    clause: &'s Clause,
    /// The first invalid address.
    deferred: &'s mut Option<Box<Error>>,
}

impl<'a> ClauseArguments<'_, 'a> {
    /// Returns the clause as it is written on the line.
    fn as_written(&self) -> Text<'a> {
        Text::Borrowed(&self.line[self.clause.span(self.words).range()])
    }
}

impl<'a> Arguments<'a> for ClauseArguments<'_, 'a> {
    type Error = Box<Error>;

    const NAMES_HAVE_NO_SPACES: bool = false;

    fn parse<T: Argument<'a>>(
        &mut self,
        option: Base,
        inverted: bool,
        context: &Context,
    ) -> Result<T> {
        let read = |args: &[Word<'a>]| T::read(inverted, args, context);
        let parsed = self.clause.with_value(self.words, read);
        parsed.map_err(|error| bad_value(self.words, self.clause, option.name(), error))
    }

    fn name(&mut self) -> Result<Text<'a>> {
        Ok(self.clause.first(self.words))
    }

    fn set(
        &mut self,
        option: &'static OptionDescription,
        set: impl FnOnce(&[Word<'a>]) -> std::result::Result<(), ValueError>,
    ) -> Result<()> {
        let done = self.clause.with_value(self.words, set);
        done.map_err(|error| bad_value(self.words, self.clause, option.flag, error))
    }

    #[cold]
    fn error(&self, error: impl FnOnce() -> RuleError) -> Box<Error> {
        error_at(error(), self.clause.span(self.words))
    }

    #[cold]
    fn invalid(&self, option: Base, expected: &'static str) -> Box<Error> {
        let error = ValueError::new(expected);
        bad_value(self.words, self.clause, option.name(), error)
    }

    fn defer(&mut self, error: Box<Error>) -> Result<()> {
        self.deferred.get_or_insert(error);
        Ok(())
    }
}

/// Returns whether an option is for the line rather than for its rule.
const fn is_of_line(option: Base) -> bool {
    matches!(
        option,
        Base::Command(_) | Base::Counters | Base::Ipv4 | Base::Ipv6
    )
}

/// The words of `-A CHAIN`.
const COMMAND_WORDS: usize = 2;
