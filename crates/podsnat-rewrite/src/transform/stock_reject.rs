//! The stock REJECT rules of INPUT and FORWARD, which stop pod traffic.
//!
//! CentOS's iptables-services ends both chains with a REJECT of everything,
//! `icmp-host-prohibited` (`icmp6-adm-prohibited` for IPv6). A REJECT with conditions, with
//! another ICMP type, or in a user-defined chain is left: somebody chose it.

use ipnetwork::IpNetwork;
use iptables_save::{
    Chain, Rule, RuleRef, Ruleset, SourceLine, Table, Target,
    targets::RejectWith,
    value::{Address, Addresses, Invertible},
};

use super::{is_everything, unknown_extensions, unreadable};
use crate::{networks::contains, plan::PlanBuilder};

/// A stock REJECT, and what comes before it in its chain.
pub(crate) struct StockReject<'r, 'd, 'a> {
    pub(crate) chain: Chain<'r>,
    pub(crate) at: RuleRef,
    pub(crate) source: SourceLine<'d>,
    /// Whether its chain is FORWARD rather than INPUT.
    pub(crate) is_forward: bool,
    /// What earlier rules accept.
    pub(crate) accepted: &'a Accepted,
}

/// Returns the filter tables; the output of `iptables -S`, which names no table, may be one.
pub(crate) fn filter_tables<'r>(ruleset: &'r Ruleset<'_>) -> impl Iterator<Item = Table<'r>> {
    let tables = ruleset.tables();
    tables.filter(|table| matches!(table.name(), None | Some(b"filter")))
}

/// Returns whether firewalld manages a table: it adds the same rule as iptables-services,
/// and again at each reload.
pub(crate) fn is_firewalld(table: Table<'_>) -> bool {
    [&b"INPUT_direct"[..], b"INPUT_ZONES", b"INPUT_dispatch"]
        .iter()
        .any(|name| table.chain(name).is_some())
}

/// Calls `visit` with each stock REJECT of INPUT and FORWARD that nobody restores.
pub(super) fn for_each<'r, 'd>(
    ruleset: &'r Ruleset<'d>,
    plan: &mut PlanBuilder<'r, 'd>,
    mut visit: impl FnMut(&mut PlanBuilder<'r, 'd>, StockReject<'r, 'd, '_>),
) {
    let tables: Vec<Table<'r>> = filter_tables(ruleset).collect();
    for table in tables {
        let is_firewalld = is_firewalld(table);
        for name in [&b"INPUT"[..], b"FORWARD"] {
            let Some(chain) = table.chain(name) else {
                continue;
            };
            let mut accepted = Accepted::default();
            for at in chain.lines() {
                let source = match SourceLine::read(ruleset.document(), at.line, plan.family) {
                    Ok(source) => source,
                    Err(error) => {
                        plan.report(unreadable(at.line, error));
                        continue;
                    }
                };
                plan.report_all(unknown_extensions(&source));
                let rule = &source.rule_line.rule;
                if is_stock(rule) && !is_firewalld {
                    let reject = StockReject {
                        chain,
                        at,
                        source,
                        is_forward: name == b"FORWARD",
                        accepted: &accepted,
                    };
                    visit(plan, reject);
                } else if rule.target == Some(Target::Accept) {
                    accepted.add(rule);
                }
            }
        }
    }
}

/// Returns whether a rule is the stock REJECT of all packets.
pub(crate) fn is_stock(rule: &Rule<'_>) -> bool {
    let Some(Target::Reject(reject)) = &rule.target else {
        return false;
    };
    is_everything(rule)
        && matches!(
            reject.reject_with,
            Some(RejectWith::HostProhibited | RejectWith::AdmProhibited6)
        )
}

/// Networks that earlier rules of the chain accept without any other condition.
#[derive(Debug, Default)]
pub(crate) struct Accepted {
    everything: bool,
    from: Vec<IpNetwork>,
    to: Vec<IpNetwork>,
}

/// The maximum number of networks that are kept: with more, the work would grow with the
/// square of the number of rules.
const MOST_ACCEPTED: usize = 256;

impl Accepted {
    /// Adds the networks that an ACCEPT rule accepts.
    pub(crate) fn add(&mut self, rule: &Rule<'_>) {
        let addresses = |condition: &Option<Invertible<Addresses>>| -> Vec<IpNetwork> {
            match condition {
                Some(Invertible {
                    inverted: false,
                    value,
                }) => value
                    .as_slice()
                    .iter()
                    .filter_map(Address::network)
                    .collect(),
                _ => Vec::new(),
            }
        };
        let bare = Rule {
            source: None,
            destination: None,
            ..rule.clone()
        };
        if !is_everything(&bare) {
            return;
        }
        match (&rule.source, &rule.destination) {
            (None, None) => self.everything = true,
            (source, None) if self.from.len() < MOST_ACCEPTED => {
                self.from.extend(addresses(source));
            }
            (None, destination) if self.to.len() < MOST_ACCEPTED => {
                self.to.extend(addresses(destination));
            }
            _ => {}
        }
    }

    /// Returns whether everything from a network is accepted.
    pub(crate) fn accepts_from(&self, network: IpNetwork) -> bool {
        self.everything || self.from.iter().any(|outer| contains(*outer, network))
    }

    /// Returns whether everything to a network is accepted.
    pub(crate) fn accepts_to(&self, network: IpNetwork) -> bool {
        self.everything || self.to.iter().any(|outer| contains(*outer, network))
    }
}
