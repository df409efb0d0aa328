//! Every rule in the fixtures: read and printed again by the library, and read alike by both of its readers.

use std::{
    fs,
    path::{Path, PathBuf},
};

use iptables_save::{Document, LineKind, Reader, Style};

#[test]
fn every_saved_rule_prints_as_it_was() {
    let fixtures = fixtures();
    let mut files = texts_in(&fixtures);
    // What iptables-save printed.
    files.retain(|file| file.ends_with("input.save"));
    let mut rules = 0;
    let mut wrong = String::new();
    for file in &files {
        let bytes = fs::read(file).unwrap();
        let document = Document::read(&bytes);
        let style = document
            .generator()
            .map_or_else(Style::default, |it| Style::of(&it));
        let mut reader = Reader::default();
        for line in document.lines() {
            if line.kind != LineKind::Rule {
                continue;
            }
            rules += 1;
            let text = line.bytes.strip_suffix(b"\n").unwrap_or(line.bytes);
            let printed = match reader.read(&document, line.id) {
                Ok(rule_line) => {
                    let mut printed = Vec::new();
                    _ = rule_line.write(&mut printed, style);
                    printed
                }
                Err(error) => format!("{error}").into_bytes(),
            };
            if printed != text {
                wrong += &format!(
                    "{}:\n  {}\n  {}\n",
                    file.strip_prefix(&fixtures).unwrap().display(),
                    String::from_utf8_lossy(text),
                    String::from_utf8_lossy(&printed)
                );
            }
        }
    }
    assert!(rules > 100, "{rules} rules in {} fixtures", files.len());
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn both_readers_read_every_rule_alike() {
    let mut rules = 0;
    for file in texts_in(&fixtures()) {
        let bytes = fs::read(&file).unwrap();
        let document = Document::read(&bytes);
        let (mut quick, mut full) = (Reader::default(), Reader::default());
        for line in document.lines().filter(|line| line.kind == LineKind::Rule) {
            let quick = quick.read(&document, line.id);
            let full = full.read_clauses(&document, line.id);
            let text = String::from_utf8_lossy(line.bytes);
            assert_eq!(quick, full, "{}: {text}", file.display());
            rules += 1;
        }
    }
    assert!(rules > 1000, "only {rules} rules");
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Returns every `.save` file below a directory, in order.
fn texts_in(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut waiting = vec![directory.to_path_buf()];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("fixtures can be read");
            waiting.extend(entries.map(|entry| entry.expect("fixtures can be read").path()));
        } else if path
            .extension()
            .is_some_and(|extension| extension == "save")
        {
            files.push(path);
        }
    }
    files.sort();
    files
}
