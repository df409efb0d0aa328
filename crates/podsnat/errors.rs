//! Telling what is wrong with a text.

use std::mem::discriminant;

use iptables_save::{Error, ErrorKind, Errors};

use crate::{
    console::Console,
    excerpt::Source,
    message::{Level, Message},
    tally::{Tally, Turn},
};

/// Tells each error with its help, for whoever mends a text wants to see them all.
pub(crate) fn tell_all(level: Level, errors: &Errors, source: Source<'_>, console: &mut Console) {
    let mut tally = Tally::new();
    for error in errors.as_slice() {
        let most = match error.kind {
            ErrorKind::CarriageReturn => ALIKE,
            _ => usize::MAX,
        };
        let turn = tally.count(most, discriminant(&error.kind), || error.to_string());
        if turn != Turn::TooMany {
            let message = Message::about(level, error).help(error.kind.help());
            console.tell(&message, source);
        }
    }
    // The library keeps no more than some of a kind, and counts the rest.
    for (kind, left_out) in errors.left_out() {
        console.say(&Message::new(
            level,
            format!("… and {left_out} more: {kind}"),
        ));
    }
    for text in tally.rest() {
        console.say(&Message::new(level, text));
    }
}

/// So many errors are told of a kind that all lines have where one has it.
const ALIKE: usize = 1;

/// Tells errors in the order of the text, `most` of each kind. With the first of a kind
/// comes its help, and what else `help` has to say.
pub(crate) fn tell<'e>(
    level: Level,
    errors: impl Iterator<Item = &'e Error>,
    help: impl Fn(&ErrorKind) -> Option<&'static str>,
    most: usize,
    source: Source<'_>,
    console: &mut Console,
) {
    let mut tally = Tally::new();
    for error in errors {
        let most = match error.kind {
            ErrorKind::CarriageReturn => ALIKE,
            _ => most,
        };
        let turn = tally.count(most, discriminant(&error.kind), || error.to_string());
        if turn == Turn::TooMany {
            continue;
        }
        let mut message = Message::about(level, error);
        if turn == Turn::First {
            let further = help(&error.kind);
            message = further
                .into_iter()
                .fold(message.help(error.kind.help()), Message::help);
        }
        console.tell(&message, source);
    }
    for text in tally.rest() {
        console.say(&Message::new(level, text));
    }
}
