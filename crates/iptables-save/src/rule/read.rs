//! Reads the clauses of a line into a typed statement.

use super::{
    Command, Counters, Rule, Statement,
    blame::{Blamed, Part, bad_value, blame, fault, repeated},
    command::{check_options, command_of, counters, counters_end},
    quick,
};
use crate::{
    Clause, Document, Error, ErrorKind, Family, Line, LineId, Match, Place, Span, Target, Text,
    Word,
    base::{Base, Verb},
    clause::{Clauses, Found, Loaded, match_at, target_at},
    ext::{
        Description, Other,
        combine::{self, OptionBits},
    },
    value::{Addresses, Argument, Context, Not, Protocol, unsigned},
    word,
};

/// Reads rules one after another, in memory that it keeps from rule to rule.
///
/// ```
/// # let document = iptables_save::Document::read(b"*nat\n:X - [0:0]\n-A X -j RETURN\nCOMMIT\n");
/// let mut reader = iptables_save::Reader::default();
/// for line in document.lines() {
///     if line.kind == iptables_save::LineKind::Rule {
///         let statement = reader.read(&document, line.id)?;
///         assert!(statement.command.adds_rule());
///     }
/// }
/// # Ok::<(), iptables_save::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Reader<'a> {
    words: Vec<Word<'a>>,
    loaded: Loaded,
    seen: Vec<OptionBits>,
    statement: Statement<'a>,
    family: Option<Family>,
}

/// What is known of a line before it is read.
struct Scope<'s> {
    family: Option<Family>,
    /// Whether a name means a chain.
    is_chain: &'s dyn Fn(&[u8]) -> bool,
}

impl<'a> Reader<'a> {
    /// A reader for text of a family, whatever its header says.
    #[must_use]
    pub fn of(family: Family) -> Self {
        Self {
            family: Some(family),
            ..Self::default()
        }
    }

    /// Reads one line of a document. The family is that of the document's header when
    /// the reader was made for none.
    ///
    /// # Errors
    /// What iptables-restore would refuse, with its place in the input.
    pub fn read(&mut self, document: &Document<'a>, line: LineId) -> Result<&Statement<'a>, Error> {
        match self.read_quickly(document, line) {
            Some(()) => Ok(&self.statement),
            None => self.read_clauses(document, line),
        }
    }

    /// Reads a line that is spelled as iptables-save does.
    fn read_quickly(&mut self, document: &Document<'a>, line: LineId) -> Option<()> {
        self.clear();
        self.loaded.clear();
        let (text, length) = document.text_from(line);
        let from = counters_end(&text[..length]);
        if from > 0 {
            self.statement.counters = Some(counters(text, from).ok()?);
        }
        let scope = quick::Scope {
            family: self.family.or_else(|| document.header_family()),
            chain: document.plain_chain(line),
            is_shadowed: document.has_chain_named_like_a_target(),
        };
        let at = match text.get(from) {
            Some(b' ') if from > 0 => from + 1,
            _ => from,
        };
        quick::read(text, at, length, &scope, &mut self.statement)
    }

    /// Reads one line of a document, with its words and clauses: takes longer.
    ///
    /// # Errors
    /// What iptables-restore would refuse, with its place in the input.
    pub fn read_clauses(
        &mut self,
        document: &Document<'a>,
        line: LineId,
    ) -> Result<&Statement<'a>, Error> {
        let chain = document.chain_of(line);
        let scope = Scope {
            family: self.family.or_else(|| document.header_family()),
            is_chain: &|name| {
                let section = || chain.map(|chain| document.section_of(chain));
                document.has_chain_named_like_a_target()
                    && section().is_some_and(|it| document.chain(it, name).is_some())
            },
        };
        let line = document.line(line);
        self.line(line.bytes, &scope)
            .map_err(|error| error.shifted(line.span.start))?;
        Ok(&self.statement)
    }

    /// Reads one line by itself. Places in errors count from its first byte.
    ///
    /// # Errors
    /// What iptables-restore would refuse.
    pub fn read_line(
        &mut self,
        line: &'a [u8],
        family: Option<Family>,
    ) -> Result<&Statement<'a>, Error> {
        let scope = Scope {
            family: self.family.or(family),
            is_chain: &|_| false,
        };
        self.line(line, &scope).map_err(|error| *error)?;
        Ok(&self.statement)
    }

    /// The last statement.
    #[must_use]
    pub const fn statement(&self) -> &Statement<'a> {
        &self.statement
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

    /// Where a part of a line stands that could be read; all of it where that part is
    /// not there.
    pub(crate) fn blame(&mut self, document: &Document<'a>, line: Line<'a>, part: Part) -> Span {
        let found = match self.read_clauses(document, line.id) {
            Ok(_) => part.find(&self.words, self.clauses()),
            Err(_) => None,
        };
        found.map_or(line.content_span(), |span| span.shifted(line.span.start))
    }

    /// The last statement, for good.
    #[must_use]
    pub fn into_statement(self) -> Statement<'a> {
        self.statement
    }

    /// Forgets the last rule; what it has no use for is freed.
    fn clear(&mut self) {
        self.statement.counters = None;
        let Rule {
            source,
            destination,
            in_interface,
            out_interface,
            protocol,
            fragment,
            matches,
            target,
        } = &mut self.statement.rule;
        (*source, *destination) = (None, None);
        (*in_interface, *out_interface) = (None, None);
        (*protocol, *fragment) = (None, None);
        matches.clear();
        *target = None;
    }

    /// Reads a line as iptables does.
    fn line(&mut self, line: &'a [u8], scope: &Scope<'_>) -> Found<()> {
        self.clear();
        self.words.clear();
        self.seen.clear();
        self.statement.command = Command::default();
        let from = counters_end(line);
        if from > 0 {
            self.statement.counters = Some(counters(line, from)?);
        }
        if let Some(quote) = word::split(line, from, &mut self.words) {
            return Err(fault(ErrorKind::OpenQuote, Span::from(quote..line.len())));
        }
        if line.len() > word::LONGEST_WORD || self.words.len() > MOST_WORDS {
            check_sizes(&self.words)?;
        }

        let mut command = None;
        let mut target_seen = 0;
        let mut clauses = Clauses::new(
            &self.words,
            0,
            scope.family,
            &mut self.loaded,
            scope.is_chain,
        );
        while clauses.next()? {
            let loaded = clauses.loaded();
            let Some(clause) = loaded.clauses.last() else {
                break;
            };
            let mut into = Into {
                line,
                words: &self.words,
                context: clauses.context(),
                rule: &mut self.statement.rule,
                seen: &mut self.seen,
                target_seen: &mut target_seen,
                loaded,
            };
            match clause.place {
                Place::Base(Base::Command(verb)) => {
                    let span = clause.span(&self.words);
                    if let Some((_, first)) = command.replace((verb, span)) {
                        let error = Error::new(ErrorKind::SecondCommand, span);
                        return Err(Box::new(error.beside(first)));
                    }
                    self.statement.command = match verb {
                        Verb::Append => Command::Append {
                            chain: clause.first(&self.words),
                        },
                        _ => command_of(verb, &self.words, clause)?,
                    };
                }
                Place::Base(Base::Counters) => {
                    if self.statement.counters.is_some() {
                        return Err(into.error(repeated("-c"), clause));
                    }
                    self.statement.counters = Some(into.option_counters(clause)?);
                }
                _ => into.take(clause)?,
            }
        }
        let context = *clauses.context();
        let Some((verb, _)) = command else {
            return Err(fault(ErrorKind::NoCommand, Span::from(from..trimmed(line))));
        };
        check_options(verb, &self.words, &self.loaded.clauses)?;
        self.finish(target_seen, &context)
    }

    /// Judges each extension's options together.
    fn finish(&mut self, target_seen: OptionBits, context: &Context) -> Found<()> {
        let Self {
            statement: Statement { rule, .. },
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
                .and_then(|()| one.finish(context).map_err(ErrorKind::Unfit));
            if let Err(kind) = found {
                return Err(blame(
                    kind,
                    words,
                    clauses,
                    Blamed::Match(nth),
                    match_at(place),
                ));
            }
        }
        if let (Some(target), Some(Some(place))) = (&mut rule.target, loaded.target) {
            let found = combine::check_target(place, target_seen)
                .and_then(|()| target.finish(context).map_err(ErrorKind::Unfit));
            if let Err(kind) = found {
                return Err(blame(
                    kind,
                    words,
                    clauses,
                    Blamed::Target,
                    target_at(place),
                ));
            }
        }
        Ok(())
    }
}

/// What one clause is read into.
struct Into<'s, 'a> {
    line: &'a [u8],
    words: &'s [Word<'a>],
    context: &'s Context,
    rule: &'s mut Rule<'a>,
    seen: &'s mut Vec<OptionBits>,
    target_seen: &'s mut OptionBits,
    loaded: &'s Loaded,
}

impl<'a> Into<'_, 'a> {
    fn take(&mut self, clause: &Clause) -> Found<()> {
        match clause.place {
            Place::Base(option) => self.base(option, clause),
            Place::Match(place) => {
                self.rule.matches.push(match place {
                    Some(place) => Match::empty(place),
                    None => Match::Other(Other {
                        name: self.first(clause),
                        words: Vec::new(),
                    }),
                });
                self.seen.push(0);
                Ok(())
            }
            Place::MatchOption { nth, option } => {
                let nth = usize::from(nth);
                let described = match_at(self.loaded.matches[nth].expect("it has options"));
                note(&mut self.seen[nth], option, described)
                    .map_err(|kind| self.error(kind, clause))?;
                let one = &mut self.rule.matches[nth];
                let read = clause.with_value(self.words, |args| {
                    one.set(option.into(), clause.negated, args, self.context)
                });
                read.map_err(|error| {
                    let flag = described.options[usize::from(option)].flag;
                    bad_value(self.words, clause, flag, error)
                })
            }
            Place::Target(place) => {
                if self.rule.target.is_some() {
                    return Err(self.error(repeated("-j"), clause));
                }
                let name = self.first(clause);
                self.rule.target = Some(match place {
                    Some(place) => Target::empty(place),
                    None => Target::named(name),
                });
                Ok(())
            }
            Place::TargetOption { option } => {
                let described = target_at(self.loaded.target.flatten().expect("it has options"));
                note(self.target_seen, option, described)
                    .map_err(|kind| self.error(kind, clause))?;
                let target = self
                    .rule
                    .target
                    .as_mut()
                    .expect("its options come after it");
                let read = clause.with_value(self.words, |args| {
                    target.set(option.into(), clause.negated, args, self.context)
                });
                read.map_err(|error| {
                    let flag = described.options[usize::from(option)].flag;
                    bad_value(self.words, clause, flag, error)
                })
            }
            Place::OtherMatch { nth } => {
                let word = self.as_written(clause);
                if let Some(Match::Other(other)) = self.rule.matches.get_mut(usize::from(nth)) {
                    other.words.push(word);
                }
                Ok(())
            }
            Place::OtherTarget => {
                let word = self.as_written(clause);
                if let Some(target) = &mut self.rule.target {
                    target.push_word(word);
                }
                Ok(())
            }
        }
    }

    fn base(&mut self, option: Base, clause: &Clause) -> Found<()> {
        let at = (self.words, self.context, clause);
        let first = || clause.first(self.words);
        let rule = &mut *self.rule;
        match option {
            Base::Source => {
                fill(&mut rule.source, at, option)?;
                forget_everything(&mut rule.source);
                Ok(())
            }
            Base::Destination => {
                fill(&mut rule.destination, at, option)?;
                forget_everything(&mut rule.destination);
                Ok(())
            }
            Base::InInterface => fill(&mut rule.in_interface, at, option),
            Base::OutInterface => fill(&mut rule.out_interface, at, option),
            Base::Protocol => {
                fill(&mut rule.protocol, at, option)?;
                // No protocol is every protocol: iptables keeps nothing for it.
                if rule.protocol == Some(Not::is(Protocol::ALL)) {
                    rule.protocol = None;
                }
                Ok(())
            }
            Base::Fragment => fill(&mut rule.fragment, at, option),
            Base::Goto => match rule.target {
                Some(_) => Err(self.error(repeated("-j"), clause)),
                None => {
                    rule.target = Some(Target::Goto(first()));
                    Ok(())
                }
            },
            _ => Ok(()),
        }
    }

    fn option_counters(&self, clause: &Clause) -> Found<Counters> {
        clause.with_value(self.words, |args| {
            let (packets, bytes) = match args {
                [packets, bytes] => (unsigned(&packets.text), unsigned(&bytes.text)),
                [both] => match memchr::memchr(b',', &both.text) {
                    Some(comma) => (
                        unsigned(&both.text[..comma]),
                        unsigned(&both.text[comma + 1..]),
                    ),
                    None => (None, None),
                },
                _ => (None, None),
            };
            match packets.zip(bytes) {
                Some((packets, bytes)) => Ok(Counters { packets, bytes }),
                None => Err(self.error(ErrorKind::BadCounters, clause)),
            }
        })
    }

    fn first(&self, clause: &Clause) -> Text<'a> {
        clause.first(self.words)
    }

    fn as_written(&self, clause: &Clause) -> Text<'a> {
        Text::Borrowed(&self.line[clause.span(self.words).range()])
    }

    #[cold]
    fn error(&self, kind: ErrorKind, clause: &Clause) -> Box<Error> {
        Box::new(Error::new(kind, clause.span(self.words)))
    }
}

/// Every address is no condition: iptables keeps nothing for it.
fn forget_everything(address: &mut Option<Not<Addresses>>) {
    if let Some(Not {
        negated: false,
        value: Addresses::One(one),
    }) = address
        && one.is_all()
    {
        *address = None;
    }
}

/// Reads the value of a base option into its place, which has to be free.
fn fill<'a, T: Argument<'a>>(
    slot: &mut Option<T>,
    (words, context, clause): (&[Word<'a>], &Context, &Clause),
    option: Base,
) -> Found<()> {
    if slot.is_some() {
        return Err(fault(repeated(option.name()), clause.span(words)));
    }
    let read = clause.with_value(words, |args| T::read(clause.negated, args, context));
    *slot = Some(read.map_err(|error| bad_value(words, clause, option.name(), error))?);
    Ok(())
}

/// Notes that an option is there, once unless it may repeat.
fn note(seen: &mut OptionBits, option: u8, described: &Description) -> Result<(), ErrorKind> {
    let bit = 1 << option;
    if *seen & bit != 0 {
        let option = &described.options[usize::from(option)];
        if !option.repeats {
            return Err(repeated(option.flag));
        }
    }
    *seen |= bit;
    Ok(())
}

fn trimmed(line: &[u8]) -> usize {
    line.strip_suffix(b"\n").unwrap_or(line).len()
}

/// Most words that iptables-restore takes, besides its own three (`xshared.h:MAX_ARGC`).
const MOST_WORDS: usize = 251;

fn check_sizes(words: &[Word<'_>]) -> Found<()> {
    if let Some(word) = words.get(MOST_WORDS) {
        return Err(fault(ErrorKind::TooManyWords, word.span()));
    }
    match words
        .iter()
        .find(|word| word.text.len() > word::LONGEST_WORD)
    {
        Some(word) => Err(fault(ErrorKind::WordTooLong, word.span())),
        None => Ok(()),
    }
}
