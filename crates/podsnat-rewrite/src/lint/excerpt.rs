//! The chains that a built-in chain leads to, as a small ruleset of their own.
//!
//! Findings about what is left after the plan need the ruleset after it. To parse the whole
//! output again would take as long as everything else together; these chains are few.

use std::collections::{HashMap, HashSet, VecDeque};

use ipnetwork::IpNetwork;
use iptables_save::{
    Chain, Command, Counters, Document, LineId, Policy, Reader, Rule, RuleLine, Ruleset, Target,
    value::{Addresses, Interface, Invertible},
};

use crate::{Change, Operation, Place, Plan, ranges::covering};

/// A part of a ruleset, with the changes of a plan or without.
pub(super) struct Excerpt {
    /// What iptables-save would print of these chains.
    pub(super) text: Vec<u8>,
    /// For each line of the text the line of the input that it comes from.
    origins: Vec<Option<LineId>>,
    /// What the rules say about interfaces and addresses.
    pub(super) names: Names,
}

/// The interfaces and networks that rules name.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The interfaces, as in `-i` and `-o`, each once, in the order of the rules.
    pub(super) interfaces: Vec<Vec<u8>>,
    /// Interfaces with networks whose addresses are on them, as far as rules show it.
    pub(super) attached: Vec<(Vec<u8>, IpNetwork)>,
    /// The networks in `-s` and `-d`.
    pub(super) networks: HashSet<IpNetwork>,
}

impl Excerpt {
    /// Makes the text of a table with one built-in chain and all chains that it leads to.
    pub(super) fn new(
        ruleset: &Ruleset<'_>,
        table: &str,
        start: Chain<'_>,
        plan: Option<&Plan<'_>>,
    ) -> Self {
        let changes = plan.map_or(&[][..], Plan::changes).iter();
        let mut writer = ExcerptWriter {
            ruleset,
            reader: Reader::default(),
            changes: changes.map(|change| (change.at.line, change)).collect(),
            seen: HashSet::new(),
            todo: VecDeque::new(),
            excerpt: Self {
                text: Vec::new(),
                origins: Vec::new(),
                names: Names::default(),
            },
        };
        if let Some(family) = plan.and_then(Plan::family) {
            writer.reader = Reader::for_family(family);
        }
        writer.write(table, start);
        writer.excerpt
    }

    /// Returns the text as a document.
    pub(super) fn document(&self) -> Document<'_> {
        Document::read(&self.text)
    }

    /// Returns the line of the input that a line of the text comes from.
    pub(super) fn origin(&self, line: LineId) -> Option<LineId> {
        self.origins.get(line.index()).copied().flatten()
    }

    fn push(&mut self, line: &[u8], origin: Option<LineId>) {
        self.text.extend_from_slice(line);
        self.text.push(b'\n');
        self.origins.push(origin);
    }
}

struct ExcerptWriter<'e, 'r, 'd> {
    ruleset: &'r Ruleset<'d>,
    reader: Reader<'d>,
    changes: HashMap<LineId, &'e Change<'d>>,
    seen: HashSet<Chain<'r>>,
    todo: VecDeque<Chain<'r>>,
    excerpt: Excerpt,
}

impl<'r> ExcerptWriter<'_, 'r, '_> {
    fn write(&mut self, table: &str, start: Chain<'r>) {
        self.excerpt.push(format!("*{table}").as_bytes(), None);
        let policy = match start.policy().unwrap_or_default() {
            Policy::Accept => "ACCEPT",
            Policy::Drop => "DROP",
        };
        let declaration = [b":", start.name(), b" ", policy.as_bytes(), b" [0:0]"].concat();
        self.excerpt.push(&declaration, start.declaration());
        self.seen.insert(start);
        self.todo.push_back(start);
        let mut chains = Vec::new();
        while let Some(chain) = self.todo.pop_front() {
            let lines = self.lines(chain);
            chains.push((chain, lines));
        }
        for (chain, _) in &chains[1..] {
            let declaration = [b":", chain.name(), b" - [0:0]"].concat();
            self.excerpt.push(&declaration, chain.declaration());
        }
        for (line, origin) in chains.iter().flat_map(|(_, lines)| lines) {
            self.excerpt.push(line, Some(*origin));
        }
        self.excerpt.push(b"COMMIT", None);
    }

    /// Returns the rules of a chain, and queues the chains that they lead to.
    fn lines(&mut self, chain: Chain<'r>) -> Vec<(Vec<u8>, LineId)> {
        let document = self.ruleset.document();
        let command = Command::Append {
            chain: chain.name().into(),
        };
        let mut first = Vec::new();
        let mut lines = Vec::new();
        for at in chain.lines() {
            let Ok(read) = self.reader.read(document, at.line) else {
                // It is as little understood as in the input.
                lines.push((document.line(at.line).content().to_vec(), at.line));
                continue;
            };
            let mut rule = read.rule.clone();
            self.excerpt.names.add(&rule);
            if let Some(Target::Jump(name) | Target::Goto(name)) = &mut rule.target
                && let Some(called) = chain.table().jump(at, name)
            {
                *name = called.name().into();
                if self.seen.insert(called) {
                    self.todo.push_back(called);
                }
            }
            let print = |rule: &Rule<'_>| (print(&command, rule), at.line);
            match self
                .changes
                .get(&at.line)
                .map(|change| (change.place, &change.operation))
            {
                None => lines.push(print(&rule)),
                Some((_, Operation::Remove)) => {}
                Some((Place::First, Operation::Replace(rules))) => {
                    first.extend(rules.iter().map(print));
                }
                Some((Place::InPlace, Operation::Replace(rules))) => {
                    lines.extend(rules.iter().map(print));
                }
                Some((_, Operation::InsertBefore(rules))) => {
                    lines.extend(rules.iter().map(print));
                    lines.push(print(&rule));
                }
            }
        }
        first.append(&mut lines);
        first
    }
}

fn print(command: &Command<'_>, rule: &Rule<'_>) -> Vec<u8> {
    RuleLine {
        counters: None::<Counters>,
        command: command.clone(),
        rule: rule.clone(),
        ..RuleLine::default()
    }
    .to_bytes()
}

/// The maximum number of names and networks that are kept.
const MOST_NAMES: usize = 256;

impl Names {
    fn add(&mut self, rule: &Rule<'_>) {
        for interface in [&rule.in_interface, &rule.out_interface]
            .into_iter()
            .flatten()
        {
            let name: &[u8] = &interface.value.0;
            let is_known = self.interfaces.iter().any(|known| known == name);
            if !is_known && self.interfaces.len() < MOST_NAMES {
                self.interfaces.push(name.to_vec());
            }
        }
        for addresses in [&rule.source, &rule.destination].into_iter().flatten() {
            if self.networks.len() < MOST_NAMES {
                self.networks
                    .extend(addresses.value.as_slice().iter().map(covering));
            }
        }
        let sides = [
            (&rule.source, &rule.in_interface, &rule.out_interface),
            (&rule.destination, &rule.out_interface, &rule.in_interface),
        ];
        let is_pair = is_plain(rule.source.as_ref()) && is_plain(rule.destination.as_ref());
        for (addresses, own, other) in sides {
            let Some(Invertible {
                inverted: false,
                value,
            }) = addresses
            else {
                continue;
            };
            // `-s NETWORK ! -o BRIDGE` is how bridges masquerade.
            let interface = match (own, other) {
                (
                    Some(Invertible {
                        inverted: false,
                        value: Interface(name),
                    }),
                    _,
                )
                | (
                    None,
                    Some(Invertible {
                        inverted: true,
                        value: Interface(name),
                    }),
                ) if !is_pair => name,
                _ => continue,
            };
            if self.attached.len() < MOST_NAMES {
                let networks = value.as_slice().iter().map(covering);
                self.attached
                    .extend(networks.map(|network| (interface.to_vec(), network)));
            }
        }
    }

    /// Adds what other rules name.
    pub(super) fn join(&mut self, other: &Self) {
        for name in &other.interfaces {
            if !self.interfaces.contains(name) {
                self.interfaces.push(name.clone());
            }
        }
        self.attached.extend(other.attached.iter().cloned());
    }
}

fn is_plain(addresses: Option<&Invertible<Addresses>>) -> bool {
    addresses.is_some_and(|addresses| !addresses.inverted)
}
