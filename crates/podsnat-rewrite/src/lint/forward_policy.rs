//! A FORWARD chain with the policy DROP, which docker sets.

use ipnetwork::IpNetwork;
use iptables_save::{LineId, Policy, Target};

use super::Filter;
use crate::{
    Finding, FindingKind, Reject, owners,
    transform::{Accepted, is_firewalld, is_stock},
};

/// Reports FORWARD's policy DROP, unless rules accept pods, or a program of the cluster
/// has a chain there that accepts them.
pub(super) fn find(filter: &Filter<'_, '_, '_>) -> Option<Finding> {
    let forward = filter.table.chain(b"FORWARD")?;
    if forward.policy() != Some(Policy::Drop) || filter.pods.is_empty() {
        return None;
    }
    let mut accepted = Accepted::default();
    let mut reader = filter.reader();
    let is_firewalld = is_firewalld(filter.table);
    for at in forward.lines() {
        let Ok(rule_line) = reader.read(filter.ruleset.document(), at.line) else {
            continue;
        };
        match &rule_line.rule.target {
            Some(Target::Accept) => accepted.add(&rule_line.rule),
            // The ACCEPT rules come before it.
            Some(Target::Reject(_))
                if filter.reject == Reject::AcceptPods && is_stock(&rule_line.rule) =>
            {
                return None;
            }
            Some(Target::Jump(name) | Target::Goto(name)) => {
                let called = filter.table.jump(at, name);
                let name = called.map_or(&**name, |chain| chain.name());
                if owners::owner_of(name, is_firewalld).is_some() {
                    return None;
                }
            }
            _ => {}
        }
    }
    let accepts =
        |network: &IpNetwork| accepted.accepts_from(*network) && accepted.accepts_to(*network);
    let all_accepted = filter.pods.iter().all(accepts);
    (!all_accepted).then(|| forward_drops(forward.declaration(), filter.pods))
}

fn forward_drops(line: Option<LineId>, pods: &[IpNetwork]) -> Finding {
    let accept: Vec<String> = pods
        .iter()
        .flat_map(|network| [format!("-s {network}"), format!("-d {network}")])
        .map(|address| format!("`-A FORWARD {address} -j ACCEPT`"))
        .collect();
    Finding {
        kind: FindingKind::StopsPods,
        line,
        span: None,
        message: "FORWARD's policy is DROP, which stops pod traffic that no rule accepts"
            .to_owned(),
        advice: Some(format!(
            "add {}, or set the policy to ACCEPT",
            accept.join(" and ")
        )),
    }
}
