//! What must hold for every ruleset.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod packets;
mod strategies;

use std::collections::HashSet;

use iptables_save::{Document, LineKind, Reader};
use podsnat_rewrite::{FindingKind, Options, Plan, plan, render};
use proptest::prelude::*;

use packets::{Nat, Outcome};
use strategies::{any_case, config, known_case};

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn its_own_output_is_left_alone(case in any_case()) {
        let once = rewritten(case.text.as_bytes(), &case.options)?;
        let twice = rewritten(&once, &case.options)?;
        prop_assert_eq!(shown(&twice), shown(&once));
    }

    #[test]
    fn lines_without_an_edit_keep_their_bytes(case in any_case()) {
        let document = Document::read(case.text.as_bytes());
        let plan = planned(&document, &case.options)?;
        let edits = plan.edits().as_slice();
        let named: HashSet<_> = edits.iter().map(iptables_save::Edit::line).collect();
        let output = render::full(&document, &plan).concat();
        let output = Document::read(&output);
        let mut left = output.lines();
        for line in document.lines().filter(|line| !named.contains(&line.id)) {
            let kept = left.any(|it| it.bytes == line.bytes);
            prop_assert!(kept, "lost or moved: {}\n{}", shown(line.bytes), shown(output.bytes()));
        }
    }

    #[test]
    fn what_is_written_can_be_read(case in any_case()) {
        let document = Document::read(case.text.as_bytes());
        let output = rewritten(case.text.as_bytes(), &case.options)?;
        let unreadable = unreadable(&document);
        for line in self::unreadable(&Document::read(&output)) {
            prop_assert!(unreadable.contains(&line), "{}\n{}", shown(&line), shown(&output));
        }
    }

    #[test]
    fn changes_say_what_the_rule_becomes(case in any_case()) {
        let document = Document::read(case.text.as_bytes());
        let plan = planned(&document, &case.options)?;
        let output = render::full(&document, &plan).concat();
        let lines: HashSet<&[u8]> = output.split(|byte| *byte == b'\n').collect();
        for change in plan.changes() {
            prop_assert!(!change.reason.is_empty() && !change.edits.is_empty());
            for line in &change.lines {
                prop_assert!(lines.contains(&line[..]), "{}\n{}", shown(line), shown(&output));
            }
        }
    }
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn other_packets_fare_as_before(case in known_case()) {
        let output = rewritten(case.text.as_bytes(), &case.options)?;
        let (before, after) = (Document::read(case.text.as_bytes()), Document::read(&output));
        let (before, after) = (Nat::read(&before), Nat::read(&after));
        for packet in packets::all(before.family()) {
            if packet.is_between(&case.options.pods) {
                continue;
            }
            let (was, is) = (before.outcome(&packet), after.outcome(&packet));
            prop_assert_eq!(was.target(), is.target(), "{:?}\n{}", packet, shown(&output));
        }
    }

    #[test]
    fn no_pod_is_hidden_by_a_rule_that_may_be_edited(case in known_case()) {
        let document = Document::read(case.text.as_bytes());
        let plan = planned(&document, &case.options)?;
        // A chain whose numbers cannot be adapted is left, and reported.
        prop_assume!(plan.findings().iter().all(|finding| finding.kind != FindingKind::CannotEdit));
        let output = render::full(&document, &plan).concat();
        let after = Document::read(&output);
        let after = Nat::read(&after);
        for packet in packets::all(after.family()) {
            if !packet.is_between(&case.options.pods) || packet.mark != 0 {
                continue;
            }
            if let Outcome::Translated(by) = after.outcome(&packet) {
                let excused = by.is_owned()
                    || by.is_deliberate()
                    || by.names_only(&case.options.pods);
                prop_assert!(excused, "{} hides {:?}\n{}", by.rule, packet, shown(&output));
            }
        }
    }
}

fn planned<'d>(document: &'d Document<'d>, options: &Options) -> Result<Plan<'d>, TestCaseError> {
    plan(document, options).map_err(|conflict| TestCaseError::fail(conflict.to_string()))
}

fn rewritten(text: &[u8], options: &Options) -> Result<Vec<u8>, TestCaseError> {
    let document = Document::read(text);
    let plan = planned(&document, options)?;
    Ok(render::full(&document, &plan).concat())
}

/// The rule lines that cannot be read.
fn unreadable(document: &Document<'_>) -> HashSet<Vec<u8>> {
    let mut reader = Reader::default();
    document
        .lines()
        .filter(|line| line.kind == LineKind::Rule && reader.read(document, line.id).is_err())
        .map(|line| line.bytes.to_vec())
        .collect()
}

fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}
