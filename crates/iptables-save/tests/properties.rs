//! What must hold for every input.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod normalized;
mod strategies;

use std::{borrow::Cow, cell::RefCell, collections::BTreeSet};

use iptables_save::{
    Command, Description, Document, Edit, Edits, Family, LineId, LineKind, Match, Reader, RuleLine,
    Ruleset, Target, split,
};
use proptest::{prelude::*, test_runner::TestRunner};

use strategies::{
    bytes::{self, Bytes},
    config, edits, lines, rules, tokenizer,
};

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn lines_put_together_are_the_input(Bytes(text) in bytes::text()) {
        let document = Document::read(&text);
        let read: Vec<&[u8]> = document.lines().map(|line| line.bytes).collect();
        prop_assert_eq!(read.concat(), &text[..]);
        let expected = lines::lines(&text);
        prop_assert_eq!(&read, &expected);
        let kinds: Vec<LineKind> = document.lines().map(|line| line.kind).collect();
        prop_assert_eq!(kinds, lines::kinds(&expected));
    }

    #[test]
    fn nothing_panics_and_places_are_in_the_text(Bytes(text) in bytes::text()) {
        look_at_everything(&text)?;
    }

    #[test]
    fn chains_have_the_rules_that_name_them(Bytes(text) in bytes::text()) {
        let document = Document::read(&text);
        let mut seen = vec![false; document.lines().len()];
        for section in document.sections() {
            for chain in document.chains(section) {
                prop_assert_eq!(document.section_of(chain), section);
                prop_assert_eq!(document.chain(section, document.chain_name(chain)), Some(chain));
                let rules: Vec<LineId> = document.rules(chain).collect();
                prop_assert!(rules.is_sorted_by(|a, b| a < b));
                for line in rules {
                    prop_assert_eq!(document.chain_of(line), Some(chain));
                    prop_assert!(!std::mem::replace(&mut seen[line.index()], true));
                    if let Ok(rule_line) = document.rule_line(line) {
                        let named = rule_line.command.chain().unwrap();
                        prop_assert_eq!(&**named, document.chain_name(chain));
                    }
                }
            }
        }
        let stray = document.lines().find(|it| document.chain_of(it.id).is_some() && !seen[it.id.index()]);
        prop_assert_eq!(stray, None);
    }

    #[test]
    fn edits_leave_other_lines_alone(Bytes(text) in bytes::text(), drafts in edits::drafts()) {
        let document = Document::read(&text);
        prop_assume!(document.lines().len() > 0);
        let list = edits::edits(&document, &drafts);
        let overlap = list.iter().enumerate().any(|(nth, one)| {
            list[..nth].iter().any(|other| edits::overlap(one, other))
        });
        match Edits::new(list.clone()) {
            Err(found) => {
                prop_assert!(overlap);
                prop_assert!(edits::overlap(&list[found.first], &list[found.second]));
            }
            Ok(edits) => {
                prop_assert!(!overlap);
                prop_assert_eq!(edits.apply(&document), applied(&document, &list));
            }
        }
    }
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn typed_rules_print_and_read_back((family, rule_line) in rules::rule_line()) {
        check_round_trip(family, &rule_line)?;
    }
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn random_bytes_are_read(text in prop::collection::vec(any::<u8>(), 0..200)) {
        look_at_everything(&text)?;
    }

    #[test]
    fn lines_are_split_as_iptables_restore_splits_them(
        Bytes(line) in bytes::words(),
        from in any::<prop::sample::Index>(),
    ) {
        prop_assert_eq!(split_line(&line, 0), tokenizer::split(&line, 0));
        let from = from.index(line.len() + 1);
        prop_assert_eq!(split_line(&line, from), tokenizer::split(&line, from));
    }
}

/// Each extension by itself, so that all of its options come up.
#[test]
fn every_extension_prints_and_reads_back() {
    let matches = RefCell::new(BTreeSet::new());
    let targets = RefCell::new(BTreeSet::new());
    for family in [Family::V4, Family::V6] {
        let (with_match, with_target) = rules::with_one(family);
        for strategy in with_match.into_iter().chain(with_target) {
            let mut runner = TestRunner::new(config(60));
            let found = runner.run(&strategy, |rule| {
                matches
                    .borrow_mut()
                    .extend(rule.matches.iter().map(|it| it.name().to_vec()));
                targets
                    .borrow_mut()
                    .extend(rule.target.iter().map(|it| it.name().to_vec()));
                let command = Command::Append {
                    chain: Cow::Borrowed(b"chain"),
                };
                check_round_trip(
                    family,
                    &RuleLine {
                        counters: None,
                        family: None,
                        set_counters: None,
                        command,
                        rule,
                    },
                )
            });
            found.unwrap_or_else(|error| panic!("{error}"));
        }
    }
    let names = |described: &[Description]| -> BTreeSet<Vec<u8>> {
        described
            .iter()
            .map(|it| it.name.as_bytes().to_vec())
            .collect()
    };
    assert_eq!(
        matches.into_inner(),
        names(Match::DESCRIPTIONS),
        "no strategy leaves a match out"
    );
    assert_eq!(
        targets.into_inner(),
        names(Target::DESCRIPTIONS),
        "no strategy leaves a target out"
    );
}

/// All short lines of the bytes that matter, at every place in a block of 64 bytes.
#[test]
fn short_lines_are_split_as_iptables_restore_splits_them() {
    const BYTES: [u8; 6] = *b"a \"\\\0\xa2";
    for number in 0..BYTES.len().pow(6) {
        let tail = (0..6).map(|at| BYTES[number / BYTES.len().pow(at) % BYTES.len()]);
        let mut line = vec![b'x'; number % 67];
        line.extend(tail);
        assert_eq!(split_line(&line, 0), tokenizer::split(&line, 0), "{line:?}");
    }
}

#[test]
fn words_are_added_to_those_there() {
    let mut words = Vec::new();
    split(b"a b", 0, &mut words);
    split(b"c \"d\"", 0, &mut words);
    let texts: Vec<&[u8]> = words.iter().map(|word| &*word.text).collect();
    assert_eq!(texts, [b"a", b"b", b"c", b"d"]);
}

/// Prints a rule line, parses it, and expects the same rule line and the same bytes.
fn check_round_trip(family: Family, rule_line: &RuleLine<'_>) -> Result<(), TestCaseError> {
    let printed = rule_line.to_bytes();
    let mut reader = Reader::default();
    let shown = printed.escape_ascii();
    match reader.read_line(&printed, Some(family)) {
        Ok(read) => {
            prop_assert_eq!(read, rule_line, "{}", shown);
            prop_assert_eq!(read.to_bytes(), &printed[..], "{}", shown);
        }
        Err(error) => prop_assert!(false, "{}: {}", shown, error),
    }
    Ok(())
}

/// Calls every accessor of a document, and checks every span against the input.
fn look_at_everything(text: &[u8]) -> Result<(), TestCaseError> {
    let document = Document::read(text);
    prop_assert_eq!(document.bytes(), text);
    let _ = (document.generator(), document.family());
    for error in document.errors() {
        let _ = (error.to_string(), error.kind.help());
        for span in [Some(error.span), error.other].into_iter().flatten() {
            prop_assert!(text.get(span.range()).is_some(), "{:?}", error);
            let (line, column) = document.position(span.start);
            prop_assert!(line >= 1 && column >= 1);
        }
    }
    for table in Ruleset::new(&document, None).tables() {
        for chain in table.chains() {
            let _ = (table.name(), chain.name(), chain.policy(), chain.rules());
        }
    }
    let mut reader = Reader::default();
    for line in document.lines() {
        prop_assert_eq!(document.line(line.id), line);
        prop_assert_eq!(document.line_at(line.span.start), Some(line.id));
        prop_assert_eq!(document.line_at(line.span.end - 1), Some(line.id));
        if line.kind != LineKind::Rule {
            continue;
        }
        let rule_line = document.rule_line(line.id);
        prop_assert_eq!(reader.read(&document, line.id).cloned(), rule_line.clone());
        match rule_line {
            Ok(rule_line) => {
                let _ = (rule_line.to_bytes(), rule_line.rule.family());
            }
            Err(error) => {
                let _ = (error.to_string(), error.kind.help());
                let inside = line.span.start <= error.span.start
                    && error.span.start <= error.span.end
                    && error.span.end <= line.span.end;
                prop_assert!(inside, "{:?} in {:?}", error, line.span);
            }
        }
    }
    Ok(())
}

/// The edits made, line by line and one at a time.
fn applied(document: &Document<'_>, list: &[Edit]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in document.lines() {
        let here = || list.iter().filter(move |it| it.line() == line.id);
        for edit in here() {
            if let Edit::Before { text, .. } = edit {
                out.extend_from_slice(text);
            }
        }
        if !here().any(|it| matches!(it, Edit::Remove { .. })) {
            let changes: Vec<_> = here()
                .filter_map(|it| match it {
                    Edit::Words { words, with, .. } => Some((words.clone(), &with[..])),
                    _ => None,
                })
                .collect();
            out.extend(with_words(line.bytes, changes));
        }
        for edit in here() {
            if let Edit::After { text, .. } = edit {
                out.extend_from_slice(text);
            }
        }
    }
    out
}

/// A line with words replaced, from the last to the first.
fn with_words(line: &[u8], mut changes: Vec<(std::ops::Range<usize>, &[u8])>) -> Vec<u8> {
    let mut words = Vec::new();
    split(line, iptables_save::counters_end(line), &mut words);
    let end = line.strip_suffix(b"\n").unwrap_or(line).len();
    let place = |at: usize| words.get(at).map(|it: &iptables_save::Word<'_>| it.span());
    let mut out = line.to_vec();
    changes.sort_by_key(|(words, _)| (words.start, words.end));
    for (range, with) in changes.into_iter().rev() {
        let (span, with) = match (range.is_empty(), place(range.start)) {
            (true, Some(next)) => (next.start..next.start, [with, b" "].concat()),
            (true, None) => (end..end, [b" ", with].concat()),
            (false, first) => {
                let last = place(range.end - 1).unwrap();
                (first.unwrap().start..last.end, with.to_vec())
            }
        };
        out.splice(span, with);
    }
    out
}

/// Splits with the library, in the shape of the model.
fn split_line(line: &[u8], from: usize) -> tokenizer::Split {
    let mut words = Vec::new();
    let open = split(line, from, &mut words);
    let closed = words.len() - usize::from(open.is_some());
    tokenizer::Split {
        texts: words.iter().map(|word| word.text.to_vec()).collect(),
        places: words[..closed]
            .iter()
            .map(|word| (word.span().start, word.span().end))
            .collect(),
        open,
    }
}
