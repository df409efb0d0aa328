//! Exempts traffic between pods from MASQUERADE and SNAT.
//!
//! For each rule of the nat table that POSTROUTING reaches, `decide` says what the rule
//! does to pods and what is to be done about it, and `rewrite` makes the new rules. Rules
//! in chains of programs that restore their own rules are only reported.

mod decide;
mod exempted;
mod reach;
mod rewrite;
mod source;

use std::collections::HashMap;

use ipnetwork::IpNetwork;
use iptables_save::{
    Chain, LineId, Rule, RuleRef, Ruleset, SourceLine, Style, Table, Target, Writer,
};

use self::{
    decide::{Decision, Judge, Leave},
    exempted::Exempted,
    source::Source,
};
use super::{Transform, unknown_extensions, unreadable};
use crate::{
    Finding, FindingKind, Place,
    owners::{self, Owner},
    plan::{Operation, PlanBuilder, Proposal},
};

/// The code of the changes of this transform.
pub const NAME: &str = "pod-snat";

/// Exempts traffic between pods from source NAT.
pub(super) struct PodSnat<'p> {
    pub(super) pods: &'p [IpNetwork],
    pub(super) place: Place,
}

impl Transform for PodSnat<'_> {
    fn propose<'r, 'd>(&self, ruleset: &'r Ruleset<'d>, plan: &mut PlanBuilder<'r, 'd>) {
        let Some(family) = plan.family else {
            plan.report(no_family());
            return;
        };
        if self.pods.is_empty() {
            plan.report(no_network(family.name()));
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
            let is_firewalld = is_firewalld(table);
            for reached in reach::from_postrouting(ruleset, table, &judge) {
                ChainWalk {
                    ruleset,
                    judge: &judge,
                    place,
                    chain: reached.chain,
                    owner: owners::owner_of(reached.chain.name(), is_firewalld),
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

/// One chain, traversed in the order in which packets meet its rules.
struct ChainWalk<'c, 'r, 'd> {
    ruleset: &'r Ruleset<'d>,
    judge: &'c Judge<'c>,
    place: Place,
    chain: Chain<'r>,
    owner: Option<&'static Owner>,
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
        let mut kube_proxy_done = false;
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
                }
                Some(Target::Accept | Target::Return) => {
                    let exempts = self
                        .exempted
                        .add(self.judge.bypass_of(rule), self.judge.pods());
                    if is_builtin && exempts && names_addresses(rule) && !kube_proxy_done {
                        plan.report(skips_kube_proxy(at.line));
                    }
                }
                Some(Target::Jump(name) | Target::Goto(name)) => {
                    let called = self.chain.table().jump(at, name);
                    let name = called.map_or(&**name, |chain| chain.name());
                    kube_proxy_done |= name == b"KUBE-POSTROUTING";
                }
                _ => {}
            }
        }
    }

    fn judge_rule(
        &mut self,
        at: RuleRef,
        line: SourceLine<'d>,
        source: Option<&Source>,
        plan: &mut PlanBuilder<'r, 'd>,
    ) {
        let rule = &line.rule_line.rule;
        let docker = self.chain.name() == b"POSTROUTING" && decide::is_dockers(rule);
        let decision = self.judge.decide(rule, source, &mut self.exempted, docker);
        if let Some(owner) = self.owner {
            if owner.active && decision.hides_pods() && !self.exempted.any() {
                plan.report(owner_hides(&line, owner));
            }
            return;
        }
        let rules = match &decision {
            Decision::Leave(leave) => {
                if *leave == Leave::ExplicitPair && decide::is_unlimited(rule) {
                    plan.report(translates_pods(&line));
                }
                if *leave == Leave::TooManyNetworks {
                    plan.report(too_many_networks(&line));
                }
                let is_about_pods = matches!(leave, Leave::Exempt | Leave::Covered);
                self.keep(at, line, is_about_pods, plan);
                return;
            }
            Decision::Exempt(exemption) => vec![rewrite::exempted(rule, exemption)],
            Decision::Split(split) => rewrite::split(rule, split),
        };
        self.rewrite(at, line, source, &decision, rules, plan);
    }

    /// Keeps a rule, unless it repeats one that this transform writes or exempts.
    fn keep(
        &mut self,
        at: RuleRef,
        line: SourceLine<'d>,
        is_about_pods: bool,
        plan: &mut PlanBuilder<'r, 'd>,
    ) {
        if !decide::is_repeatable(&line.rule_line.rule) {
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
        let is_repeatable = decide::is_repeatable(rule);
        for rule in rules {
            if is_repeatable && let Some(earlier) = self.note(at.line, &rule) {
                first.get_or_insert(earlier);
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
            reason.push_str("; moved to the top of its chain");
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

/// Returns whether a rule matches some addresses rather than all traffic.
const fn names_addresses(rule: &Rule<'_>) -> bool {
    rule.source.is_some() || rule.destination.is_some()
}

fn finding(kind: FindingKind, line: &SourceLine<'_>, message: String) -> Finding {
    Finding {
        kind,
        line: Some(line.line),
        span: line.target().map(|clause| line.span_of(clause)),
        message,
        advice: None,
    }
}

fn owner_hides(line: &SourceLine<'_>, owner: &Owner) -> Finding {
    let message = format!(
        "this rule hides pods from each other; it was left unchanged, because {} would restore it",
        owner.name
    );
    Finding {
        advice: Some(owner.setting.to_owned()),
        ..finding(FindingKind::OwnerHidesPods, line, message)
    }
}

fn translates_pods(line: &SourceLine<'_>) -> Finding {
    let message =
        "this rule hides pods from each other; it was left unchanged, because it names pods \
         as both source and destination"
            .to_owned();
    Finding {
        advice: Some("remove the rule if nothing needs it for hairpin traffic".to_owned()),
        ..finding(FindingKind::TranslatesPods, line, message)
    }
}

fn too_many_networks(line: &SourceLine<'_>) -> Finding {
    let message = format!(
        "this rule hides pods from each other; it was left unchanged, because more than {} \
         separate pod networks do not fit into a rule",
        decide::MOST_NETWORKS
    );
    Finding {
        advice: Some(
            "give the cluster's whole pod network, or fewer networks that cover the same addresses"
                .to_owned(),
        ),
        ..finding(FindingKind::CannotEdit, line, message)
    }
}

fn skips_kube_proxy(line: LineId) -> Finding {
    Finding {
        kind: FindingKind::SkipsKubeProxy,
        line: Some(line),
        span: None,
        message:
            "this rule ends the nat table for traffic between pods before kube-proxy's chain can \
             translate the packets that it has marked"
                .to_owned(),
        advice: Some("move this rule after the jump to KUBE-POSTROUTING".to_owned()),
    }
}

fn no_network(family: &str) -> Finding {
    Finding {
        kind: FindingKind::NoNetwork,
        line: None,
        span: None,
        message: format!(
            "no pod network of {family} was given, so the nat rules of this ruleset were left unchanged"
        ),
        advice: Some(format!(
            "give the cluster's {family} pod network too if it has one"
        )),
    }
}

fn no_family() -> Finding {
    Finding {
        kind: FindingKind::NoFamily,
        line: None,
        span: None,
        message:
            "neither the header nor the addresses show whether this ruleset is for IPv4 or IPv6"
                .to_owned(),
        advice: Some("specify it with `--family 4` or `--family 6`".to_owned()),
    }
}
