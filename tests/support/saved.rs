//! Saved rulesets by table, to compare what was printed with what the kernel saves.

use std::collections::{BTreeMap, BTreeSet};

/// The lines of each table, `*NAME` and `COMMIT` left out.
///
/// Two are equal when the rulesets are, except for comment lines (save prints the time in them), empty lines and the
/// order of the tables (iptables-legacy-save prints them in the reverse of the order in which they were first loaded).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Saved(BTreeMap<String, Vec<String>>);

impl Saved {
    pub(crate) fn read(text: &str) -> Self {
        let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut table = String::new();
        for line in text.lines() {
            if let Some(name) = line.strip_prefix('*') {
                table = name.to_owned();
                tables.entry(table.clone()).or_default();
            } else if !line.is_empty() && !line.starts_with('#') && line != "COMMIT" {
                tables
                    .entry(table.clone())
                    .or_default()
                    .push(line.to_owned());
            }
        }
        Self(tables)
    }

    /// The rules of a chain in order, without counters.
    pub(crate) fn rules(&self, table: &str, chain: &str) -> Vec<&str> {
        let start = format!("-A {chain} ");
        let lines = self.lines(table).map(|line| split_counters(line).1);
        lines.filter(|words| words.starts_with(&start)).collect()
    }

    /// Packets and bytes of a chain's policy, `:OUTPUT ACCEPT`, or of a rule, `-A INPUT -i lo -j ACCEPT`.
    ///
    /// # Panics
    /// When the table has no such line with counters.
    pub(crate) fn counters(&self, table: &str, words: &str) -> (u64, u64) {
        let line = self
            .lines(table)
            .map(split_counters)
            .find(|(_, rest)| *rest == words);
        let counters = line.and_then(|(counters, _)| read_counters(counters));
        counters.unwrap_or_else(|| panic!("no counters for `{words}` in {:#?}", self.0))
    }

    /// Returns whether another ruleset has each of these tables unchanged.
    pub(crate) fn is_part_of(&self, other: &Self) -> bool {
        self.0
            .iter()
            .all(|(table, lines)| other.0.get(table) == Some(lines))
    }

    /// Returns the lines that only one of the two has, marked `-` here and `+` there; or says that only their order or
    /// number differs.
    pub(crate) fn difference(&self, other: &Self) -> String {
        let only = |mark: &str, one: &Self, two: &Self| {
            let known: BTreeSet<_> = two.all().collect();
            let lines = one.all().filter(|line| !known.contains(line));
            lines
                .map(|(table, line)| format!("{mark} {table}: {line}\n"))
                .collect::<String>()
        };
        let lines = only("-", self, other) + &only("+", other, self);
        if lines.is_empty() {
            "the same lines in another order or number".to_owned()
        } else {
            lines
        }
    }

    fn lines(&self, table: &str) -> impl Iterator<Item = &str> {
        self.0.get(table).into_iter().flatten().map(String::as_str)
    }

    fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .keys()
            .flat_map(|table| self.lines(table).map(move |line| (table.as_str(), line)))
    }
}

/// The counters, `[12:720]`, before a rule or after a policy, and the rest of the line.
fn split_counters(line: &str) -> (&str, &str) {
    let halves = if line.starts_with('[') {
        line.split_once("] ")
    } else if line.starts_with(':') {
        line.rsplit_once(" [")
            .map(|(policy, counters)| (counters, policy))
    } else {
        None
    };
    halves.unwrap_or(("", line))
}

fn read_counters(counters: &str) -> Option<(u64, u64)> {
    let (packets, bytes) = counters.trim_matches(['[', ']']).split_once(':')?;
    Some((packets.parse().ok()?, bytes.parse().ok()?))
}
