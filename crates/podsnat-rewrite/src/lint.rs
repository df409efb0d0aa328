//! Findings about rules that stop pods and are left unchanged.

mod docker_drop;
mod firewalld_reject;
mod forward_policy;
mod shared_reject;

use ipnetwork::IpNetwork;
use iptables_save::Ruleset;

use crate::{Reject, plan::PlanBuilder, transform::filter_tables};

/// Reports what still stops pods in the filter tables.
pub(crate) fn run<'r, 'd>(
    ruleset: &'r Ruleset<'d>,
    pods: &[IpNetwork],
    reject: Reject,
    plan: &mut PlanBuilder<'r, 'd>,
) {
    for table in filter_tables(ruleset) {
        let filter = Filter {
            ruleset,
            table,
            pods,
            reject,
            family: plan.family,
        };
        plan.report_all(firewalld_reject::find(&filter));
        plan.report_all(shared_reject::find(&filter));
        plan.report_all(docker_drop::find(&filter));
        plan.report_all(forward_policy::find(&filter));
    }
}

/// A filter table, and the options for it.
struct Filter<'f, 'r, 'd> {
    ruleset: &'r Ruleset<'d>,
    table: iptables_save::Table<'r>,
    pods: &'f [IpNetwork],
    reject: Reject,
    family: Option<iptables_save::Family>,
}

impl<'d> Filter<'_, '_, 'd> {
    fn reader(&self) -> iptables_save::Reader<'d> {
        self.family
            .map(iptables_save::Reader::for_family)
            .unwrap_or_default()
    }
}
