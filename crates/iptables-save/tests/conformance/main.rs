//! iptables' own test lines, from its source: what is taken prints as expected, what is refused is refused.
//!
//! ```text
//! IPTABLES_SOURCE=/path/to/iptables-1.8.9 cargo test -p iptables-save --test conformance
//! ```
//!
//! Of `extensions/*.t`, `libxt_*` is run for both families, `libipt_*` and `iptables.t` for
//! IPv4, `libip6t_*` for IPv6. Without the source the test says so and passes; with
//! `PODSNAT_REQUIRE_KERNEL=1` it fails.

mod exceptions;
mod judge;
mod test_file;

use std::{
    collections::BTreeMap,
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use iptables_save::Family;

use exceptions::Exceptions;
use judge::{Verdict, judge};
use test_file::TestLine;

/// The version whose lines these are: the exceptions name them by number.
const VERSION: &str = "1.8.9";

#[test]
fn every_line_of_iptables_own_tests_is_judged_as_iptables_does() {
    let Some(source) = source() else {
        return;
    };
    let mut exceptions = Exceptions::read();
    let mut tally = Tally::default();
    let mut wrong = BTreeMap::<String, Vec<String>>::new();
    for (file, families) in test_files(&source) {
        let name = file.file_name().expect("a file has a name");
        let name = name.to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap_or_else(|why| panic!("{name}: {why}"));
        for line in test_file::lines(&text) {
            for family in families {
                let verdict = judge(&name, &line, *family, &mut exceptions);
                if let Some(complaint) = tally.count(verdict) {
                    let place = format!("{name}:{} {}", line.number, family.name());
                    wrong
                        .entry(name.clone())
                        .or_default()
                        .push(format!("{place}: {}\n    {complaint}", line.input));
                }
            }
        }
    }
    for unused in exceptions.unused() {
        wrong
            .entry("exceptions".to_owned())
            .or_default()
            .push(format!("no longer applies: {unused}"));
    }
    say(&tally.to_string());
    let total: usize = wrong.values().map(Vec::len).sum();
    let counts = wrong
        .iter()
        .map(|(file, lines)| format!("{:5} {file}\n", lines.len()));
    let summary: String = counts.collect();
    let details: Vec<String> = wrong.into_values().flatten().collect();
    assert!(
        total == 0,
        "{}\n\n{total} wrong:\n{summary}",
        details.join("\n")
    );
}

/// How many lines there were, and how they were judged. A line of both families counts twice.
#[derive(Default)]
struct Tally {
    lines: usize,
    printed: usize,
    refused: usize,
    exceptions: usize,
}

impl Tally {
    fn count(&mut self, verdict: Verdict) -> Option<String> {
        self.lines += 1;
        match verdict {
            Verdict::Printed => self.printed += 1,
            Verdict::Refused => self.refused += 1,
            Verdict::Exception => self.exceptions += 1,
            Verdict::Wrong(complaint) => return Some(complaint),
        }
        None
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            lines,
            printed,
            refused,
            exceptions,
        } = self;
        let wrong = lines - printed - refused - exceptions;
        write!(
            f,
            "conformance: {lines} lines, {printed} print as expected, {refused} are refused as expected, \
             {exceptions} exceptions, {wrong} wrong"
        )
    }
}

/// The test files, in the order of their names, with the families they are for.
fn test_files(source: &Path) -> Vec<(PathBuf, &'static [Family])> {
    let entries = fs::read_dir(source.join("extensions")).expect("the source has extensions");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("the directory can be read").path())
        .filter(|path| path.extension().is_some_and(|it| it == "t"))
        .filter_map(|path| {
            let families: &[Family] = match path.file_name()?.to_str()? {
                name if name.starts_with("libxt_") => &[Family::V4, Family::V6],
                name if name.starts_with("libip6t_") => &[Family::V6],
                name if name.starts_with("libipt_") => &[Family::V4],
                "iptables.t" => &[Family::V4],
                // arptables' and ebtables'.
                _ => return None,
            };
            Some((path, families))
        })
        .collect();
    assert!(files.len() > 90, "{} files of tests", files.len());
    files.sort();
    files
}

/// Returns the directory of iptables' source, or `None` after reporting that it is missing.
///
/// # Panics
/// When there is none and `PODSNAT_REQUIRE_KERNEL` is `1`, or when it is of another version.
fn source() -> Option<PathBuf> {
    let Some(source) = env::var_os("IPTABLES_SOURCE").map(PathBuf::from) else {
        let why =
            format!("needs IPTABLES_SOURCE, the directory of the source of iptables {VERSION}");
        let required = env::var_os("PODSNAT_REQUIRE_KERNEL").is_some_and(|value| value == "1");
        assert!(
            !required,
            "conformance must run (PODSNAT_REQUIRE_KERNEL=1) but {why}"
        );
        say(&format!("SKIPPED conformance: {why}"));
        return None;
    };
    let configure = source.join("configure.ac");
    let text = fs::read_to_string(&configure)
        .unwrap_or_else(|why| panic!("{}: {why}", configure.display()));
    assert!(
        text.contains(&format!("AC_INIT([iptables], [{VERSION}])")),
        "{} is not the source of iptables {VERSION}",
        source.display()
    );
    Some(source)
}

/// Writes a line to stderr that is seen even when the test passes.
fn say(line: &str) {
    // libtest captures what `eprintln!` writes, not what is written to the handle.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}
