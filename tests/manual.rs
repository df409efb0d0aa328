//! `docs/extensions.md` agrees with the library's descriptions.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{env, fmt::Write as _, fs, path::Path};

use iptables_save::{Description, Family, Match, OptionDescription, Target};

const PAGE: &str = "docs/extensions.md";
const UPDATE: &str = "UPDATE_MANUAL";

#[test]
fn the_page_of_extensions_is_that_of_the_descriptions() {
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
        "{PAGE} is not what the descriptions say, from line {number} on: {UPDATE}=1 cargo test --test manual"
    );
}

#[test]
fn nothing_goes_undescribed() {
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
        about: "What a packet must be. `-p` brings the match of its protocol along where an option \
                needs it.",
        all: Match::DESCRIPTIONS,
    },
    Kind {
        title: "Targets",
        flag: "-j",
        about: "What is done with a packet. Besides these there are the verdicts `ACCEPT`, `DROP`, \
                `QUEUE` and `RETURN`, and every chain of the table.",
        all: Target::DESCRIPTIONS,
    },
];

fn page() -> String {
    let [matches, targets] = KINDS.map(|kind| kind.all.len());
    let mut page = format!(
        "# Matches and targets\n\
         \n\
         podsnat knows the {matches} matches and {targets} targets of iptables 1.8.9 for IPv4 and IPv6. \
         It reads every option that is listed here, refuses what `iptables-restore` refuses, and writes \
         what `iptables-save` writes.\n\
         \n\
         <!-- Made of the descriptions in crates/iptables-save/src/ext by `{UPDATE}=1 cargo test --test manual`. -->\n\
         \n\
         How to read the tables:\n\
         \n\
         - **Value**: what stands after the option. `…` says that more of the same may follow, `[ ]` \
         that a part may be left out, `|` that one of two stands there.\n\
         - **`!`**: whether a `!` may stand before the option.\n\
         - **Times**: how often it may stand in one `-m` or `-j`. Where that is *1*, it has to: itself, or an \
         option that is read as it.\n\
         - *Words*: those that the value can be made of, besides numbers where it takes some.\n\
         - *Read as* another option: `iptables-save` writes that one instead.\n\
         - Options are in the order in which `iptables-save` writes them. They are read in any order.\n"
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
        // As code hosting sites make anchors of headings: `-m tcp` becomes `-m-tcp`.
        let anchor = format!("{flag}-{name}").to_lowercase();
        let first = first_sentence(described.doc);
        let family = only(described.family).map_or(String::new(), |it| format!(" *{it}*"));
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
        .map(|it| format!("`{flag} {it}`"))
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
    let groups = described.exclusive.iter().map(|group| {
        let flags: Vec<String> = group.iter().map(|it| format!("`{it}`")).collect();
        format!("- Only one of {}.\n", listed(&flags, "and"))
    });
    let needs = described
        .needs
        .iter()
        .map(|(option, needed)| format!("- `{option}` needs `{needed}` beside it.\n"));
    let rules: String = groups.chain(needs).collect();
    if !rules.is_empty() {
        write!(page, "\n{rules}").unwrap();
    }
}

fn row(page: &mut String, option: &OptionDescription) {
    let names = [option.flag]
        .into_iter()
        .chain(option.aliases.iter().copied());
    let names: Vec<String> = names.map(|it| format!("`{it}`")).collect();
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
    let are_shown = |value: &str| option.choices.iter().all(|it| value.contains(it));
    if !are_shown(&value) {
        let words: Vec<String> = option.choices.iter().map(|it| format!("`{it}`")).collect();
        write!(doc, " *Words:* {}.", words.join(", ")).unwrap();
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
    let cells: Vec<String> = cells.iter().map(|it| cell(it)).collect();
    writeln!(page, "| {} |", cells.join(" | ")).unwrap();
}

/// Escapes a table cell: a bar would end it, even in code.
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
    family.map(|it| format!("{} only", it.name()))
}

fn listed(words: &[String], and: &str) -> String {
    match words {
        [rest @ .., last] if !rest.is_empty() => format!("{} {and} {last}", rest.join(", ")),
        _ => words.concat(),
    }
}
