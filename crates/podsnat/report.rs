//! What was done and what was left alone, for the operator.

use std::fmt;

use iptables_save::{Diagnostic, Document, Severity};
use podsnat_rewrite::{
    Change, FindingKind, Operation, Options, Place, Plan, Proof, Reject, Snat, transform::pod_snat,
};

use crate::{
    codes,
    console::Console,
    render::Source,
    tally::{MOST, Tally, Turn},
};

/// Reports a plan that was carried out: a line for each change, the findings, the commands
/// for open connections, and the sum.
pub(crate) fn report(
    plan: &Plan<'_>,
    proof: &Proof,
    options: &Options,
    source: Source<'_>,
    console: &mut Console,
) {
    emit_changes(plan.changes(), source, console);
    emit_findings(plan, source, console);
    emit_proof(proof, console);
    if plan.changes().is_empty() {
        let why = why_nothing(plan, options, source.document);
        console.emit_plain(format_args!("nothing to change: {why}"));
        return;
    }
    if plan.changes().iter().any(spares_pods) {
        let route = Diagnostic::new(
            codes::ROUTE_BACK,
            Severity::Note,
            "other nodes now reply to the pods' own addresses, so they need a route to them",
        );
        let help =
            "on another node, `ip route get` with the address of a pod of this node must lead here";
        console.emit(&route.help(help), None);
    }
    if !plan.conntrack_commands().is_empty() {
        let commands = plan.conntrack_commands().join("\n");
        let open = Diagnostic::new(
            codes::OPEN_CONNECTIONS,
            Severity::Note,
            "open connections keep the address translation that they began with",
        );
        console.emit(&open.help(format!("to end them, run:\n{commands}")), None);
    }
    console.emit_plain(format_args!("{}", Sum::of(plan.changes())));
}

/// Whether a change stops hiding pods.
fn spares_pods(change: &Change<'_>) -> bool {
    change.transform == pod_snat::NAME && matches!(change.operation, Operation::Replace(_))
}

fn emit_changes(changes: &[Change<'_>], source: Source<'_>, console: &mut Console) {
    let mut tally = Tally::default();
    for change in changes {
        let diagnostic = || change.diagnostic(source.document);
        if tally.count(MOST, change.transform, diagnostic) != Turn::TooMany {
            console.emit(&diagnostic(), source);
        }
    }
    emit_rest(&tally, console);
}

fn emit_findings(plan: &Plan<'_>, source: Source<'_>, console: &mut Console) {
    let mut tally = Tally::default();
    let mut last = None;
    for finding in plan.findings() {
        let diagnostic = || finding.diagnostic(source.document);
        if tally.count(MOST, finding.kind.code(), diagnostic) == Turn::TooMany {
            continue;
        }
        let mut diagnostic = diagnostic();
        // The same advice several times in a row would bury the rest.
        if last == finding.advice.as_deref() {
            diagnostic.help.clear();
        }
        last = finding.advice.as_deref();
        console.emit(&diagnostic, source);
    }
    emit_rest(&tally, console);
}

/// Refuses a plan that changes more than it says. A rule that `--place first` moved may meet
/// packets before others do: that was asked for.
pub(crate) fn judge_proof(proof: &Proof, plan: &Plan<'_>) -> Result<(), Box<Diagnostic>> {
    let mut changes = plan.changes().iter();
    if changes.any(|change| change.place == Place::First) {
        return Ok(());
    }
    let Some(fault) = proof.faults.first() else {
        return Ok(());
    };
    let message = format!(
        "podsnat would change more than it says, so nothing was written: {}",
        fault.message
    );
    let error = Diagnostic::new(codes::NOT_PROVEN, Severity::Error, message)
        .help("this is a bug in podsnat; please report it, with the ruleset");
    Err(Box::new(error))
}

fn emit_proof(proof: &Proof, console: &mut Console) {
    for fault in &proof.faults {
        let message = format!(
            "the rule that `--place first` moved now takes packets before other rules do: {}",
            fault.message
        );
        let moved = Diagnostic::new(codes::NOT_EXACT, Severity::Warning, message)
            .help("without `--place first` no other packet fares differently");
        console.emit(&moved, None);
    }
    for chain in &proof.undecided {
        let message = format!(
            "it is not proven that only traffic between pods fares differently in {chain}: it is too large, \
             or it depends on what rules remember, as with `-m limit`"
        );
        console.emit(
            &Diagnostic::new(codes::PROOF_NOT_DECIDED, Severity::Note, message),
            None,
        );
    }
}

fn emit_rest(tally: &Tally, console: &mut Console) {
    for (count, like) in tally.rest() {
        console.emit_more(count, like);
    }
}

/// The last line: how many rules were changed, and how.
#[derive(Default)]
struct Sum {
    rewritten: usize,
    added: usize,
    removed: usize,
}

impl Sum {
    fn of(changes: &[Change<'_>]) -> Self {
        let mut sum = Self::default();
        for change in changes {
            match &change.operation {
                Operation::Remove => sum.removed += 1,
                Operation::Replace(_) => sum.rewritten += 1,
                Operation::InsertBefore(_) => sum.added += change.lines.len(),
            }
        }
        sum
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.rewritten, "rewritten"),
            (self.added, "added"),
            (self.removed, "removed"),
        ];
        let mut noun = [" rule", " rules"];
        for (count, what) in parts.into_iter().filter(|(count, _)| *count > 0) {
            let comma = if noun[0].is_empty() { ", " } else { "" };
            write!(f, "{comma}{count}{} {what}", noun[usize::from(count != 1)])?;
            noun = ["", ""];
        }
        Ok(())
    }
}

/// Why nothing was changed.
fn why_nothing(plan: &Plan<'_>, options: &Options, document: &Document<'_>) -> &'static str {
    let findings = plan.findings();
    let has = |kind: &FindingKind| findings.iter().any(|finding| finding.kind == *kind);
    let is_unreadable = |kind: &FindingKind| matches!(kind, FindingKind::Unreadable(_));
    let all_read = !findings.iter().any(|finding| is_unreadable(&finding.kind));
    // The output of `iptables -S` names no table.
    let mut tables = document.sections().map(|section| document.table(section));
    let has_nat = tables.any(|table| matches!(table, None | Some(b"nat")));
    let hiding = findings.iter().filter(|finding| finding.hides_pods());
    match (hiding.count(), options.snat, options.reject) {
        (0, Snat::Keep, Reject::Keep) => "`--snat keep --reject keep` leaves everything unchanged",
        (0, ..) if has(&FindingKind::NoNetwork) => {
            "no pod network of the ruleset's family was given"
        }
        (0, ..) if has(&FindingKind::NoFamily) => "the ruleset's address family is not known",
        (0, ..) if !all_read => "no rule that could be parsed hides or stops pods",
        (0, Snat::Exempt, Reject::Keep) if !has_nat => "there is no table nat in this ruleset",
        (0, Snat::Exempt, _) if !has_nat => {
            "there is no table nat in this ruleset, and no stock REJECT stops pods"
        }
        (0, Snat::Exempt, Reject::Keep) => "no rule that podsnat edits hides pods from each other",
        (0, Snat::Keep, _) => "no stock REJECT stops pods",
        (0, Snat::Exempt, _) => {
            "no rule that podsnat edits hides pods from each other, and no stock REJECT stops them"
        }
        (1, ..) => "the rule that hides or stops pods was left unchanged, as reported above",
        _ => "the rules that hide or stop pods were left unchanged, as reported above",
    }
}
