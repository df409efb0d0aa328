//! Rules that do not come in the order of the text, or not to the same packets twice.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use iptables_save::Document;
use podsnat_rewrite::{Options, PodNetworks, Reject, plan, render};

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
fn a_rule_that_replaces_one_is_split_into_it_and_one_before() {
    check_nat(
        &[
            "-A POSTROUTING -j RETURN",
            "-R POSTROUTING 1 -c 5 6 -j MASQUERADE",
        ],
        &[
            "-A POSTROUTING -j RETURN",
            "-R POSTROUTING 1 -c 5 6 ! -s 10.1.0.0/16 -j MASQUERADE",
            "-I POSTROUTING -c 5 6 -s 10.1.0.0/16 ! -d 10.1.0.0/16 -j MASQUERADE",
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
