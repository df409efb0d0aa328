//! Every rule that iptables-save printed is read, and printed again as it was.

use std::{
    fs,
    path::{Path, PathBuf},
};

use iptables_save::{Document, LineKind, Reader, Style};

#[test]
fn every_saved_rule_prints_as_it_was() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut files = Vec::new();
    saved_in(&fixtures, &mut files);
    files.sort();
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

fn saved_in(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("fixtures can be read") {
        let path = entry.expect("fixtures can be read").path();
        if path.is_dir() {
            saved_in(&path, files);
        } else if path.file_name().is_some_and(|name| name == "input.save") {
            files.push(path);
        }
    }
}
