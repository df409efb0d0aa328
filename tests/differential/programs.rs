//! The iptables programs' results for rules: which ones they refuse, and how they print the others.
//!
//! A program stops at the first line that it refuses, and a legacy kernel takes a table or leaves it. So rules that are
//! likely valid are loaded together, each in a chain of its own, and an invalid one is found by its line or by
//! halves. It takes two processes for a batch of valid rules, and one for each invalid rule.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::process::{Command, Output};

use super::places;
use super::rules::{OTHER_CHAIN, Sample};
use super::values::SETS;
use crate::support::iptables::{Backend, Family, Iptables};
use crate::support::netns::{Namespace, finish, output};
use crate::support::one_line;

/// The outcome of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The rules that are there then, as saved, without `-A CHAIN`.
    Saved(Vec<String>),
    /// The program refuses it, with these words.
    Refused(String),
    /// The kernel alone refuses it.
    RefusedByKernel(String),
    /// This machine lacks something that the program requires.
    Lacking(String),
}

/// The programs of one backend and family, in a namespace that the thread is in.
#[derive(Debug)]
pub(crate) struct Programs {
    pub(crate) iptables: Iptables,
    node: Namespace,
}

/// Why a ruleset was not loaded.
enum Trouble {
    /// These of its rules are in the way, the kernel says.
    Kernel(Vec<usize>, String),
    /// The program refuses this one.
    Rule(usize),
    /// One that is not named.
    Some(Output),
}

impl Programs {
    /// Moves the thread into a namespace of its own.
    pub(crate) fn enter(iptables: Iptables) -> Self {
        let node = Namespace::new("differential");
        node.enter();
        Self { iptables, node }
    }

    /// Makes the ipsets that rules ask for, and all tables: without any, iptables-legacy-save fails.
    pub(crate) fn prepare(&self) {
        let tables =
            "*filter\nCOMMIT\n*nat\nCOMMIT\n*mangle\nCOMMIT\n*raw\nCOMMIT\n*security\nCOMMIT\n";
        let made = self.restore(tables);
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        let family = match self.iptables.family {
            Family::V4 => "inet",
            Family::V6 => "inet6",
        };
        let lines = SETS.map(|set| format!("create {set} hash:ip,port family {family}\n"));
        let mut ipset = self.node.inside("ipset");
        finish(ipset.arg("restore"), lines.concat().as_bytes())
            .unwrap_or_else(|why| panic!("{why}"));
    }

    /// What becomes of rules that are likely good.
    pub(crate) fn load(&self, samples: &[&Sample]) -> Vec<Outcome> {
        let mut outcomes = vec![None; samples.len()];
        let mut waiting: Vec<usize> = (0..samples.len()).collect();
        while !waiting.is_empty() {
            // In one built-in chain the rules of several samples could not be distinguished.
            let mut taken = HashSet::new();
            let (now, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|nth| {
                let sample = samples[*nth];
                match sample.chain {
                    Some(chain) => taken.insert((sample.table, chain)),
                    None => true,
                }
            });
            self.load_together(samples, now, &mut outcomes);
            waiting = later;
        }
        outcomes
            .into_iter()
            .map(|outcome| outcome.expect("each was judged"))
            .collect()
    }

    fn load_together(
        &self,
        samples: &[&Sample],
        mut rules: Vec<usize>,
        outcomes: &mut [Option<Outcome>],
    ) {
        while !rules.is_empty() {
            match self.try_together(samples, &rules) {
                Ok(saved) => {
                    for (nth, saved) in rules.iter().zip(saved) {
                        outcomes[*nth] = Some(Outcome::Saved(saved));
                    }
                    return;
                }
                Err(Trouble::Rule(nth)) => {
                    // Alone, to hear what is said of it and of no other.
                    outcomes[nth] = Some(self.load_alone(samples[nth]));
                    rules.retain(|it| *it != nth);
                }
                Err(Trouble::Kernel(refused, why)) => {
                    for nth in &refused {
                        outcomes[*nth] = Some(Outcome::RefusedByKernel(why.clone()));
                    }
                    rules.retain(|it| !refused.contains(it));
                }
                Err(Trouble::Some(output)) => {
                    if let [only] = rules[..] {
                        outcomes[only] = Some(refusal(&output));
                        return;
                    }
                    let half = rules.split_off(rules.len() / 2);
                    self.load_together(samples, half, outcomes);
                }
            }
        }
    }

    /// What becomes of one rule.
    pub(crate) fn load_alone(&self, sample: &Sample) -> Outcome {
        let text = text_of(&[sample], &[0]).0;
        let loaded = self.restore(&text);
        if loaded.status.success() {
            Outcome::Saved(self.save(&[sample], &[0]).remove(0))
        } else {
            refusal(&loaded)
        }
    }

    fn try_together(
        &self,
        samples: &[&Sample],
        rules: &[usize],
    ) -> Result<Vec<Vec<String>>, Trouble> {
        let (text, lines) = text_of(samples, rules);
        let output = self.restore(&text);
        if output.status.success() {
            return Ok(self.save(samples, rules));
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let at_line = |text: &str| {
            let digits = text
                .trim_start()
                .split(|letter: char| !letter.is_ascii_digit());
            let line: usize = digits.into_iter().next()?.parse().ok()?;
            lines.get(&line).copied()
        };
        // iptables-nft-restore names all rules that the kernel refuses.
        let refused: Vec<usize> = said
            .lines()
            .filter(|line| line.contains(": RULE_") && line.contains(" failed"))
            .filter_map(|line| at_line(line.strip_prefix("line ")?))
            .collect();
        if !refused.is_empty() {
            return Err(Trouble::Kernel(refused, one_line(&said)));
        }
        let line = said
            .split_once("Error occurred at line: ")
            .and_then(|(_, line)| at_line(line));
        Err(line.map_or(Trouble::Some(output), Trouble::Rule))
    }

    fn restore(&self, text: &str) -> Output {
        output(
            &mut self.command(&self.iptables.restore_program()),
            text.as_bytes(),
        )
        .unwrap_or_else(|why| panic!("{why}"))
    }

    /// The rules of each of the samples' chains.
    fn save(&self, samples: &[&Sample], rules: &[usize]) -> Vec<Vec<String>> {
        let saved = output(&mut self.command(&self.iptables.save_program()), b"")
            .unwrap_or_else(|why| panic!("{why}"));
        if !saved.status.success() {
            let why = format!(
                "{} ends with {}",
                self.iptables.save_program(),
                saved.status
            );
            return rules.iter().map(|_| vec![why.clone()]).collect();
        }
        let saved = String::from_utf8_lossy(&saved.stdout);
        let mut chains: HashMap<(String, String), Vec<String>> = HashMap::new();
        let mut table = "";
        for line in saved.lines() {
            if let Some(name) = line.strip_prefix('*') {
                table = name;
            } else if let Some(rule) = line.strip_prefix("-A ") {
                let (chain, rule) = rule.split_once(' ').unwrap_or((rule, ""));
                chains
                    .entry((table.to_owned(), chain.to_owned()))
                    .or_default()
                    .push(rule.to_owned());
            }
        }
        rules
            .iter()
            .map(|nth| {
                let chain = chain_of(samples[*nth], *nth);
                chains
                    .remove(&(samples[*nth].table.to_owned(), chain))
                    .unwrap_or_default()
            })
            .collect()
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.node.inside(program);
        // Else the time in a rule would depend on the machine's place.
        command.env("TZ", "UTC");
        command
    }
}

/// Returns the chain that a rule is in.
pub(crate) fn chain_of(sample: &Sample, nth: usize) -> String {
    match sample.chain {
        Some(chain) => chain.to_owned(),
        None => format!("r{nth}"),
    }
}

/// Returns rules as iptables-restore reads them, and the line of each.
pub(crate) fn text_of(samples: &[&Sample], rules: &[usize]) -> (String, HashMap<usize, usize>) {
    let mut tables: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for nth in rules {
        tables.entry(samples[*nth].table).or_default().push(*nth);
    }
    let mut lines = vec![];
    let mut places = HashMap::new();
    for (table, rules) in tables {
        lines.push(format!("*{table}"));
        for chain in places::builtin_chains(table).split(' ') {
            lines.push(format!(":{chain} ACCEPT [0:0]"));
        }
        lines.push(format!(":{OTHER_CHAIN} - [0:0]"));
        for nth in &rules {
            if samples[*nth].chain.is_none() {
                lines.push(format!(":{} - [0:0]", chain_of(samples[*nth], *nth)));
            }
        }
        for nth in &rules {
            let sample = samples[*nth];
            lines.push(format!("-A {} {}", chain_of(sample, *nth), sample.rule));
            places.insert(lines.len(), *nth);
        }
        lines.push("COMMIT".to_owned());
    }
    (lines.join("\n") + "\n", places)
}

/// What the program says for want of something on this machine: not of the rule as such.
const WANTS: &[&str] = &[
    // An ipset.
    "doesn't exist.",
    "failed to get bpf object",
];

/// Without its kernel module, an extension is read by the program's oldest code for it. These have no other.
const OF_ONE_REVISION: &[&str] = &["CLUSTERIP", "LED", "ULOG", "ipvs"];

/// What the words and the end of a program mean that was given one rule.
fn refusal(output: &Output) -> Outcome {
    let said = String::from_utf8_lossy(&output.stderr);
    let is_kernels = match output.status.code() {
        // Legacy: the commit. A program that refuses has more to say.
        Some(1) => said.trim_end().ends_with("failed") && !said.contains(" v1."),
        Some(4) => said.contains(" failed ("),
        _ => false,
    };
    let is_lacking = said.lines().any(|line| {
        let without_module = line
            .strip_prefix("Warning: Extension ")
            .and_then(|rest| rest.split_once(" revision 0 not supported, missing kernel module?"));
        match without_module {
            Some((extension, _)) => !OF_ONE_REVISION.contains(&extension),
            None => WANTS.iter().any(|want| line.contains(want)),
        }
    });
    let said = match output.status.code() {
        Some(_) => one_line(&said),
        None => format!("{}: {}", output.status, one_line(&said)),
    };
    match (is_kernels, is_lacking) {
        (_, true) => Outcome::Lacking(said),
        (true, false) => Outcome::RefusedByKernel(said),
        (false, false) => Outcome::Refused(said),
    }
}

/// All programs.
pub(crate) fn all() -> [Iptables; 4] {
    [
        (Backend::Legacy, Family::V4),
        (Backend::Legacy, Family::V6),
        (Backend::Nft, Family::V4),
        (Backend::Nft, Family::V6),
    ]
    .map(|(backend, family)| Iptables { backend, family })
}
