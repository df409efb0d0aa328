//! Removes the stock REJECT rules of INPUT and FORWARD.

use iptables_save::{Policy, Ruleset};

use super::{
    Transform,
    stock_reject::{self, StockReject},
};
use crate::{
    Finding, FindingKind, Place,
    plan::{Operation, PlanBuilder, Proposal},
};

/// The code of the changes of this transform.
pub const NAME: &str = "remove-reject";

/// Removes the stock REJECT rules.
pub(super) struct RemoveReject;

impl Transform for RemoveReject {
    fn propose<'r, 'd>(&self, ruleset: &'r Ruleset<'d>, plan: &mut PlanBuilder<'r, 'd>) {
        stock_reject::for_each(ruleset, plan, |plan, reject| {
            if !reject.is_forward && opens(&reject) {
                plan.report(opens_node(&reject));
            }
            let stopped = if reject.is_forward {
                "forwarded pod traffic"
            } else {
                "pod traffic to this node"
            };
            plan.propose(Proposal {
                chain: reject.chain,
                at: reject.at,
                source: reject.source,
                operation: Operation::Remove,
                place: Place::InPlace,
                keeps_first: false,
                transform: NAME,
                reason: format!("this stock REJECT of all traffic stops {stopped}"),
            });
        });
    }
}

/// Returns whether the chain accepts packets that reach its end.
fn opens(reject: &StockReject<'_, '_, '_>) -> bool {
    reject.chain.policy().unwrap_or_default() == Policy::Accept
}

fn opens_node(reject: &StockReject<'_, '_, '_>) -> Finding {
    Finding {
        kind: FindingKind::OpensNode,
        line: Some(reject.at.line),
        span: None,
        message:
            "without this REJECT every port of the node is open, because INPUT's policy is ACCEPT"
                .to_owned(),
        advice: Some(
            "use `--reject accept-pods` to keep this rule and accept only pods before it"
                .to_owned(),
        ),
    }
}
