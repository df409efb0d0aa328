//! What is told to people: an error, a warning or a note, where, and what to do.

use std::fmt::Write as _;

use iptables_save::{Error, Span};

use crate::{
    excerpt::{self, Source},
    palette::Palette,
};

/// How grave a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    Error,
    Warning,
    Note,
}

/// A message and the places in the input that it is about.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) level: Level,
    text: String,
    span: Option<Span>,
    /// Where else to look.
    other: Option<(&'static str, Span)>,
    help: Vec<String>,
}

impl Message {
    pub(crate) fn new(level: Level, text: impl Into<String>) -> Self {
        Self {
            level,
            text: text.into(),
            span: None,
            other: None,
            help: Vec::new(),
        }
    }

    pub(crate) fn error(text: impl Into<String>) -> Self {
        Self::new(Level::Error, text)
    }

    /// The message about something wrong with the text.
    pub(crate) fn about(level: Level, error: &Error) -> Self {
        Self {
            span: Some(error.span),
            other: error.other.map(|span| (other_place(error), span)),
            ..Self::new(level, error.to_string())
        }
    }

    pub(crate) fn at(mut self, span: impl Into<Option<Span>>) -> Self {
        self.span = span.into();
        self
    }

    pub(crate) fn other(mut self, label: &'static str, span: Span) -> Self {
        self.other = Some((label, span));
        self
    }

    /// Adds a line of help; further lines of `help` are set in like the first.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Appends the message as it is shown. Places are left out without their source.
    pub(crate) fn draw(&self, source: Option<Source<'_>>, palette: &Palette, out: &mut String) {
        let (name, style) = match self.level {
            Level::Error => ("error", palette.error),
            Level::Warning => ("warning", palette.warning),
            Level::Note => ("note", palette.note),
        };
        let strong = palette.strong;
        let _ = writeln!(
            out,
            "{style}{name}{style:#}{strong}: {}{strong:#}",
            self.text
        );
        if let Some(source) = source {
            let other = self.other.map(|(_, span)| span);
            let gutter = excerpt::gutter(source.document, self.span.into_iter().chain(other));
            if let Some(span) = self.span {
                excerpt::draw(source, span, gutter, (palette, style), out);
            }
            if let Some((label, span)) = self.other {
                let style = palette.note;
                let _ = writeln!(out, "{style}note{style:#}: {label}");
                excerpt::draw(source, span, gutter, (palette, style), out);
            }
        }
        let style = palette.help;
        for help in &self.help {
            let help = help.replace('\n', "\n      ");
            let _ = writeln!(out, "{style}help{style:#}: {help}");
        }
    }
}

/// What is to be seen at an error's other place.
fn other_place(error: &Error) -> &'static str {
    use iptables_save::ErrorKind as Kind;
    match error.kind {
        Kind::NoCommit => "the table begins here",
        _ => "the first is here",
    }
}
