//! Printing the errors of an input.

use iptables_save::{Error, ErrorKind, Errors, Severity, TextError};

use crate::{
    console::Console,
    render::Source,
    tally::{MOST, Tally, Turn},
};

/// How many errors are printed of a kind that all lines have where one has it.
const ALIKE: usize = 1;

/// How many errors of a kind are printed if there are `most` of others.
const fn most(kind: &ErrorKind, most: usize) -> usize {
    match kind {
        ErrorKind::Text(TextError::CarriageReturn) => ALIKE,
        _ => most,
    }
}

/// Prints each error with its help, for those who want to fix all of them.
pub(crate) fn emit_all(
    severity: Severity,
    errors: &Errors,
    source: Source<'_>,
    console: &mut Console,
) {
    emit(
        severity,
        errors.as_slice().iter(),
        usize::MAX,
        source,
        console,
    );
    // The library keeps no more than some of a kind, and counts the rest.
    let left_out = |kind: &ErrorKind| {
        let same = |error: &&Error| error.kind.code() == kind.code();
        errors.as_slice().iter().find(same)
    };
    for (kind, count) in errors.left_out() {
        if let Some(error) = left_out(kind) {
            console.emit_more(count, &error.diagnostic(severity));
        }
    }
}

/// Prints errors in the order of the input, 20 of each kind, with help for the first of them.
pub(crate) fn emit_some<'e>(
    severity: Severity,
    errors: impl Iterator<Item = &'e Error>,
    source: Source<'_>,
    console: &mut Console,
) {
    emit(severity, errors, MOST, source, console);
}

fn emit<'e>(
    severity: Severity,
    errors: impl Iterator<Item = &'e Error>,
    limit: usize,
    source: Source<'_>,
    console: &mut Console,
) {
    let mut tally = Tally::default();
    for error in errors {
        let diagnostic = || error.diagnostic(severity);
        let turn = tally.count(most(&error.kind, limit), error.kind.code(), diagnostic);
        if turn == Turn::TooMany {
            continue;
        }
        let mut diagnostic = diagnostic();
        if turn == Turn::Further && limit == MOST {
            diagnostic.help.clear();
        } else if severity == Severity::Error && error.kind == TextError::BareRule.into() {
            diagnostic = diagnostic.help("or accept the loss with `--allow-lossy`");
        }
        console.emit(&diagnostic, source);
    }
    for (count, like) in tally.rest() {
        console.emit_more(count, like);
    }
}
