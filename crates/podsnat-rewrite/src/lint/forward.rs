//! Whatever in FORWARD drops or rejects packets between pods of this node and of others: a
//! policy, a rule at the end, or one in a chain that FORWARD leads to.
//!
//! A walk of FORWARD as it is after the changes says which packets pass. Rules about some
//! pods or ports are policy, and not reported.

use std::rc::Rc;

use iptables_eval::{
    BaseChain, Condition, End, Evaluator, Hook, Outcome, Set, Table as EvalTable, Undecided,
};
use iptables_save::{LineId, Name, Ruleset, Table, Target};

use super::{
    Lint,
    excerpt::Excerpt,
    forward_paths::{Paths, Way},
    packets::{self, Taken},
};
use crate::{
    Finding, FindingKind, owners,
    transform::{is_firewalld, is_stock},
};

const FORWARD: BaseChain = BaseChain::new(EvalTable::Filter, Hook::Forward);

/// Reports what stops pods in FORWARD.
pub(super) fn find<'l>(lint: &Lint<'l, '_>, table: Table<'l>) -> Result<Vec<Finding>, Undecided> {
    let Some(forward) = table.chain(b"FORWARD") else {
        return Ok(Vec::new());
    };
    // Its own REJECT in FORWARD is reported, and all of its chains have the same cure.
    if is_firewalld(table) {
        return Ok(Vec::new());
    }
    let mut excerpt = Excerpt::new(lint.ruleset, "filter", forward, Some(lint.plan));
    if !may_stop(&excerpt.text) {
        return Ok(Vec::new());
    }
    if let Some(postrouting) = lint.postrouting() {
        let nat = Excerpt::new(lint.ruleset, "nat", postrouting, None);
        excerpt.names.join(&nat.names);
    }
    let document = excerpt.document();
    let ruleset = Ruleset::new(&document, Some(lint.family));
    let mut evaluator = packets::evaluator(&ruleset, lint.family);
    let pods = Condition::all([packets::between(lint.pods), packets::ordinary()]);
    let outcome = evaluator.chain(FORWARD, &pods)?;
    let paths = Paths::new(&excerpt.names, lint.pods, lint.family);
    let mut judge = ForwardJudge::new(&excerpt, &mut evaluator, &outcome)?;
    let mut findings: Vec<Finding> = Vec::new();
    for inward in [true, false] {
        let Some(stop) = judge.direction(&paths, inward)? else {
            continue;
        };
        let finding = finding(&stop, lint, forward.declaration());
        let line = finding.line;
        let is_known = findings.iter().any(|finding| finding.line == line)
            || line.is_some_and(|line| lint.is_reported(line));
        if !is_known {
            findings.push(finding);
        }
    }
    Ok(findings)
}

/// Returns whether there is anything that could stop a packet.
fn may_stop(text: &[u8]) -> bool {
    [&b":FORWARD DROP"[..], b" DROP", b" REJECT"]
        .iter()
        .any(|words| memchr::memmem::find(text, words).is_some())
}

/// What happens to the packets of one way, the best last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fare {
    /// They are stopped.
    Stopped,
    /// It depends on what neither they nor the ruleset say.
    Depends,
    /// They pass, or the policy of a network plugin decides.
    Passes,
}

/// What stops packets.
struct Stop<'d> {
    /// The rule; `None` if it is the policy.
    rule: Option<Taken<'d>>,
    /// The conditions that might let them pass, as iptables-save prints them.
    unless: Vec<Rc<str>>,
}

struct ForwardJudge<'j, 'r> {
    evaluator: &'j mut Evaluator<'r>,
    policy: Set,
    stopped: Set,
    passed: Set,
    /// Packets that come to a chain of a network plugin.
    plugins: Set,
    stops: Vec<Taken<'r>>,
}

impl<'j, 'r> ForwardJudge<'j, 'r> {
    fn new(
        excerpt: &Excerpt,
        evaluator: &'j mut Evaluator<'r>,
        outcome: &Outcome<'r>,
    ) -> Result<Self, Undecided> {
        let stops = |target: &Target<'_>| matches!(target, Target::Drop | Target::Reject(_));
        let stops = packets::taken(excerpt, evaluator, outcome, stops)?;
        let (mut stopped, mut passed, mut plugins) = (Set::NONE, Set::NONE, Set::NONE);
        for (end, set) in &outcome.ends {
            let kind = if matches!(end, End::Drop | End::Reject(_)) {
                &mut stopped
            } else {
                &mut passed
            };
            *kind = evaluator.or(*kind, *set)?;
        }
        for (chain, visits) in outcome.visits() {
            if is_plugins(chain.name())
                && let Some(first) = visits.first()
            {
                plugins = evaluator.or(plugins, first.reached)?;
            }
        }
        Ok(Self {
            evaluator,
            policy: outcome.policy,
            stopped,
            passed,
            plugins,
            stops,
        })
    }

    /// Returns what stops the packets of a direction; `None` if they may well pass.
    fn direction(&mut self, paths: &Paths, inward: bool) -> Result<Option<Stop<'r>>, Undecided> {
        let mut worst: Option<(Fare, Way<'_>)> = None;
        for peer in &paths.peers {
            // One network of this node's pods that gets through is enough.
            let mut best: Option<(Fare, Way<'_>)> = None;
            for local in &paths.locals {
                let way = Way {
                    inward,
                    own: b"",
                    uplink: b"",
                    local: *local,
                    peer: *peer,
                };
                let found = self.interfaces(paths, way)?;
                if best.as_ref().is_none_or(|(fare, _)| found.0 > *fare) {
                    best = Some(found);
                }
            }
            let Some(best) = best else { continue };
            if worst.as_ref().is_none_or(|(fare, _)| best.0 < *fare) {
                worst = Some(best);
            }
        }
        match worst {
            Some((fare, way)) if fare < Fare::Passes => self.stop(&way).map(Some),
            _ => Ok(None),
        }
    }

    /// Returns how packets fare that go from one address to the other, over all interfaces.
    fn interfaces<'p>(
        &mut self,
        paths: &'p Paths,
        way: Way<'p>,
    ) -> Result<(Fare, Way<'p>), Undecided> {
        let mut chosen: Option<(Fare, Way<'p>)> = None;
        for own in &paths.own {
            let mut best: Option<(Fare, Way<'p>)> = None;
            for uplink in &paths.uplinks {
                let way = Way { own, uplink, ..way };
                let fare = self.fare(&way)?;
                if best.as_ref().is_none_or(|(other, _)| fare > *other) {
                    best = Some((fare, way));
                }
            }
            let Some(best) = best else { continue };
            let is_chosen = chosen.as_ref().is_none_or(|(fare, _)| {
                if paths.own_is_certain {
                    best.0 < *fare
                } else {
                    best.0 > *fare
                }
            });
            if is_chosen {
                chosen = Some(best);
            }
        }
        Ok(chosen.unwrap_or((Fare::Passes, way)))
    }

    fn fare(&mut self, way: &Way<'_>) -> Result<Fare, Undecided> {
        let packets = self.evaluator.set(&way.condition())?;
        let mut is_some = |set: Set| {
            let both = self.evaluator.and(set, packets)?;
            self.evaluator.is_possible(both)
        };
        if is_some(self.plugins)? || !is_some(self.stopped)? {
            return Ok(Fare::Passes);
        }
        Ok(if is_some(self.passed)? {
            Fare::Depends
        } else {
            Fare::Stopped
        })
    }

    /// Finds what stops the packets of a way.
    fn stop(&mut self, way: &Way<'_>) -> Result<Stop<'r>, Undecided> {
        let packets = self.evaluator.set(&way.condition())?;
        let passed = self.evaluator.and(self.passed, packets)?;
        let unless = if passed.is_none() {
            Vec::new()
        } else {
            self.evaluator.questions_of(passed)
        };
        // What stops all of them is the last that they come to.
        let policy = self.evaluator.and(self.policy, packets)?;
        if self.evaluator.is_possible(policy)? {
            return Ok(Stop { rule: None, unless });
        }
        let mut last = None;
        for (nth, taken) in self.stops.iter().enumerate() {
            let both = self.evaluator.and(taken.packets, packets)?;
            if self.evaluator.is_possible(both)? {
                last = Some(nth);
            }
        }
        let rule = last.map(|nth| self.stops[nth].clone());
        Ok(Stop { rule, unless })
    }
}

/// Returns whether a chain is of a network plugin that accepts its pods' packets as its
/// policies say.
fn is_plugins(chain: &[u8]) -> bool {
    const PLUGINS: &[&str] = &[
        "Antrea",
        "Calico",
        "Cilium",
        "OVN-Kubernetes",
        "Weave Net",
        "kube-ovn",
        "kube-router",
    ];
    owners::owner_of(chain, false).is_some_and(|owner| PLUGINS.contains(&owner.name))
}

fn finding(stop: &Stop<'_>, lint: &Lint<'_, '_>, policy: Option<LineId>) -> Finding {
    let unless = unless(&stop.unless);
    let accept = |command: &str| {
        let rules = lint.pods.iter().flat_map(|network| {
            ["-s", "-d"].map(|option| format!("`{command} FORWARD {option} {network} -j ACCEPT`"))
        });
        rules.collect::<Vec<_>>().join(" and ")
    };
    let Some(taken) = &stop.rule else {
        return Finding {
            kind: FindingKind::StopsPods,
            line: policy,
            span: None,
            message: format!(
                "FORWARD's policy is DROP, which stops pod traffic that no rule accepts{unless}"
            ),
            advice: Some(format!("add {}, or set the policy to ACCEPT", accept("-A"))),
        };
    };
    let is_user_defined = taken.chain != b"FORWARD";
    let is_stock = is_stock(&taken.rule);
    let done = match taken.rule.target {
        Some(Target::Drop) => "drops",
        _ => "rejects",
    };
    let (kind, message) = if is_stock && is_user_defined {
        (
            FindingKind::RejectStays,
            format!(
                "FORWARD leads to the chain of this REJECT, which stops pod traffic{unless}; it \
                 was left unchanged, because the chain is user-defined"
            ),
        )
    } else {
        let place = if is_user_defined {
            format!(
                "FORWARD leads to this rule in {}, which",
                Name::new(&taken.chain)
            )
        } else {
            "this rule of FORWARD".to_owned()
        };
        (
            FindingKind::StopsPods,
            format!(
                "{place} {done} pod traffic that no rule before it accepts{unless}; it was left \
                 unchanged"
            ),
        )
    };
    Finding {
        kind,
        line: Some(taken.line),
        span: None,
        message,
        advice: Some(format!(
            "accept the pod networks before it with {}, or remove the rule",
            accept("-I")
        )),
    }
}

/// Returns the words about conditions that cannot be seen in a ruleset.
fn unless(questions: &[Rc<str>]) -> String {
    match questions {
        [] => String::new(),
        [one] => format!(", unless `{one}` decides otherwise"),
        [one, rest @ ..] => format!(
            ", unless `{one}` or {} other such conditions decide otherwise",
            rest.len()
        ),
    }
}
