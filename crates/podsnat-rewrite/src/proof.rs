//! The proof that a plan does to packets what it is meant to do, and nothing else.
//!
//! The chains that a changed built-in chain leads to are copied twice: as they are, and as
//! the plan's edits write them. Then every packet is compared:
//!
//! - in POSTROUTING of nat, those that do not go from pod to pod fare as before, and no
//!   changed rule translates one that does;
//! - in INPUT and FORWARD of filter, all fare as before but those that a changed REJECT
//!   ended.

use std::collections::{BTreeSet, HashSet, VecDeque};

use iptables_eval::{
    BaseChain, Care, Condition, Counterexample, End, Evaluator, Hook, Packet, Program, Table,
    Undecided, Verdict, compare,
};
use iptables_save::{Chain, Document, Edit, Edits, Family, LineId, Name, Reader, Ruleset};

use crate::{
    Change, Options, Plan, render,
    transform::pod_snat::{self, between_pods},
};

/// What is known of a plan's effect on packets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// What it must not do, one example for each built-in chain: none if the plan is right.
    pub faults: Vec<Fault>,
    /// The built-in chains that are not decided, such as `nat POSTROUTING`: they are too
    /// large, or it depends on what a rule remembers.
    pub undecided: Vec<String>,
}

/// Something that a plan must not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The built-in chain, such as `nat POSTROUTING`.
    pub chain: String,
    /// A packet, and what becomes of it, in one phrase.
    pub message: String,
}

impl Fault {
    /// Describes a packet that must fare as before and does not.
    fn differs(example: &Counterexample) -> Self {
        let Counterexample {
            chain,
            packet,
            before,
            after,
            ..
        } = example;
        let [before, after] = [before, after].map(|treatment| words(&treatment.end));
        let but = if before == after {
            "but with other marks or log entries".to_owned()
        } else {
            format!("but {after} after it")
        };
        Self {
            chain: chain.to_string(),
            message: format!("the packet {packet} {before} in {chain} before the change, {but}"),
        }
    }

    /// Describes a packet from pod to pod that a rewritten rule translates.
    fn still_translates(chain: BaseChain, rule: &[u8], packet: &Packet) -> Self {
        Self {
            chain: chain.to_string(),
            message: format!(
                "`{}` would still translate the packet {packet}",
                Name::new(rule)
            ),
        }
    }
}

/// Says what becomes of a packet.
fn words(end: &End) -> String {
    match end {
        End::Accept => "passes".to_owned(),
        End::Drop => "is dropped".to_owned(),
        End::Reject(target) => format!("is rejected by `{target}`"),
        End::Translate(nat) => format!("is translated by `{}`", nat.text),
        End::Other(target) | End::AsChain(target) => format!("goes to `{target}`"),
        _ => "fares otherwise".to_owned(),
    }
}

/// Proves that a plan changes what it should, and nothing else.
///
/// The document must be the one that the plan is for.
#[must_use]
pub fn prove<'d>(document: &'d Document<'d>, plan: &Plan<'_>, options: &Options) -> Proof {
    let mut proof = Proof::default();
    if plan.changes().is_empty() {
        return proof;
    }
    let family = plan.family().unwrap_or(Family::V4);
    let ruleset = Ruleset::new(document, plan.family());
    for base in changed_chains(plan) {
        let checked = Check {
            document,
            ruleset: &ruleset,
            plan,
            family,
            between_pods: between_pods(options.pods.of(family)),
            base,
        }
        .run();
        match checked {
            Ok(fault) => proof.faults.extend(fault),
            Err(Undecided { .. }) => proof.undecided.push(base.to_string()),
        }
    }
    proof
}

/// Returns the built-in chains that changes may concern.
fn changed_chains(plan: &Plan<'_>) -> BTreeSet<BaseChain> {
    let chains = plan.changes().iter().filter_map(|change| {
        let hook = match &change.at.chain[..] {
            _ if is_nat(change) => return Some(BaseChain::new(Table::Nat, Hook::Postrouting)),
            b"INPUT" => Hook::Input,
            b"FORWARD" => Hook::Forward,
            _ => return None,
        };
        Some(BaseChain::new(Table::Filter, hook))
    });
    chains.collect()
}

fn is_nat(change: &Change<'_>) -> bool {
    change.transform == pod_snat::NAME
}

/// One built-in chain to be compared.
struct Check<'c, 'd> {
    document: &'d Document<'d>,
    ruleset: &'c Ruleset<'d>,
    plan: &'c Plan<'c>,
    family: Family,
    between_pods: Condition,
    base: BaseChain,
}

impl Check<'_, '_> {
    fn run(&self) -> Result<Option<Fault>, Undecided> {
        for table in self.ruleset.tables() {
            let name = self.base.table.name().as_bytes();
            if table.name().is_some_and(|other| other != name) || table.is_replaced() {
                continue;
            }
            let Some(chain) = table.chain(self.base.hook.name().as_bytes()) else {
                continue;
            };
            let copies = if table.only_appends() {
                self.copy_of(chain)
            } else {
                self.whole()
            };
            if let Some(fault) = self.compare(&copies)? {
                return Ok(Some(fault));
            }
        }
        Ok(None)
    }

    /// Copies what a chain leads to.
    fn copy_of(&self, chain: Chain<'_>) -> Copies {
        let mut lines = Vec::new();
        for chain in self.reached_from(chain) {
            lines.extend(chain.declaration());
            lines.extend(chain.unordered_lines());
        }
        lines.sort_unstable();
        let header = format!("*{}\n", self.base.table.name());
        let mut before = header.into_bytes();
        for line in &lines {
            let content = self.document.line(*line).content();
            // The commands of a listing, in a table, would be executed as those of a patch.
            if let Some(name) = content.strip_prefix(b"-N ") {
                before.extend([b":", name, b" - [0:0]"].concat());
            } else if let Some(policy) = content.strip_prefix(b"-P ") {
                before.extend([b":", policy, b" [0:0]"].concat());
            } else {
                before.extend(content);
            }
            before.push(b'\n');
        }
        before.extend(b"COMMIT\n");
        let copied = Document::read(&before);
        let ids: Vec<LineId> = copied.lines().map(|line| line.id).collect();
        let place = |line: LineId| {
            let nth = lines.binary_search(&line).ok()?;
            ids.get(nth + 1).copied()
        };
        let edits = self.plan.edits().as_slice().iter();
        let edits = edits.filter_map(|edit| moved(edit, place(edit.line())?));
        let edits = Edits::new(edits.collect()).unwrap_or_default();
        let after = edits.apply(&copied);
        let changes = self.plan.changes().iter();
        let changed = changes.filter_map(|change| place(change.at.line)).collect();
        Copies {
            before,
            after,
            changed,
        }
    }

    /// Takes the whole input, where commands do more than append rules.
    fn whole(&self) -> Copies {
        let changes = self.plan.changes().iter();
        Copies {
            before: self.document.bytes().to_vec(),
            after: render::full(self.document, self.plan).concat(),
            changed: changes.map(|change| change.at.line).collect(),
        }
    }

    /// Returns the chains that a chain leads to, itself among them.
    fn reached_from<'r>(&self, chain: Chain<'r>) -> HashSet<Chain<'r>> {
        let mut reader = Reader::for_family(self.family);
        let mut reached = HashSet::from([chain]);
        let mut todo = VecDeque::from([chain]);
        while let Some(chain) = todo.pop_front() {
            for at in chain.lines() {
                let read = reader.read(self.document, at.line).ok();
                let name = read.and_then(|read| read.rule.target.as_ref()?.chain());
                if let Some(to) = name.and_then(|name| chain.table().jump(at, name))
                    && reached.insert(to)
                {
                    todo.push_back(to);
                }
            }
        }
        reached
    }

    fn compare(&self, copies: &Copies) -> Result<Option<Fault>, Undecided> {
        let documents = [&copies.before, &copies.after].map(|text| Document::read(text));
        let rulesets = documents
            .each_ref()
            .map(|document| Ruleset::new(document, Some(self.family)));
        let is_nat = self.base.table == Table::Nat;
        let care = if is_nat {
            Care {
                packets: self.between_pods.clone().inverted(true),
                except: Vec::new(),
            }
        } else {
            Care {
                packets: Condition::Always,
                except: copies.changed.clone(),
            }
        };
        let [mut before, mut after] = rulesets
            .each_ref()
            .map(|ruleset| Program::new(ruleset, self.family));
        match compare(&mut before, &mut after, self.base, &care) {
            Verdict::Same if is_nat => self.still_translated(&rulesets[1]),
            Verdict::Same => Ok(None),
            // Two rules made of one remember packets apart, and so do rules that cannot be parsed.
            Verdict::Differs(example)
                if example
                    .assumed
                    .iter()
                    .any(|(asked, _)| asked.place.is_some()) =>
            {
                Err(Undecided { nodes: 0 })
            }
            Verdict::Differs(example) => Ok(Some(Fault::differs(&example))),
            Verdict::Undecided { nodes } => Err(Undecided { nodes }),
        }
    }

    /// Looks for a packet from pod to pod that a rewritten rule translates.
    fn still_translated(&self, after: &Ruleset<'_>) -> Result<Option<Fault>, Undecided> {
        let changes = self.plan.changes().iter().filter(|change| is_nat(change));
        let written: HashSet<&[u8]> = changes
            .flat_map(|change| change.lines.iter().map(Vec::as_slice))
            .collect();
        let mut evaluator = Evaluator::new(after, self.family);
        let outcome = evaluator.chain(self.base, &self.between_pods)?;
        for (chain, visits) in outcome.visits() {
            for (rule, visit) in chain.rules().iter().zip(visits) {
                let line = after.document().line(rule.line).content();
                if !written.contains(line) {
                    continue;
                }
                if let Some(example) = evaluator.example(visit.taken)? {
                    let packet = &example.packet;
                    return Ok(Some(Fault::still_translates(self.base, line, packet)));
                }
            }
        }
        Ok(None)
    }
}

/// What is compared: two texts, and the lines of the first that are changed.
struct Copies {
    before: Vec<u8>,
    after: Vec<u8>,
    changed: Vec<LineId>,
}

/// Returns the same edit at another line.
fn moved(edit: &Edit, line: LineId) -> Option<Edit> {
    Some(match edit.clone() {
        Edit::Words { words, with, .. } => Edit::Words { line, words, with },
        Edit::Line { with, .. } => Edit::Line { line, with },
        Edit::Remove { .. } => Edit::Remove { line },
        Edit::Before { text, .. } => Edit::Before { line, text },
        Edit::After { text, .. } => Edit::After { line, text },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares two texts of a nat table, of which the second one is taken as what a plan
    /// writes.
    fn fault(before: &str, after: &str) -> Option<String> {
        let text = |rules: &str| format!("*nat\n:POSTROUTING ACCEPT [0:0]\n{rules}COMMIT\n");
        let copies = Copies {
            before: text(before).into_bytes(),
            after: text(after).into_bytes(),
            changed: Vec::new(),
        };
        let document = Document::read(b"");
        let pods = ["172.5.0.0/16".parse().unwrap()];
        let check = Check {
            document: &document,
            ruleset: &Ruleset::new(&document, Some(Family::V4)),
            plan: &Plan::default(),
            family: Family::V4,
            between_pods: between_pods(&pods),
            base: BaseChain::new(Table::Nat, Hook::Postrouting),
        };
        let fault = check.compare(&copies).unwrap();
        fault.map(|fault| fault.message)
    }

    #[test]
    fn a_right_rewrite_is_proven() {
        let before = "-A POSTROUTING -o eth0 -j MASQUERADE\n";
        let after = "-A POSTROUTING ! -s 172.5.0.0/16 -o eth0 -j MASQUERADE\n\
                     -A POSTROUTING -s 172.5.0.0/16 ! -d 172.5.0.0/16 -o eth0 -j MASQUERADE\n";
        assert_eq!(fault(before, after), None);
    }

    #[test]
    fn each_wrong_rewrite_is_found() {
        let before = "-A POSTROUTING -s 172.5.138.0/24 ! -o docker0 -j MASQUERADE\n";
        for after in [
            "",
            "-A POSTROUTING -s 172.5.138.0/24 ! -d 172.4.0.0/15 ! -o docker0 -j MASQUERADE\n",
            "-A POSTROUTING -s 172.5.138.0/24 -d 172.5.0.0/16 ! -o docker0 -j MASQUERADE\n",
            "-A POSTROUTING -s 172.5.138.0/24 ! -d 172.5.0.0/16 -o docker0 -j MASQUERADE\n",
            "-A POSTROUTING -s 172.5.138.0/25 ! -d 172.5.0.0/16 ! -o docker0 -j MASQUERADE\n",
            "-A POSTROUTING -s 172.5.138.0/24 ! -d 172.5.0.0/16 ! -o docker0 -j ACCEPT\n",
            "-A POSTROUTING -s 172.5.138.0/24 ! -o docker0 -m iprange ! --dst-range 172.5.0.0-172.6.0.0 -j MASQUERADE\n",
        ] {
            assert!(fault(before, after).is_some(), "{after}");
        }
    }

    #[test]
    fn a_rule_before_those_for_marked_packets_is_not_exact() {
        let marked = "-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE --random-fully\n";
        let rule = "-A POSTROUTING -s 172.5.138.0/24 -j MASQUERADE\n";
        let moved = "-A POSTROUTING -s 172.5.138.0/24 ! -d 172.5.0.0/16 -j MASQUERADE\n";
        let message = fault(&[marked, rule].concat(), &[moved, marked].concat()).unwrap();
        assert!(message.contains("mark 0x4000"), "{message}");
        assert_eq!(
            fault(&[marked, rule].concat(), &[marked, moved].concat()),
            None
        );
    }
}
