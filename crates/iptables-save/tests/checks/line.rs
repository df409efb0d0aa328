//! What must hold of any rule's words.

use iptables_save::{Command, Document, Family, Fidelity, LineKind, Reader, RuleLine, Style};

/// A rule's words → a rule line → its line → the same rule line.
pub(crate) fn check(words: &[u8]) {
    let line = [b"-A INPUT ", words].concat();
    for family in [Family::V4, Family::V6] {
        agree(words, family);
        if !words.contains(&b'\n')
            && let Ok(rule_line) = Reader::default().read_line(&line, Some(family))
        {
            for protocol_names in [false, true] {
                round_trip(rule_line, family, Style { protocol_names });
            }
        }
    }
}

/// Checks that what is printed parses to the same rule and prints the same.
fn round_trip(rule_line: &RuleLine<'_>, family: Family, style: Style) {
    let mut printed = Vec::new();
    // What is for the other family is not printed.
    if rule_line.write(&mut printed, style) == Fidelity::Lossy || rule_line.command == Command::Skip
    {
        return;
    }
    let shown = printed.escape_ascii();
    let mut reader = Reader::default();
    match reader.read_line(&printed, Some(family)) {
        Ok(read) => {
            assert_eq!(read, rule_line, "{family:?}: {shown}");
            let mut again = Vec::new();
            _ = read.write(&mut again, style);
            assert_eq!(again.escape_ascii().to_string(), shown.to_string());
        }
        Err(error) => panic!("{family:?}: {shown}: {error}"),
    }
}

/// Checks that the quick reader agrees with the full one, also when a chain is named like a target.
fn agree(words: &[u8], family: Family) {
    for chain in [&b"x"[..], b"LOG"] {
        let text = [
            b"*filter\n:",
            chain,
            b" - [0:0]\n-A INPUT ",
            words,
            b"\nCOMMIT\n",
        ]
        .concat();
        let document = Document::read(&text);
        let (mut quick, mut full) = (Reader::for_family(family), Reader::for_family(family));
        for line in document.lines().filter(|line| line.kind == LineKind::Rule) {
            let quick = quick.read(&document, line.id);
            let full = full.read_clauses(&document, line.id);
            assert_eq!(quick, full, "{family:?}: {}", line.bytes.escape_ascii());
        }
    }
}
