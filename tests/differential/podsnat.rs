//! podsnat's result for a rule.

use iptables_save::{Document, Errors, LineId, LineKind, Reader, Ruleset, Style, Writer};

use super::programs::text_of;
use super::rules::Sample;
use crate::support::iptables::Family;

/// podsnat's result for a rule: the rules that are saved, or why it is refused.
pub(crate) fn judged(sample: &Sample, family: Family) -> Result<Vec<String>, String> {
    let (text, _) = text_of(&[sample], &[0]);
    let document = Document::read(text.as_bytes());
    let ruleset =
        Ruleset::load(&document, Some(family_of(family))).map_err(|errors| words_of(&errors))?;
    let is_there = !rules_of(&ruleset).is_empty();
    let mut lines = vec![];
    if is_there {
        let mut reader = Reader::for_family(family_of(family));
        let rule_line = reader
            .read(&document, rule_of(&document))
            .expect("it was loaded");
        for nth in 0..rule_line.rule.copies() {
            let mut line = vec![];
            let rule = rule_line.rule.copy(nth);
            rule.write(&mut Writer::new(&mut line, PRINTED_AS));
            lines.push(String::from_utf8_lossy(&line).into_owned());
        }
    }
    Ok(lines)
}

/// Returns the rules that exist once a ruleset with one rule is loaded.
pub(crate) fn rules_of(ruleset: &Ruleset<'_>) -> Vec<String> {
    let printed = String::from_utf8_lossy(&ruleset.save().text).into_owned();
    let rules = printed.lines().filter_map(|line| line.strip_prefix("-A "));
    rules
        .map(|rule| rule.split_once(' ').map_or("", |(_, rule)| rule).to_owned())
        .collect()
}

/// The line with the rule.
pub(crate) fn rule_of(document: &Document<'_>) -> LineId {
    let rule = document.lines().find(|line| line.kind == LineKind::Rule);
    rule.expect("there is one").id
}

/// Returns everything reported for an input.
pub(crate) fn words_of(errors: &Errors) -> String {
    let errors = errors.as_slice().iter().map(ToString::to_string);
    errors.collect::<Vec<_>>().join("; ")
}

pub(crate) const fn family_of(family: Family) -> iptables_save::Family {
    match family {
        Family::V4 => iptables_save::Family::V4,
        Family::V6 => iptables_save::Family::V6,
    }
}

/// As 1.8.9 prints.
const PRINTED_AS: Style = Style {
    protocol_names: true,
};
