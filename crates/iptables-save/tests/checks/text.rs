//! What must hold for any input.

use std::collections::BTreeSet;

use iptables_save::{
    Canonical, Document, Edit, Edits, Errors, Family, Indexer, LineKind, Reader, Ruleset, TextError,
};

/// Any bytes → a document → its canonical text, and the tables that it loads.
pub(crate) fn check(text: &[u8]) {
    let document = Document::read(text);
    let lines: Vec<&[u8]> = document.lines().map(|line| line.bytes).collect();
    assert_eq!(lines.concat(), text, "the lines put together are the input");
    look(&document, &in_pieces(text));
    // Without a family, the ruleset's own is used, if it has one.
    let own = document.family();
    let families = [None, Some(Family::V4), Some(Family::V6)];
    for family in families.into_iter().filter(|it| it.is_none() || *it != own) {
        read_rules(&document, family);
        canonical(&document, family);
        load(&document, family);
    }
    // One line that is refused should not hide the others.
    let mut text = text.to_vec();
    for _ in 0..MOST_CURES {
        let document = Document::read(&text);
        let Err(errors) = Ruleset::load(&document, own) else {
            break;
        };
        text = without(&document, &errors);
    }
    let document = Document::read(&text);
    canonical(&document, own);
    load(&document, own);
}

/// How often refused lines are removed from an input.
const MOST_CURES: usize = 3;

/// Returns the input without its refused lines.
fn without(document: &Document<'_>, errors: &Errors) -> Vec<u8> {
    let places = errors.as_slice().iter().map(|error| error.span.start);
    let lines: BTreeSet<_> = places.filter_map(|at| document.line_at(at)).collect();
    let removals = lines.into_iter().map(|line| Edit::Remove { line });
    let edits = Edits::new(removals.collect()).expect("each is at a line of its own");
    edits.apply(document)
}

/// Indexes an input in pieces, cut where its own bytes choose.
fn in_pieces(text: &[u8]) -> Document<'_> {
    let mut indexer = Indexer::default();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += usize::from(byte % 64);
        indexer.advance(&text[..at.min(text.len())]);
        at += 1;
    }
    Document::indexed(text, indexer)
}

/// Compares every accessor of a document with those of the same document indexed in pieces.
fn look(document: &Document<'_>, pieces: &Document<'_>) {
    assert_eq!(document.errors(), pieces.errors());
    for error in document.errors() {
        let _ = (error.to_string(), error.kind.help());
        let (line, column) = document.position(error.span.start);
        assert!(line >= 1 && column >= 1 && error.span.end <= document.bytes().len());
    }
    assert_eq!(document.generator_line(), pieces.generator_line());
    assert_eq!(document.is_listing(), pieces.is_listing());
    assert!(document.lines().eq(pieces.lines()));
    for line in document.lines() {
        assert_eq!(document.line_at(line.span.start), Some(line.id));
        assert_eq!(document.line_at(line.span.end - 1), Some(line.id));
        assert_eq!(document.chain_of(line.id), pieces.chain_of(line.id));
    }
    assert!(document.sections().eq(pieces.sections()));
    for section in document.sections() {
        assert_eq!(document.table(section), pieces.table(section));
        assert!(document.chains(section).eq(pieces.chains(section)));
        for chain in document.chains(section) {
            let name = document.chain_name(chain);
            assert_eq!(name, pieces.chain_name(chain));
            assert_eq!(document.chain(section, name), Some(chain));
            assert_eq!(pieces.chain(section, name), Some(chain));
            assert_eq!(document.section_of(chain), section);
            assert_eq!(document.declaration(chain), pieces.declaration(chain));
            assert_eq!(document.declaration(chain), pieces.declaration(chain));
            assert!(document.rules(chain).eq(pieces.rules(chain)));
        }
    }
}

/// Both readers say the same, and find each error in its line.
fn read_rules(document: &Document<'_>, family: Option<Family>) {
    let reader = || family.map(Reader::for_family).unwrap_or_default();
    let (mut quick, mut full) = (reader(), reader());
    for line in document.lines().filter(|line| line.kind == LineKind::Rule) {
        let quick = quick.read(document, line.id);
        assert_eq!(
            quick,
            full.read_clauses(document, line.id),
            "{family:?}: {line:?}"
        );
        if let Err(error) = quick {
            let (line, at) = (line.span, error.span);
            let inside = line.start <= at.start && at.start <= at.end && at.end <= line.end;
            assert!(inside, "{error:?} in {line:?}");
        }
    }
}

/// Checks that a ruleset with its edits applied needs no edits and means the same.
fn canonical(document: &Document<'_>, family: Option<Family>) {
    let Ok(found) = Canonical::new(document, family) else {
        return;
    };
    let text = found.edits.apply(document);
    let edited = Document::read(&text);
    let shown = text.escape_ascii();
    match Canonical::new(&edited, family) {
        Ok(again) => {
            assert_eq!(again.edits.as_slice(), [], "{family:?}: {shown}");
            assert_eq!(
                again.warnings.as_slice().len(),
                found.warnings.as_slice().len()
            );
        }
        Err(errors) => panic!("{family:?}: {shown}: {errors:?}"),
    }
    // The edits put that newline there.
    if document.error_count(&TextError::NoFinalNewline.into()) > 0 {
        return;
    }
    match (
        Ruleset::load(document, family),
        Ruleset::load(&edited, family),
    ) {
        (Ok(one), Ok(other)) => assert_same(&one.save().text, &other.save().text),
        (Err(_), Err(_)) => {}
        (one, other) => panic!("{family:?}: {shown}: {:?}, {:?}", one.err(), other.err()),
    }
}

/// Checks that what a loaded ruleset prints loads and prints the same.
fn load(document: &Document<'_>, family: Option<Family>) {
    let Ok(loaded) = Ruleset::load(document, family) else {
        return;
    };
    let saved = loaded.save();
    let again = Ruleset::new(document, family).save();
    assert_same(&again.text, &saved.text);
    if !saved.warnings.is_empty() {
        return;
    }
    let printed = saved.text;
    match Ruleset::load(&Document::read(&printed), family) {
        Ok(again) => assert_same(&again.save().text, &printed),
        Err(errors) => panic!("{family:?}: {}: {errors:?}", printed.escape_ascii()),
    }
}

fn assert_same(one: &[u8], other: &[u8]) {
    assert!(
        one == other,
        "{}\n{}",
        one.escape_ascii(),
        other.escape_ascii()
    );
}
