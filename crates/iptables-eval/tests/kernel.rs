//! The concrete walk against the kernel: packets by chance through rulesets by chance, on
//! both back ends and in both families.
//!
//! TUN devices named `docker0`, `cni0`, `eth0` and `wg1` stand for the network: a packet that
//! is written to one arrives by it, and what leaves by one is read from it. So routes,
//! interfaces and translated addresses show in the packets themselves. What happens to packets
//! for this host shows in the counters of the rules.
//!
//! `PODSNAT_EVAL_RULESETS` sets how many rulesets each back end gets, `PODSNAT_EVAL_SEED`
//! where chance begins. Needs root; says so where it cannot run, and fails instead with
//! `PODSNAT_REQUIRE_KERNEL=1`.

#[path = "kernel/judge.rs"]
mod judge;
#[path = "kernel/node.rs"]
mod node;
mod support;
#[path = "kernel/wire.rs"]
mod wire;

use std::{env, io::Write as _, thread};

use fastrand::Rng;
use iptables_eval::{Program, Table};
use iptables_save::{Document, Family, Ruleset};

use judge::Batch;
use node::{Backend, Node};
use support::rulesets::{self, Kinds};

/// How many packets each ruleset gets.
const PACKETS: usize = 1000;

#[test]
fn legacy_v4() {
    compare(Backend::Legacy, Family::V4);
}

#[test]
fn legacy_v6() {
    compare(Backend::Legacy, Family::V6);
}

#[test]
fn nft_v4() {
    compare(Backend::Nft, Family::V4);
}

#[test]
fn nft_v6() {
    compare(Backend::Nft, Family::V6);
}

/// Sends packets through rulesets in a network namespace of this test's own.
fn compare(backend: Backend, family: Family) {
    // The thread enters the namespace for good.
    let done = thread::spawn(move || match Node::new(backend, family) {
        Ok(node) => run(&node),
        Err(why) => skip(&format!("{backend:?} {family:?}"), &why),
    });
    done.join().expect("the differences are printed above");
}

fn run(node: &Node) {
    let number = |name: &str| -> Option<u64> { env::var(name).ok()?.parse().ok() };
    let rulesets = number("PODSNAT_EVAL_RULESETS").unwrap_or(25);
    let seed = number("PODSNAT_EVAL_SEED").unwrap_or(1);
    let mut total = judge::Tally::default();
    for nth in 0..rulesets {
        let mut rng = Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(nth));
        let kinds = Kinds {
            unknown: false,
            loadable: true,
        };
        let text = rulesets::ruleset(&mut rng, node.family, Table::ALL, kinds);
        // What this host sends, answers among it, is no part of the comparison.
        let text = text.replacen(":OUTPUT ACCEPT", ":OUTPUT DROP", 1);
        let text = silenced(&text);
        node.restore(&text);
        let document = Document::read(text.as_bytes());
        let ruleset = Ruleset::new(&document, Some(node.family));
        let mut program = Program::new(&ruleset, node.family);
        let mut batch = Batch::new(&mut program, node);
        batch.send(&mut rng, PACKETS);
        total.add(&batch.judge(&text, seed, nth));
    }
    say(&format!(
        "{:?} {:?}: {} packets through {rulesets} rulesets, {} seen, {} counters compared",
        node.backend, node.family, total.packets, total.seen, total.counters
    ));
    assert!(total.seen > 0, "no packet came through");
}

/// The ruleset with a rule before all others that discards what this host sends.
fn silenced(text: &str) -> String {
    let raw = text.find("*raw\n").expect("all tables are there");
    let first = raw + text[raw..].find("-A ").expect("there are rules");
    format!("{}-A OUTPUT -j DROP\n{}", &text[..first], &text[first..])
}

/// Says that a test is skipped, and why.
fn skip(test: &str, why: &str) {
    let required = env::var_os("PODSNAT_REQUIRE_KERNEL").is_some_and(|value| value == "1");
    assert!(
        !required,
        "{test} must run (PODSNAT_REQUIRE_KERNEL=1) but {why}"
    );
    say(&format!("SKIPPED kernel {test}: {why}"));
}

/// Writes a line to stderr that is seen even when the test passes.
fn say(line: &str) {
    // libtest captures what `eprintln!` writes, not what is written to the handle.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}
