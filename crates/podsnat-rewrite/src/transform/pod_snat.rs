//! Exempts traffic between pods from MASQUERADE and SNAT.
//!
//! For each rule of the nat table that POSTROUTING reaches, `decide` says what the rule
//! does to pods and what is to be done about it, and `rewrite` makes the new rules. Rules
//! in chains of programs that restore their own rules are only reported.

mod conditions;
mod decide;
mod exempted;
mod findings;
mod reach;
mod rewrite;
mod source;
mod ways;

use std::{cell::OnceCell, collections::HashMap};

use ipnetwork::IpNetwork;
use iptables_save::{
    Chain, LineId, Reader, Rule, RuleRef, Ruleset, SourceLine, Style, Table, Target, Writer,
};

use self::{
    decide::{Decision, Judge},
    exempted::Exempted,
    reach::Reached,
    source::Source,
    ways::Coming,
};
use super::{Transform, unknown_extensions, unreadable};
use crate::{
    Place,
    owners::{Owner, Owners},
    plan::{Operation, PlanBuilder, Proposal},
};

pub(crate) use self::ways::between_pods;

/// The code of the changes of this transform.
pub const NAME: &str = "pod-snat";

/// Exempts traffic between pods from source NAT.
pub(super) struct PodSnat<'p> {
    pub(super) pods: &'p [IpNetwork],
    pub(super) place: Place,
    pub(super) keep_chains: &'p [String],
}

impl Transform for PodSnat<'_> {
    fn propose<'r, 'd>(&self, ruleset: &'r Ruleset<'d>, plan: &mut PlanBuilder<'r, 'd>) {
        let Some(family) = plan.family else {
            plan.report(findings::no_family());
            return;
        };
        if self.pods.is_empty() {
            plan.report(findings::no_network(family.name()));
            return;
        }
        let judge = Judge::new(self.pods, family);
        for table in ruleset.tables() {
            if !matches!(table.name(), None | Some(b"nat")) {
                continue;
            }
            // Commands such as `-I CHAIN 2` would mean something else after a move.
            let place = if table.only_appends() {
                self.place
            } else {
                Place::InPlace
            };
            let owners = Owners {
                firewalld: is_firewalld(table),
                kept: self.keep_chains,
            };
            let all_reached = reach::from_postrouting(ruleset, table, &judge);
            let packets = Packets {
                ruleset,
                reached: &all_reached,
                judge: &judge,
                coming: OnceCell::new(),
            };
            for reached in &all_reached {
                ChainWalk {
                    ruleset,
                    judge: &judge,
                    place,
                    chain: reached.chain,
                    owner: owners.of(reached.chain.name()),
                    packets: &packets,
                    has_branched: false,
                    exempted: Exempted::default(),
                    earlier: HashMap::new(),
                }
                .propose(reached.source.as_ref(), plan);
            }
        }
    }
}

fn is_firewalld(table: Table<'_>) -> bool {
    [&b"POSTROUTING_ZONES"[..], b"POSTROUTING_direct"]
        .iter()
        .any(|name| table.chain(name).is_some())
}

/// Which packets reach the rules of a table: evaluated when a rule asks for it.
struct Packets<'p, 'r, 'd> {
    ruleset: &'r Ruleset<'d>,
    reached: &'p [Reached<'r>],
    judge: &'p Judge<'p>,
    coming: OnceCell<HashMap<LineId, Coming>>,
}

impl Packets<'_, '_, '_> {
    fn of(&self, line: LineId) -> Coming {
        let coming = self
            .coming
            .get_or_init(|| ways::coming(self.ruleset, self.reached, self.judge));
        coming.get(&line).copied().unwrap_or(Coming::Plain)
    }
}

/// One chain, traversed in the order in which packets meet its rules.
struct ChainWalk<'c, 'r, 'd> {
    ruleset: &'r Ruleset<'d>,
    judge: &'c Judge<'c>,
    place: Place,
    chain: Chain<'r>,
    owner: Option<&'static Owner>,
    packets: &'c Packets<'c, 'r, 'd>,
    /// Whether packets may have left the chain by an earlier rule, or been changed.
    has_branched: bool,
    /// Which packets earlier rules exempt.
    exempted: Exempted,
    /// Rules of the chain so far, as iptables-save prints them: those after which no packet
    /// reaches an equal rule.
    earlier: HashMap<Vec<u8>, Earlier>,
}

/// A rule of the chain that a later one may repeat.
struct Earlier {
    line: LineId,
    /// Whether it concerns pods, or this transform writes it.
    is_ours: bool,
}

impl<'r, 'd> ChainWalk<'_, 'r, 'd> {
    fn propose(mut self, source: Option<&Source>, plan: &mut PlanBuilder<'r, 'd>) {
        let is_builtin = self.chain.name() == b"POSTROUTING";
        // Every packet that passes POSTROUTING comes to kube-proxy's chain after this one.
        let mut kube_proxy_done = !self.is_before_kube_proxy();
        for at in self.chain.lines() {
            let line = match SourceLine::read(self.ruleset.document(), at.line, plan.family) {
                Ok(line) => line,
                Err(error) => {
                    plan.report(unreadable(at.line, error));
                    continue;
                }
            };
            plan.report_all(unknown_extensions(&line));
            let rule = &line.rule_line.rule;
            match &rule.target {
                Some(Target::Masquerade(_) | Target::Snat(_)) => {
                    self.judge_rule(at, line, source, plan);
                    continue;
                }
                Some(Target::Accept | Target::Return) => {
                    let exempts = self
                        .exempted
                        .add(self.judge.bypass_of(rule), self.judge.pods());
                    let ends_nat = is_builtin || rule.target == Some(Target::Accept);
                    if ends_nat && exempts && names_addresses(rule, source) && !kube_proxy_done {
                        plan.report(findings::skips_kube_proxy(at.line));
                    }
                }
                Some(Target::Jump(name) | Target::Goto(name)) => {
                    let called = self.chain.table().jump(at, name);
                    let name = called.map_or(&**name, |chain| chain.name());
                    kube_proxy_done |= name == b"KUBE-POSTROUTING";
                }
                _ => {}
            }
            self.has_branched |= rule.target.is_some();
        }
    }

    /// Returns whether POSTROUTING, or a jump from there to this chain, comes before
    /// kube-proxy's chain.
    fn is_before_kube_proxy(&self) -> bool {
        let table = self.chain.table();
        let Some(kube_proxy) = table.chain(b"KUBE-POSTROUTING") else {
            return false;
        };
        let Some(postrouting) = table.chain(b"POSTROUTING") else {
            return false;
        };
        if self.owner.is_some_and(|owner| owner.numerous_chains) {
            return false;
        }
        let mut reader = Reader::for_family(self.judge.family);
        let is_this = self.chain.name() == b"POSTROUTING";
        for at in postrouting.lines() {
            let read = reader.read(self.ruleset.document(), at.line).ok();
            let name = read.and_then(|read| read.rule.target.as_ref()?.chain());
            match name.and_then(|name| table.jump(at, name)) {
                Some(called) if called == kube_proxy => return is_this,
                Some(called) if called == self.chain => return true,
                _ => {}
            }
        }
        false
    }

    fn judge_rule(
        &mut self,
        at: RuleRef,
        line: SourceLine<'d>,
        source: Option<&Source>,
        plan: &mut PlanBuilder<'r, 'd>,
    ) {
        let rule = &line.rule_line.rule;
        let docker = self.chain.name() == b"POSTROUTING" && conditions::is_dockers(rule);
        let mut decision = self.judge.decide(rule, source, &mut self.exempted, docker);
        // Docker inserts its rule before all others again: what comes before now does not matter.
        if decision.hides_pods() && source.is_some() && !docker && self.depends_on_way(rule) {
            decision = decision.for_packets(self.packets.of(at.line));
        }
        if let Some(owner) = self.owner {
            let mut spares_node = || self.exempted.spares_node(self.judge.pods());
            if owner.active && !(decision.hides_pods() && spares_node()) {
                plan.report_all(findings::of_owner(&line, owner, &decision));
            }
            return;
        }
        let rules = match &decision {
            Decision::Leave(leave) => {
                plan.report_all(findings::of_left(&line, *leave, self.judge.networks()));
                let is_about_pods = leave.is_exempt();
                self.keep(at, line, is_about_pods, plan);
                return;
            }
            Decision::Exempt(exemption) => vec![rewrite::exempted(rule, exemption)],
            Decision::Split(split) => rewrite::split(rule, split),
        };
        self.rewrite(at, line, source, &decision, rules, plan);
    }

    /// Returns whether it takes more than the rule and its chain to say what reaches it.
    fn depends_on_way(&self, rule: &Rule<'_>) -> bool {
        self.owner.is_some()
            || self.has_branched
            || self.chain.name() != b"POSTROUTING"
            || !conditions::is_unlimited(rule)
    }

    /// Keeps a rule, unless it repeats one that this transform writes or exempts.
    fn keep(
        &mut self,
        at: RuleRef,
        line: SourceLine<'d>,
        is_about_pods: bool,
        plan: &mut PlanBuilder<'r, 'd>,
    ) {
        if !conditions::is_repeatable(&line.rule_line.rule) {
            return;
        }
        let key = print(&line.rule_line.rule);
        match self.earlier.get(&key) {
            Some(first) if first.is_ours => {
                let first = first.line;
                plan.propose(self.duplicate(at, line, first));
            }
            Some(_) => {}
            None => {
                let earlier = Earlier {
                    line: at.line,
                    is_ours: is_about_pods,
                };
                self.earlier.insert(key, earlier);
            }
        }
    }

    fn rewrite(
        &mut self,
        at: RuleRef,
        line: SourceLine<'d>,
        source: Option<&Source>,
        decision: &Decision,
        rules: Vec<Rule<'d>>,
        plan: &mut PlanBuilder<'r, 'd>,
    ) {
        let rule = &line.rule_line.rule;
        let mut first = None;
        let mut fresh = Vec::new();
        let mut keeps_first = matches!(decision, Decision::Split(_));
        let is_repeatable = conditions::is_repeatable(rule);
        for rule in rules {
            if is_repeatable && let Some(earlier) = self.note(at.line, &rule) {
                first.get_or_insert(earlier);
                // The first one is for others, and is there already.
                keeps_first &= !fresh.is_empty();
            } else {
                fresh.push(rule);
            }
        }
        if let (Some(first), true) = (first, fresh.is_empty()) {
            plan.propose(self.duplicate(at, line, first));
            return;
        }
        plan.note_translated(self.judge.translated(rule, source));
        let mut reason = self.judge.reason(decision);
        let place = if self.moves(at.line) {
            reason.push_str(if keeps_first {
                "; the rule for pods moved to the top of its chain"
            } else {
                "; moved to the top of its chain"
            });
            Place::First
        } else {
            Place::InPlace
        };
        plan.propose(Proposal {
            chain: self.chain,
            at,
            source: line,
            operation: Operation::Replace(fresh),
            place,
            keeps_first,
            transform: NAME,
            reason,
        });
    }

    /// Notes a rule that this transform writes. Returns the line of the same rule before it.
    fn note(&mut self, line: LineId, rule: &Rule<'_>) -> Option<LineId> {
        let key = print(rule);
        if let Some(earlier) = self.earlier.get_mut(&key) {
            earlier.is_ours = true;
            return Some(earlier.line);
        }
        let earlier = Earlier {
            line,
            is_ours: true,
        };
        self.earlier.insert(key, earlier);
        None
    }

    /// Whether a rewritten rule goes somewhere else.
    fn moves(&self, line: LineId) -> bool {
        self.place == Place::First && self.chain.unordered_lines().next() != Some(line)
    }

    fn duplicate(&self, at: RuleRef, line: SourceLine<'d>, first: LineId) -> Proposal<'r, 'd> {
        // Lines that iptables-restore would cut are refused before, so ids count lines.
        let number = first.index() + 1;
        Proposal {
            chain: self.chain,
            at,
            source: line,
            operation: Operation::Remove,
            place: Place::InPlace,
            keeps_first: false,
            transform: NAME,
            reason: format!(
                "once pods are exempt it is the same rule as line {number}, which matches every such packet first"
            ),
        }
    }
}

/// The rule as iptables-save prints it.
fn print(rule: &Rule<'_>) -> Vec<u8> {
    let mut printed = Vec::new();
    rule.write(&mut Writer::new(&mut printed, Style::default()));
    printed
}

/// Returns whether a rule matches some addresses rather than all traffic, among packets
/// from some sources.
fn names_addresses(rule: &Rule<'_>, source: Option<&Source>) -> bool {
    rule.source.is_some()
        || rule.destination.is_some()
        || source.is_some_and(|source| !source.others)
}
