//! Diagnostics about an input, as values that a program prints in its own way.

use crate::{Edit, Error, Severity, Span, TextError};

/// An error, a warning, a note or a change, with the places that it is about.
///
/// Messages quote the input: they may contain control characters that must not reach a terminal.
/// A program that prints a diagnostic escapes them.
///
/// ```
/// use iptables_save::{Document, Severity};
///
/// let document = Document::read(b"*nat\n-A POSTROUTING -j MASQUERADE\n");
/// let diagnostic = document.errors()[0].diagnostic(Severity::Error);
/// assert_eq!(diagnostic.code, "no-commit");
/// assert_eq!(diagnostic.labels[1].text.as_deref(), Some("the table begins here"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A name in kebab-case that stays the same between versions, such as `no-commit`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong or was done, in one phrase.
    pub message: String,
    /// The places, the most important one first.
    pub labels: Vec<Label>,
    /// What to do about it. An entry may have several lines.
    pub help: Vec<String>,
    /// The edits that make the change; empty unless this is about one.
    pub edits: Vec<Edit>,
}

/// A place that a diagnostic is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where, in the bytes of the input.
    pub span: Span,
    /// What is there; `None` if the message says it.
    pub text: Option<String>,
}

impl Diagnostic {
    /// Makes a diagnostic without places and help.
    #[must_use]
    pub fn new(code: &'static str, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
            edits: Vec::new(),
        }
    }

    /// Adds the place that the message is about, when there is one.
    #[must_use]
    pub fn at(mut self, span: impl Into<Option<Span>>) -> Self {
        let label = |span| Label { span, text: None };
        self.labels.extend(span.into().map(label));
        self
    }

    /// Adds another place, with what is there.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: Some(text.into()),
        });
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

impl Error {
    /// Returns the error as a diagnostic of this severity, with its help.
    #[must_use]
    pub fn diagnostic(&self, severity: Severity) -> Diagnostic {
        let diagnostic = Diagnostic::new(self.kind.code(), severity, self.kind.to_string())
            .at(self.span)
            .help(self.kind.help());
        match self.other {
            Some(other) if self.kind == TextError::NoCommit.into() => {
                diagnostic.label(other, "the table begins here")
            }
            Some(other) => diagnostic.label(other, "the first is here"),
            None => diagnostic,
        }
    }
}

impl From<&Error> for Diagnostic {
    fn from(error: &Error) -> Self {
        error.diagnostic(Severity::Error)
    }
}
