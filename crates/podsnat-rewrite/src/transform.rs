//! The transforms: each reads a document and proposes changes to it, with reasons.
//!
//! A transform looks at the document as it came in, and never at another's changes.

pub mod pod_snat;
pub mod remove_reject;

use iptables_save::{Error, LineId, Match, Rule, Target};

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
fn unknown_extensions(line: LineId, rule: &Rule<'_>) -> impl Iterator<Item = Finding> {
    let matches = rule.matches.iter().filter_map(|it| match it {
        Match::Other(other) => Some(("match", &other.name)),
        _ => None,
    });
    let target = match &rule.target {
        Some(Target::Other(other)) => Some(("target", &other.name)),
        _ => None,
    };
    matches.chain(target).map(move |(kind, name)| Finding {
        kind: FindingKind::UnknownExtension,
        line: Some(line),
        span: None,
        message: format!(
            "the {kind} `{}` is not known here; its words were passed on as they are",
            String::from_utf8_lossy(name)
        ),
        advice: None,
    })
}
