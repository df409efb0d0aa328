//! The quick reader of canonical lines and the full reader agree on every line.

#![expect(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, unused_imports, reason = "the strategies are shared")]

mod strategies;

use iptables_save::{Document, LineKind, Reader, RuleLine};
use proptest::prelude::*;

use strategies::{
    bytes::{self, Bytes},
    config, rules,
};

/// Reads every rule line both ways.
fn check(text: &[u8]) -> Result<(), TestCaseError> {
    let document = Document::read(text);
    let (mut quick, mut full) = (Reader::default(), Reader::default());
    for line in document.lines().filter(|line| line.kind == LineKind::Rule) {
        let quick = quick.read(&document, line.id);
        let full = full.read_clauses(&document, line.id);
        prop_assert_eq!(quick, full, "{}", String::from_utf8_lossy(line.bytes));
    }
    Ok(())
}

/// A rule's line with some of its bytes put elsewhere, left out or doubled.
fn bent(rule_line: &RuleLine<'_>, bends: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    let mut line = rule_line.to_bytes();
    for (at, what) in bends {
        let at = at.index(line.len());
        match what % 6 {
            0 => drop(line.remove(at)),
            1 => line.insert(at, b' '),
            2 => line.insert(at, b'"'),
            3 => line.insert(at, b'!'),
            4 => line[at] = *what,
            _ => {
                let word = line[at..].to_vec();
                line.extend_from_slice(b" ");
                line.extend_from_slice(&word);
            }
        }
    }
    [b"*nat\n:chain - [0:0]\n", &line[..], b"\nCOMMIT\n"].concat()
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn of_any_text(Bytes(text) in bytes::text()) {
        check(&text)?;
    }

    #[test]
    fn of_rules(
        (_, rule_line) in rules::rule_line(),
        bends in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
    ) {
        check(&bent(&rule_line, &bends))?;
    }
}
