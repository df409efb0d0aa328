//! Holds the source to the order of modules that ARCHITECTURE.md states.

use std::{collections::HashMap, fs, path::Path};

/// The words in ARCHITECTURE.md before the order.
const HEADING: &str = "The modules of `crates/iptables-save`";

#[test]
fn modules_use_only_those_to_their_left() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let architecture = fs::read_to_string(root.join("../../ARCHITECTURE.md")).unwrap();
    let order = order_of(&architecture);
    let library = Source::read(&root.join("src/lib.rs"));
    let mut modules = library.modules.clone();
    let mut listed = order.clone();
    modules.sort();
    listed.sort_unstable();
    assert_eq!(
        modules, listed,
        "ARCHITECTURE.md lists each module of lib.rs"
    );

    let facade = library.facade();
    let mut wrong = Vec::new();
    for (at, module) in order.iter().enumerate() {
        let allowed = &order[..=at];
        check(
            &root.join("src"),
            &[module],
            allowed,
            &order,
            &facade,
            &mut wrong,
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Checks the uses in a module's file and in the files of its submodules.
fn check(
    directory: &Path,
    path: &[&str],
    allowed: &[&str],
    order: &[&str],
    facade: &HashMap<String, String>,
    wrong: &mut Vec<String>,
) {
    let module = path.join("/");
    let source = Source::read(&directory.join(format!("{module}.rs")));
    for name in source.uses_of_crate(path.len()) {
        let defining = if order.contains(&name) {
            Some(name)
        } else {
            facade.get(name).map(String::as_str)
        };
        match defining {
            None => wrong.push(format!("{module}: unknown module of `{name}`")),
            Some(used) if !allowed.contains(&used) => {
                wrong.push(format!("{module}: uses `{used}` (by `{name}`)"));
            }
            Some(_) => {}
        }
    }
    for submodule in &source.modules {
        let path = [path, &[submodule]].concat();
        check(directory, &path, allowed, order, facade, wrong);
    }
}

/// Returns the modules that the block after [`HEADING`] lists, from left to right.
fn order_of(architecture: &str) -> Vec<&str> {
    let (_, after) = architecture.split_once(HEADING).expect("the heading");
    let (_, block) = after.split_once("```text\n").expect("a block");
    let (block, _) = block.split_once("```").expect("the end of the block");
    let words = block.split_whitespace();
    words.filter(|word| *word != "→").collect()
}

/// A source file without comments and tests.
struct Source {
    text: String,
    /// The submodules that are files.
    modules: Vec<String>,
}

impl Source {
    fn read(file: &Path) -> Self {
        let text =
            fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut kept = String::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let (line, _) = line.split_once("//").unwrap_or((line, ""));
            if line.trim() != "#[cfg(test)]" {
                kept.push_str(line);
                kept.push('\n');
                continue;
            }
            // The item ends where a line of the same indentation closes it.
            let indent = &line[..line.len() - line.trim_start().len()];
            let item = lines.next().unwrap_or_default();
            if !item.ends_with(';') {
                let end = format!("{indent}}}");
                lines.by_ref().find(|line| *line == end);
            }
        }
        let modules = kept.lines().filter_map(|line| {
            let (_, name) = line.strip_suffix(';')?.rsplit_once("mod ")?;
            Some(name.to_owned())
        });
        Self {
            modules: modules.collect(),
            text: kept,
        }
    }

    /// Returns the names that the crate's root makes public, each with its module.
    fn facade(&self) -> HashMap<String, String> {
        let mut names = HashMap::new();
        for (at, _) in self.text.match_indices("pub use self::") {
            let mut uses = Vec::new();
            read_tree(&self.text[at + "pub use self::".len()..], None, &mut uses);
            names.extend(
                uses.iter()
                    .map(|(first, last)| (last.to_string(), first.to_string())),
            );
        }
        names
    }

    /// Returns the first name of each path that begins at the crate's root.
    fn uses_of_crate(&self, depth: usize) -> Vec<&str> {
        let mut uses = Vec::new();
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        for root in ["crate::".to_owned(), "super::".repeat(depth)] {
            for (at, _) in self.text.match_indices(&root) {
                let before = self.text[..at].bytes().last();
                if !before.is_some_and(is_name) {
                    read_tree(&self.text[at + root.len()..], None, &mut uses);
                }
            }
        }
        uses.into_iter().map(|(first, _)| first).collect()
    }
}

/// Reads the tree of a `use`, or a path, and adds the first and the last name of each of its
/// branches. Returns what follows.
fn read_tree<'s>(
    text: &'s str,
    first: Option<&'s str>,
    uses: &mut Vec<(&'s str, &'s str)>,
) -> &'s str {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start().trim_start_matches(',').trim_start();
            if let Some(rest) = rest.strip_prefix('}') {
                return rest;
            }
            rest = read_tree(rest, first, uses);
        }
    }
    let is_name = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '*');
    let end = text.find(|letter| !is_name(letter)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    assert!(!name.is_empty(), "a path: {text:.80}");
    let first = first.unwrap_or(name);
    match rest.strip_prefix("::") {
        Some(branches) if branches.starts_with(|letter| is_name(letter) || letter == '{') => {
            read_tree(branches, Some(first), uses)
        }
        _ => {
            uses.push((first, name));
            rest
        }
    }
}

#[test]
fn paths_are_found() {
    let mut uses = Vec::new();
    let rest = read_tree("{a::{B, c::D}, E, f::*};", None, &mut uses);
    assert_eq!(rest, ";");
    assert_eq!(uses, [("a", "B"), ("a", "D"), ("E", "E"), ("f", "*")]);
}
