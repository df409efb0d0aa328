//! `ClauseReader`: the words of a rule, grouped by the option they belong to.

use std::ops::Range;

use crate::{Span, Text, Word, base::Base, ext::Description};

mod reader;

pub(crate) use self::reader::{ClauseReader, ClauseState, Result, is_option_of};

/// An option of a line with its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clause {
    /// What the option belongs to.
    pub kind: ClauseKind,
    /// Whether a `!` precedes the option.
    pub inverted: bool,
    // A line has no more than 10239 bytes, so two bytes count its words and its bytes.
    start: u16,
    value: u16,
    end: u16,
    /// Where in the option's own word its argument begins, when both are one word as in
    /// `--dport=80` or `-ptcp`; otherwise 0.
    glued: u16,
}

impl Clause {
    /// Returns the indexes of its words on the line, the `!` included. Empty for a match that
    /// `-p` loads.
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

    /// Calls `read` with the arguments.
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

    /// Returns the text of the first argument.
    pub(crate) fn first<'a>(&self, words: &[Word<'a>]) -> Text<'a> {
        match self.glued {
            0 => words[self.value()].first().map(|word| word.text.clone()),
            _ => self.glued(words).map(|word| word.text),
        }
        .unwrap_or_default()
    }

    /// Returns the span of an argument, or of the clause if there is no such argument.
    pub(crate) fn value_span(&self, words: &[Word<'_>], nth: usize) -> Span {
        let own = &words[self.value()];
        let word = match self.glued(words) {
            Some(glued) if nth == 0 => return glued.span(),
            Some(_) => own.get(nth - 1),
            None => own.get(nth),
        };
        word.map_or_else(|| self.span(words), Word::span)
    }

    /// Returns the span of its words.
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

/// Converts an index of a word or of a byte in a word, which is less than the longest line.
fn short(index: usize) -> u16 {
    u16::try_from(index).expect("a line has no more than 10239 bytes")
}

impl ClauseKind {
    /// Returns whether it is this option of iptables itself.
    pub(crate) fn is_of(self, option: Base) -> bool {
        self == Self::Base(option) || option == Base::Jump && matches!(self, Self::Target(_))
    }
}

/// What the option of a clause belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClauseKind {
    /// An option of iptables itself.
    Base(Base),
    /// `-m NAME`: begins a match; `None` if it is unknown.
    Match(Option<&'static Description>),
    /// An option of one of the matches.
    MatchOption {
        /// Which match of the line, from 0.
        nth: u8,
        /// Which option of its description.
        option: u8,
    },
    /// `-j NAME`: the target; `None` if it is unknown, a chain or a standard target.
    Target(Option<&'static Description>),
    /// An option of the target.
    TargetOption {
        /// Which option of its description.
        option: u8,
    },
    /// A word of an unknown match.
    OtherMatch {
        /// Which match of the line, from 0.
        nth: u8,
    },
    /// A word of an unknown target.
    OtherTarget,
}
