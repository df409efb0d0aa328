//! The stock REJECT rules of firewalld, which it restores.

use iptables_save::LineId;

use super::Filter;
use crate::{
    Finding, FindingKind,
    transform::{is_firewalld, is_stock},
};

/// Reports the stock REJECT rules of INPUT and FORWARD where firewalld manages them.
pub(super) fn find(filter: &Filter<'_, '_, '_>) -> Vec<Finding> {
    if !is_firewalld(filter.table) {
        return Vec::new();
    }
    let mut reader = filter.reader();
    let document = filter.ruleset.document();
    let chains = [&b"INPUT"[..], b"FORWARD"];
    let lines = chains
        .into_iter()
        .filter_map(|name| filter.table.chain(name))
        .flat_map(iptables_save::Chain::lines);
    lines
        .filter(|at| {
            let read = reader.read(document, at.line);
            read.is_ok_and(|rule_line| is_stock(&rule_line.rule))
        })
        .map(|at| firewalld_restores(at.line, filter))
        .collect()
}

/// Returns the finding about a REJECT that firewalld restores.
fn firewalld_restores(line: LineId, filter: &Filter<'_, '_, '_>) -> Finding {
    let zone = if filter.pods.is_empty() {
        "--add-source=POD-NETWORK".to_owned()
    } else {
        let sources = filter
            .pods
            .iter()
            .map(|pods| format!("--add-source={pods}"));
        sources.collect::<Vec<_>>().join(" ")
    };
    Finding {
        kind: FindingKind::RejectStays,
        line: Some(line),
        span: None,
        message:
            "this REJECT was left unchanged, because firewalld would restore it on its next reload"
                .to_owned(),
        advice: Some(format!(
            "run `firewall-cmd --permanent --zone=trusted {zone}` and `firewall-cmd --reload`"
        )),
    }
}
