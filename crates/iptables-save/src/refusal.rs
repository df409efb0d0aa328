//! Decides which errors are fatal, depending on what the input is read for.

use crate::{Document, Error, ErrorKind, Purpose, Severity, TextError};

/// What a caller accepts although it is refused by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Acceptance {
    /// Rules that `iptables-nft-save` could not print in full and, unless the input is
    /// only filtered, tables that it left out.
    pub lossy: bool,
}

impl Acceptance {
    /// Returns how severe an error is: [`Severity::Error`] when it is fatal, otherwise
    /// [`Severity::Warning`].
    #[must_use]
    pub fn severity(self, kind: &ErrorKind, purpose: Purpose) -> Severity {
        match kind {
            ErrorKind::Text(TextError::BareRule) if self.lossy => Severity::Warning,
            // A filter for a table that is not there would do nothing, silently.
            ErrorKind::Text(TextError::IncompatibleTable)
                if self.lossy && purpose != Purpose::Filter =>
            {
                Severity::Warning
            }
            _ => kind.severity(purpose),
        }
    }
}

impl Document<'_> {
    /// Returns the fatal errors of the input as a whole, in its order.
    ///
    /// For [`Purpose::Check`] and [`Purpose::Load`], what is wrong with single rules is not
    /// among them: [`Canonical`](crate::Canonical) and [`Ruleset`](crate::Ruleset) find that
    /// out, and more of it.
    pub fn refusals(
        &self,
        purpose: Purpose,
        acceptance: Acceptance,
    ) -> impl Iterator<Item = &Error> {
        let is_return = |error: &Error| error.kind == TextError::CarriageReturn.into();
        let has_returns = self.errors().iter().any(is_return);
        self.of_severity(Severity::Error, purpose, acceptance)
            .filter(move |error| match &error.kind {
                ErrorKind::Text(error) => match error {
                    // With a carriage return after it, COMMIT is not COMMIT.
                    TextError::NoCommit
                    | TextError::OutsideTable
                    | TextError::NotALine
                    | TextError::UnknownTable => !has_returns,
                    // Found again where the chain is made.
                    TextError::DuplicateChain => purpose != Purpose::Load,
                    _ => true,
                },
                ErrorKind::Rule(_) | ErrorKind::Load(_) => purpose == Purpose::Filter,
            })
    }

    /// Returns the errors of the input as a whole that are not fatal, in its order.
    pub fn warnings(
        &self,
        purpose: Purpose,
        acceptance: Acceptance,
    ) -> impl Iterator<Item = &Error> {
        self.of_severity(Severity::Warning, purpose, acceptance)
    }

    fn of_severity(
        &self,
        severity: Severity,
        purpose: Purpose,
        acceptance: Acceptance,
    ) -> impl Iterator<Item = &Error> {
        let of_kind = move |kind: &ErrorKind| acceptance.severity(kind, purpose) == severity;
        self.errors_of(of_kind)
    }
}
