//! The transforms: each reads a document and proposes changes to it, with reasons.
//!
//! A transform looks at the document as it came in, and never at another's changes.

pub mod pod_snat;
pub mod remove_reject;

use iptables_save::{
    ChainId, Clause, Command, Document, Error, LineId, Match, Place, Reader, Rule, Target, Word,
    counters_end,
};

use crate::{Finding, FindingKind};

/// Whether a rule takes every packet; a comment is not a condition.
fn is_everything(rule: &Rule<'_>) -> bool {
    has_no_addresses(rule)
        && rule.in_interface.is_none()
        && rule.out_interface.is_none()
        && rule.protocol.is_none()
        && rule.fragment.is_none()
        && rule
            .matches
            .iter()
            .all(|it| matches!(it, Match::Comment(_)))
}

/// Whether every rule of a chain is plainly put at its end.
fn is_in_order(document: &Document<'_>, chain: ChainId) -> bool {
    document.rules(chain).all(|line| {
        let bytes = document.line(line).bytes;
        let words = bytes[counters_end(bytes)..].trim_ascii_start();
        words.starts_with(b"-A ")
    })
}

/// The rules of a chain as packets meet them, which is the order of the text where each
/// is put at the end. Lines that cannot be read keep a place.
fn in_packet_order<'a>(
    document: &Document<'a>,
    chain: ChainId,
    mut reader: Reader<'a>,
) -> Vec<LineId> {
    let lines = document.rules(chain);
    if is_in_order(document, chain) {
        return lines.collect();
    }
    let place = |number: u32| usize::try_from(number).map_or(usize::MAX, |it| it.saturating_sub(1));
    let mut order: Vec<(LineId, String)> = Vec::new();
    for line in lines {
        let Ok(statement) = reader.read(document, line) else {
            order.push((line, String::new()));
            continue;
        };
        let rule = statement.rule.to_string();
        match &statement.command {
            Command::Insert { number, .. } => {
                order.insert(place(*number).min(order.len()), (line, rule));
            }
            Command::Replace { number, .. } => match order.get_mut(place(*number)) {
                Some(replaced) => *replaced = (line, rule),
                None => order.push((line, rule)),
            },
            Command::DeleteNumber { number, .. } if place(*number) < order.len() => {
                order.remove(place(*number));
            }
            Command::Delete { .. } => {
                if let Some(at) = order.iter().position(|(_, it)| *it == rule) {
                    order.remove(at);
                }
            }
            Command::Append { .. } => order.push((line, rule)),
            _ => {}
        }
    }
    order.into_iter().map(|(line, _)| line).collect()
}

fn has_no_addresses(rule: &Rule<'_>) -> bool {
    rule.source.is_none() && rule.destination.is_none()
}

fn unreadable(line: LineId, error: Error) -> Finding {
    Finding {
        line: Some(line),
        span: Some(error.span),
        message: format!("this rule was passed on as it is: {error}"),
        advice: error.kind.help().map(str::to_owned),
        kind: FindingKind::Unreadable(error),
    }
}

/// Reports the extensions of a rule that iptables may know and this program does not.
/// `start` is where the line begins in the input.
fn unknown_extensions<'r>(
    line: LineId,
    start: usize,
    rule: &'r Rule<'_>,
    words: &'r [Word<'_>],
    clauses: &'r [Clause],
) -> impl Iterator<Item = Finding> + use<'r> {
    let other = matches!(rule.target, Some(Target::Other(_)));
    clauses.iter().filter_map(move |clause| {
        let kind = match clause.place {
            Place::Match(None) => "match",
            Place::Target(None) if other => "target",
            _ => return None,
        };
        let name = String::from_utf8_lossy(&words[clause.words()].last()?.text);
        Some(Finding {
            kind: FindingKind::UnknownExtension,
            line: Some(line),
            span: Some(clause.span(words).shifted(start)),
            message: format!(
                "the {kind} `{name}` is not known here; its words were passed on as they are"
            ),
            advice: None,
        })
    })
}
