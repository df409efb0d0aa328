//! Inputs of which the time or the memory once grew with the square of their size.
//!
//! Each run has a limit of processor time and of memory, which a straight cost stays far below
//! and a square one exceeds many times: other programs on the machine do not matter.

use std::{
    fmt::Write as _,
    fs::File,
    io::{Seek as _, Write as _},
    process::{Command, Stdio},
};

const PODS: &str = "10.1.0.0/16";

/// What a run may take.
#[derive(Clone, Copy)]
struct Limit {
    seconds: u32,
    megabytes: u32,
}

/// Room for what is straight, unoptimized as the tests' program is.
const LIMIT: Limit = Limit {
    seconds: 20,
    megabytes: 400,
};

#[track_caller]
fn check(arguments: &[&str], input: &str) {
    check_within(LIMIT, arguments, input, 0);
}

/// Runs podsnat with stdin from a file, and expects an exit code.
#[track_caller]
fn check_within(limit: Limit, arguments: &[&str], input: &str, code: i32) {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(input.as_bytes()).expect("it can be written");
    file.rewind().expect("it can be read from the start");
    let Limit { seconds, megabytes } = limit;
    let kilobytes = megabytes * 1024;
    let status = Command::new("sh")
        .arg("-c")
        .arg(format!(
            "ulimit -t {seconds} && ulimit -v {kilobytes} && exec \"$0\" \"$@\""
        ))
        .arg(env!("CARGO_BIN_EXE_podsnat"))
        .args(arguments)
        .env_remove("PODSNAT_POD_CIDR")
        .stdin(file)
        .stdout(Stdio::null())
        .stderr(Stdio::from(File::create("/dev/null").expect("it is there")))
        .status()
        .expect("sh can be run");
    assert_eq!(
        status.code(),
        Some(code),
        "more than {seconds} s or {megabytes} MB: {status}"
    );
}

fn filter(arguments: &[&str], input: &str) {
    check(&[&["--pod-cidr", PODS], arguments].concat(), input);
}

/// A table with its built-in chains, and lines of rules.
fn table(name: &str, chains: &[&str], rules: &str) -> String {
    let chains: String = chains
        .iter()
        .map(|chain| match chain.chars().next() {
            Some('A'..='Z') => format!(":{chain} ACCEPT [0:0]\n"),
            _ => format!(":{chain} - [0:0]\n"),
        })
        .collect();
    format!("*{name}\n{chains}{rules}COMMIT\n")
}

#[test]
fn jumps_to_a_chain_of_stock_rejects() {
    let count = 20_000;
    let reject = "-A a -j REJECT --reject-with icmp-host-prohibited\n".repeat(count);
    let rules = "-A FORWARD -j a\n".repeat(count) + &reject;
    filter(&[], &table("filter", &["FORWARD", "a"], &rules));
}

#[test]
fn jumps_to_a_chain_of_accepts() {
    let count = 20_000;
    let rules = "-A FORWARD -j a\n".repeat(count) + &"-A a -j ACCEPT\n".repeat(count);
    filter(&[], &table("filter", &["FORWARD", "a"], &rules));
}

#[test]
fn chains_without_a_jump_in_many_tables() {
    let rule = format!("-A a -s {PODS} -j MASQUERADE\n");
    filter(
        &[],
        &table("nat", &["POSTROUTING", "a"], &rule).repeat(8_000),
    );
}

#[test]
fn the_same_chains_in_falling_order_in_many_tables() {
    let names: Vec<String> = (10..28).rev().map(|number| format!("c{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    filter(&[], &table("filter", &names, "").repeat(20_000));
}

#[test]
fn flushes_and_deletions_of_all_of_many_chains() {
    let count = 16_000;
    for command in ["-F\n", "-X\n"] {
        let mut chains = String::new();
        for number in 0..count {
            let _ = writeln!(chains, "-N c{number}");
        }
        let rules = chains + &command.repeat(5 * count);
        check(&["fmt", "--saved"], &table("filter", &["INPUT"], &rules));
    }
}

#[test]
fn many_returns_before_many_rules_of_one_address() {
    let mut rules = String::new();
    for length in 8..32 {
        for host in 0..300 {
            let (third, fourth) = (host / 250, host % 250);
            let _ = writeln!(
                rules,
                "-A POSTROUTING -s 10.0.0.0/{length} -d 10.1.{third}.{fourth}/32 -j RETURN"
            );
        }
    }
    rules += &"-A POSTROUTING -s 10.0.0.1/32 -p tcp -j MASQUERADE\n".repeat(5000);
    filter(
        &["--pod-cidr", "10.0.0.0/24"],
        &table("nat", &["POSTROUTING"], &rules),
    );
}

/// As many rules with as many networks each would be written otherwise.
#[test]
fn many_separate_pod_networks() {
    let networks: Vec<String> = (0..3000)
        .map(|number| format!("10.{}.{}.0/24", number / 128, number % 128 * 2))
        .collect();
    let rule = "-A POSTROUTING -j MASQUERADE\n".repeat(1000);
    filter(
        &["--pod-cidr", &networks.join(",")],
        &table("nat", &["POSTROUTING"], &rule),
    );
}

#[test]
fn many_changes() {
    let rule = format!("-A POSTROUTING -s {PODS} -o eth0 -m comment --comment");
    let mut rules = String::new();
    for number in 0..20_000 {
        let _ = writeln!(rules, "{rule} {number} -j MASQUERADE");
    }
    filter(&[], &table("nat", &["POSTROUTING"], &rules));
}

#[test]
fn no_newline() {
    let input = "x".repeat(64 << 20);
    check_within(LIMIT, &["--pod-cidr", PODS], &input, 2);
}

#[test]
fn nothing_but_newlines() {
    let input = "\n".repeat(64 << 20);
    let limit = Limit {
        megabytes: 700,
        ..LIMIT
    };
    check_within(limit, &["--pod-cidr", PODS], &input, 2);
}
