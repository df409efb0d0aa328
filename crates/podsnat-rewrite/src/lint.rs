//! Findings about what is left after the changes: rules that still stop or hide pods.

mod docker_drop;
mod excerpt;
mod firewalld_reject;
mod forward;
mod forward_paths;
mod kube_proxy;
mod packets;
mod pod_network;
mod raw_drop;
mod services;
mod translated;
mod tunnels;

use std::collections::HashSet;

use ipnetwork::IpNetwork;
use iptables_eval::Undecided;
use iptables_save::{Chain, Family, LineId, Ruleset, Table};

use self::services::Services;
use crate::{Finding, FindingKind, Options, Plan, Reject, Snat, transform::filter_tables};

/// Reports what still stops or hides pods once a plan is carried out.
pub(crate) fn run<'d>(ruleset: &Ruleset<'d>, options: &Options, plan: &mut Plan<'d>) {
    let mut findings = Vec::new();
    if options.reject != Reject::Keep {
        let pods = plan
            .family
            .map_or(&[][..], |family| options.pods.of(family));
        for table in filter_tables(ruleset) {
            let filter = Filter {
                ruleset,
                table,
                pods,
                family: plan.family,
            };
            findings.extend(firewalld_reject::find(&filter));
            findings.extend(docker_drop::find(&filter));
        }
    }
    plan.add_findings(findings);
    let Some(family) = plan.family else { return };
    let lint = Lint {
        ruleset,
        pods: options.pods.of(family),
        family,
        plan,
        reported: plan
            .findings
            .iter()
            .filter(|finding| finding.hides_pods())
            .filter_map(|finding| finding.line)
            .collect(),
    };
    if lint.pods.is_empty() {
        return;
    }
    let services = Services::new(ruleset, lint.pods, family);
    let mut findings = Vec::new();
    if options.snat != Snat::Keep {
        findings.extend(decided("nat", raw_drop::find(&lint)));
        findings.extend(decided("nat", translated::find(&lint)));
        let marks = kube_proxy::first(&lint);
        findings.extend(kube_proxy::find(&lint, marks.as_ref()));
        let network = kube_proxy::pod_network(marks.as_ref());
        findings.extend(pod_network::find(&lint, &services, network));
    }
    if options.reject != Reject::Keep {
        for table in filter_tables(ruleset) {
            findings.extend(decided("filter", forward::find(&lint, table)));
            if options.reject == Reject::AcceptPods {
                findings.extend(decided("filter", tunnels::find(&lint, table)));
            }
        }
    }
    plan.add_findings(findings);
    if let Some(network) = services.network {
        plan.flush_also(network);
    }
}

/// Returns the findings; one about the table if there are too many kinds of packets.
fn decided(
    table: &str,
    findings: Result<impl IntoIterator<Item = Finding>, Undecided>,
) -> Vec<Finding> {
    match findings {
        Ok(findings) => findings.into_iter().collect(),
        Err(_) => vec![Finding {
            kind: FindingKind::NotDecided,
            line: None,
            span: None,
            message: format!(
                "the table {table} distinguishes too many kinds of packets for podsnat to say \
                 whether other rules still hide or stop pods"
            ),
            advice: None,
        }],
    }
}

/// A ruleset, what it is judged by, and what the plan changes.
struct Lint<'l, 'd> {
    ruleset: &'l Ruleset<'d>,
    pods: &'l [IpNetwork],
    family: Family,
    plan: &'l Plan<'d>,
    /// The lines that the plan reports already.
    reported: HashSet<LineId>,
}

impl<'l> Lint<'l, '_> {
    /// Returns the chain POSTROUTING of the nat table, or of the output of `iptables -S`,
    /// which names no table.
    fn postrouting(&self) -> Option<Chain<'l>> {
        let nat = self.ruleset.table(b"nat");
        let unnamed = || self.ruleset.tables().find(|table| table.name().is_none());
        nat.or_else(unnamed)?.chain(b"POSTROUTING")
    }

    /// Returns whether the plan changes a line.
    fn is_changed(&self, line: LineId) -> bool {
        self.plan
            .changes
            .binary_search_by_key(&line, |change| change.at.line)
            .is_ok()
    }

    /// Returns whether the plan reports already that a line hides or stops pods.
    fn is_reported(&self, line: LineId) -> bool {
        self.reported.contains(&line)
    }
}

/// A filter table, and the options for it.
struct Filter<'f, 'r, 'd> {
    ruleset: &'r Ruleset<'d>,
    table: Table<'r>,
    pods: &'f [IpNetwork],
    family: Option<Family>,
}

impl<'d> Filter<'_, '_, 'd> {
    fn reader(&self) -> iptables_save::Reader<'d> {
        self.family
            .map(iptables_save::Reader::for_family)
            .unwrap_or_default()
    }
}
