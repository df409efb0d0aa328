//! `docs/extensions.md` is generated from the library's descriptions.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{env, fmt::Write as _, fs, path::Path};

use iptables_save::{Description, Family, Match, OptionDescription, Target};

const PAGE: &str = "docs/extensions.md";
const UPDATE: &str = "UPDATE_MANUAL";

#[test]
fn the_page_agrees_with_the_descriptions() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let wanted = page();
    if env::var_os(UPDATE).is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &wanted).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let differing = written.lines().zip(wanted.lines());
    let first = differing.take_while(|(written, wanted)| written == wanted);
    let number = first.count() + 1;
    assert!(
        written == wanted,
        "{PAGE} differs from the descriptions from line {number} on: run {UPDATE}=1 cargo test --test manual"
    );
}

#[test]
fn everything_is_described() {
    for described in Match::DESCRIPTIONS.iter().chain(Target::DESCRIPTIONS) {
        let name = described.name;
        assert!(!described.doc.is_empty(), "{name}");
        for option in described.options {
            assert!(!option.doc.is_empty(), "{name} {}", option.flag);
        }
    }
}

/// Matches or targets.
#[derive(Clone, Copy)]
struct Kind {
    title: &'static str,
    flag: &'static str,
    about: &'static str,
    all: &'static [Description],
}

const KINDS: [Kind; 2] = [
    Kind {
        title: "Matches",
        flag: "-m",
        about: "Matches test packets. `-p` loads the match of its protocol when an option needs it.",
        all: Match::DESCRIPTIONS,
    },
    Kind {
        title: "Targets",
        flag: "-j",
        about: "Targets act on packets. Rules also jump to the standard targets `ACCEPT`, `DROP`, \
                `QUEUE` and `RETURN`, and to the user-defined chains of the table.",
        all: Target::DESCRIPTIONS,
    },
];

fn page() -> String {
    let [matches, targets] = KINDS.map(|kind| kind.all.len());
    let mut page = format!(
        "# Matches and targets\n\
         \n\
         podsnat knows the {matches} matches and {targets} targets of iptables 1.8.9 for IPv4 and IPv6. \
         It reads every option listed here, refuses what `iptables-restore` refuses, and writes what \
         `iptables-save` prints.\n\
         \n\
         <!-- Generated from the descriptions in crates/iptables-save/src/ext by `{UPDATE}=1 cargo test --test manual`. -->\n\
         \n\
         How to read the tables:\n\
         \n\
         - **Value**: the arguments of the option. `…` means that more of the same may follow, `[ ]` \
         encloses an optional part, and `|` separates alternatives.\n\
         - **`!`**: whether `!` may precede the option.\n\
         - **Times**: how often the option may be given in one `-m` or `-j`. *1* means that it is \
         required: the option itself or one that is read as it.\n\
         - *Words*: the words that the value accepts, apart from numbers.\n\
         - *Read as* another option: `iptables-save` prints that option instead.\n\
         - A rule below the table names options that exclude or require each other. An option that is \
         read as another one counts as that one.\n\
         - The tables list options in the order in which `iptables-save` prints them. They are accepted \
         in any order.\n"
    );
    for kind in KINDS {
        index(&mut page, kind);
    }
    for kind in KINDS {
        write!(page, "\n## {}\n\n{}\n", kind.title, kind.about).unwrap();
        for described in kind.all {
            section(&mut page, kind, described);
        }
    }
    page
}

fn index(
    page: &mut String,
    Kind {
        title, flag, all, ..
    }: Kind,
) {
    write!(
        page,
        "\n| [{title}](#{}) | |\n|---|---|\n",
        title.to_lowercase()
    )
    .unwrap();
    for described in all {
        let name = described.name;
        // Code hosting sites derive anchors from headings so: `-m tcp` becomes `-m-tcp`.
        let anchor = format!("{flag}-{name}").to_lowercase();
        let first = first_sentence(described.doc);
        let family = only(described.family).map_or(String::new(), |family| format!(" *{family}*"));
        writeln!(page, "| [`{name}`](#{anchor}) | {}{family} |", cell(&first)).unwrap();
    }
}

fn section(page: &mut String, kind: Kind, described: &Description) {
    let Kind { flag, .. } = kind;
    write!(
        page,
        "\n### `{flag} {}`\n\n{}",
        described.name,
        paragraphs(described.doc)
    )
    .unwrap();
    let aliases: Vec<String> = described
        .aliases
        .iter()
        .map(|alias| format!("`{flag} {alias}`"))
        .collect();
    if !aliases.is_empty() {
        writeln!(page, "\nAlso {}.", listed(&aliases, "and")).unwrap();
    }
    if let Some(family) = only(described.family) {
        writeln!(page, "\n{family}.").unwrap();
    }
    if described.options.is_empty() {
        page.push_str("\nNo options.\n");
        return;
    }
    page.push_str("\n| Option | Value | `!` | Times | |\n|---|---|:-:|:-:|---|\n");
    for option in described.options {
        row(page, option);
    }
    let exclusive = described.exclusive.iter().map(|group| {
        let count = if described.at_least.contains(group) {
            "Exactly"
        } else {
            "At most"
        };
        format!("- {count} one of {}.\n", listed(&code(group), "and"))
    });
    let at_least = described
        .at_least
        .iter()
        .filter(|group| !described.exclusive.contains(group))
        .map(|group| match group {
            [] => "- At least one option.\n".to_owned(),
            group => format!("- At least one of {}.\n", listed(&code(group), "and")),
        });
    let needs = described
        .needs
        .iter()
        .map(|(option, needed)| format!("- `{option}` requires `{needed}`.\n"));
    let rules: String = exclusive.chain(at_least).chain(needs).collect();
    if !rules.is_empty() {
        write!(page, "\n{rules}").unwrap();
    }
}

fn row(page: &mut String, option: &OptionDescription) {
    let names = [option.flag]
        .into_iter()
        .chain(option.aliases.iter().copied());
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let value = match option.args {
        [] => String::new(),
        args => format!("`{}`", args.join(" ")),
    };
    let inversion = if option.invertible { "yes" } else { "" };
    let times = match (option.required, option.repeats) {
        (true, true) => "1 or more",
        (true, false) => "1",
        (false, true) => "any",
        (false, false) => "0 or 1",
    };
    let mut doc: String = option.doc.join("").trim().to_owned();
    if let Some(family) = only(option.family) {
        write!(doc, " {family}.").unwrap();
    }
    let shows_all = |value: &str| option.choices.iter().all(|word| value.contains(word));
    if !shows_all(&value) {
        write!(doc, " *Words:* {}.", code(option.choices).join(", ")).unwrap();
    }
    if let Some(says) = option.says {
        write!(doc, " *Read as* `{says}`.").unwrap();
    }
    let cells = [
        names.join("<br>"),
        value,
        inversion.to_owned(),
        times.to_owned(),
        doc,
    ];
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    writeln!(page, "| {} |", cells.join(" | ")).unwrap();
}

/// Escapes text for a table cell, which a bar would end even in code.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn paragraphs(doc: &[&str]) -> String {
    let lines = doc.iter().map(|line| format!("{}\n", line.trim()));
    lines.collect()
}

fn first_sentence(doc: &[&str]) -> String {
    let first = doc.iter().take_while(|line| !line.trim().is_empty());
    let text = first.copied().collect::<String>();
    let text = text.trim();
    match text.split_once(". ") {
        Some((sentence, _)) => format!("{sentence}."),
        None => text.to_owned(),
    }
}

fn only(family: Option<Family>) -> Option<String> {
    family.map(|family| format!("{} only", family.name()))
}

fn listed(words: &[String], and: &str) -> String {
    match words {
        [rest @ .., last] if !rest.is_empty() => format!("{} {and} {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// Puts each word in backquotes.
fn code(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| format!("`{word}`")).collect()
}
