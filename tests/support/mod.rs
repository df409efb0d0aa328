//! What the tests that need a kernel share: network namespaces, the iptables programs, and what to do without them.
//!
//! A test begins with
//!
//! ```ignore
//! if support::skipped("docker_restart", &["dockerd"]) {
//!     return;
//! }
//! ```
//!
//! It runs wherever it can. Where it cannot, it says so on stderr and passes; with `PODSNAT_REQUIRE_KERNEL=1` it fails.

#![allow(dead_code, reason = "each test uses a part of this")]

pub(crate) mod fixture;
pub(crate) mod iptables;
pub(crate) mod netns;
pub(crate) mod peer;
pub(crate) mod saved;

use std::env;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;

use netns::Namespace;

/// The program under test.
pub(crate) const PODSNAT: &str = env!("CARGO_BIN_EXE_podsnat");

/// Returns whether `test` cannot run here: a program is missing, or namespaces cannot be made.
///
/// # Panics
/// When it cannot run and `PODSNAT_REQUIRE_KERNEL` is `1`.
pub(crate) fn skipped(test: &str, programs: &[&str]) -> bool {
    match obstacle(programs) {
        Some(why) => skip(test, &why),
        None => false,
    }
}

/// Reports that `test` is skipped, and why; always returns true.
///
/// # Panics
/// When `PODSNAT_REQUIRE_KERNEL` is `1`.
pub(crate) fn skip(test: &str, why: &str) -> bool {
    let required = env::var_os("PODSNAT_REQUIRE_KERNEL").is_some_and(|value| value == "1");
    assert!(
        !required,
        "{test} must run (PODSNAT_REQUIRE_KERNEL=1) but {why}"
    );
    say(&format!("SKIPPED {test}: {}", one_line(why)));
    true
}

/// Returns `text` with a space for each line break.
pub(crate) fn one_line(text: &str) -> String {
    text.lines()
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Writes a line to stderr that is seen even when the test passes.
pub(crate) fn say(line: &str) {
    // libtest captures what `eprintln!` writes, not what is written to the handle.
    let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// The search path for programs: people without root often lack the sbin directories.
pub(crate) fn search_path() -> OsString {
    let own = env::var_os("PATH").unwrap_or_default();
    let sbin = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    env::join_paths(env::split_paths(&own).chain(sbin)).expect("PATH's own parts can be joined")
}

/// The file that running `program` would run.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    env::split_paths(&search_path())
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}

fn obstacle(programs: &[&str]) -> Option<String> {
    let missing = |program: &&&str| which(program).is_none();
    if let Some(program) = ["ip", "nsenter"].iter().chain(programs).find(missing) {
        return Some(format!("needs the program `{program}`"));
    }
    let made = Namespace::make("probe");
    made.err()
        .map(|why| format!("needs root and network namespaces ({why})"))
}
