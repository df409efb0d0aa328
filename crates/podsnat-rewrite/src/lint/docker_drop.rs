//! docker's rule that drops packets from other hosts to unpublished ports of containers,
//! since docker 28.

use iptables_save::{LineId, Rule, Target};

use super::Filter;
use crate::{Finding, FindingKind, transform::has_no_addresses};

/// Reports docker's own DROP rules.
pub(super) fn find(filter: &Filter<'_, '_, '_>) -> Vec<Finding> {
    let Some(chain) = filter.table.chain(b"DOCKER") else {
        return Vec::new();
    };
    let mut reader = filter.reader();
    let document = filter.ruleset.document();
    let lines = chain.lines().into_iter().filter(|at| {
        let read = reader.read(document, at.line);
        read.is_ok_and(|rule_line| drops_unpublished(&rule_line.rule))
    });
    lines.map(|at| docker_drops(at.line)).collect()
}

/// Returns whether a rule has the form `! -i BRIDGE -o BRIDGE -j DROP`.
fn drops_unpublished(rule: &Rule<'_>) -> bool {
    let (inward, outward) = (&rule.in_interface, &rule.out_interface);
    rule.target == Some(Target::Drop)
        && inward.as_ref().is_some_and(|inward| inward.inverted)
        && outward.as_ref().is_some_and(|outward| !outward.inverted)
        && inward.as_ref().map(|inward| &inward.value)
            == outward.as_ref().map(|outward| &outward.value)
        && has_no_addresses(rule)
        && rule.protocol.is_none()
        && rule.matches.is_empty()
}

fn docker_drops(line: LineId) -> Finding {
    Finding {
        kind: FindingKind::StopsPods,
        line: Some(line),
        span: None,
        message: "this rule of docker's drops packets from pods on other nodes to unpublished ports; it was left unchanged".to_owned(),
        advice: Some(
            "create the network with `com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected` or `routed`".to_owned(),
        ),
    }
}
