//! The terminal, or whatever else stderr is.

use std::{fmt, fmt::Write as _, io, io::Write as _};

use anstream::{AutoStream, ColorChoice};
use iptables_save::{Diagnostic, Severity};

use crate::{
    patient::Patient,
    render::{self, Item, Palette, Render, Source},
};

/// What goes to stderr, gathered and then written at once.
#[derive(Debug)]
pub(crate) struct Console {
    /// Whether only errors are printed.
    quiet: bool,
    render: Render,
    palette: Palette,
    text: String,
}

/// Proof that an error has been reported, so that the program ends with
/// [`EXIT_FAILURE`](crate::EXIT_FAILURE).
#[derive(Debug)]
pub(crate) struct Reported(());

impl Console {
    pub(crate) fn new(quiet: bool) -> Self {
        let palette = match AutoStream::choice(&io::stderr()) {
            ColorChoice::Never => Palette::default(),
            _ => Palette::colourful(),
        };
        Self {
            quiet,
            render: render::text,
            palette,
            text: String::new(),
        }
    }

    /// Whether only errors are printed.
    pub(crate) const fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Prints a diagnostic. Without its source, its places are left out.
    pub(crate) fn emit<'s>(
        &mut self,
        diagnostic: &Diagnostic,
        source: impl Into<Option<Source<'s>>>,
    ) {
        self.emit_item(Item::Diagnostic(diagnostic), source.into());
    }

    /// Prints how many diagnostics like this one are left out.
    pub(crate) fn emit_more(&mut self, count: usize, like: &Diagnostic) {
        self.emit_item(Item::More(count, like), None);
    }

    /// Prints the error that ends the run.
    pub(crate) fn fail<'s>(
        &mut self,
        diagnostic: &Diagnostic,
        source: impl Into<Option<Source<'s>>>,
    ) -> Reported {
        self.emit(diagnostic, source);
        self.reported()
    }

    /// An error that has been reported, or needs no words.
    pub(crate) const fn reported(&self) -> Reported {
        Reported(())
    }

    /// Prints a line as it is: names in it are to be escaped.
    pub(crate) fn emit_plain(&mut self, line: fmt::Arguments<'_>) {
        if !self.quiet {
            let _ = writeln!(self.text, "{line}");
        }
    }

    fn emit_item(&mut self, item: Item<'_>, source: Option<Source<'_>>) {
        let (Item::Diagnostic(diagnostic) | Item::More(_, diagnostic)) = item;
        if diagnostic.severity == Severity::Error || !self.quiet {
            (self.render)(&[item], source, &self.palette, &mut self.text);
        }
    }

    /// Writes everything to stderr. If that fails, there is nowhere left to report it.
    pub(crate) fn flush(&mut self) {
        if !self.text.is_empty() {
            let _ = Patient(io::stderr()).write_all(self.text.as_bytes());
            self.text.clear();
        }
    }
}
