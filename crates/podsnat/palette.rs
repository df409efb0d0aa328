//! The colours of messages.

use anstyle::{AnsiColor, Style};

/// The styles of the parts of a message; all plain where there is no colour.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Palette {
    pub(crate) error: Style,
    pub(crate) warning: Style,
    pub(crate) note: Style,
    pub(crate) help: Style,
    /// The gutter and the arrow.
    pub(crate) frame: Style,
    pub(crate) strong: Style,
}

impl Palette {
    pub(crate) fn colourful() -> Self {
        let bold = |colour: AnsiColor| colour.on_default().bold();
        Self {
            error: bold(AnsiColor::BrightRed),
            warning: bold(AnsiColor::Yellow),
            note: bold(AnsiColor::BrightCyan),
            help: bold(AnsiColor::BrightGreen),
            frame: bold(AnsiColor::BrightBlue),
            strong: Style::new().bold(),
        }
    }
}
