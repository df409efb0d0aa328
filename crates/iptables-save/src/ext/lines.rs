//! Tables of lines for the tests of extensions.
//!
//! A line is `input ; expected`, both without `-A CHAIN`: `=` expects the same text,
//! `REFUSED` expects an error, `UNREADABLE text` a text that iptables-restore refuses
//! although iptables-save prints it.

use crate::{Family, Reader};

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
            "=" => assert_eq!(got.as_deref(), Ok(input.trim()), "{input}"),
            expected => {
                let unreadable = expected.strip_prefix("UNREADABLE ");
                let expected = unreadable.unwrap_or(expected);
                assert_eq!(got.as_deref(), Ok(expected), "{input}");
                let again = read(family, expected);
                match unreadable {
                    Some(_) => assert_eq!(again, Err(()), "{expected}"),
                    None => assert_eq!(again.as_deref(), Ok(expected), "{expected}"),
                }
            }
        }
        checked += 1;
    }
    assert!(checked > 0, "an empty table proves nothing");
}

fn read(family: Family, rule: &str) -> Result<String, ()> {
    let line = format!("-A FORWARD {rule}");
    let mut reader = Reader::default();
    let statement = reader
        .read_line(line.as_bytes(), Some(family))
        .map_err(|_| ())?;
    Ok(statement.rule.to_string())
}
