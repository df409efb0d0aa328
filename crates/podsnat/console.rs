//! The terminal, or whatever else stderr is.

use std::{
    fmt,
    fmt::Write as _,
    io::{self, Write as _},
};

use anstream::{AutoStream, ColorChoice};

use crate::{
    excerpt::Source,
    message::{Level, Message},
    palette::Palette,
};

/// What is to be told on stderr, gathered and then written at once.
#[derive(Debug)]
pub(crate) struct Console {
    /// Whether only errors are told.
    quiet: bool,
    palette: Palette,
    text: String,
}

/// Trouble that has been told of: the program ends with exit code 2.
#[derive(Debug)]
pub(crate) struct Trouble(());

impl Console {
    pub(crate) fn new(quiet: bool) -> Self {
        let palette = match AutoStream::choice(&io::stderr()) {
            ColorChoice::Never => Palette::default(),
            _ => Palette::colourful(),
        };
        Self {
            quiet,
            palette,
            text: String::new(),
        }
    }

    /// Whether only errors are told.
    pub(crate) const fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Tells a message about the input.
    pub(crate) fn tell(&mut self, message: &Message, source: Source<'_>) {
        self.draw(message, Some(source));
    }

    /// Tells a message that shows no place in the input.
    pub(crate) fn say(&mut self, message: &Message) {
        self.draw(message, None);
    }

    /// Tells an error that shows no place in the input.
    pub(crate) fn trouble(&mut self, message: &Message) -> Trouble {
        self.say(message);
        self.told()
    }

    /// Trouble of which the last messages told.
    pub(crate) const fn told(&self) -> Trouble {
        Trouble(())
    }

    /// Tells a line as it is.
    pub(crate) fn line(&mut self, line: fmt::Arguments<'_>) {
        if !self.quiet {
            let _ = writeln!(self.text, "{line}");
        }
    }

    fn draw(&mut self, message: &Message, source: Option<Source<'_>>) {
        if message.level == Level::Error || !self.quiet {
            message.draw(source, &self.palette, &mut self.text);
        }
    }

    /// Writes everything to stderr. If that fails, there is nobody left to tell.
    pub(crate) fn show(&mut self) {
        if !self.text.is_empty() {
            let _ = io::stderr().write_all(self.text.as_bytes());
            self.text.clear();
        }
    }
}
