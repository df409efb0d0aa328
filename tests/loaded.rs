//! Whole rulesets, executed: what `podsnat fmt --saved` prints or refuses, and that iptables does the same.
//!
//! `loaded/cases.txt` holds the inputs; `UPDATE_CASES=1` writes podsnat's results. Both backends are tried for
//! each. Legacy is followed: where nft differs, the case says so, and must say so no longer once it agrees.

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use support::iptables::{Backend, Family, Iptables};
use support::netns::Namespace;
use support::saved::Saved;
use support::{skip, skipped};

use crate::run::podsnat;

#[path = "cli/run.rs"]
#[allow(dead_code, reason = "each test uses a part of this")]
mod run;

/// Marks a case that iptables-nft-restore treats differently.
const OTHERWISE: &str = " [nft: otherwise]";

struct Case {
    name: String,
    nft_differs: bool,
    text: String,
    /// The output; or, after `refused:`, where and why the input is invalid.
    expected: String,
}

#[test]
fn podsnat_executes_each_text() {
    let mut wrong = String::new();
    let cases = cases();
    let made: Vec<String> = cases.iter().map(|case| outcome(&case.text)).collect();
    if std::env::var_os("UPDATE_CASES").is_some() {
        return write(&cases, &made);
    }
    for (case, made) in cases.iter().zip(made) {
        if made != case.expected {
            let _ = writeln!(wrong, "{}:\n{made}\nnot\n{}", case.name, case.expected);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn iptables_does_the_same() {
    if skipped("loaded", &[]) {
        return;
    }
    let mut wrong = String::new();
    for backend in [Backend::Legacy, Backend::Nft] {
        let iptables = Iptables {
            backend,
            family: Family::V4,
        };
        if let Some(why) = iptables.obstacle() {
            skip(&format!("loaded with {iptables}"), &why);
            continue;
        }
        for case in cases() {
            let same = iptables.does(&case);
            let should_be_same = backend == Backend::Legacy || !case.nft_differs;
            if same.is_ok() != should_be_same {
                let why = same.err().unwrap_or_else(|| "does the same".to_owned());
                let _ = writeln!(wrong, "{iptables}: {}: {why}", case.name);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

impl Iptables {
    /// Checks that these programs produce what the case expects.
    fn does(self, case: &Case) -> Result<(), String> {
        let node = Namespace::new("loaded");
        let loaded = node.try_run(&[&self.restore_program()], case.text.as_bytes());
        let is_refused = case.expected.starts_with("refused:");
        match (loaded, is_refused) {
            (Err(_), true) => Ok(()),
            (Err(why), false) => Err(format!("refuses it: {}", why.trim())),
            (Ok(_), true) => Err("takes it".to_owned()),
            (Ok(_), false) => {
                let saved = node.run(&[&self.save_program()], b"").stdout;
                let saved = Saved::read(&String::from_utf8_lossy(&saved));
                let expected = Saved::read(&case.expected);
                // Tables that the probe touched exist and are empty.
                if expected.is_part_of(&saved) {
                    Ok(())
                } else {
                    Err(expected.difference(&saved))
                }
            }
        }
    }
}

/// Returns podsnat's output, or where and why it refuses the input.
fn outcome(text: &str) -> String {
    let run = podsnat(&["fmt", "--saved", "--family=4"]).stdin(text);
    let output = run.output();
    let said = String::from_utf8_lossy(&output.stderr);
    if let Some(0) = output.status.code() {
        String::from_utf8_lossy(&output.stdout).into_owned()
    } else {
        let mut refused = "refused:\n".to_owned();
        let mut lines = said.lines();
        while let Some(line) = lines.next() {
            if let Some(why) = line.strip_prefix("error: ") {
                let place = lines.next().and_then(|it| it.split_once(':'));
                let _ = writeln!(refused, "{} {why}", place.map_or("", |(_, place)| place));
            }
        }
        refused
    }
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/loaded/cases.txt")
}

fn cases() -> Vec<Case> {
    let text = fs::read_to_string(file()).expect("the cases are there");
    let cases = text.split("=== ").skip(1).map(|case| {
        let (name, case) = case.split_once('\n').expect("a name");
        let (text, expected) = case
            .split_once("---\n")
            .expect("`---` before what is expected");
        Case {
            name: name.trim_end_matches(OTHERWISE).to_owned(),
            nft_differs: name.ends_with(OTHERWISE),
            // `$` marks an input that ends without a newline.
            text: text.strip_suffix("$\n").unwrap_or(text).to_owned(),
            expected: expected.to_owned(),
        }
    });
    cases.collect()
}

fn write(cases: &[Case], made: &[String]) {
    let mut text = String::new();
    for (case, made) in cases.iter().zip(made) {
        let mark = if case.nft_differs { OTHERWISE } else { "" };
        let end = if case.text.ends_with('\n') || case.text.is_empty() {
            ""
        } else {
            "$\n"
        };
        let _ = write!(
            text,
            "=== {}{mark}\n{}{end}---\n{made}",
            case.name, case.text
        );
    }
    fs::write(file(), text).expect("the cases can be written");
}
