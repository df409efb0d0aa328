//! Any bytes → a document → its canonical text, and the tables that it loads.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/iptables-save/tests/checks/text.rs"]
mod text;

fuzz_target!(|text: &[u8]| text::check(text));
