//! Stock REJECT rules in user-defined chains that FORWARD leads to, such as CentOS 5's
//! RH-Firewall-1-INPUT.

use std::collections::HashSet;

use iptables_save::{Chain, LineId, Target};

use super::{Filter, firewalld_reject::firewalld_restores};
use crate::{
    Finding, FindingKind,
    transform::{is_firewalld, is_stock},
};

/// Reports the stock REJECT rules of chains that FORWARD jumps to, each once.
pub(super) fn find(filter: &Filter<'_, '_, '_>) -> Vec<Finding> {
    let Some(forward) = filter.table.chain(b"FORWARD") else {
        return Vec::new();
    };
    let document = filter.ruleset.document();
    let mut reader = filter.reader();
    let mut seen: HashSet<Chain<'_>> = HashSet::new();
    let mut called = Vec::new();
    for at in forward.lines() {
        let Ok(rule_line) = reader.read(document, at.line) else {
            continue;
        };
        if let Some(Target::Jump(name) | Target::Goto(name)) = &rule_line.rule.target
            && let Some(chain) = filter.table.jump(at, name)
            && seen.insert(chain)
        {
            called.push(chain);
        }
    }
    let is_firewalld = is_firewalld(filter.table);
    let mut findings = Vec::new();
    for at in called.into_iter().flat_map(iptables_save::Chain::lines) {
        let read = reader.read(document, at.line);
        if read.is_ok_and(|rule_line| is_stock(&rule_line.rule)) {
            findings.push(if is_firewalld {
                firewalld_restores(at.line, filter)
            } else {
                shared_reject(at.line)
            });
        }
    }
    findings
}

fn shared_reject(line: LineId) -> Finding {
    Finding {
        kind: FindingKind::RejectStays,
        line: Some(line),
        span: None,
        message: "FORWARD jumps to the chain of this REJECT, which stops pod traffic; it was left unchanged, because the chain is user-defined".to_owned(),
        advice: Some("accept the pod networks in FORWARD before the jump, or remove the rule".to_owned()),
    }
}
