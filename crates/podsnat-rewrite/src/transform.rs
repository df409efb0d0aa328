//! The transforms: each reads a ruleset and proposes changes to it, with reasons.
//!
//! A transform sees the ruleset as it came in, and never another transform's changes.

pub mod accept_pods;
pub mod pod_snat;
pub mod remove_reject;
mod stock_reject;

pub(crate) use self::stock_reject::{filter_tables, is_firewalld, is_stock};

use iptables_save::{
    ClauseKind, Document, Error, LineId, Match, Name, Rule, Ruleset, SourceLine, Target,
};

use self::{accept_pods::AcceptPods, pod_snat::PodSnat, remove_reject::RemoveReject};
use crate::{Conflict, Finding, FindingKind, Options, Plan, Reject, Snat, lint, plan::PlanBuilder};

/// Proposes changes to a ruleset.
pub(crate) trait Transform {
    /// Adds changes to the plan, and findings about rules that are left unchanged.
    fn propose<'r, 'd>(&self, ruleset: &'r Ruleset<'d>, plan: &mut PlanBuilder<'r, 'd>);
}

/// Runs the transforms that the options ask for.
///
/// # Errors
/// If two changes touch the same words.
pub fn plan<'d>(document: &'d Document<'d>, options: &Options) -> Result<Plan<'d>, Conflict> {
    let family = options
        .family
        .or_else(|| document.family())
        .or_else(|| options.pods.only_family());
    let ruleset = Ruleset::new(document, family);
    let pods = family.map_or(&[][..], |family| options.pods.of(family));
    let mut plan = PlanBuilder::new(family);
    let pod_snat = PodSnat {
        pods,
        place: options.place,
        keep_chains: &options.keep_chains,
    };
    if options.snat == Snat::Exempt {
        pod_snat.propose(&ruleset, &mut plan);
    }
    match options.reject {
        Reject::Remove => RemoveReject.propose(&ruleset, &mut plan),
        Reject::AcceptPods => AcceptPods { pods }.propose(&ruleset, &mut plan),
        Reject::Keep => {}
    }
    let mut plan = plan.finish(&ruleset, &options.pods)?;
    lint::run(&ruleset, options, &mut plan);
    Ok(plan)
}

/// Returns whether a rule matches every packet; a comment is not a condition.
fn is_everything(rule: &Rule<'_>) -> bool {
    has_no_addresses(rule) && has_only(rule, |matched| matches!(matched, Match::Comment(_)))
}

/// Returns whether a rule has no conditions other than addresses and the allowed matches.
fn has_only(rule: &Rule<'_>, allowed: impl Fn(&Match<'_>) -> bool) -> bool {
    rule.in_interface.is_none()
        && rule.out_interface.is_none()
        && rule.protocol.is_none()
        && rule.fragment.is_none()
        && rule.matches.iter().all(allowed)
}

pub(crate) fn has_no_addresses(rule: &Rule<'_>) -> bool {
    rule.source.is_none() && rule.destination.is_none()
}

/// Returns the finding about a rule that cannot be parsed.
fn unreadable(line: LineId, error: Error) -> Finding {
    Finding {
        line: Some(line),
        span: Some(error.span),
        message: format!("this rule was left unchanged: {error}"),
        advice: Some(error.kind.help().to_owned()),
        kind: FindingKind::Unreadable(error),
    }
}

/// Returns findings about unknown extensions of a rule.
fn unknown_extensions<'s>(source: &'s SourceLine<'_>) -> impl Iterator<Item = Finding> + use<'s> {
    let has_other_target = matches!(source.rule_line.rule.target, Some(Target::Other(_)));
    source.clauses.iter().filter_map(move |clause| {
        let kind = match clause.kind {
            ClauseKind::Match(None) => "match",
            ClauseKind::Target(None) if has_other_target => "target",
            _ => return None,
        };
        let name = Name::new(&source.words[clause.words()].last()?.text);
        Some(Finding {
            kind: FindingKind::UnknownExtension,
            line: Some(source.line),
            span: Some(source.span_of(clause)),
            message: format!(
                "the {kind} `{name}` is not known to podsnat; its options were left unchanged"
            ),
            advice: None,
        })
    })
}
