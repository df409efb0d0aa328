//! Telling what is wrong with a text.

use std::mem::discriminant;

use iptables_save::{Error, ErrorKind};

use crate::{
    console::Console,
    message::{Level, Message, Source},
    tally::{Tally, Turn},
};

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
            // Where one line ends so, they all do.
            ErrorKind::CarriageReturn => 1,
            _ => most,
        };
        let turn = tally.count(most, discriminant(&error.kind), || error.to_string());
        if turn == Turn::TooMany {
            continue;
        }
        let mut message = Message::about(level, error);
        if turn == Turn::First {
            for help in error.kind.help().into_iter().chain(help(&error.kind)) {
                message = message.help(help);
            }
        }
        console.tell(&message, source);
    }
    for text in tally.rest() {
        console.say(&Message::new(level, text));
    }
}
