//! Tables of lines for the tests of extensions.
//!
//! A line is `input ; expected`, both without `-A CHAIN`: `=` expects the same text,
//! `REFUSED` expects an error, `UNREADABLE text` a text that iptables-restore refuses or
//! reads otherwise although iptables-save prints it.

use crate::{Family, Fidelity, Reader, Rule, Style, Writer};

/// Checks a table for IPv4.
#[track_caller]
pub(super) fn check(table: &str) {
    check_in(Family::V4, table);
}

/// Checks a table for IPv6.
#[track_caller]
pub(super) fn check_v6(table: &str) {
    check_in(Family::V6, table);
}

#[track_caller]
fn check_in(family: Family, table: &str) {
    let mut checked = 0;
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (input, expected) = line.rsplit_once(" ; ").expect("`input ; expected`");
        let got = read(family, input);
        match expected.trim() {
            "REFUSED" => assert_eq!(got, Err(()), "{input}"),
            "=" => {
                assert_eq!(got.as_deref(), Ok(input.trim()), "{input}");
                assert!(reads_back(family, input), "{input}");
            }
            expected => {
                let unreadable = expected.strip_prefix("UNREADABLE ");
                let expected = unreadable.unwrap_or(expected);
                assert_eq!(got.as_deref(), Ok(expected), "{input}");
                assert_eq!(reads_back(family, input), unreadable.is_none(), "{input}");
                if unreadable.is_none() {
                    assert_eq!(
                        read(family, expected).as_deref(),
                        Ok(expected),
                        "{expected}"
                    );
                }
            }
        }
        checked += 1;
    }
    assert!(checked > 0, "an empty table proves nothing");
}

fn read(family: Family, rule: &str) -> Result<String, ()> {
    with(family, rule, |rule| rule.to_string())
}

/// Whether what is printed for a line means the same: what the writer says of it.
fn reads_back(family: Family, rule: &str) -> bool {
    let judge = |rule: &Rule<'_>| {
        let mut printed = Vec::new();
        let mut out = Writer::new(&mut printed, Style::default());
        rule.write(&mut out);
        let is_exact = out.fidelity() == Fidelity::Exact;
        let printed = String::from_utf8_lossy(&printed);
        let same = with(family, &printed, |again| again == rule) == Ok(true);
        assert_eq!(same, is_exact, "{printed}");
        is_exact
    };
    with(family, rule, judge).expect("a line that can be read")
}

/// Reads a rule and does something with it.
fn with<T>(family: Family, rule: &str, so: impl FnOnce(&Rule<'_>) -> T) -> Result<T, ()> {
    let line = format!("-A FORWARD {rule}");
    let mut reader = Reader::default();
    let rule_line = reader
        .read_line(line.as_bytes(), Some(family))
        .map_err(|_| ())?;
    Ok(so(&rule_line.rule))
}
