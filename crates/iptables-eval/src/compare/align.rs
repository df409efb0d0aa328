//! Which chains are the same in two rulesets, with all that they lead to.

use std::collections::{HashMap, HashSet};

use iptables_save::{Chain, Document, LineKind, Table};

use crate::{hook::BaseChain, program::Program};

/// The chains that differ between two rulesets, or lead to one that does, by table and
/// name.
#[derive(Clone, Debug, Default)]
pub struct Alignment {
    /// Tables of which nothing is known to be the same.
    unknown: HashSet<Vec<u8>>,
    dirty: HashSet<(Vec<u8>, Vec<u8>)>,
}

impl Alignment {
    /// Compares the lines of all chains, and the policies. Counters do not count.
    #[must_use]
    pub fn by_text(before: &Program<'_>, after: &Program<'_>) -> Self {
        let mut alignment = Self::default();
        for table in names(before).union(&names(after)) {
            let tables = [before, after].map(|program| program.ruleset().table(table));
            let [Some(one), Some(other)] = tables else {
                alignment.unknown.insert(table.clone());
                continue;
            };
            if !(one.only_appends() && other.only_appends()) {
                alignment.unknown.insert(table.clone());
                continue;
            }
            let changed = changed(
                before.ruleset().document(),
                after.ruleset().document(),
                one,
                other,
            );
            let documents = [before.ruleset().document(), after.ruleset().document()];
            alignment.add(table, changed, &documents, &[one, other]);
        }
        alignment
    }

    /// Takes chains of tables as those that differ; all others must be the same to the
    /// byte, apart from counters.
    #[must_use]
    pub fn of_changed<'n>(
        before: &Program<'_>,
        after: &Program<'_>,
        changed: impl IntoIterator<Item = (&'n [u8], &'n [u8])>,
    ) -> Self {
        let mut alignment = Self::default();
        let mut by_table: HashMap<&[u8], HashSet<Vec<u8>>> = HashMap::new();
        for (table, chain) in changed {
            by_table.entry(table).or_default().insert(chain.to_vec());
        }
        for (table, chains) in by_table {
            let tables = [before, after].map(|program| program.ruleset().table(table));
            match tables {
                [Some(one), Some(other)] if one.only_appends() && other.only_appends() => {
                    let documents = [before.ruleset().document(), after.ruleset().document()];
                    alignment.add(table, chains, &documents, &[one, other]);
                }
                _ => {
                    alignment.unknown.insert(table.to_vec());
                }
            }
        }
        alignment
    }

    /// Adds chains that differ, and those that lead to them.
    fn add(
        &mut self,
        table: &[u8],
        changed: HashSet<Vec<u8>>,
        documents: &[&Document<'_>; 2],
        tables: &[Table<'_>; 2],
    ) {
        let mut open: Vec<Vec<u8>> = changed.into_iter().collect();
        while let Some(chain) = open.pop() {
            if !self.dirty.insert((table.to_vec(), chain.clone())) || is_base(&chain) {
                continue;
            }
            for (document, table) in documents.iter().zip(tables) {
                open.extend(mentioned_in(document, *table, &chain));
            }
        }
    }

    /// Whether a built-in chain is the same with all that it leads to.
    #[must_use]
    pub fn is_clean(&self, before: &Program<'_>, chain: BaseChain) -> bool {
        let _ = before;
        self.is_same(
            Some(chain.table.name().as_bytes()),
            chain.hook.name().as_bytes(),
        )
    }

    /// Whether a chain is the same with all that it leads to.
    pub(crate) fn is_same(&self, table: Option<&[u8]>, chain: &[u8]) -> bool {
        let Some(table) = table else {
            return false;
        };
        !self.unknown.contains(table) && !self.dirty.contains(&(table.to_vec(), chain.to_vec()))
    }
}

fn names(program: &Program<'_>) -> HashSet<Vec<u8>> {
    let tables = program.ruleset().tables();
    tables
        .filter_map(|table| Some(table.name()?.to_vec()))
        .collect()
}

/// Whether a chain has a built-in one's name: no rule jumps there.
fn is_base(name: &[u8]) -> bool {
    BaseChain::all().any(|base| base.hook.name().as_bytes() == name)
}

/// The chains whose rules or policies differ, or that only one table has.
fn changed(
    before: &Document<'_>,
    after: &Document<'_>,
    one: Table<'_>,
    other: Table<'_>,
) -> HashSet<Vec<u8>> {
    let mut changed = HashSet::new();
    for chain in one.chains() {
        let is_same = other.chain(chain.name()).is_some_and(|twin| {
            let rules = rules(before, chain).eq(rules(after, twin));
            rules && chain.policy() == twin.policy()
        });
        if !is_same {
            changed.insert(chain.name().to_vec());
        }
    }
    let added = other
        .chains()
        .filter(|chain| one.chain(chain.name()).is_none());
    changed.extend(added.map(|chain| chain.name().to_vec()));
    changed
}

/// The lines of a chain without their counters.
fn rules<'d>(document: &'d Document<'_>, chain: Chain<'d>) -> impl Iterator<Item = &'d [u8]> {
    let lines = chain.unordered_lines();
    lines.map(|line| without_counters(document.line(line).content()))
}

fn without_counters(line: &[u8]) -> &[u8] {
    match line.strip_prefix(b"[") {
        Some(rest) => match rest.iter().position(|byte| *byte == b']') {
            Some(end) => rest[end + 1..].trim_ascii_start(),
            None => line,
        },
        None => line,
    }
}

/// The chains of a table in whose rules a name is mentioned, wherever.
///
/// A name that may be quoted is taken to be mentioned everywhere.
fn mentioned_in(document: &Document<'_>, table: Table<'_>, name: &[u8]) -> Vec<Vec<u8>> {
    let is_plain = name
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte));
    let lines = document.lines();
    let in_rule = |line: &iptables_save::Line<'_>| {
        let is_quoted = line
            .bytes
            .iter()
            .any(|byte| matches!(byte, b'"' | b'\'' | b'\\'));
        !is_plain || is_quoted || contains(line.bytes, name)
    };
    let mut chains: Vec<Vec<u8>> = lines
        .filter(|line| line.kind == LineKind::Rule)
        .filter(in_rule)
        .filter_map(|line| document.chain_of(line.id))
        .filter(|chain| document.section_of(*chain) == table.section())
        .map(|chain| document.chain_name(chain).to_vec())
        .collect();
    chains.sort_unstable();
    chains.dedup();
    chains
}

fn contains(line: &[u8], name: &[u8]) -> bool {
    !name.is_empty() && line.windows(name.len()).any(|window| window == name)
}
