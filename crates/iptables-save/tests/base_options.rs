//! iptables' own options, judged as iptables-restore does: what it prints, or that it refuses.
//!
//! Each line is `FAMILY TABLE LINE ; EXPECTED`, where `=` expects the same line, `REFUSED` an
//! error, `SKIPPED` that the line does nothing. What is expected was asked of iptables 1.8.9, both back ends.

use iptables_save::{Document, ErrorKind, Family, LineKind, Reader, RuleError, RuleLine};

/// Reads a line in a table both ways.
fn read(family: &str, table: &str, line: &str) -> Result<String, ErrorKind> {
    let family = match family {
        "4" => Some(Family::V4),
        "6" => Some(Family::V6),
        _ => None,
    };
    let text = format!("*{table}\n{line}\nCOMMIT\n");
    let document = Document::read(text.as_bytes());
    let rule = document
        .lines()
        .find(|line| line.kind == LineKind::Rule)
        .expect("the second line is a rule");
    let reader = || family.map(Reader::for_family).unwrap_or_default();
    let quick = reader().read(&document, rule.id).map(RuleLine::to_string);
    let full = reader()
        .read_clauses(&document, rule.id)
        .map(RuleLine::to_string);
    assert_eq!(quick, full, "both readers say the same of {line}");
    full.map_err(|error| error.kind)
}

#[track_caller]
fn check(table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (input, expected) = line.rsplit_once(" ; ").expect("`INPUT ; EXPECTED`");
        let mut parts = input.splitn(3, ' ');
        let mut part = || parts.next().expect("`FAMILY TABLE LINE`");
        let (family, table, input) = (part(), part(), part());
        let printed = read(family, table, input);
        match expected {
            "REFUSED" => assert!(printed.is_err(), "{line}: {printed:?}"),
            "=" => assert_eq!(printed.as_deref(), Ok(input), "{line}"),
            "SKIPPED" => assert_eq!(printed.as_deref(), Ok(""), "{line}"),
            expected => assert_eq!(printed.as_deref(), Ok(expected), "{line}"),
        }
    }
}

#[test]
fn lists_of_addresses_are_never_inverted() {
    check(
        "
        4 filter -A INPUT -s 192.0.2.1,192.0.2.2 -j ACCEPT ; -A INPUT -s 192.0.2.1/32,192.0.2.2/32 -j ACCEPT
        4 filter -D INPUT -s 192.0.2.1,192.0.2.2 -j ACCEPT ; -D INPUT -s 192.0.2.1/32,192.0.2.2/32 -j ACCEPT
        4 filter -A INPUT ! -s 192.0.2.1,192.0.2.2 ; REFUSED
        4 filter -A INPUT -s 192.0.2.1,192.0.2.2 ! -d 192.0.2.3 ; REFUSED
        4 filter -A INPUT ! -s 192.0.2.3 -d 192.0.2.1,192.0.2.2 ; REFUSED
        4 filter -A INPUT -s 192.0.2.1, ; REFUSED
        4 filter -A INPUT -s ,192.0.2.1 ; REFUSED
        4 filter -R INPUT 1 -s 192.0.2.1,192.0.2.2 ; REFUSED
        4 filter -R INPUT 1 -d 192.0.2.1 ; -R INPUT 1 -d 192.0.2.1/32
        ",
    );
}

#[test]
fn addresses_are_of_the_rulesets_family() {
    check(
        r#"
        4 filter -A INPUT -s ::1 ; REFUSED
        4 filter -A INPUT -s ::ffff:192.0.2.1 ; -A INPUT -s 192.0.2.1/32
        6 filter -A INPUT -s 192.0.2.1 ; REFUSED
        6 filter -A INPUT -s 2001:db8::1,192.0.2.1 ; REFUSED
        6 filter -A INPUT -s any/0 -d 2001:db8::/32 ; -A INPUT -d 2001:db8::/32
        4 filter -A INPUT ! -s any/0 ; -A INPUT ! -s 0.0.0.0/0
        6 filter -A INPUT ! -s any/0 ; -A INPUT ! -s ::/0
        - filter -A INPUT -s 192.0.2.1 -d ::1 ; REFUSED
        - filter -A INPUT -s ::1 -d ::2 ; -A INPUT -s ::1/128 -d ::2/128
        6 filter -A INPUT -f ; REFUSED
        6 filter -A INPUT --fragments ; REFUSED
        6 filter -A INPUT -m string --string a --algo bm --fr 5 ; -A INPUT -m string --string "a" --algo bm --from 5
        4 filter -A INPUT -m string --string a --algo bm --fr 5 ; REFUSED
        4 filter -A INPUT ! -f -j ACCEPT ; =
        4 filter -A INPUT -fj ACCEPT ; -A INPUT -f -j ACCEPT
        "#,
    );
}

#[test]
fn interfaces_are_those_of_the_chain() {
    check(
        "
        4 filter -A INPUT -o eth0 ; REFUSED
        4 filter -A INPUT -o + ; REFUSED
        4 raw -I PREROUTING -o eth0 ; REFUSED
        4 filter -A OUTPUT -i eth0 ; REFUSED
        4 nat -C POSTROUTING ! -i eth0 ; REFUSED
        4 filter -A FORWARD -i eth0 ! -o eth+ ; =
        4 filter -A FORWARD -i + -o + ; -A FORWARD
        4 filter -A FORWARD ! -i + ; =
        4 filter -A FORWARD -i + -i eth0 ; REFUSED
        4 filter -A FORWARD -i 123456789012345 ; =
        4 filter -A FORWARD -i 1234567890123456 ; REFUSED
        4 filter -A FORWARD -i \"\" ; REFUSED
        ",
    );
}

#[test]
fn nat_does_not_filter() {
    check(
        "
        4 nat -A POSTROUTING -j DROP ; REFUSED
        4 nat -A POSTROUTING -p tcp -j DROP ; REFUSED
        4 nat -A POSTROUTING -g DROP ; REFUSED
        4 nat -P POSTROUTING DROP ; REFUSED
        4 nat -P POSTROUTING ACCEPT ; =
        4 filter -A INPUT -j DROP ; =
        4 filter -P INPUT DROP ; =
        ",
    );
}

#[test]
fn each_option_is_given_once() {
    check(
        "
        4 filter -A INPUT -s 0/0 -s 192.0.2.1 ; REFUSED
        4 filter -A INPUT -d 192.0.2.1 -d 192.0.2.1 ; REFUSED
        4 filter -A INPUT -p all -p udp ; REFUSED
        4 filter -A INPUT -f -f ; REFUSED
        4 filter -A INPUT -j ACCEPT -j ACCEPT ; REFUSED
        4 filter -A INPUT -g a -j ACCEPT ; REFUSED
        4 filter -A INPUT -c 1 2 -c 1 2 ; REFUSED
        4 filter -A INPUT -v -v -M a -M b ; -A INPUT
        4 filter -A INPUT ! -v ; REFUSED
        4 filter -A INPUT -v ! -v ; -A INPUT
        4 filter -A INPUT ! -M a ; -A INPUT
        4 filter -A INPUT ! -p all ; REFUSED
        4 filter -A INPUT ! -p hopopt ; REFUSED
        4 filter -A INPUT -p all ; -A INPUT
        ",
    );
}

#[test]
fn counters_are_read_by_sscanf() {
    check(
        "
        4 filter -A INPUT -c 1 2 ; -A INPUT -c 1 2
        4 filter -A INPUT -c 1,2 ; -A INPUT -c 1 2
        4 filter -A INPUT -c 1x 2y ; -A INPUT -c 1 2
        4 filter -A INPUT -c 0x5 1 ; -A INPUT -c 0 1
        4 filter -A INPUT -c -1 5 ; -A INPUT -c 18446744073709551615 5
        4 filter -A INPUT -c 99999999999999999999 1 ; -A INPUT -c 18446744073709551615 1
        4 filter -A INPUT --set-counters 1 2 ; -A INPUT -c 1 2
        4 filter -A INPUT -c 1 ; REFUSED
        4 filter -A INPUT -c 1, ; REFUSED
        4 filter -A INPUT -c ,1 5 ; REFUSED
        4 filter -A INPUT -c 1,2 3 ; REFUSED
        4 filter -A INPUT -c a 5 ; REFUSED
        4 filter -A INPUT -c 5 a ; REFUSED
        4 filter -A INPUT ! -c 1 2 ; REFUSED
        ",
    );
}

#[test]
fn names_have_their_limits() {
    check(
        "
        4 filter -A INPUT -j 1234567890123456789012345678 ; =
        4 filter -A INPUT -j 12345678901234567890123456789 ; REFUSED
        4 filter -A INPUT -g 12345678901234567890123456789 ; REFUSED
        4 filter -A INPUT -j \"a b\" ; REFUSED
        4 filter -A INPUT -j \"\" ; REFUSED
        4 filter -A INPUT -g \"\" ; REFUSED
        4 filter -A 12345678901234567890123456789 -j ACCEPT ; REFUSED
        4 filter -I INPUT 2147483647 ; =
        4 filter -I INPUT 2147483648 ; REFUSED
        4 filter -I INPUT 0 ; REFUSED
        4 filter -I INPUT 0x10 ; -I INPUT 16
        ",
    );
}

#[test]
fn a_line_for_the_other_family_is_skipped_from_there_on() {
    check(
        "
        4 filter -A INPUT -s ::1 -6 -j ACCEPT ; SKIPPED
        6 filter -A INPUT -s 192.0.2.1 --ipv4 -m nosuch --option ; SKIPPED
        4 filter -6 ; SKIPPED
        4 filter -A INPUT -j ACCEPT -6 -o eth0 ; SKIPPED
        4 filter -A INPUT -46 -j ACCEPT ; SKIPPED
        4 filter -A INPUT -m multiport -6 ; SKIPPED
        4 filter -D INPUT -j ACCEPT -6 ; SKIPPED
        4 filter -A INPUT -4 -j ACCEPT ; =
        4 filter -A INPUT ! -4 -s 192.0.2.1 ; -A INPUT -4 -s 192.0.2.1/32
        6 filter -A INPUT -6 -s ::1 ; -A INPUT -6 -s ::1/128
        4 filter -N WEB -6 ; -N WEB
        4 filter -D INPUT 1 -6 ; -D INPUT 1
        4 filter -A INPUT -j REJECT --reject-with nonsense -6 ; REFUSED
        4 filter -A INPUT -p tcp --dport 99999 -6 ; REFUSED
        4 filter -A INPUT -A INPUT -6 ; REFUSED
        4 filter -R INPUT 1 -6 ; REFUSED
        4 filter -4 ; REFUSED
        ",
    );
}

#[test]
fn words_are_counted() {
    let rule = |matches: usize| {
        format!(
            "-A INPUT{} -j ACCEPT",
            " -m comment --comment x".repeat(matches)
        )
    };
    let words = |line: &str| line.split(' ').count();
    assert_eq!(words(&rule(61)), 248);
    assert!(read("4", "filter", &rule(61)).is_ok());
    assert!(read("4", "filter", &format!("[1:2] {}", rule(61))).is_ok());
    assert!(read("4", "filter", &format!("{} -f -v -v", rule(61))).is_ok());
    assert!(read("4", "filter", &format!("[1:2] {} -f", rule(61))).is_err());
    assert!(read("4", "filter", &rule(62)).is_err());
    // Few letters, many words.
    let short = format!("-A INPUT{}", " -m udp".repeat(130));
    assert!(read("4", "filter", &short).is_err());
}

#[test]
fn names_of_hosts_are_reported_as_such() {
    for line in [
        "-A INPUT -s example.org",
        "-A INPUT ! -d localhost/8",
        "-A INPUT -j TEE --gateway gw.example",
    ] {
        let error = read("4", "filter", line).expect_err("names are not looked up");
        assert!(
            matches!(error, ErrorKind::Rule(RuleError::NotLookedUp { .. })),
            "{line}: {error}"
        );
    }
}

#[test]
fn options_may_follow_the_chain_to_jump_to() {
    check(
        "
        4 filter -A INPUT -m ttl -j X --ttl-eq 12 ; -A INPUT -m ttl --ttl-eq 12 -j X
        4 filter -A INPUT -m ttl -j X --ttl-eq=12 ; -A INPUT -m ttl --ttl-eq 12 -j X
        4 filter -A INPUT -p tcp -j X --dport=80 ; -A INPUT -p tcp -m tcp --dport 80 -j X
        4 filter -A INPUT -j X --protocol=tcp ; -A INPUT -p tcp -j X
        ",
    );
}
