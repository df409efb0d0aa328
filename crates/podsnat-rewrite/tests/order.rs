//! Rules that are not in the order of their lines, or that later commands name or remove.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use iptables_save::Document;
use podsnat_rewrite::{FindingKind, Options, PodNetworks, Reject, plan, render};

/// Rewrites the rules of a chain for pods in 10.1.0.0/16.
#[track_caller]
fn check(table: &str, reject: Reject, rules: &[&str], expected: &[&str]) {
    let text = |rules: &[&str]| format!("*{table}\n{}\nCOMMIT\n", rules.join("\n"));
    let input = text(rules);
    let document = Document::read(input.as_bytes());
    let pods = PodNetworks::new(["10.1.0.0/16".parse().unwrap()]).unwrap();
    let mut options = Options::new(pods);
    options.reject = reject;
    let plan = plan(&document, &options).unwrap();
    let output = render::full(&document, &plan).concat();
    assert_eq!(String::from_utf8(output).unwrap(), text(expected));
}

#[track_caller]
fn check_nat(rules: &[&str], expected: &[&str]) {
    check("nat", Reject::Remove, rules, expected);
}

#[test]
fn a_rule_put_before_a_return_is_not_covered_by_it() {
    check_nat(
        &[
            "-A POSTROUTING -j RETURN",
            "-I POSTROUTING -s 10.1.0.0/16 -j MASQUERADE",
        ],
        &[
            "-A POSTROUTING -j RETURN",
            "-I POSTROUTING -s 10.1.0.0/16 ! -d 10.1.0.0/16 -j MASQUERADE",
        ],
    );
}

#[test]
fn a_return_put_first_covers_what_stood_before_it() {
    let rules = [
        "-A POSTROUTING -s 10.1.0.0/16 -j MASQUERADE",
        "-I POSTROUTING -d 10.1.0.0/16 -j RETURN",
    ];
    check_nat(&rules, &rules);
}

/// The second rule takes the packets that the rule between has marked.
#[test]
fn rules_that_look_at_marks_are_no_duplicates() {
    check_nat(
        &[
            "-A POSTROUTING -s 10.1.0.0/16 -m mark ! --mark 0x1/0x1 -j MASQUERADE",
            "-A POSTROUTING -j MARK --set-xmark 0x0/0x1",
            "-A POSTROUTING -s 10.1.0.0/16 -m mark ! --mark 0x1/0x1 -j MASQUERADE",
        ],
        &[
            "-A POSTROUTING -s 10.1.0.0/16 ! -d 10.1.0.0/16 -m mark ! --mark 0x1/0x1 -j MASQUERADE",
            "-A POSTROUTING -j MARK --set-xmark 0x0/0x1",
            "-A POSTROUTING -s 10.1.0.0/16 ! -d 10.1.0.0/16 -m mark ! --mark 0x1/0x1 -j MASQUERADE",
        ],
    );
}

/// Two `-R` of one number would leave only the second rule.
#[test]
fn a_rule_that_replaces_one_is_split_into_it_and_one_after() {
    check_nat(
        &[
            "-A POSTROUTING -j RETURN",
            "-R POSTROUTING 1 -c 5 6 -j MASQUERADE",
        ],
        &[
            "-A POSTROUTING -j RETURN",
            "-R POSTROUTING 1 -c 5 6 ! -s 10.1.0.0/16 -j MASQUERADE",
            "-I POSTROUTING 2 -c 5 6 -s 10.1.0.0/16 ! -d 10.1.0.0/16 -j MASQUERADE",
        ],
    );
}

#[test]
fn pods_are_accepted_before_a_reject_that_is_put_first() {
    check(
        "filter",
        Reject::AcceptPods,
        &["-I INPUT -j REJECT --reject-with icmp-host-prohibited"],
        &[
            "-I INPUT -j REJECT --reject-with icmp-host-prohibited",
            "-I INPUT -s 10.1.0.0/16 -j ACCEPT",
        ],
    );
}

/// Returns the kinds of the findings about a filter table, for pods in 10.1.0.0/16.
fn findings(rules: &[&str]) -> Vec<(FindingKind, Option<usize>)> {
    let input = format!("*filter\n{}\nCOMMIT\n", rules.join("\n"));
    let document = Document::read(input.as_bytes());
    let pods = PodNetworks::new(["10.1.0.0/16".parse().unwrap()]).unwrap();
    let plan = plan(&document, &Options::new(pods)).unwrap();
    let findings = plan.findings().iter();
    findings
        .map(|finding| {
            (
                finding.kind.clone(),
                finding.line.map(|line| line.index() + 1),
            )
        })
        .collect()
}

#[test]
fn a_flushed_return_covers_nothing() {
    check_nat(
        &[
            ":POSTROUTING ACCEPT",
            "-A POSTROUTING -s 10.1.0.0/16 -d 10.1.0.0/16 -j RETURN",
            "-F POSTROUTING",
            "-A POSTROUTING -s 10.1.138.0/24 -o eth0 -j MASQUERADE",
        ],
        &[
            ":POSTROUTING ACCEPT",
            "-A POSTROUTING -s 10.1.0.0/16 -d 10.1.0.0/16 -j RETURN",
            "-F POSTROUTING",
            "-A POSTROUTING -s 10.1.138.0/24 ! -d 10.1.0.0/16 -o eth0 -j MASQUERADE",
        ],
    );
}

#[test]
fn a_flushed_rule_is_repeated_by_none() {
    let rules = [
        ":POSTROUTING ACCEPT",
        "-I POSTROUTING 1 -s 10.1.138.0/24 ! -o docker0 -j MASQUERADE",
        "-F POSTROUTING",
        "-A POSTROUTING -s 10.1.138.0/24 ! -d 10.1.0.0/16 ! -o docker0 -j MASQUERADE",
    ];
    check_nat(&rules, &rules);
}

#[test]
fn a_flushed_rule_is_left() {
    let rules = [
        "-A POSTROUTING -s 10.1.0.0/16 -j MASQUERADE",
        "-F POSTROUTING",
    ];
    check_nat(&rules, &rules);
}

/// Without another number, the accepting rule would be deleted instead.
#[test]
fn numbers_after_a_removed_reject_are_adapted() {
    let reject = "-A INPUT -j REJECT --reject-with icmp-host-prohibited";
    check(
        "filter",
        Reject::Remove,
        &[
            "-A INPUT -s 192.0.2.9/32 -j DROP",
            reject,
            "-A INPUT -s 192.0.2.1/32 -j ACCEPT",
            "-A INPUT -s 192.0.2.2/32 -j DROP",
            "-D INPUT 3",
        ],
        &[
            "-A INPUT -s 192.0.2.9/32 -j DROP",
            "-A INPUT -s 192.0.2.1/32 -j ACCEPT",
            "-A INPUT -s 192.0.2.2/32 -j DROP",
            "-D INPUT 2",
        ],
    );
}

#[test]
fn numbers_after_a_split_rule_are_adapted() {
    check_nat(
        &[
            "-A POSTROUTING -j MASQUERADE",
            "-A POSTROUTING -o lo -j ACCEPT",
            "-I POSTROUTING 2 -d 192.0.2.1/32 -j ACCEPT",
            "-D POSTROUTING 3",
        ],
        &[
            "-A POSTROUTING ! -s 10.1.0.0/16 -j MASQUERADE",
            "-A POSTROUTING -s 10.1.0.0/16 ! -d 10.1.0.0/16 -j MASQUERADE",
            "-A POSTROUTING -o lo -j ACCEPT",
            "-I POSTROUTING 3 -d 192.0.2.1/32 -j ACCEPT",
            "-D POSTROUTING 4",
        ],
    );
}

/// A rule that is named by its words after it was rewritten has other words by then.
#[test]
fn deletions_by_rule_follow_the_rule() {
    check_nat(
        &[
            "-A POSTROUTING -s 10.1.0.0/16 -j MASQUERADE",
            "-A POSTROUTING -s 10.1.0.0/16 -o eth0 -j MASQUERADE",
            "-D POSTROUTING -s 10.1.0.0/16 -j MASQUERADE",
        ],
        &[
            "-A POSTROUTING -s 10.1.0.0/16 -j MASQUERADE",
            "-A POSTROUTING -s 10.1.0.0/16 ! -d 10.1.0.0/16 -o eth0 -j MASQUERADE",
            "-D POSTROUTING -s 10.1.0.0/16 -j MASQUERADE",
        ],
    );
}

#[test]
fn renamed_chains_are_followed() {
    check_nat(
        &[
            ":a - [0:0]",
            "-A a -j MASQUERADE",
            "-E a b",
            "-A POSTROUTING -j b",
        ],
        &[
            ":a - [0:0]",
            "-A a ! -s 10.1.0.0/16 -j MASQUERADE",
            "-A a -s 10.1.0.0/16 ! -d 10.1.0.0/16 -j MASQUERADE",
            "-E a b",
            "-A POSTROUTING -j b",
        ],
    );
}

/// The RETURN was inserted before all others, so it is the last.
#[test]
fn a_thousand_insertions_are_in_their_order() {
    let mut rules = vec!["-I POSTROUTING -s 10.1.0.0/16 -d 10.1.0.0/16 -j RETURN"];
    rules.resize(1001, "-I POSTROUTING -o lo -j ACCEPT");
    let mut expected = rules.clone();
    rules.push("-I POSTROUTING -s 10.1.0.0/16 -j MASQUERADE");
    expected.push("-I POSTROUTING -s 10.1.0.0/16 ! -d 10.1.0.0/16 -j MASQUERADE");
    check_nat(&rules, &expected);
}

#[test]
fn policies_are_those_at_commit() {
    let stock = "-A INPUT -j REJECT --reject-with icmp-host-prohibited";
    let policies = [":INPUT ACCEPT", "-P INPUT DROP", "-P FORWARD DROP", stock];
    assert_eq!(findings(&policies), [(FindingKind::StopsPods, Some(4))]);
}

#[test]
fn deleted_rules_accept_nothing() {
    let rules = [
        ":FORWARD DROP",
        "-A FORWARD -s 10.1.0.0/16 -j ACCEPT",
        "-A FORWARD -d 10.1.0.0/16 -j ACCEPT",
    ];
    assert_eq!(findings(&rules), []);
    let deleted = [&rules[..], &["-D FORWARD 1", "-D FORWARD 1"]].concat();
    assert_eq!(findings(&deleted), [(FindingKind::StopsPods, Some(2))]);
}
