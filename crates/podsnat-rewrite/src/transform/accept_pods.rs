//! Accepts the pod networks right before the stock REJECT rules of INPUT and FORWARD.

use ipnetwork::IpNetwork;
use iptables_save::{Rule, Ruleset, Target, value::Invertible};

use super::{
    Transform,
    stock_reject::{self, StockReject},
};
use crate::{
    Place,
    networks::listed,
    plan::{Operation, PlanBuilder, Proposal},
};

/// The code of the changes of this transform.
pub const NAME: &str = "accept-pods";

/// Accepts pods before the stock REJECT rules: packets from them in both chains, and
/// packets to them in FORWARD, as flannel's own chain does.
pub(super) struct AcceptPods<'p> {
    pub(super) pods: &'p [IpNetwork],
}

impl Transform for AcceptPods<'_> {
    fn propose<'r, 'd>(&self, ruleset: &'r Ruleset<'d>, plan: &mut PlanBuilder<'r, 'd>) {
        stock_reject::for_each(ruleset, plan, |plan, reject| {
            let rules = self.missing(&reject);
            if !rules.is_empty() {
                plan.propose(Proposal {
                    chain: reject.chain,
                    at: reject.at,
                    source: reject.source,
                    operation: Operation::InsertBefore(rules),
                    place: Place::InPlace,
                    keeps_first: false,
                    transform: NAME,
                    reason: format!(
                        "traffic of pods in {} is accepted before the REJECT; everything else is still rejected",
                        listed(self.pods)
                    ),
                });
            }
        });
    }
}

impl AcceptPods<'_> {
    /// Returns the ACCEPT rules that do not exist yet.
    fn missing<'d>(&self, reject: &StockReject<'_, '_, '_>) -> Vec<Rule<'d>> {
        let mut rules = Vec::new();
        for network in self.pods {
            let addresses = || Some(Invertible::is((*network).into()));
            if !reject.accepted.accepts_from(*network) {
                rules.push(Rule {
                    source: addresses(),
                    target: Some(Target::Accept),
                    ..Rule::default()
                });
            }
            if reject.is_forward && !reject.accepted.accepts_to(*network) {
                rules.push(Rule {
                    destination: addresses(),
                    target: Some(Target::Accept),
                    ..Rule::default()
                });
            }
        }
        rules
    }
}
