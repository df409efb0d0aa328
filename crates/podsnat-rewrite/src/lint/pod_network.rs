//! Whether the pod networks that were given are the cluster's, as far as the ruleset shows
//! which these are.

use ipnetwork::IpNetwork;
use iptables_save::{Chain, LineId, Reader, Rule, Ruleset, Target, value::Invertible};

use super::{Lint, excerpt::Excerpt, services::Services};
use crate::{
    Finding, FindingKind, Operation,
    networks::{contains, listed},
    owners,
    ranges::{Ranges, covering},
    transform::pod_snat,
};

/// Reports the first sign that the pod networks are wrong.
pub(super) fn find(
    lint: &Lint<'_, '_>,
    services: &Services,
    kube_proxy: Option<(LineId, IpNetwork)>,
) -> Option<Finding> {
    if let Some(line) = services.among_pods {
        return Some(holds_services(line, lint));
    }
    let claims = claims(lint, kube_proxy);
    let judged = claims.iter().find_map(|claim| claim.judge(lint));
    judged
        .or_else(|| own_bridge(lint))
        .or_else(|| nothing(lint))
}

/// What a program's rule says the pod network is.
struct Claim {
    who: &'static str,
    line: LineId,
    network: IpNetwork,
    /// Whether the network may be this node's share only.
    may_be_share: bool,
}

fn claims(lint: &Lint<'_, '_>, kube_proxy: Option<(LineId, IpNetwork)>) -> Vec<Claim> {
    let mut claims = Vec::new();
    if let Some((line, network)) = kube_proxy {
        claims.push(Claim {
            who: "kube-proxy",
            line,
            network,
            may_be_share: network.prefix() > if network.is_ipv4() { 20 } else { 56 },
        });
    }
    for table in lint.ruleset.tables() {
        for name in [&b"FLANNEL-POSTRTG"[..], b"FLANNEL-FWD"] {
            let chain = table.chain(name);
            if let Some((line, network)) = chain.and_then(|chain| widest_source(chain, lint)) {
                claims.push(Claim {
                    who: "flannel",
                    line,
                    network,
                    may_be_share: false,
                });
            }
        }
    }
    claims
}

/// Returns the widest network that rules of a chain have as source.
fn widest_source(chain: Chain<'_>, lint: &Lint<'_, '_>) -> Option<(LineId, IpNetwork)> {
    let mut reader = Reader::for_family(lint.family);
    let mut widest: Option<(LineId, IpNetwork)> = None;
    for at in chain.lines() {
        let Ok(read) = reader.read(lint.ruleset.document(), at.line) else {
            continue;
        };
        for network in sources(&read.rule) {
            if widest.is_none_or(|(_, other)| network.prefix() < other.prefix()) {
                widest = Some((at.line, network));
            }
        }
    }
    widest
}

/// Returns the networks in `-s`, without `!`.
fn sources(rule: &Rule<'_>) -> Vec<IpNetwork> {
    match &rule.source {
        Some(Invertible {
            inverted: false,
            value,
        }) => value.as_slice().iter().map(covering).collect(),
        _ => Vec::new(),
    }
}

impl Claim {
    fn judge(&self, lint: &Lint<'_, '_>) -> Option<Finding> {
        let Self { who, network, .. } = self;
        let given = listed(lint.pods);
        let is_strictly_in =
            |outer: IpNetwork, inner: IpNetwork| outer != inner && contains(outer, inner);
        let whole = Ranges::from_networks(&[*network]);
        let pods = Ranges::from_networks(lint.pods);
        let (message, advice) = if !pods.intersects(&whole) {
            // What kube-proxy does then has a finding of its own.
            if *who == "kube-proxy" {
                return None;
            }
            (
                format!("{who}'s pod network is {network}, but {given} was given"),
                format!("give podsnat {network} if the cluster's pods are there"),
            )
        } else if !self.may_be_share
            && let Some(wide) = lint
                .pods
                .iter()
                .find(|pods| is_strictly_in(**pods, *network))
        {
            (
                format!(
                    "{wide} was given as pod network, but {who}'s is {network}: all other \
                     hosts in {wide} are treated as pods, too"
                ),
                format!("give podsnat {network} unless the cluster has other pods in {wide}"),
            )
        } else if !pods.covers(&whole)
            && let Some(part) = lint
                .pods
                .iter()
                .find(|pods| is_strictly_in(*network, **pods))
        {
            (
                format!(
                    "{part} was given as pod network, but {who}'s is {network}: pods elsewhere \
                     in {network} remain hidden"
                ),
                format!("give podsnat {network}, the whole cluster's"),
            )
        } else {
            return None;
        };
        Some(finding(true, self.line, message, advice))
    }
}

fn finding(is_certain: bool, line: LineId, message: String, advice: String) -> Finding {
    Finding {
        kind: FindingKind::OtherPodNetwork { is_certain },
        line: Some(line),
        span: None,
        message,
        advice: Some(advice),
    }
}

fn holds_services(line: LineId, lint: &Lint<'_, '_>) -> Finding {
    let given = listed(lint.pods);
    finding(
        true,
        line,
        format!("the address of this service is in {given}, which was given as pod network"),
        "give the network of the pods, without that of the services".to_owned(),
    )
}

/// Reports a rewritten rule of a bridge whose network is all that was given: pods on other
/// nodes have other addresses.
fn own_bridge(lint: &Lint<'_, '_>) -> Option<Finding> {
    let [given] = lint.pods else { return None };
    let mut reader = Reader::for_family(lint.family);
    let document = lint.ruleset.document();
    let is_rewritten = |change: &&crate::Change<'_>| {
        change.transform == pod_snat::NAME && matches!(change.operation, Operation::Replace(_))
    };
    let mut rewritten = lint.plan.changes.iter().filter(is_rewritten);
    let change = rewritten.find(|change| {
        let Ok(read) = reader.read(document, change.at.line) else {
            return false;
        };
        let out = read.rule.out_interface.as_ref();
        out.is_some_and(|out| out.inverted) && sources(&read.rule) == [*given]
    })?;
    Some(finding(
        true,
        change.at.line,
        format!(
            "{given}, which was given as pod network, is the network of this node's own bridge: \
             pods on other nodes have other addresses and still see the node's"
        ),
        "give the whole cluster's pod network unless this node is the only one".to_owned(),
    ))
}

/// Reports that no rule has anything to do with the networks that were given, although some
/// other network is masqueraded.
fn nothing(lint: &Lint<'_, '_>) -> Option<Finding> {
    if !lint.plan.changes.is_empty() {
        return None;
    }
    let postrouting = lint.postrouting()?;
    let excerpt = Excerpt::new(lint.ruleset, "nat", postrouting, None);
    let document = excerpt.document();
    let pods = Ranges::from_networks(lint.pods);
    let concerns = |network: &IpNetwork| Ranges::from_networks(&[*network]).intersects(&pods);
    let ruleset = Ruleset::new(&document, Some(lint.family));
    let table = ruleset.table(b"nat")?;
    let has_owner = table
        .chains()
        .any(|chain| owners::owner_of(chain.name(), true).is_some());
    if has_owner || excerpt.names.networks.iter().any(concerns) {
        return None;
    }
    let mut hidden: Option<(LineId, Vec<IpNetwork>)> = None;
    for at in table.chains().flat_map(Chain::lines) {
        let rule = document.rule_line(at.line).ok()?.rule;
        if !matches!(rule.target, Some(Target::Masquerade(_) | Target::Snat(_))) {
            continue;
        }
        let networks = sources(&rule);
        // Without a source it is about pods, too, and the transform has looked at it.
        if networks.is_empty() {
            return None;
        }
        let line = excerpt.origin(at.line)?;
        hidden.get_or_insert((line, Vec::new())).1.extend(networks);
    }
    let (line, mut networks) = hidden?;
    networks.sort_unstable();
    networks.dedup();
    networks.truncate(4);
    Some(finding(
        false,
        line,
        format!(
            "no nat rule has anything to do with {}: it is {} that is masqueraded here",
            listed(lint.pods),
            listed(&networks)
        ),
        "check that the pod network that was given is the cluster's".to_owned(),
    ))
}
