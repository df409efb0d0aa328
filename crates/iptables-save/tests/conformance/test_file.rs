//! The format of iptables' test files, as its `iptables-test.py` reads it.
//!
//! `:` begins a list of chains, `*` the name of a table, `@` and `%` a command that prepares the
//! kernel, `#` a comment. Every other line is `RULE;EXPECTED;OK|FAIL[;LEGACY|NFT[;OTHER]]`: the
//! outcome is for one back end when that is named, and `OTHER` or else its opposite for the other.

/// A rule to try in each of some chains, and what comes of it in the legacy tables.
pub(crate) struct TestLine<'t> {
    /// Its number in the file, from 1.
    pub(crate) number: usize,
    pub(crate) table: &'t str,
    pub(crate) chains: &'t str,
    /// The rule without command and chain.
    pub(crate) input: &'t str,
    /// What iptables-save prints for it; `None` when it is refused.
    pub(crate) expected: Option<&'t str>,
}

impl TestLine<'_> {
    /// The chains to put the rule into.
    pub(crate) fn chains(&self) -> impl Iterator<Item = &str> {
        self.chains.split(',')
    }
}

/// The lines of a file.
pub(crate) fn lines(text: &str) -> Vec<TestLine<'_>> {
    let (mut table, mut chains) = ("filter", "");
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        match line.as_bytes()[0] {
            b'#' | b'@' | b'%' => {}
            b'*' => table = line[1..].trim_end(),
            b':' => chains = line[1..].trim_end(),
            _ => {
                let parts: Vec<&str> = line.split(';').collect();
                let [input, expected, outcome, rest @ ..] = &parts[..] else {
                    panic!("line {number} has not three parts: {line}");
                };
                let outcome = in_legacy(outcome.trim_end(), rest);
                let expected = match *expected {
                    "=" => *input,
                    other => other,
                };
                found.push(TestLine {
                    number,
                    table,
                    chains,
                    input,
                    expected: (outcome == "OK").then_some(expected),
                });
            }
        }
    }
    found
}

/// The outcome with the legacy back end.
fn in_legacy<'t>(outcome: &'t str, rest: &[&'t str]) -> &'t str {
    match rest {
        [] | ["LEGACY", ..] => outcome,
        [backend] if backend.trim_end() == "LEGACY" => outcome,
        [_, other] => other.trim_end(),
        _ if outcome == "OK" => "FAIL",
        _ => "OK",
    }
}
