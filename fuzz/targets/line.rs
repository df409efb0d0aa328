//! A rule's words → a statement → its line → the same statement.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/iptables-save/tests/checks/line.rs"]
mod line;

fuzz_target!(|words: &[u8]| line::check(words));
