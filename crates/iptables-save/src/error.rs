//! What can be wrong with an input, where, and what to do about it.
//!
//! There are three levels, each in a file of its own: the input as a whole, one rule, and the
//! commands executed in order.

use crate::{Purpose, Severity, Span};

pub use self::{load::LoadError, name::Name, rule::RuleError, text::TextError};

mod kinds;
mod load;
mod name;
mod rule;
mod text;

/// Something iptables-restore would refuse, cut, or read differently from what it looks like.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where, in the bytes of the input.
    pub span: Span,
    /// Where else to look, such as the first of two.
    pub other: Option<Span>,
}

impl Error {
    pub(crate) fn new(kind: impl Into<ErrorKind>, span: Span) -> Self {
        Self {
            kind: kind.into(),
            span,
            other: None,
        }
    }

    /// Adds the place where else to look.
    pub(crate) const fn with_other(mut self, other: Span) -> Self {
        self.other = Some(other);
        self
    }

    /// Moves the places to the right by a number of bytes.
    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.span = self.span.shifted(by);
        self.other = self.other.map(|span| span.shifted(by));
        self
    }
}

/// What can be wrong, by level.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// The input as a whole.
    #[error(transparent)]
    Text(#[from] TextError),
    /// One rule.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// The commands, executed in order.
    #[error(transparent)]
    Load(#[from] LoadError),
}

impl ErrorKind {
    /// The codes of all kinds.
    pub const CODES: &[&str] = &{
        let levels = [TextError::CODES, RuleError::CODES, LoadError::CODES];
        let mut codes =
            [""; TextError::CODES.len() + RuleError::CODES.len() + LoadError::CODES.len()];
        let (mut level, mut from) = (0, 0);
        while level < levels.len() {
            let (_, rest) = codes.split_at_mut(from);
            let (of_level, _) = rest.split_at_mut(levels[level].len());
            of_level.copy_from_slice(levels[level]);
            from += levels[level].len();
            level += 1;
        }
        codes
    };

    /// Returns the name of this kind, which stays the same between versions.
    /// Each has its page in `docs/rules`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Text(error) => error.code(),
            Self::Rule(error) => error.code(),
            Self::Load(error) => error.code(),
        }
    }

    /// Returns what to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Text(error) => error.help(),
            Self::Rule(error) => error.help(),
            Self::Load(error) => error.help(),
        }
    }

    /// Returns how severe this is for what the input is read for: [`Severity::Error`] when
    /// it is fatal, otherwise [`Severity::Warning`].
    ///
    /// What is fatal for [`Purpose::Filter`] is so for the others, and what is fatal for
    /// [`Purpose::Check`] is so for [`Purpose::Load`].
    #[must_use]
    pub fn severity(&self, purpose: Purpose) -> Severity {
        let fatal_for = match self {
            Self::Text(error) => error.fatal_for(),
            Self::Rule(error) => error.fatal_for(),
            Self::Load(error) => error.fatal_for(),
        };
        if fatal_for.is_some_and(|least| least <= purpose) {
            Severity::Error
        } else {
            Severity::Warning
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_in_kebab_case() {
        let codes: BTreeSet<&str> = ErrorKind::CODES.iter().copied().collect();
        assert_eq!(codes.len(), ErrorKind::CODES.len());
        for code in codes {
            let is_plain =
                |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
            assert!(code.split('-').all(is_plain), "{code}");
        }
    }

    #[test]
    fn severity_depends_on_the_purpose() {
        let purposes = [Purpose::Filter, Purpose::Check, Purpose::Load];
        let fatal =
            |kind: ErrorKind| purposes.map(|purpose| kind.severity(purpose) == Severity::Error);
        assert_eq!(fatal(TextError::NoCommit.into()), [true, true, true]);
        assert_eq!(fatal(RuleError::NoCommand.into()), [false, true, true]);
        assert_eq!(fatal(LoadError::NoSuchRule.into()), [false, true, true]);
        assert_eq!(
            fatal(TextError::DuplicateChain.into()),
            [false, false, true]
        );
        assert_eq!(fatal(RuleError::NotReadBack.into()), [false, false, false]);
    }
}
