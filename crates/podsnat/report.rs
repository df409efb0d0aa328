//! What was done and what was left alone, for the operator.

use std::{fmt, mem::discriminant};

use podsnat_rewrite::{Change, Finding, FindingKind, Operation, Options, Plan, Reject, Snat};

use crate::{
    console::Console,
    excerpt::Source,
    message::{Level, Message},
    printable::printable,
    tally::{MOST, Tally, Turn},
};

/// Tells a plan that was carried out: a line a change, the findings, the commands for
/// connections already open, and the sum.
pub(crate) fn report(
    plan: &Plan<'_>,
    options: &Options,
    source: Source<'_>,
    console: &mut Console,
) {
    let mut sum = Sum::default();
    for change in plan.changes() {
        let done = Done::of(change, source);
        sum.add(&done);
        // Lines that iptables-restore would cut in two are refused: these are the
        // numbers that an editor shows.
        let line = change.at.line.index() + 1;
        console.line(format_args!("line {line}: {done}: {}", change.reason));
    }
    tell_findings(plan.findings(), source, console);
    if !plan.changes().is_empty() && !plan.conntrack_commands().is_empty() {
        let commands = plan.conntrack_commands().join("\n");
        let open = "connections that are open already go on as they were";
        let help = format!("these commands end them:\n{commands}");
        console.say(&Message::new(Level::Note, open).help(help));
    }
    if plan.changes().is_empty() {
        console.line(format_args!(
            "nothing to change: {}",
            why_nothing(plan, options)
        ));
    } else {
        console.line(format_args!("{sum}"));
    }
}

/// What was done to a rule.
enum Done<'p> {
    /// The rule went.
    Removed(&'p [u8]),
    /// It became these.
    Rewritten(&'p [Vec<u8>]),
    /// It stayed, and these came before it.
    Preceded(&'p [u8], &'p [Vec<u8>]),
}

impl<'p> Done<'p> {
    fn of(change: &'p Change<'_>, source: Source<'p>) -> Self {
        let rule = source.document.line(change.at.line).content();
        match &change.operation {
            Operation::Remove => Self::Removed(rule),
            Operation::Replace(_) => Self::Rewritten(&change.lines),
            Operation::InsertBefore(_) => Self::Preceded(rule, &change.lines),
        }
    }
}

impl fmt::Display for Done<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |rule: &[u8]| format!("`{}`", printable(rule));
        let all = |rules: &[Vec<u8>]| {
            let rules: Vec<String> = rules.iter().map(|rule| quoted(rule)).collect();
            rules.join(" and ")
        };
        match self {
            Self::Removed(rule) => write!(f, "removed {}", quoted(rule)),
            Self::Rewritten(new) => write!(f, "now {}", all(new)),
            Self::Preceded(rule, new) => write!(f, "added {} before {}", all(new), quoted(rule)),
        }
    }
}

/// The last line: how much was done.
#[derive(Default)]
struct Sum {
    rewritten: usize,
    added: usize,
    removed: usize,
}

impl Sum {
    fn add(&mut self, done: &Done<'_>) {
        match done {
            Done::Removed(_) => self.removed += 1,
            Done::Rewritten(_) => self.rewritten += 1,
            Done::Preceded(_, new) => self.added += new.len(),
        }
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

fn tell_findings(findings: &[Finding], source: Source<'_>, console: &mut Console) {
    let mut tally = Tally::new();
    let mut last = None;
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
        // The same advice several times in a row would bury the rest.
        if let Some(advice) = finding.advice.as_deref().filter(|it| last != Some(*it)) {
            message = message.help(advice);
        }
        last = finding.advice.as_deref();
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

/// Why nothing was changed.
fn why_nothing(plan: &Plan<'_>, options: &Options) -> &'static str {
    let has = |kind: &FindingKind| plan.findings().iter().any(|it| it.kind == *kind);
    let unread = |it: &Finding| matches!(it.kind, FindingKind::Unreadable(_));
    let all_read = !plan.findings().iter().any(unread);
    let hiding = plan.findings().iter().filter(|it| it.hides_pods()).count();
    match (hiding, options.snat, options.reject) {
        (0, Snat::Keep, Reject::Keep) => "`--snat keep --reject keep` leaves everything as it is",
        (0, ..) if has(&FindingKind::NoNetwork) => "no pod network of the text's family is given",
        (0, ..) if has(&FindingKind::NoFamily) => "the text's family is not known",
        (0, ..) if !all_read => "no rule that could be read hides or stops pods",
        (0, Snat::Exempt, Reject::Keep) => "no rule hides pods from each other",
        (0, Snat::Keep, _) => "no stock REJECT stops pods",
        (0, Snat::Exempt, _) => {
            "no rule hides pods from each other, and no stock REJECT stops them"
        }
        (1, ..) => "the rule that hides or stops pods is left alone, as told above",
        _ => "the rules that hide or stop pods are left alone, as told above",
    }
}
