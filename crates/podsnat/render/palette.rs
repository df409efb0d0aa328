//! The colours of messages.

use anstyle::{AnsiColor, Style};
use iptables_save::Severity;

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
    /// The style of the word that a diagnostic begins with, and of its carets.
    pub(crate) const fn of(&self, severity: Severity) -> Style {
        match severity {
            Severity::Error => self.error,
            Severity::Warning => self.warning,
            Severity::Note | Severity::Change => self.note,
        }
    }

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
