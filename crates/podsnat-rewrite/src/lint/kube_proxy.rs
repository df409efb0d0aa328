//! kube-proxy's rules that mark calls from pods to services, because its `clusterCIDR` does
//! not contain the pods or because it masquerades everything.

use ipnetwork::IpNetwork;
use iptables_save::{
    Chain, LineId, Match, Reader, Rule, Target,
    value::{Addresses, Invertible},
};

use super::Lint;
use crate::{
    Finding, FindingKind,
    networks::listed,
    ranges::{Ranges, covering},
};

/// How many services are looked at, and rules of each: all are made from the same settings.
const MOST_SERVICES: usize = 64;

/// Reports the first rule that marks the calls of pods.
pub(super) fn find(lint: &Lint<'_, '_>, first: Option<&(LineId, Marks)>) -> Option<Finding> {
    match first? {
        (line, Marks::OtherThan(networks)) => {
            let pods = Ranges::from_networks(lint.pods);
            let spared = Ranges::of_addresses(networks.as_slice());
            let is_other = !spared.intersects(&pods);
            is_other.then(|| other_network(*line, networks, lint))
        }
        (line, Marks::Everything) => Some(everything(*line)),
    }
}

/// Returns the network that kube-proxy takes for that of the pods, and a rule that says so.
pub(super) fn pod_network(first: Option<&(LineId, Marks)>) -> Option<(LineId, IpNetwork)> {
    match first? {
        (line, Marks::OtherThan(networks)) => Some((*line, covering(networks.as_slice().first()?))),
        (_, Marks::Everything) => None,
    }
}

/// Returns the first rule that marks calls to a service.
pub(super) fn first(lint: &Lint<'_, '_>) -> Option<(LineId, Marks)> {
    let nat = lint.ruleset.table(b"nat")?;
    nat.chain(b"KUBE-MARK-MASQ")?;
    let services = nat.chain(b"KUBE-SERVICES")?;
    let mut reader = Reader::for_family(lint.family);
    let document = lint.ruleset.document();
    for line in services.unordered_lines().take(MOST_SERVICES) {
        let Ok(read) = reader.read(document, line) else {
            continue;
        };
        // Earlier versions have such rules in this chain.
        if let Some(marks) = marks(&read.rule, services) {
            return Some((line, marks));
        }
        let Some(Target::Jump(name)) = &read.rule.target else {
            continue;
        };
        if !name.starts_with(b"KUBE-SVC-") {
            continue;
        }
        let Some(chain) = nat.chain(name) else {
            continue;
        };
        for line in chain.unordered_lines().take(MOST_SERVICES) {
            let read = reader.read(document, line);
            if let Some(marks) = read.ok().and_then(|read| marks(&read.rule, chain)) {
                return Some((line, marks));
            }
        }
    }
    None
}

/// Whose calls a rule marks.
pub(super) enum Marks {
    /// Those of all sources but these.
    OtherThan(Addresses),
    /// Those of all sources.
    Everything,
}

/// Returns whose calls to the address of a service a rule marks.
fn marks(rule: &Rule<'_>, chain: Chain<'_>) -> Option<Marks> {
    let Some(Target::Jump(name)) = &rule.target else {
        return None;
    };
    let is_to_service = rule.destination.as_ref().is_some_and(|to| !to.inverted);
    if &**name != b"KUBE-MARK-MASQ" || !is_to_service {
        return None;
    }
    let is_cluster_ip = || {
        let mut comments = rule.matches.iter().filter_map(|matched| match matched {
            Match::Comment(comment) => Some(&comment.comment.0),
            _ => None,
        });
        comments.any(|comment| comment.0.ends_with(b"cluster IP"))
    };
    match &rule.source {
        Some(Invertible {
            inverted: true,
            value,
        }) => Some(Marks::OtherThan(value.clone())),
        None if rule.in_interface.is_none()
            && is_cluster_ip()
            && (chain.name().starts_with(b"KUBE-SVC-") || chain.name() == b"KUBE-SERVICES") =>
        {
            Some(Marks::Everything)
        }
        _ => None,
    }
}

fn other_network(line: LineId, networks: &Addresses, lint: &Lint<'_, '_>) -> Finding {
    let networks: Vec<_> = networks.as_slice().iter().map(covering).collect();
    let (networks, pods) = (listed(&networks), listed(lint.pods));
    Finding {
        kind: FindingKind::OwnerHidesPods,
        line: Some(line),
        span: None,
        message: format!(
            "kube-proxy takes {networks} for the pod network, so it hides pods in {pods} when \
             they call a service; its rules were left unchanged, because it would restore them"
        ),
        advice: Some(format!(
            "if {pods} is the pod network, set `clusterCIDR` in kube-proxy's configuration to \
             it; otherwise give podsnat {networks}"
        )),
    }
}

fn everything(line: LineId) -> Finding {
    Finding {
        kind: FindingKind::OwnerHidesPods,
        line: Some(line),
        span: None,
        message: "kube-proxy hides all pods when they call a service; its rules were left \
                  unchanged, because it would restore them"
            .to_owned(),
        advice: Some("turn `iptables.masqueradeAll` off in kube-proxy's configuration".to_owned()),
    }
}
