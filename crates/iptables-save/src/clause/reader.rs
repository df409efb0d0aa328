//! Groups words into clauses, as `getopt_long` and `xshared.c:do_parse` do.
//!
//! Which words are arguments depends only on the option before them, so `--comment "-j"` is one
//! clause.

use self::lookup::Resolved;
pub(crate) use self::lookup::is_option_of;
use super::{Clause, ClauseKind, short};
use crate::{
    Error, ErrorKind, Family, Match, RuleError, Target, Text, Word,
    base::{self, Base},
    error::Name,
    ext::Description,
};

mod lookup;

/// The error is boxed because a rule has several clauses, which are hardly ever wrong.
pub(crate) type Result<T> = std::result::Result<T, Box<Error>>;

/// The clauses of a line so far and what they have loaded. Its memory is kept from line to line.
#[derive(Debug, Default)]
pub(crate) struct ClauseState {
    /// The clauses so far, in order.
    pub(crate) clauses: Vec<Clause>,
    /// The matches of the line, in the order they were state.
    pub(crate) matches: Vec<Option<&'static Description>>,
    /// The target, once `-j` has named one.
    pub(crate) target: Option<Option<&'static Description>>,
    /// How many matches were state before the target.
    before_target: usize,
}

impl ClauseState {
    /// Clears what the last line has left.
    pub(crate) fn clear(&mut self) {
        self.clauses.clear();
        self.matches.clear();
        self.target = None;
        self.before_target = 0;
    }
}

/// Parses the clauses of a line one by one.
pub(crate) struct ClauseReader<'w, 'a> {
    words: &'w [Word<'a>],
    state: &'w mut ClauseState,
    /// The next word.
    at: usize,
    /// The next byte in a word of several short options, such as `-fj`; 0 between words.
    cluster: usize,
    /// A `!` that waits for its option.
    inversion: Option<usize>,
    /// An unknown extension, to which the following words belong.
    other: Option<ClauseKind>,
    family: Option<Family>,
    /// The protocol of an earlier `-p`, which may bring a match along.
    protocol_name: Option<Text<'a>>,
    /// Whether a `-4` in input of IPv6, or a `-6` in input of IPv4, has ended the line.
    is_for_other_family: bool,
    /// Returns whether the name of a target means a chain.
    is_chain: &'w dyn Fn(&[u8]) -> bool,
}

impl<'w, 'a> ClauseReader<'w, 'a> {
    pub(crate) fn new(
        words: &'w [Word<'a>],
        from: usize,
        family: Option<Family>,
        state: &'w mut ClauseState,
        is_chain: &'w dyn Fn(&[u8]) -> bool,
    ) -> Self {
        state.clear();
        Self {
            words,
            state,
            at: from,
            cluster: 0,
            inversion: None,
            other: None,
            family,
            protocol_name: None,
            is_for_other_family: false,
            is_chain,
        }
    }

    /// Returns whether the line has ended because it is for the other family.
    pub(crate) fn is_for_other_family(&self) -> bool {
        self.is_for_other_family
    }

    /// Parses the next clause, and keeps it in [`ClauseState::clauses`]; `None` at the end of
    /// the line.
    pub(crate) fn next(&mut self) -> Result<Option<Clause>> {
        loop {
            if self.cluster > 0 {
                return self.short();
            }
            let Some(word) = self.words.get(self.at) else {
                return match self.inversion {
                    Some(at) => Err(self.error(RuleError::StrayInversion, at)),
                    None => Ok(None),
                };
            };
            match &*word.text {
                text if self.other.is_some() && !ends_other(text) => {
                    return Ok(self.other_word());
                }
                b"!" => {
                    if let Some(at) = self.inversion {
                        return Err(self.error(RuleError::StrayInversion, at));
                    }
                    self.inversion = Some(self.at);
                    self.at += 1;
                }
                [b'-', b'-', _, ..] => return self.long(),
                [b'-', second, ..] if *second != b'-' => {
                    self.cluster = 1;
                    self.other = None;
                }
                // `--` ends the options; iptables takes nothing after it.
                b"--" if self.at + 1 == self.words.len() => self.at += 1,
                text => {
                    // As in `-s ! ADDRESS`, which iptables once accepted.
                    let before = self.at.checked_sub(1);
                    if let Some(at) = before.filter(|at| &*self.words[*at].text == b"!") {
                        return Err(self.error(RuleError::StrayInversion, at));
                    }
                    let word = Name::new(text);
                    return Err(self.error(RuleError::StrayWord { word }, self.at));
                }
            }
        }
    }

    fn push(&mut self, clause: Clause) -> Option<Clause> {
        self.state.clauses.push(clause);
        Some(clause)
    }

    #[cold]
    fn error(&self, kind: impl Into<ErrorKind>, at: usize) -> Box<Error> {
        Box::new(Error::new(kind, self.words[at].span()))
    }

    fn other_word(&mut self) -> Option<Clause> {
        let at = self.at;
        self.at += 1;
        self.push(Clause {
            kind: self.other.expect("asked for only while one is there"),
            inverted: false,
            start: short(at),
            value: short(at + 1),
            end: short(at + 1),
            glued: 0,
        })
    }

    /// Parses one letter of `-x`, `-xARGUMENT` or `-xyz`.
    fn short(&mut self) -> Result<Option<Clause>> {
        let word = &self.words[self.at];
        let letter = word.text[self.cluster];
        let Some(option) = base::short(letter) else {
            let option = Name::new(&word.text[..=self.cluster.max(1)]);
            let hint = Box::default();
            return Err(self.error(RuleError::UnknownOption { option, hint }, self.at));
        };
        let start = self.at;
        let last = self.cluster + 1 == word.text.len();
        let glued = match option.args() {
            base::Args::None => 0,
            _ if last => 0,
            _ => self.cluster + 1,
        };
        if glued > 0 || last {
            self.at += 1;
            self.cluster = 0;
        } else {
            self.cluster += 1;
        }
        self.base(option, start, glued)
    }

    /// Parses `--name` or `--name=argument`.
    fn long(&mut self) -> Result<Option<Clause>> {
        let start = self.at;
        let text = &*self.words[start].text;
        let (flag, glued) = flag_of(text);
        match self.resolve(flag, start)? {
            Resolved::Base(option) => {
                self.other = None;
                self.at += 1;
                if option.args() == base::Args::None && glued > 0 {
                    let option = Name::new(flag);
                    return Err(self.error(RuleError::UnexpectedValue { option }, start));
                }
                self.base(option, start, glued)
            }
            Resolved::Match(nth, option) => {
                let described = self.state.matches[usize::from(nth)];
                let described = described.expect("only a described match has options");
                let kind = ClauseKind::MatchOption { nth, option };
                self.extension(described, option, kind, start, glued)
            }
            Resolved::Target(option) => {
                let described = self.state.target.flatten();
                let described = described.expect("only a described target has options");
                let kind = ClauseKind::TargetOption { option };
                self.extension(described, option, kind, start, glued)
            }
            Resolved::Implicit(described) => {
                // The match comes first, its option on the next call.
                self.state.matches.push(Some(described));
                Ok(self.push(Clause {
                    kind: ClauseKind::Match(Some(described)),
                    inverted: false,
                    start: short(start),
                    value: short(start),
                    end: short(start),
                    glued: 0,
                }))
            }
        }
    }

    /// Takes the arguments of an option of iptables itself.
    fn base(&mut self, option: Base, start: usize, glued: usize) -> Result<Option<Clause>> {
        let inversion = self.inversion.take();
        if inversion.is_some() && !option.invertible() && !self.is_again(option) {
            let option = Name::new(option.name().as_bytes());
            return Err(self.error(RuleError::NotInvertible { option }, start));
        }
        let first = self.at;
        match option.args() {
            base::Args::None => {}
            base::Args::One if glued > 0 => {}
            base::Args::One => {
                if self.at == self.words.len() {
                    let option = Name::new(&self.words[start].text);
                    return Err(self.error(RuleError::MissingValue { option }, start));
                }
                self.at += 1;
            }
            base::Args::Optional => {
                if glued == 0 && self.next_is_value() {
                    self.at += 1;
                }
            }
        }
        let more = option.more_args();
        for _ in 0..more {
            if self.next_is_value() {
                self.at += 1;
            }
        }
        let mut clause = Clause {
            kind: ClauseKind::Base(option),
            inverted: inversion.is_some(),
            start: short(inversion.unwrap_or(start)),
            // In a cluster such as `-fj` the word is not done with yet.
            value: short(first.max(start + 1)),
            end: short(self.at.max(start + 1)),
            glued: short(glued),
        };
        clause.kind = self.note_extension(option, &clause, start)?;
        Ok(self.push(clause))
    }

    /// Returns whether it is a second `-v`, whose `!` iptables does not check.
    fn is_again(&self, option: Base) -> bool {
        let mut clauses = self.state.clauses.iter();
        option == Base::Verbose && clauses.any(|clause| clause.kind.is_of(Base::Verbose))
    }

    /// Returns whether the next word may be an argument that may be missing: it is there and
    /// does not look like an option (`xshared.c`).
    fn next_is_value(&self) -> bool {
        self.words
            .get(self.at)
            .is_some_and(|word| !matches!(word.text.first(), Some(b'-' | b'!')))
    }

    /// Notes the extension that `-m`, `-j` or `-p` loads for the options after it.
    fn note_extension(
        &mut self,
        option: Base,
        clause: &Clause,
        start: usize,
    ) -> Result<ClauseKind> {
        match option {
            Base::Match => {
                let name = clause.first(self.words);
                let described = Match::description(&name);
                self.check_family(described, clause)?;
                self.state.matches.push(described);
                let nth = self.state.matches.len() - 1;
                let nth = u8::try_from(nth).expect("a line has no more than 251 words");
                self.other = described
                    .is_none()
                    .then_some(ClauseKind::OtherMatch { nth });
                Ok(ClauseKind::Match(described))
            }
            Base::Jump => {
                let name = clause.first(self.words);
                let described = Target::description(&name).filter(|_| !(self.is_chain)(&name));
                self.check_family(described, clause)?;
                self.state.target = Some(described);
                self.state.before_target = self.state.matches.len();
                let other = described.is_none() && self.next_is_option_of_other(&name);
                self.other = other.then_some(ClauseKind::OtherTarget);
                Ok(ClauseKind::Target(described))
            }
            Base::Protocol => {
                self.protocol_name = Some(clause.first(self.words));
                Ok(ClauseKind::Base(option))
            }
            // These are valid with `-L`, which may come later on the line.
            Base::Ipv4 | Base::Ipv6 => {
                let other = match option {
                    Base::Ipv4 => Family::V6,
                    _ => Family::V4,
                };
                if self.family == Some(other) {
                    self.is_for_other_family = true;
                    (self.at, self.cluster) = (self.words.len(), 0);
                }
                Ok(ClauseKind::Base(option))
            }
            Base::Unusable(b'n' | b'x' | b'0') => Ok(ClauseKind::Base(option)),
            Base::Unusable(_) => {
                let option = option.name();
                Err(self.error(RuleError::OptionOutOfPlace { option }, start))
            }
            _ => Ok(ClauseKind::Base(option)),
        }
    }

    /// Returns whether an unknown target is more than the name of a chain: only an extension has
    /// options.
    fn next_is_option_of_other(&self, name: &[u8]) -> bool {
        let standard = matches!(name, b"ACCEPT" | b"DROP" | b"QUEUE" | b"RETURN");
        let next = self.words.get(self.at);
        !standard
            && next.is_some_and(|word| {
                word.text.starts_with(b"--")
                    && self.resolve(flag_of(&word.text).0, self.at).is_err()
            })
    }

    fn check_family(&self, described: Option<&'static Description>, clause: &Clause) -> Result<()> {
        if let Some(described) = described
            && !described.is_for(self.family)
            && let Some(family) = described.family
        {
            let extension = described.name;
            let kind = RuleError::OtherFamily { extension, family };
            return Err(Box::new(Error::new(kind, clause.value_span(self.words, 0))));
        }
        Ok(())
    }

    /// Takes the arguments of an extension's option.
    fn extension(
        &mut self,
        described: &'static Description,
        option: u8,
        kind: ClauseKind,
        start: usize,
        glued: usize,
    ) -> Result<Option<Clause>> {
        self.other = None;
        let option = &described.options[usize::from(option)];
        let name = || Name::new(option.flag.as_bytes());
        let inversion = self.inversion.take();
        if inversion.is_some() && !option.invertible {
            return Err(self.error(RuleError::NotInvertible { option: name() }, start));
        }
        if glued > 0 && (option.args.is_empty() || option.may_miss_word) {
            return Err(self.error(RuleError::UnexpectedValue { option: name() }, start));
        }
        let first = start + 1;
        self.at = first;
        let wanted = if option.may_miss_word {
            usize::from(self.next_is_value())
        } else {
            option.args.len() - usize::from(glued > 0)
        };
        if self.words.len() < first + wanted {
            return Err(self.error(RuleError::MissingValue { option: name() }, start));
        }
        self.at = first + wanted;
        Ok(self.push(Clause {
            kind,
            inverted: inversion.is_some(),
            start: short(inversion.unwrap_or(start)),
            value: short(first),
            end: short(self.at),
            glued: short(glued),
        }))
    }
}

/// Splits a word `--name` or `--name=argument`: returns the name and where the argument begins.
fn flag_of(word: &[u8]) -> (&[u8], usize) {
    match memchr::memchr(b'=', word) {
        Some(equals) => (&word[..equals], equals + 1),
        None => (word, 0),
    }
}

/// Returns whether a word ends the words of an unknown extension.
fn ends_other(word: &[u8]) -> bool {
    matches!(
        word,
        b"-m" | b"--match" | b"-j" | b"--jump" | b"-g" | b"--goto"
    )
}
