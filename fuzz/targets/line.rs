//! A rule's words → a rule_line → its line → the same rule_line.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

#[path = "../../crates/iptables-save/tests/checks/line.rs"]
mod line;
mod words;

fuzz_target!(|words: &[u8]| line::check(words));

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    match seed % 2 {
        0 => words::mutate(data, size, most, seed),
        _ => fuzzer_mutate(data, size, most),
    }
});
