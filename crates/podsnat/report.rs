//! What was done and what was left alone, for the operator.

use std::{fmt, mem::discriminant};

use podsnat_rewrite::{Change, Finding, FindingKind, Plan};

use crate::{
    console::Console,
    message::{Level, Message, Source},
    printable::printable,
    tally::{MOST, Tally, Turn},
};

/// Tells a plan that was carried out: a line a change, the findings, the commands for
/// connections already open, and the sum.
pub(crate) fn report(plan: &Plan, source: Source<'_>, console: &mut Console) {
    for change in plan.changes() {
        console.line(format_args!("{}", Told { change, source }));
    }
    tell_findings(plan.findings(), source, console);
    if !plan.changes().is_empty() && !plan.conntrack_commands().is_empty() {
        let commands = plan.conntrack_commands().join("\n");
        console.say(
            &Message::new(
                Level::Note,
                "connections that are open already go on as they were",
            )
            .help(format!("these commands end them:\n{commands}")),
        );
    }
    console.line(format_args!("{}", sum(plan)));
}

/// One change, on one line.
struct Told<'p> {
    change: &'p Change,
    source: Source<'p>,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Change {
            line,
            becomes,
            reason,
            ..
        } = self.change;
        // Lines that iptables-restore would cut in two are refused, so that the lines
        // here are those that an editor counts.
        write!(f, "line {}: ", line.index() + 1)?;
        match becomes.as_slice() {
            [] => {
                let rule = self.source.document.line(*line).content();
                write!(f, "removed `{}`", printable(rule))?;
            }
            [first, rest @ ..] => {
                write!(f, "now `{}`", printable(first))?;
                for rule in rest {
                    write!(f, " and `{}`", printable(rule))?;
                }
            }
        }
        write!(f, ": {reason}")
    }
}

fn tell_findings(findings: &[Finding], source: Source<'_>, console: &mut Console) {
    let mut tally = Tally::new();
    for finding in findings {
        let turn = tally.count(MOST, discriminant(&finding.kind), || {
            finding.message.clone()
        });
        if turn == Turn::TooMany {
            continue;
        }
        let line = finding.line.map(|line| source.document.line(line));
        let span = finding.span.or(line.map(|line| line.content_span()));
        let mut message = Message::new(level(finding), finding.message.as_str()).at(span);
        if let Some(advice) = &finding.advice {
            message = message.help(advice.as_str());
        }
        console.tell(&message, source);
    }
    for text in tally.rest() {
        console.say(&Message::new(Level::Note, text));
    }
}

/// Whether the operator should act on a finding, or may.
fn level(finding: &Finding) -> Level {
    match finding.kind {
        FindingKind::UnknownExtension | FindingKind::NoNetwork => Level::Note,
        _ => Level::Warning,
    }
}

/// The last line.
fn sum(plan: &Plan) -> String {
    let removed = plan
        .changes()
        .iter()
        .filter(|change| change.becomes.is_empty());
    let removed = removed.count();
    let rewritten = plan.changes().len() - removed;
    match (rewritten, removed) {
        (0, 0) => nothing(plan),
        (0, removed) => format!("{} removed", rules(removed)),
        (rewritten, 0) => format!("{} rewritten", rules(rewritten)),
        (rewritten, removed) => format!("{} rewritten, {removed} removed", rules(rewritten)),
    }
}

/// Why nothing was changed.
fn nothing(plan: &Plan) -> String {
    let hiding = plan
        .findings()
        .iter()
        .filter(|finding| finding.hides_pods());
    let because = match hiding.count() {
        0 => {
            let telling = |finding: &&Finding| {
                matches!(finding.kind, FindingKind::NoNetwork | FindingKind::NoFamily)
            };
            match plan.findings().iter().find(telling) {
                Some(finding) => finding.message.clone(),
                None => "no rule hides pods from each other or stops them".to_owned(),
            }
        }
        1 => "the rule that hides or stops pods is left alone, as told above".to_owned(),
        _ => "the rules that hide or stop pods are left alone, as told above".to_owned(),
    };
    format!("nothing to change: {because}")
}

fn rules(count: usize) -> String {
    match count {
        1 => "1 rule".to_owned(),
        count => format!("{count} rules"),
    }
}
