//! Reads the clauses of a line into a typed statement.

use super::{
    Command, Rule, Statement,
    blame::{Blamed, Part, blame, fault, repeated},
    command::{check_options, command_of, counters, counters_end},
    quick,
    take::Into,
    together,
};
use crate::{
    Clause, Document, Error, ErrorKind, Family, Line, LineId, Place, Span, Word,
    base::{Base, Verb},
    clause::{Clauses, Found, Loaded, match_at, target_at},
    ext::combine::{self, OptionBits},
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
    /// Whether its table is nat.
    is_nat: &'s dyn Fn() -> bool,
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
        quick::read(text, at, length, &scope, &mut self.statement)?;
        self.fits(&text[..length], &|| document.table_at(line) == Some(b"nat"))
            .then_some(())
    }

    /// Whether nothing is wrong with the options together of a rule that was read in the
    /// quick way.
    fn fits(&self, line: &[u8], is_nat: &dyn Fn() -> bool) -> bool {
        // So many words are on few lines that are short enough for the quick reader.
        let is_short = line.len() < 2 * MOST_WORDS_WITH_COUNTERS
            || memchr::memchr_iter(b' ', line).count() < MOST_WORDS_WITH_COUNTERS;
        let fits = || {
            let rule = &self.statement.rule;
            let interfaces = [rule.in_interface.is_some(), rule.out_interface.is_some()];
            together::check(&self.statement, interfaces, is_nat).is_ok()
        };
        is_short && (together::cannot_clash(&self.statement) || fits())
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
            is_nat: &|| document.table_at(line) == Some(b"nat"),
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
            is_nat: &|| false,
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
        self.statement.set_counters = None;
        self.statement.family = None;
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
        let most_words = match from {
            0 => MOST_WORDS,
            _ => MOST_WORDS_WITH_COUNTERS,
        };
        if line.len() > word::LONGEST_WORD || self.words.len() > most_words {
            check_sizes(&self.words, most_words)?;
        }

        let mut command = None;
        let mut target_seen = 0;
        let mut late = None;
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
                late: &mut late,
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
                    if self.statement.set_counters.is_some() {
                        return Err(into.error(repeated("-c"), clause));
                    }
                    self.statement.set_counters = Some(into.option_counters(clause)?);
                }
                Place::Base(Base::Ipv4) => self.statement.family = Some(Family::V4),
                Place::Base(Base::Ipv6) => self.statement.family = Some(Family::V6),
                _ => into.take(clause)?,
            }
        }
        let context = *clauses.context();
        if clauses.is_for_other_family() {
            return self.skip();
        }
        let Some((verb, _)) = command else {
            return Err(fault(ErrorKind::NoCommand, Span::from(from..trimmed(line))));
        };
        self.finish(target_seen, &context)?;
        late.map_or(Ok(()), Err)?;
        check_options(verb, &self.words, &self.loaded.clauses)?;
        self.check_together(scope)
    }

    /// Takes a line for what it is that was found to be for the other family: nothing is
    /// looked at behind the `-4` or `-6`, and rules are not touched.
    fn skip(&mut self) -> Found<()> {
        let Statement { command, .. } = &self.statement;
        let command = match command {
            Command::Append { .. }
            | Command::Insert { .. }
            | Command::Delete { .. }
            | Command::Check { .. } => Command::Skip,
            // iptables-restore crashes.
            Command::Replace { .. } => {
                let clause = self.loaded.clauses.last().expect("a clause has ended it");
                let kind = ErrorKind::OptionBesideCommand {
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
        self.statement.command = command;
        Ok(())
    }

    /// Judges iptables' own options together.
    fn check_together(&self, scope: &Scope<'_>) -> Found<()> {
        let clauses = &self.loaded.clauses;
        let interfaces = [Base::InInterface, Base::OutInterface]
            .map(|option| clauses.iter().any(|it| it.place.is_of(option)));
        together::check(&self.statement, interfaces, scope.is_nat).map_err(|(kind, part)| {
            fault(kind, part.find(&self.words, clauses).unwrap_or_default())
        })
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
                .and_then(|()| one.check_values(context).map_err(ErrorKind::Unfit));
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
            let found = combine::check_target(place, target_seen)
                .and_then(|()| target.check_values(context).map_err(ErrorKind::Unfit));
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

fn trimmed(line: &[u8]) -> usize {
    line.strip_suffix(b"\n").unwrap_or(line).len()
}

/// Most words that iptables-restore takes, besides its own three (`xshared.h:MAX_ARGC`).
const MOST_WORDS: usize = 251;

/// The same behind counters, of which it makes three words.
const MOST_WORDS_WITH_COUNTERS: usize = MOST_WORDS - 3;

fn check_sizes(words: &[Word<'_>], most: usize) -> Found<()> {
    if let Some(word) = words.get(most) {
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
