//! Which chains of the nat table POSTROUTING reaches, and with packets of which sources.

use std::collections::{BTreeSet, HashMap, VecDeque};

use iptables_save::{Chain, Reader, Ruleset, Table};
use memchr::memmem;

use super::{decide::Judge, source::Source};
use crate::owners;

/// A chain that packets reach on their way out.
pub(super) struct Reached<'r> {
    pub(super) chain: Chain<'r>,
    /// The sources of the packets; `None` if no jump leads to the chain.
    pub(super) source: Option<Source>,
}

/// Returns the chains that POSTROUTING reaches, in the order of the input, and those to
/// which no jump leads: the input may be a part of a ruleset, and a rule with pods in `-s`
/// concerns them in any chain.
pub(super) fn from_postrouting<'r>(
    ruleset: &'r Ruleset<'_>,
    table: Table<'r>,
    judge: &Judge<'_>,
) -> Vec<Reached<'r>> {
    let sources = match table.chain(b"POSTROUTING") {
        Some(postrouting) => {
            let jumps = jumps_from(ruleset, postrouting, judge);
            propagate(postrouting, &jumps, judge)
        }
        None => HashMap::new(),
    };
    let orphans = orphans(ruleset, table, &sources, judge);
    let mut reached: Vec<Reached<'r>> = sources
        .into_iter()
        .map(|(chain, source)| (chain, Some(source)))
        .chain(orphans.into_iter().map(|chain| (chain, None)))
        .map(|(chain, source)| Reached { chain, source })
        .collect();
    reached.sort_by_key(|reached| reached.chain);
    reached
}

/// A jump to a chain, and the sources that its conditions match.
struct Jump<'r> {
    to: Chain<'r>,
    source: Source,
}

/// Returns the jumps of the chains that `start` reaches.
fn jumps_from<'r>(
    ruleset: &'r Ruleset<'_>,
    start: Chain<'r>,
    judge: &Judge<'_>,
) -> HashMap<Chain<'r>, Vec<Jump<'r>>> {
    let mut jumps: HashMap<Chain<'r>, Vec<Jump<'r>>> = HashMap::new();
    let mut todo = VecDeque::from([start]);
    let mut reader = Reader::for_family(judge.family);
    while let Some(chain) = todo.pop_front() {
        if jumps.contains_key(&chain) {
            continue;
        }
        let mut found = Vec::new();
        for at in chain.lines() {
            let Ok(rule_line) = reader.read(ruleset.document(), at.line) else {
                continue;
            };
            let target = rule_line.rule.target.as_ref();
            let name = target.and_then(|target| target.chain());
            if let Some(to) = name.and_then(|name| start.table().jump(at, name)) {
                todo.push_back(to);
                let source = judge.source_of(&rule_line.rule);
                found.push(Jump { to, source });
            }
        }
        jumps.insert(chain, found);
    }
    jumps
}

/// Propagates sources along the jumps: a chain's are the union of those that jumps to it
/// match. A chain is visited after all chains that jump to it; a loop, which the kernel would
/// refuse, is assumed to match everything.
fn propagate<'r>(
    start: Chain<'r>,
    jumps: &HashMap<Chain<'r>, Vec<Jump<'r>>>,
    judge: &Judge<'_>,
) -> HashMap<Chain<'r>, Source> {
    let everything = || Source {
        pods: judge.pods().clone(),
        others: true,
    };
    let mut waiting: HashMap<Chain<'r>, usize> = HashMap::new();
    for jump in jumps.values().flatten() {
        *waiting.entry(jump.to).or_default() += 1;
    }
    let mut sources = HashMap::from([(start, everything())]);
    let mut todo = VecDeque::from([start]);
    while let Some(chain) = todo.pop_front() {
        let from = sources[&chain].clone();
        for jump in jumps.get(&chain).into_iter().flatten() {
            let matched = Source {
                pods: from.pods.intersection(&jump.source.pods),
                others: from.others && jump.source.others,
            };
            sources
                .entry(jump.to)
                .or_default()
                .add(&matched, judge.pods());
            let left = waiting.entry(jump.to).or_default();
            *left = left.saturating_sub(1);
            if *left == 0 {
                todo.push_back(jump.to);
            }
        }
    }
    for (chain, left) in waiting {
        if left > 0 {
            sources.insert(chain, everything());
        }
    }
    sources
}

/// Chains with source NAT to which no jump leads.
///
/// Kube-proxy's thousands of chains are skipped. Only lines that contain the name of such a
/// target are parsed, and nearly every ruleset has none in other chains that are not reached.
fn orphans<'r>(
    ruleset: &'r Ruleset<'_>,
    table: Table<'r>,
    reached: &HashMap<Chain<'r>, Source>,
    judge: &Judge<'_>,
) -> BTreeSet<Chain<'r>> {
    let translates = [&b"MASQUERADE"[..], b"SNAT"].map(memmem::Finder::new);
    let document = ruleset.document();
    let mut orphans: BTreeSet<Chain<'r>> = table
        .chains()
        .filter(|chain| {
            let name = chain.name();
            !owners::owner_of(name, false).is_some_and(|owner| owner.numerous_chains)
                && !is_builtin(name)
                && !reached.contains_key(chain)
                && chain.unordered_lines().any(|line| {
                    let line = document.line(line).bytes;
                    translates.iter().any(|target| target.find(line).is_some())
                })
        })
        .collect();
    if orphans.is_empty() {
        return orphans;
    }
    let mut reader = Reader::for_family(judge.family);
    for at in table.chains().flat_map(Chain::rules) {
        let rule_line = reader.read(document, at.line).ok();
        let target = rule_line.and_then(|rule_line| rule_line.rule.target.as_ref()?.chain());
        if let Some(called) = target.and_then(|name| table.jump(at, name)) {
            orphans.remove(&called);
        }
    }
    orphans
}

fn is_builtin(chain: &[u8]) -> bool {
    matches!(
        chain,
        b"PREROUTING" | b"INPUT" | b"OUTPUT" | b"POSTROUTING" | b"FORWARD"
    )
}
