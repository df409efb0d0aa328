//! Diagnostics for people: what, where in the input, and what to do.

use std::fmt::Write as _;

use iptables_save::{Diagnostic, Severity, Span};

use super::{Item, Palette, Source, excerpt};
use crate::escape::escaped;

/// Appends items as text.
pub(crate) fn text(
    items: &[Item<'_>],
    source: Option<Source<'_>>,
    palette: &Palette,
    out: &mut String,
) {
    for item in items {
        match item {
            Item::Diagnostic(diagnostic) if diagnostic.severity == Severity::Change => {
                change(diagnostic, source, out);
            }
            Item::Diagnostic(diagnostic) => {
                let message = escaped(&diagnostic.message);
                headline(diagnostic.severity, &message, palette, out);
                if let Some(source) = source {
                    places(diagnostic, source, palette, out);
                }
                for help in &diagnostic.help {
                    label("help", help, palette.help, out);
                }
            }
            Item::More(count, like) if like.severity == Severity::Change => {
                let _ = writeln!(out, "… and {count} more changes by `{}`", like.code);
            }
            Item::More(count, like) => {
                let message = format!("… and {count} more: {}", escaped(&like.message));
                headline(like.severity, &message, palette, out);
            }
        }
    }
}

/// Appends a change, in one line.
fn change(diagnostic: &Diagnostic, source: Option<Source<'_>>, out: &mut String) {
    let message = escaped(&diagnostic.message);
    if let (Some(source), [place, ..]) = (source, diagnostic.labels.as_slice()) {
        let (line, _) = source.document.position(place.span.start);
        let _ = write!(out, "line {line}: ");
    }
    let _ = writeln!(out, "{message}");
}

fn headline(severity: Severity, message: &str, palette: &Palette, out: &mut String) {
    let style = palette.of(severity);
    let name = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
        Severity::Change => "change",
    };
    let strong = palette.strong;
    let _ = writeln!(out, "{style}{name}{style:#}{strong}: {message}{strong:#}");
}

/// Appends a line that begins with a name; further lines of its text are indented.
fn label(name: &str, text: &str, style: anstyle::Style, out: &mut String) {
    let lines: Vec<String> = text.split('\n').map(escaped).collect();
    let indent = format!("\n{:1$}", "", name.len() + 2);
    let _ = writeln!(out, "{style}{name}{style:#}: {}", lines.join(&indent));
}

/// Appends an excerpt for each place.
fn places(diagnostic: &Diagnostic, source: Source<'_>, palette: &Palette, out: &mut String) {
    let spans = diagnostic.labels.iter().map(|label| label.span);
    let gutter = gutter(source, spans);
    let style = palette.of(diagnostic.severity);
    for place in &diagnostic.labels {
        if let Some(text) = &place.text {
            label("note", text, palette.note, out);
        }
        excerpt::draw(source, place.span, gutter, (palette, style), out);
    }
}

/// The width of the line numbers of these places.
fn gutter(source: Source<'_>, spans: impl Iterator<Item = Span>) -> usize {
    let widths = spans.map(|span| source.document.position(span.start).0.to_string().len());
    widths.max().unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use iptables_save::Document;

    use super::*;

    #[test]
    fn made_up_diagnostics() {
        let input = "*nat\n-A POSTROUTING -m comment --comment \"東京 \u{202e}\" -j MASQUERADE\n";
        let document = Document::read(input.as_bytes());
        let at = |words: &str| {
            let start = input.find(words).expect("it is there");
            Span::from(start..start + words.len())
        };
        let diagnostics = [
            Diagnostic::new(
                "one",
                Severity::Error,
                "a name \u{1b}[31m\u{200b} in a message",
            )
            .at(at("MASQUERADE"))
            .label(at("*nat"), "the table \u{7} begins here")
            .help("first\nsecond \u{9b}31m"),
            Diagnostic::new("two", Severity::Warning, "about the whole input"),
            Diagnostic::new("three", Severity::Note, "a wide comment").at(at("東京 \u{202e}")),
            Diagnostic::new("four", Severity::Change, "removed `\u{1b}x`: why").at(at("-A")),
        ];
        let mut items: Vec<Item<'_>> = diagnostics.iter().map(Item::Diagnostic).collect();
        items.push(Item::More(3, &diagnostics[1]));
        items.push(Item::More(7, &diagnostics[3]));
        let source = Source {
            name: "a\u{1b}b",
            document: &document,
        };
        let mut out = String::new();
        text(&items, Some(source), &Palette::default(), &mut out);
        assert!(!out.contains('\u{1b}'));
        assert_snapshot!(out);
    }
}
