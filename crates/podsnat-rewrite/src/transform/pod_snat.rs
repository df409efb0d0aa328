//! Exempts traffic between pods from MASQUERADE and SNAT.
//!
//! For each rule of the nat table that POSTROUTING reaches, `decide` says what the rule
//! does to pods and what is to be done about it; `amend` puts that into the rule's
//! words. Chains of programs that put their own rules right again are only reported.

mod amend;
mod decide;
mod exempted;
mod reach;
mod rules;
mod source;

use std::collections::HashMap;

use iptables_save::{ChainId, Document, Edit, LineId, Reader, Rule, SectionId, Target};

use self::{
    decide::{Decision, Judge, Leave},
    exempted::Exempted,
    rules::NatRule,
    source::Source,
};
use crate::{
    Change, Finding, FindingKind, Options, Place, Snat,
    owners::{self, Owner},
    plan::Draft,
};

/// The name by which changes of this transform are known.
pub const NAME: &str = "pod-snat";

pub(crate) fn propose(document: &Document<'_>, options: &Options, draft: &mut Draft) {
    if options.snat == Snat::Keep {
        return;
    }
    let Some(family) = draft.family else {
        draft.find(no_family());
        return;
    };
    let pods = options.pods.of(family);
    if pods.is_empty() {
        draft.find(no_network(family.name()));
        return;
    }
    let judge = Judge::new(pods, family);
    for section in document.sections() {
        if !matches!(document.table(section), None | Some(b"nat")) {
            continue;
        }
        let firewalld = is_firewalld(document, section);
        for reached in reach::from_postrouting(document, section, &judge) {
            let owner = owners::owner_of(document.chain_name(reached.chain), firewalld);
            // Commands such as `-I CHAIN 2` would say something else after a move.
            let place = match super::order::is_in_order(document, reached.chain) {
                true => options.place,
                false => Place::InPlace,
            };
            Chain {
                document,
                judge: &judge,
                place,
                id: reached.chain,
                owner,
                exempted: Exempted::default(),
                standing: HashMap::new(),
            }
            .propose(reached.source.as_ref(), draft);
        }
    }
}

fn is_firewalld(document: &Document<'_>, section: SectionId) -> bool {
    [&b"POSTROUTING_ZONES"[..], b"POSTROUTING_direct"]
        .iter()
        .any(|name| document.chain(section, name).is_some())
}

/// One chain, gone through as packets do.
struct Chain<'c, 'a> {
    document: &'c Document<'a>,
    judge: &'c Judge<'c>,
    place: Place,
    id: ChainId,
    owner: Option<&'static Owner>,
    /// What earlier rules let pass without translation.
    exempted: Exempted,
    /// Rules that stand in the chain already, as iptables-save would print them: those
    /// after which the same rule takes no packet any more.
    standing: HashMap<Vec<u8>, Standing>,
}

/// A rule of the chain that a later one may repeat.
struct Standing {
    line: LineId,
    /// Whether it is about pods, or was written by this transform.
    ours: bool,
}

impl Chain<'_, '_> {
    fn propose(mut self, source: Option<&Source>, draft: &mut Draft) {
        let builtin = self.document.chain_name(self.id) == b"POSTROUTING";
        let mut kube_proxy_done = false;
        let reader = Reader::of(self.judge.family);
        for line in super::order::in_packet_order(self.document, self.id, reader) {
            let rule = match NatRule::read(self.document, line, self.judge.family) {
                Ok(rule) => rule,
                Err(error) => {
                    draft.find(super::unreadable(line, error));
                    continue;
                }
            };
            draft.find_all(rule.unknown_extensions());
            match &rule.statement.rule.target {
                Some(Target::Masquerade(_) | Target::Snat(_)) => {
                    self.judge_rule(&rule, source, draft);
                }
                Some(Target::Accept | Target::Return) => {
                    let exempts = self
                        .exempted
                        .add(self.judge.passed(&rule.statement.rule), self.judge.pods());
                    if builtin && exempts && names_pods(&rule.statement.rule) && !kube_proxy_done {
                        draft.find(skips_kube_proxy(line));
                    }
                }
                Some(Target::Jump(chain) | Target::Goto(chain)) => {
                    kube_proxy_done |= **chain == *b"KUBE-POSTROUTING";
                }
                _ => {}
            }
        }
    }

    fn judge_rule(&mut self, rule: &NatRule<'_>, source: Option<&Source>, draft: &mut Draft) {
        let typed = &rule.statement.rule;
        let docker =
            self.document.chain_name(self.id) == b"POSTROUTING" && decide::is_dockers(typed);
        let decision = self.judge.decide(typed, source, &self.exempted, docker);
        if let Some(owner) = self.owner {
            if owner.live && decision.hides_pods() && !self.exempted.some() {
                draft.find(owner_hides(rule, owner));
            }
            return;
        }
        let lines = match &decision {
            Decision::Leave(leave) => {
                if *leave == Leave::ExplicitPair && decide::is_unlimited(typed) {
                    draft.find(translates_pods(rule));
                }
                self.keep(rule, matches!(leave, Leave::Exempt | Leave::Covered), draft);
                return;
            }
            Decision::Exempt(exemption) => amend::exempted(rule, exemption),
            Decision::Split(split) => amend::split(rule, split),
        };
        self.rewrite(rule, source, &decision, lines, draft);
    }

    /// Keeps a rule, unless it repeats one that this transform has a hand in.
    fn keep(&mut self, rule: &NatRule<'_>, about_pods: bool, draft: &mut Draft) {
        if !decide::is_steady(&rule.statement.rule) {
            return;
        }
        let key = rule.canonical();
        match self.standing.get(&key) {
            Some(first) if first.ours => draft.change(self.duplicate(rule, first.line)),
            Some(_) => {}
            None => {
                let standing = Standing {
                    line: rule.line,
                    ours: about_pods,
                };
                self.standing.insert(key, standing);
            }
        }
    }

    fn rewrite(
        &mut self,
        rule: &NatRule<'_>,
        source: Option<&Source>,
        decision: &Decision,
        lines: Vec<amend::Amended>,
        draft: &mut Draft,
    ) {
        let mut first_standing = None;
        let mut fresh = Vec::new();
        let steady = decide::is_steady(&rule.statement.rule);
        for line in lines {
            if !steady {
                fresh.push(line);
                continue;
            }
            let key = rules::canonical(&line.text, self.judge.family);
            match self.standing.get_mut(&key) {
                Some(standing) => {
                    standing.ours = true;
                    first_standing.get_or_insert(standing.line);
                }
                None => {
                    let standing = Standing {
                        line: rule.line,
                        ours: true,
                    };
                    self.standing.insert(key, standing);
                    fresh.push(line);
                }
            }
        }
        if let (Some(first), true) = (first_standing, fresh.is_empty()) {
            draft.change(self.duplicate(rule, first));
            return;
        }
        draft.translated(self.judge.translated(&rule.statement.rule, source));
        let mut reason = self.judge.reason(decision);
        if self.moves(rule) {
            reason.push_str("; moved to the top of its chain");
        }
        draft.change(Change {
            line: rule.line,
            edits: self.edits(rule, &fresh),
            becomes: fresh.into_iter().map(|it| it.text).collect(),
            transform: NAME,
            reason,
        });
    }

    /// The first line of the chain.
    fn top(&self) -> Option<LineId> {
        self.document.rules(self.id).next()
    }

    /// Whether a rewritten rule goes somewhere else.
    fn moves(&self, rule: &NatRule<'_>) -> bool {
        self.place == Place::First && self.top() != Some(rule.line)
    }

    /// The edits that put the new lines where they belong.
    fn edits(&self, rule: &NatRule<'_>, lines: &[amend::Amended]) -> Vec<Edit> {
        let line = rule.line;
        let text = |lines: &[amend::Amended]| {
            let ended = lines.iter().flat_map(|it| [&it.text[..], b"\n"]);
            ended.collect::<Vec<_>>().concat()
        };
        if self.moves(rule) {
            return vec![
                Edit::Before {
                    line: self.top().unwrap_or(line),
                    text: text(lines),
                },
                Edit::Remove { line },
            ];
        }
        let [first, rest @ ..] = lines else {
            return vec![Edit::Remove { line }];
        };
        let mut edits = first.edits.clone();
        if !rest.is_empty() {
            edits.push(Edit::After {
                line,
                text: text(rest),
            });
        }
        edits
    }

    fn duplicate(&self, rule: &NatRule<'_>, first: LineId) -> Change {
        // Lines that iptables-restore would cut are refused before, so ids count lines.
        let number = first.index() + 1;
        Change {
            line: rule.line,
            becomes: Vec::new(),
            edits: vec![Edit::Remove { line: rule.line }],
            transform: NAME,
            reason: format!(
                "with pods exempt it is the same as line {number}, which takes every such packet first"
            ),
        }
    }
}

/// Whether a rule is about some addresses rather than about all traffic.
const fn names_pods(rule: &Rule<'_>) -> bool {
    rule.source.is_some() || rule.destination.is_some()
}

fn finding(kind: FindingKind, rule: &NatRule<'_>, message: String) -> Finding {
    Finding {
        kind,
        line: Some(rule.line),
        span: rule.target_span(),
        message,
        advice: None,
    }
}

fn owner_hides(rule: &NatRule<'_>, owner: &Owner) -> Finding {
    let message = format!(
        "this rule hides pods from each other; {} would put an edited rule right again, so it was left alone",
        owner.name
    );
    Finding {
        advice: Some(owner.knob.to_owned()),
        ..finding(FindingKind::OwnerHidesPods, rule, message)
    }
}

fn translates_pods(rule: &NatRule<'_>) -> Finding {
    let message =
        "this rule is about traffic between pods by its own words, so it was left alone; \
                   it hides every pod it matches"
            .to_owned();
    Finding {
        advice: Some("remove the rule if nothing needs it for hairpin traffic".to_owned()),
        ..finding(FindingKind::TranslatesPods, rule, message)
    }
}

fn skips_kube_proxy(line: LineId) -> Finding {
    Finding {
        kind: FindingKind::SkipsKubeProxy,
        line: Some(line),
        span: None,
        message:
            "this rule ends the nat table for traffic between pods before kube-proxy's chain can \
                  translate what it has marked"
                .to_owned(),
        advice: Some("let the jump to KUBE-POSTROUTING stand before it".to_owned()),
    }
}

fn no_network(family: &str) -> Finding {
    Finding {
        kind: FindingKind::NoNetwork,
        line: None,
        span: None,
        message: format!(
            "no pod network of {family} was given, so the nat rules of this text stay as they are"
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
        message: "neither header nor addresses tell whether this text is for IPv4 or IPv6"
            .to_owned(),
        advice: Some("say it with `--family 4` or `--family 6`".to_owned()),
    }
}
