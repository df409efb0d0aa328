//! Which chains of the nat table POSTROUTING reaches, and with packets from where.

use std::collections::{HashMap, HashSet, VecDeque};

use iptables_save::{ChainId, Document, LineKind, Reader, SectionId};

use memchr::memmem;

use super::{decide::Judge, source::Source};
use crate::owners;

/// A chain whose rules see packets on their way out.
pub(super) struct Reached {
    pub(super) chain: ChainId,
    /// Where the packets come from; none when nothing in the text leads to the chain.
    pub(super) source: Option<Source>,
}

/// The chains that POSTROUTING reaches, in the order of the text, and those to which
/// no jump leads: the text may be a part of a ruleset, and a rule with pods in its own
/// `-s` is about them wherever it stands.
pub(super) fn from_postrouting(
    document: &Document<'_>,
    section: SectionId,
    judge: &Judge<'_>,
) -> Vec<Reached> {
    let sources = match document.chain(section, b"POSTROUTING") {
        Some(postrouting) => {
            let jumps = jumps_from(document, section, postrouting, judge);
            spread(postrouting, &jumps, judge)
        }
        None => HashMap::new(),
    };
    let orphans = orphans(document, section, &sources, judge);
    let mut reached: Vec<Reached> = sources
        .into_iter()
        .map(|(chain, source)| (chain, Some(source)))
        .chain(orphans.into_iter().map(|chain| (chain, None)))
        .map(|(chain, source)| Reached { chain, source })
        .collect();
    reached.sort_by_key(|it| it.chain);
    reached
}

/// A jump to a chain, and the sources that its own words let through.
struct Jump {
    to: ChainId,
    source: Source,
}

/// All jumps of the chains that `start` reaches.
fn jumps_from(
    document: &Document<'_>,
    section: SectionId,
    start: ChainId,
    judge: &Judge<'_>,
) -> HashMap<ChainId, Vec<Jump>> {
    let mut jumps: HashMap<ChainId, Vec<Jump>> = HashMap::new();
    let mut todo = VecDeque::from([start]);
    let mut reader = Reader::of(judge.family);
    while let Some(chain) = todo.pop_front() {
        if jumps.contains_key(&chain) {
            continue;
        }
        let mut found = Vec::new();
        for line in document.rules(chain) {
            let Ok(statement) = reader.read(document, line) else {
                continue;
            };
            let target = statement.rule.target.as_ref().and_then(|it| it.chain());
            let to = target.and_then(|name| document.chain(section, name));
            if let Some(to) = to.filter(|_| statement.command.adds_rule()) {
                todo.push_back(to);
                let source = judge.source_of(&statement.rule);
                found.push(Jump { to, source });
            }
        }
        jumps.insert(chain, found);
    }
    jumps
}

/// Spreads the sources along the jumps: a chain's are the union of what its jumps let
/// through. A chain comes after all that jump to it; a loop, which the kernel would
/// refuse, is taken to let everything through.
fn spread(
    start: ChainId,
    jumps: &HashMap<ChainId, Vec<Jump>>,
    judge: &Judge<'_>,
) -> HashMap<ChainId, Source> {
    let everything = || Source {
        pods: judge.pods().clone(),
        others: true,
    };
    let mut waiting: HashMap<ChainId, usize> = HashMap::new();
    for jump in jumps.values().flatten() {
        *waiting.entry(jump.to).or_default() += 1;
    }
    let mut sources = HashMap::from([(start, everything())]);
    let mut todo = VecDeque::from([start]);
    while let Some(chain) = todo.pop_front() {
        let from = sources[&chain].clone();
        for jump in jumps.get(&chain).into_iter().flatten() {
            let through = Source {
                pods: from.pods.intersection(&jump.source.pods),
                others: from.others && jump.source.others,
            };
            sources
                .entry(jump.to)
                .or_default()
                .add(&through, judge.pods());
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
/// Kube-proxy's chains, of which there are thousands, are left out. Only lines that have a target's name in them are worth a
/// look, and nearly every text has none in other chains that are not reached.
fn orphans(
    document: &Document<'_>,
    section: SectionId,
    reached: &HashMap<ChainId, Source>,
    judge: &Judge<'_>,
) -> Vec<ChainId> {
    let translates = [&b"MASQUERADE"[..], b"SNAT"].map(memmem::Finder::new);
    let mut candidates: HashSet<ChainId> = document
        .chains(section)
        .filter(|chain| {
            let name = document.chain_name(*chain);
            !owners::owner_of(name, false).is_some_and(|owner| owner.has_many)
                && !is_builtin(name)
                && !reached.contains_key(chain)
                && document.rules(*chain).any(|line| {
                    let line = document.line(line).bytes;
                    translates.iter().any(|target| target.find(line).is_some())
                })
        })
        .collect();
    if !candidates.is_empty() {
        let mut reader = Reader::of(judge.family);
        for line in document.lines().filter(|line| line.kind == LineKind::Rule) {
            let statement = reader.read(document, line.id).ok();
            let target = statement.and_then(|it| it.rule.target.as_ref()?.chain());
            if let Some(called) = target.and_then(|name| document.chain(section, name)) {
                candidates.remove(&called);
            }
        }
    }
    candidates.into_iter().collect()
}

fn is_builtin(chain: &[u8]) -> bool {
    matches!(
        chain,
        b"PREROUTING" | b"INPUT" | b"OUTPUT" | b"POSTROUTING" | b"FORWARD"
    )
}
