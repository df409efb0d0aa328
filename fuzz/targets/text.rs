//! Any bytes → a document → its canonical text, and the tables that it loads.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

#[path = "../../crates/iptables-save/tests/checks/text.rs"]
mod text;
mod words;

fuzz_target!(|text: &[u8]| text::check(text));

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| {
    match seed % 2 {
        0 => words::mutate(data, size, most, seed),
        _ => fuzzer_mutate(data, size, most),
    }
});
