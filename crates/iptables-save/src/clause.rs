//! ClauseReader: the words of a rule, grouped by the option they belong to.

use std::ops::Range;

use crate::{Span, Text, Word, base::Base};

mod reader;

pub(crate) use self::reader::{ClauseReader, ClauseState, Result, is_option_of, match_at};

/// An option with its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause {
    /// What it is an option of.
    pub place: Place,
    /// Whether a `!` stands before it.
    pub inverted: bool,
    // A line has no more than 10239 bytes, so two bytes count its words and its bytes.
    start: u16,
    value: u16,
    end: u16,
    /// Where in the option's own word its value begins, when it is glued to it as in
    /// `--dport=80` or `-ptcp`; otherwise 0.
    glued: u16,
}

impl Clause {
    /// Its words on the line, the `!` included. Empty for a match that `-p` brings.
    #[must_use]
    pub fn words(&self) -> Range<usize> {
        self.start.into()..self.end.into()
    }

    fn value(&self) -> Range<usize> {
        self.value.into()..self.end.into()
    }

    fn glued<'a>(&self, words: &[Word<'a>]) -> Option<Word<'a>> {
        (self.glued > 0).then(|| words[usize::from(self.value) - 1].tail(self.glued.into()))
    }

    /// Calls `read` with the words of the value.
    #[inline]
    pub(crate) fn with_value<'a, T>(
        &self,
        words: &[Word<'a>],
        read: impl FnOnce(&[Word<'a>]) -> T,
    ) -> T {
        let own = &words[self.value()];
        match self.glued(words) {
            None => read(own),
            Some(first) => read(&[&[first], own].concat()),
        }
    }

    /// The text of the value's first word.
    pub(crate) fn first<'a>(&self, words: &[Word<'a>]) -> Text<'a> {
        match self.glued {
            0 => words[self.value()].first().map(|word| word.text.clone()),
            _ => self.glued(words).map(|word| word.text),
        }
        .unwrap_or_default()
    }

    /// Where one word of the value stands; when it is not there, where the clause does.
    pub(crate) fn value_span(&self, words: &[Word<'_>], nth: usize) -> Span {
        let own = &words[self.value()];
        let word = match self.glued(words) {
            Some(glued) if nth == 0 => return glued.span(),
            Some(_) => own.get(nth - 1),
            None => own.get(nth),
        };
        word.map_or_else(|| self.span(words), Word::span)
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self, words: &[Word<'_>]) -> Span {
        match words.get(self.words()) {
            Some([first, .., last]) => first.span().to(last.span()),
            Some([only]) => only.span(),
            _ => words
                .get(usize::from(self.start))
                .map(Word::span)
                .unwrap_or_default(),
        }
    }
}

/// A place on a line, which [`split`](crate::word::split) keeps within two bytes.
fn short(place: usize) -> u16 {
    u16::try_from(place).expect("a line has no more than 10239 bytes")
}

impl Place {
    /// Whether it is this option of iptables itself.
    pub(crate) fn is_of(self, option: Base) -> bool {
        self == Self::Base(option) || option == Base::Jump && matches!(self, Self::Target(_))
    }
}

/// What a clause is an option of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An option of iptables itself.
    Base(Base),
    /// `-m NAME`: begins a match. The number is its place in [`Match::DESCRIPTIONS`](crate::Match::DESCRIPTIONS).
    Match(Option<u8>),
    /// An option of one of the matches.
    MatchOption {
        /// Which match of the line, from 0.
        nth: u8,
        /// Which option of its description.
        option: u8,
    },
    /// `-j NAME`: the target. The number is its place in [`Target::DESCRIPTIONS`](crate::Target::DESCRIPTIONS).
    Target(Option<u8>),
    /// An option of the target.
    TargetOption {
        /// Which option of its description.
        option: u8,
    },
    /// A word that belongs to a match that is not described here.
    OtherMatch {
        /// Which match of the line, from 0.
        nth: u8,
    },
    /// A word that belongs to a target that is not described here.
    OtherTarget,
}
