//! Collects proposals of transforms and makes a plan of them.

use std::{
    collections::{HashMap, HashSet},
    iter, mem,
};

use ipnetwork::IpNetwork;
use iptables_save::{
    Command, Edit, Edits, Family, LineId, Renumbering, Replacement, Ruleset, SourceLine, Table,
};

use super::{Change, Conflict, Finding, Plan, Proposal};
use crate::{PodNetworks, ranges::Ranges};

/// Collects proposals and findings. Transforms never see what others have added.
#[derive(Debug)]
pub(crate) struct PlanBuilder<'r, 'd> {
    pub(crate) family: Option<Family>,
    proposals: Vec<Proposal<'r, 'd>>,
    findings: Vec<Finding>,
    /// The pods whose connections changed rules have translated.
    translated: Vec<IpNetwork>,
}

impl<'r, 'd> PlanBuilder<'r, 'd> {
    pub(crate) fn new(family: Option<Family>) -> Self {
        Self {
            family,
            proposals: Vec::new(),
            findings: Vec::new(),
            translated: Vec::new(),
        }
    }

    /// Proposes a change.
    pub(crate) fn propose(&mut self, proposal: Proposal<'r, 'd>) {
        self.proposals.push(proposal);
    }

    /// Reports a finding.
    pub(crate) fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Reports several findings.
    pub(crate) fn report_all(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    /// Notes pods whose connections a changed rule has translated.
    pub(crate) fn note_translated(&mut self, pods: Vec<IpNetwork>) {
        self.translated.extend(pods);
    }

    /// Makes the plan.
    pub(crate) fn finish(
        mut self,
        ruleset: &'r Ruleset<'d>,
        pods: &PodNetworks,
    ) -> Result<Plan<'d>, Conflict> {
        self.proposals.sort_by_key(|proposal| proposal.source.line);
        self.leave_what_would_not_load();
        let (renumberings, commands) = self.renumber(ruleset);
        let changes: Vec<Change<'d>> = self
            .proposals
            .into_iter()
            .map(|proposal| {
                let renumbering = renumberings.get(&proposal.chain.table());
                proposal.into_change(renumbering)
            })
            .collect();
        let edits = combine(&changes, commands)?;
        self.findings.sort_by_key(|finding| finding.line);
        let flushes = match self.family {
            Some(family) => flushes(&self.translated, pods.of(family), family),
            None => Vec::new(),
        };
        Ok(Plan {
            changes,
            findings: self.findings,
            edits,
            family: self.family,
            flushes,
        })
    }

    /// Takes back changes to rules that would have more words than iptables-restore accepts.
    fn leave_what_would_not_load(&mut self) {
        let Self {
            proposals,
            findings,
            family,
            ..
        } = self;
        proposals.retain(|proposal| match proposal.refusal(*family) {
            None => true,
            Some(error) => {
                findings.push(proposal.would_not_load(&error));
                false
            }
        });
    }

    /// Computes the numbers that commands need once the changes are made. Changes that
    /// cannot be made because of such commands are taken back, and reported.
    fn renumber(&mut self, ruleset: &Ruleset<'d>) -> (HashMap<Table<'r>, Renumbering>, Vec<Edit>) {
        let mut renumberings = HashMap::new();
        let mut commands = Vec::new();
        let mut rest = mem::take(&mut self.proposals).into_iter().peekable();
        // A table is a section, and the proposals are in the order of the lines.
        while let Some(first) = rest.next() {
            let table = first.chain.table();
            let mut proposals = vec![first];
            while let Some(next) = rest.next_if(|next| next.chain.table() == table) {
                proposals.push(next);
            }
            if !table.only_appends() {
                let renumbering = self.renumber_table(ruleset, table, &mut proposals);
                commands.extend(self.edit_commands(ruleset, &proposals, &renumbering));
                renumberings.insert(table, renumbering);
            }
            self.proposals.append(&mut proposals);
        }
        (renumberings, commands)
    }

    /// The same for one table and its proposals, from which those are taken that cannot be
    /// made.
    fn renumber_table(
        &mut self,
        ruleset: &Ruleset<'d>,
        table: Table<'r>,
        proposals: &mut Vec<Proposal<'r, 'd>>,
    ) -> Renumbering {
        let document = ruleset.document();
        loop {
            let lines = proposals.iter().map(Proposal::reshaped).collect();
            let texts = proposals.iter().flat_map(Proposal::texts).collect();
            let renumbering = ruleset.renumber(table, lines, texts);
            if renumbering.conflicts.is_empty() {
                return renumbering;
            }
            // Chains may have been renamed: where none is known by its name, all of the
            // table's rules stay.
            let chain_of = |line| document.chain_of(line);
            let changed: HashSet<_> = proposals
                .iter()
                .map(|proposal| chain_of(proposal.source.line))
                .collect();
            let conflicts: HashMap<_, LineId> = renumbering
                .conflicts
                .iter()
                .rev()
                .map(|command| (chain_of(*command), *command))
                .collect();
            let unknown = conflicts
                .iter()
                .filter(|(chain, _)| !changed.contains(*chain))
                .map(|(_, command)| *command)
                .min();
            proposals.retain(|proposal| {
                let conflict = conflicts.get(&chain_of(proposal.source.line)).copied();
                match conflict.or(unknown) {
                    Some(command) => {
                        self.findings.push(proposal.is_numbered(command));
                        false
                    }
                    None => true,
                }
            });
        }
    }

    /// Returns the edits of commands whose own rule is not changed.
    fn edit_commands(
        &self,
        ruleset: &Ruleset<'d>,
        proposals: &[Proposal<'r, 'd>],
        renumbering: &Renumbering,
    ) -> Vec<Edit> {
        let changed: HashSet<LineId> = proposals
            .iter()
            .map(|proposal| proposal.source.line)
            .collect();
        let mut edits = Vec::new();
        let read = |line| SourceLine::read(ruleset.document(), line, self.family);
        for (line, number) in &renumbering.numbers {
            if !changed.contains(line)
                && !renumbering.commands.contains_key(line)
                && let Ok(source) = read(*line)
            {
                let command = with_number(&source.rule_line.command, *number);
                edits.extend(source.rewrite(&command, &source.rule_line.rule).edits);
            }
        }
        for (line, replacements) in &renumbering.commands {
            let Ok(source) = read(*line) else { continue };
            edits.push(replace_command(&source, replacements));
        }
        edits
    }
}

/// Combines the edits of all changes and those of other commands.
fn combine(changes: &[Change<'_>], commands: Vec<Edit>) -> Result<Edits, Conflict> {
    let owners: Vec<&Change<'_>> = changes
        .iter()
        .flat_map(|change| iter::repeat_n(change, change.edits.len()))
        .collect();
    let own = changes
        .iter()
        .flat_map(|change| change.edits.iter().cloned());
    Edits::new(own.chain(commands).collect()).map_err(|overlap| Conflict {
        changes: [overlap.first, overlap.second].map(|edit| {
            // Commands whose own rule is not changed are on other lines.
            let change = owners.get(edit).unwrap_or(&owners[0]);
            (change.transform, change.reason.clone(), change.at.line)
        }),
    })
}

/// Replaces a command that names a rule by its text.
fn replace_command(source: &SourceLine<'_>, replacements: &[Replacement]) -> Edit {
    let numbers = replacements
        .iter()
        .filter_map(|replacement| match replacement {
            Replacement::Delete(number) => Some(*number),
            Replacement::Nothing => None,
        });
    let chain = source
        .rule_line
        .command
        .chain()
        .cloned()
        .unwrap_or_default();
    let lines = numbers.map(|number| {
        let command = Command::DeleteNumber {
            chain: chain.clone(),
            number,
        };
        [
            &source.sibling(&command, &source.rule_line.rule),
            &b"\n"[..],
        ]
        .concat()
    });
    let with = lines.collect::<Vec<_>>().concat();
    let line = source.line;
    if with.is_empty() {
        return Edit::Remove { line };
    }
    Edit::Line { line, with }
}

/// Returns the command with another rule number.
pub(super) fn with_number<'a>(command: &Command<'a>, number: u32) -> Command<'a> {
    let mut command = command.clone();
    match &mut command {
        Command::Insert { number: old, .. }
        | Command::Replace { number: old, .. }
        | Command::DeleteNumber { number: old, .. }
        | Command::Zero {
            number: Some(old), ..
        } => *old = number,
        _ => {}
    }
    command
}

/// Returns the commands that end connections from some pods to all others.
fn flushes(translated: &[IpNetwork], pods: &[IpNetwork], family: Family) -> Vec<String> {
    let option = match family {
        Family::V4 => "",
        Family::V6 => " -f ipv6",
    };
    // The same pods may have been translated by many rules.
    let sources = Ranges::from_networks(translated).networks(family);
    let pairs = sources
        .iter()
        .flat_map(|from| pods.iter().map(move |to| (from, to)));
    pairs
        .map(|(from, to)| format!("conntrack -D{option} -s {from} -d {to}"))
        .collect()
}
