//! Takes out the stock REJECT rules of INPUT and FORWARD that stop pod traffic.
//!
//! CentOS's iptables-services ends both chains with a REJECT of everything,
//! `icmp-host-prohibited` (`icmp6-adm-prohibited` for IPv6). Only these go, wherever
//! they stand in the two chains. A REJECT with conditions, of another kind, or in a
//! chain of the user's own is somebody's choice.

use ipnetwork::IpNetwork;
use iptables_save::{
    ChainId, Command, Document, Edit, Family, LineId, Reader, Rule, SectionId, Statement, Target,
    targets::RejectWith,
    value::{Address, Addresses, Not},
};

use super::is_everything;
use crate::{
    Change, Finding, FindingKind, Options, Reject,
    networks::{contains, listed},
    owners,
    plan::Draft,
};

/// The name by which changes of this transform are known.
pub const NAME: &str = "remove-reject";

pub(crate) fn propose(document: &Document<'_>, options: &Options, draft: &mut Draft) {
    if options.reject == Reject::Keep {
        return;
    }
    let pods = draft
        .family
        .map_or(&[][..], |family| options.pods.of(family));
    for section in document.sections() {
        if !matches!(document.table(section), None | Some(b"filter")) {
            continue;
        }
        let filter = Filter {
            document,
            section,
            pods,
            reject: options.reject,
            family: draft.family,
            firewalld: is_firewalld(document, section),
        };
        for name in [&b"INPUT"[..], b"FORWARD"] {
            if let Some(chain) = document.chain(section, name) {
                filter.chain(chain, draft);
            }
        }
        filter.docker(draft);
        filter.forward_policy(draft);
    }
}

/// firewalld writes the same words as iptables-services, and again on each reload.
fn is_firewalld(document: &Document<'_>, section: SectionId) -> bool {
    [&b"INPUT_direct"[..], b"INPUT_ZONES", b"INPUT_dispatch"]
        .iter()
        .any(|name| document.chain(section, name).is_some())
}

/// One section of the filter table.
struct Filter<'f, 'a> {
    document: &'f Document<'a>,
    section: SectionId,
    pods: &'f [IpNetwork],
    reject: Reject,
    family: Option<Family>,
    firewalld: bool,
}

impl<'a> Filter<'_, 'a> {
    /// Goes through INPUT or FORWARD.
    fn chain(&self, chain: ChainId, draft: &mut Draft) {
        let forward = self.document.chain_name(chain) == b"FORWARD";
        let mut accepted = Accepted::default();
        let mut reader = self.reader();
        for line in super::order::in_packet_order(self.document, chain, self.reader()) {
            if let Err(error) = reader.read(self.document, line) {
                draft.find(super::unreadable(line, error));
                continue;
            }
            let statement = reader.statement();
            if !statement.command.adds_rule() {
                continue;
            }
            let start = self.document.line(line).span.start;
            let (words, clauses) = (reader.words(), reader.clauses());
            let rule = &statement.rule;
            draft.find_all(super::unknown_extensions(line, start, rule, words, clauses));
            match &statement.rule.target {
                Some(Target::Accept) => accepted.add(&statement.rule),
                Some(Target::Reject(_)) if is_stock(&statement.rule) => {
                    self.stock(line, statement, forward, &accepted, draft);
                }
                Some(Target::Jump(name) | Target::Goto(name)) if forward => {
                    if let Some(called) = self.document.chain(self.section, name) {
                        self.shared(called, draft);
                    }
                }
                _ => {}
            }
        }
    }

    fn reader(&self) -> Reader<'a> {
        self.family.map_or_else(Reader::default, Reader::of)
    }

    /// Decides about a stock REJECT of INPUT or FORWARD.
    fn stock(
        &self,
        line: LineId,
        statement: &Statement<'_>,
        forward: bool,
        accepted: &Accepted,
        draft: &mut Draft,
    ) {
        if self.firewalld {
            draft.find(self.firewalld_restores(line));
            return;
        }
        if self.reject == Reject::AcceptPods {
            self.accept_pods(line, statement, forward, accepted, draft);
            return;
        }
        if !forward && self.policy_accepts() {
            draft.find(opens_node(line));
        }
        let chain = if forward {
            "forwarded pod traffic"
        } else {
            "pod traffic to this node"
        };
        draft.change(Change {
            line,
            becomes: Vec::new(),
            edits: vec![Edit::Remove { line }],
            transform: NAME,
            reason: format!("the stock REJECT of everything stops {chain}"),
        });
    }

    fn policy_accepts(&self) -> bool {
        let input = self.document.chain(self.section, b"INPUT");
        let policy = input.and_then(|input| self.document.policy(input));
        policy.is_none_or(|policy| *policy == *b"ACCEPT")
    }

    /// Puts ACCEPT rules for the pod networks before a stock REJECT: from pods in both
    /// chains, and to pods in FORWARD, as flannel's own chain has them.
    fn accept_pods(
        &self,
        line: LineId,
        statement: &Statement<'_>,
        forward: bool,
        accepted: &Accepted,
        draft: &mut Draft,
    ) {
        let mut lines = Vec::new();
        for network in self.pods {
            let from = Rule {
                source: Some(Not::is((*network).into())),
                target: Some(Target::Accept),
                ..Rule::default()
            };
            let to = Rule {
                destination: Some(Not::is((*network).into())),
                target: Some(Target::Accept),
                ..Rule::default()
            };
            let wanted = [
                (from, accepted.from(*network)),
                (to, !forward || accepted.to(*network)),
            ];
            for (rule, there) in wanted {
                if !there {
                    let counters = statement
                        .counters
                        .map(|_| iptables_save::Counters::default());
                    let command = before(&statement.command);
                    lines.push(
                        Statement {
                            counters,
                            command,
                            rule,
                            ..Statement::default()
                        }
                        .to_bytes(),
                    );
                }
            }
        }
        if lines.is_empty() {
            return;
        }
        let text = lines
            .iter()
            .flat_map(|line| [&line[..], b"\n"])
            .collect::<Vec<_>>()
            .concat();
        lines.push(self.document.line(line).content().to_vec());
        // What is inserted later comes before what was inserted at the same place.
        let edit = match &statement.command {
            Command::Append { .. } => Edit::Before { line, text },
            _ => Edit::After { line, text },
        };
        draft.change(Change {
            line,
            becomes: lines,
            edits: vec![edit],
            transform: NAME,
            reason: format!(
                "traffic of pods in {} passes before the REJECT; everything else is still stopped",
                listed(self.pods)
            ),
        });
    }

    /// Reports a stock REJECT in a chain of the user's own that FORWARD leads to, such
    /// as CentOS 5's RH-Firewall-1-INPUT.
    fn shared(&self, chain: ChainId, draft: &mut Draft) {
        let mut reader = self.reader();
        for line in self.document.rules(chain) {
            let stock = reader
                .read(self.document, line)
                .is_ok_and(|it| it.command.adds_rule() && is_stock(&it.rule));
            if stock && self.firewalld {
                draft.find(self.firewalld_restores(line));
            } else if stock {
                draft.find(shared_reject(line));
            }
        }
    }

    /// Reports docker's rule that stops what comes from elsewhere to a container's
    /// unpublished ports, there since docker 28.
    fn docker(&self, draft: &mut Draft) {
        let Some(chain) = self.document.chain(self.section, b"DOCKER") else {
            return;
        };
        let mut reader = self.reader();
        for line in self.document.rules(chain) {
            let drops = reader.read(self.document, line).is_ok_and(|it| {
                let rule = &it.rule;
                let (inward, outward) = (&rule.in_interface, &rule.out_interface);
                matches!(rule.target, Some(Target::Drop))
                    && inward.as_ref().is_some_and(|it| it.negated)
                    && outward.as_ref().is_some_and(|it| !it.negated)
                    && inward.as_ref().map(|it| &it.value) == outward.as_ref().map(|it| &it.value)
                    && super::has_no_addresses(rule)
                    && rule.protocol.is_none()
                    && rule.matches.is_empty()
            });
            if drops {
                draft.find(docker_drops(line));
            }
        }
    }

    /// Reports a FORWARD chain that drops what no rule accepts, as docker leaves it, unless
    /// a program of the cluster has a chain there to accept pods.
    fn forward_policy(&self, draft: &mut Draft) {
        let Some(forward) = self.document.chain(self.section, b"FORWARD") else {
            return;
        };
        let drops = self
            .document
            .policy(forward)
            .is_some_and(|policy| *policy == *b"DROP");
        if !drops || self.pods.is_empty() {
            return;
        }
        let mut accepted = Accepted::default();
        let mut reader = self.reader();
        for line in self.document.rules(forward) {
            let Ok(statement) = reader.read(self.document, line) else {
                continue;
            };
            match &statement.rule.target {
                Some(Target::Accept) => accepted.add(&statement.rule),
                // The ACCEPT rules come before it.
                Some(Target::Reject(_))
                    if self.reject == Reject::AcceptPods && is_stock(&statement.rule) =>
                {
                    return;
                }
                Some(Target::Jump(name) | Target::Goto(name))
                    if owners::owner_of(name, self.firewalld).is_some() =>
                {
                    return;
                }
                _ => {}
            }
        }
        let accepts = |network: &IpNetwork| accepted.from(*network) && accepted.to(*network);
        if !self.pods.iter().all(accepts) {
            draft.find(forward_drops(self.document.declaration(forward), self.pods));
        }
    }

    fn firewalld_restores(&self, line: LineId) -> Finding {
        let zone = match self.pods {
            [] => "--add-source=POD-NETWORK".to_owned(),
            pods => {
                let sources: Vec<String> =
                    pods.iter().map(|it| format!("--add-source={it}")).collect();
                sources.join(" ")
            }
        };
        Finding {
            kind: FindingKind::RejectStays,
            line: Some(line),
            span: None,
            message: "this REJECT is firewalld's, which would restore it on its next reload, so it was left alone".to_owned(),
            advice: Some(format!("run `firewall-cmd --permanent --zone=trusted {zone}` and `firewall-cmd --reload`")),
        }
    }
}

/// The command that puts a rule right before the one of another command.
fn before<'a>(command: &Command<'a>) -> Command<'a> {
    match command.clone() {
        Command::Replace { chain, number } => Command::Insert { chain, number },
        same => same,
    }
}

/// Whether a rule is the stock REJECT: of everything, with the stock's own answer.
fn is_stock(rule: &Rule<'_>) -> bool {
    let Some(Target::Reject(reject)) = &rule.target else {
        return false;
    };
    is_everything(rule)
        && matches!(
            reject.reject_with,
            Some(RejectWith::HostProhibited | RejectWith::AdmProhibited6)
        )
}

/// Networks that earlier rules of the chain accept without any other condition.
#[derive(Debug, Default)]
struct Accepted {
    everything: bool,
    from: Vec<IpNetwork>,
    to: Vec<IpNetwork>,
}

/// How many accepted networks are kept; beyond that an ACCEPT may be put in again.
const MOST_ACCEPTED: usize = 256;

impl Accepted {
    fn add(&mut self, rule: &Rule<'_>) {
        let addresses = |it: &Option<Not<Addresses>>| match it {
            Some(Not {
                negated: false,
                value,
            }) => value
                .as_slice()
                .iter()
                .filter_map(Address::network)
                .collect(),
            _ => Vec::new(),
        };
        let bare = Rule {
            source: None,
            destination: None,
            ..rule.clone()
        };
        if !is_everything(&bare) {
            return;
        }
        match (&rule.source, &rule.destination) {
            (None, None) => self.everything = true,
            (source, None) if self.from.len() < MOST_ACCEPTED => {
                self.from.extend(addresses(source));
            }
            (None, destination) if self.to.len() < MOST_ACCEPTED => {
                self.to.extend(addresses(destination));
            }
            _ => {}
        }
    }

    fn from(&self, network: IpNetwork) -> bool {
        self.everything || self.from.iter().any(|it| contains(*it, network))
    }

    fn to(&self, network: IpNetwork) -> bool {
        self.everything || self.to.iter().any(|it| contains(*it, network))
    }
}

fn opens_node(line: LineId) -> Finding {
    Finding {
        kind: FindingKind::OpensNode,
        line: Some(line),
        span: None,
        message: "without this REJECT every port of the node is open, for INPUT's policy is ACCEPT"
            .to_owned(),
        advice: Some(
            "use `--reject accept-pods` to keep the wall and let only pods through".to_owned(),
        ),
    }
}

fn shared_reject(line: LineId) -> Finding {
    Finding {
        kind: FindingKind::RejectStays,
        line: Some(line),
        span: None,
        message: "FORWARD leads to this REJECT in a chain of your own, which was left alone; it stops pod traffic".to_owned(),
        advice: Some("accept the pod networks in FORWARD before the jump, or remove the rule".to_owned()),
    }
}

fn forward_drops(line: Option<LineId>, pods: &[IpNetwork]) -> Finding {
    let accept: Vec<String> = pods
        .iter()
        .flat_map(|it| [format!("-s {it}"), format!("-d {it}")])
        .map(|it| format!("`-A FORWARD {it} -j ACCEPT`"))
        .collect();
    Finding {
        kind: FindingKind::StopsPods,
        line,
        span: None,
        message:
            "FORWARD drops what no rule accepts, which stops pods where nothing lets them pass"
                .to_owned(),
        advice: Some(format!(
            "add {}, or set the policy to ACCEPT",
            accept.join(" and ")
        )),
    }
}

fn docker_drops(line: LineId) -> Finding {
    Finding {
        kind: FindingKind::StopsPods,
        line: Some(line),
        span: None,
        message: "docker's own rule drops what pods elsewhere send to ports that are not published; it was left alone".to_owned(),
        advice: Some(
            "create the network with `com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected` or `routed`".to_owned(),
        ),
    }
}
