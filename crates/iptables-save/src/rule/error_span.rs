//! Finds the words of a line that an error is about.

use crate::{
    Clause, ClauseKind, Error, ErrorKind, LineId, RuleError, Span, Word, base::Base, error::Name,
    ext::Description, value::ValueError,
};

/// An error, and the part of a line that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) kind: ErrorKind,
    pub(crate) part: Part,
    /// Another line to look at, such as that of the first of two.
    pub(crate) other: Option<LineId>,
}

impl Located {
    pub(crate) fn new(kind: impl Into<ErrorKind>, part: Part) -> Self {
        Self {
            kind: kind.into(),
            part,
            other: None,
        }
    }

    /// Adds another line to look at.
    pub(crate) const fn with_other(mut self, other: Option<LineId>) -> Self {
        self.other = other;
        self
    }
}

/// A part of a rule line, by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The whole line.
    Whole,
    /// The chain after the command.
    Chain,
    /// The word after the chain.
    Second,
    /// The `-m` and the name of a match.
    Match(usize),
    /// The name after `-j` or `-g`.
    Target,
    /// An option of iptables itself, with its words.
    Option(Base),
}

impl Part {
    /// Returns the span of the part in a line of these clauses.
    pub(super) fn find(self, words: &[Word<'_>], clauses: &[Clause]) -> Option<Span> {
        let value = |nth| move |clause: &Clause| clause.value_span(words, nth);
        let command = || {
            let is_command =
                |clause: &&Clause| matches!(clause.kind, ClauseKind::Base(Base::Command(_)));
            clauses.iter().find(is_command)
        };
        match self {
            Self::Whole => None,
            Self::Chain => command().map(value(0)),
            Self::Second => command().map(value(1)),
            Self::Match(nth) => {
                let is_match = |clause: &&Clause| matches!(clause.kind, ClauseKind::Match(_));
                let clause = clauses.iter().filter(is_match).nth(nth);
                clause.map(|clause| clause.span(words))
            }
            Self::Option(option) => {
                let clause = clauses.iter().find(|clause| clause.kind.is_of(option));
                clause.map(|clause| clause.span(words))
            }
            Self::Target => {
                let is_target = |clause: &&Clause| {
                    matches!(
                        clause.kind,
                        ClauseKind::Target(_) | ClauseKind::Base(Base::Goto)
                    )
                };
                clauses.iter().find(is_target).map(value(0))
            }
        }
    }
}

#[cold]
pub(super) fn bad_value(
    words: &[Word<'_>],
    clause: &Clause,
    option: &str,
    error: ValueError,
) -> Box<Error> {
    let span = clause.value_span(words, error.word);
    let option = Name::new(option.as_bytes());
    let expected = error.expected;
    let kind = match error.lookup {
        Some(what) => RuleError::NotLookedUp { option, what },
        None => RuleError::BadValue { option, expected },
    };
    error_at(kind, span)
}

#[cold]
pub(super) fn error_at(kind: impl Into<ErrorKind>, span: Span) -> Box<Error> {
    Box::new(Error::new(kind, span))
}

/// The extension of a line that an error is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Match(usize),
    Target,
}

/// Returns an error about an extension as a whole, located at the options that it names, or else
/// at all of the extension's clauses.
pub(super) fn locate(
    kind: RuleError,
    words: &[Word<'_>],
    clauses: &[Clause],
    subject: Subject,
    described: &Description,
) -> Box<Error> {
    let mut begun = 0;
    let mut whole: Option<Span> = None;
    let mut option_span = [None; 2];
    let names: [&str; 2] = match &kind {
        RuleError::Exclusive { first, second } => [second, first],
        RuleError::Needs { option, .. } => [option, ""],
        _ => ["", ""],
    };
    for clause in clauses {
        let option = match (clause.kind, subject) {
            (ClauseKind::Match(_), Subject::Match(nth)) => {
                begun += 1;
                if begun != nth + 1 {
                    continue;
                }
                None
            }
            (ClauseKind::Target(_), Subject::Target) => None,
            (ClauseKind::MatchOption { nth, option }, Subject::Match(this))
                if usize::from(nth) == this =>
            {
                Some(option)
            }
            (ClauseKind::TargetOption { option }, Subject::Target) => Some(option),
            _ => continue,
        };
        let span = clause.span(words);
        whole = Some(whole.map_or(span, |whole| whole.to(span)));
        for (name, slot) in names.iter().zip(&mut option_span) {
            if option.is_some() && option.map(usize::from) == described.option(name.as_bytes()) {
                *slot = Some(span);
            }
        }
    }
    let [span, other] = option_span;
    Box::new(Error {
        kind: kind.into(),
        span: span.or(whole).unwrap_or_default(),
        other,
    })
}
