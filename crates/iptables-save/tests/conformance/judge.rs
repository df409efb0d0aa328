//! One test line against the crate's result for it.

use iptables_save::{Document, Family, LineKind, Reader, Ruleset};

use crate::{
    TestLine,
    exceptions::{Exceptions, Instead},
};

/// How a line came out.
pub(crate) enum Verdict {
    /// It prints what iptables-save prints.
    Printed,
    /// It is refused, as iptables-restore does.
    Refused,
    /// It is taken where only a kernel refuses it, and is listed as such.
    Exception,
    /// Anything else, and what.
    Wrong(String),
}

/// Judges a line in every chain it is for.
pub(crate) fn judge(
    file: &str,
    line: &TestLine<'_>,
    family: Family,
    exceptions: &mut Exceptions,
) -> Verdict {
    let instead = exceptions.find(file, line.number, family);
    let replaced;
    let expected = match (&instead, line.expected) {
        (None, expected) => expected,
        (Some(Instead::Refused), Some(_)) => None,
        (Some(Instead::Printed(from, to)), Some(expected)) if expected.contains(from.as_str()) => {
            replaced = expected.replace(from.as_str(), to);
            Some(&*replaced)
        }
        (Some(Instead::Taken), None) => {
            return match refusal(line, family) {
                None => Verdict::Exception,
                Some(error) => Verdict::Wrong(format!("listed as taken, but refused: {error}")),
            };
        }
        (Some(_), _) => return Verdict::Wrong("its exception does not fit it".to_owned()),
    };
    for chain in line.chains() {
        let wanted = expected.map(|expected| trimmed(&format!("-A {chain} {expected}")));
        match (printed(line, chain, family), wanted) {
            (Ok(printed), Some(wanted)) if printed == wanted => {}
            (Err(_), None) => {}
            (Ok(printed), Some(wanted)) => {
                return Verdict::Wrong(format!("wanted {wanted}\n    printed {printed}"));
            }
            (Ok(printed), None) => {
                return Verdict::Wrong(format!("wanted a refusal\n    printed {printed}"));
            }
            (Err(error), Some(_)) => return Verdict::Wrong(format!("refused: {error}")),
        }
    }
    match expected {
        Some(_) => Verdict::Printed,
        None => Verdict::Refused,
    }
}

/// Why the line is refused in one of its chains, if it is.
fn refusal(line: &TestLine<'_>, family: Family) -> Option<String> {
    line.chains()
        .find_map(|chain| printed(line, chain, family).err())
}

/// Returns the rule as the crate prints it in a ruleset of its table, or why it is refused there.
fn printed(line: &TestLine<'_>, chain: &str, family: Family) -> Result<String, String> {
    let TestLine { table, input, .. } = line;
    let text = format!("*{table}\n:{chain} ACCEPT [0:0]\n-A {chain} {input}\nCOMMIT\n");
    let document = Document::read(text.as_bytes());
    let loaded = Ruleset::load(&document, Some(family))
        .map_err(|errors| errors.as_slice()[0].to_string())?;
    let saved = String::from_utf8(loaded.save().text).expect("the test files are UTF-8");
    let rules: Vec<&str> = saved
        .lines()
        .filter(|line| line.starts_with("-A "))
        .collect();
    let rule = document
        .lines()
        .find(|line| line.kind == LineKind::Rule)
        .expect("the third line is a rule");
    let mut reader = Reader::for_family(family);
    let quick = reader.read(&document, rule.id).cloned();
    let mut reader = Reader::for_family(family);
    let full = reader.read_clauses(&document, rule.id).cloned();
    assert_eq!(quick, full, "both readers say the same of {text}");
    let rule_line = quick.map_err(|error| error.to_string())?;
    assert_eq!(rules, [rule_line.to_string()], "what is loaded is printed");
    Ok(rule_line.to_string())
}

/// Removes trailing spaces, which some test lines have and iptables-save does not print.
fn trimmed(text: &str) -> String {
    text.trim_end().to_owned()
}
