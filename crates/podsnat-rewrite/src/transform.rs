//! The transforms: each reads a document and proposes changes to it, with reasons.
//!
//! A transform looks at the document as it came in, and never at another's changes.

mod order;
pub mod pod_snat;
pub mod remove_reject;

use iptables_save::{Clause, Document, Error, LineId, Match, Place, Rule, Target, Word};

use crate::{Conflict, Finding, FindingKind, Options, Plan, plan::Draft};

/// Runs both transforms on a document.
///
/// # Errors
/// When two changes touch the same words.
pub fn plan(document: &Document<'_>, options: &Options) -> Result<Plan, Conflict> {
    let family = options
        .family
        .or_else(|| document.family())
        .or_else(|| options.pods.only_family());
    let mut draft = Draft::new(family);
    pod_snat::propose(document, options, &mut draft);
    remove_reject::propose(document, options, &mut draft);
    draft.finish(&options.pods)
}

/// Whether a rule takes every packet; a comment is not a condition.
fn is_everything(rule: &Rule<'_>) -> bool {
    has_no_addresses(rule) && has_only(rule, |it| matches!(it, Match::Comment(_)))
}

/// Whether a rule has no condition but addresses and matches of the kinds allowed.
fn has_only(rule: &Rule<'_>, allowed: impl Fn(&Match<'_>) -> bool) -> bool {
    rule.in_interface.is_none()
        && rule.out_interface.is_none()
        && rule.protocol.is_none()
        && rule.fragment.is_none()
        && rule.matches.iter().all(allowed)
}

fn has_no_addresses(rule: &Rule<'_>) -> bool {
    rule.source.is_none() && rule.destination.is_none()
}

fn unreadable(line: LineId, error: Error) -> Finding {
    Finding {
        line: Some(line),
        span: Some(error.span),
        message: format!("this rule was passed on as it is: {error}"),
        advice: Some(error.kind.help().to_owned()),
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
