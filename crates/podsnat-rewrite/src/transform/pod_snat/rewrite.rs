//! Turns decisions into rules.

use ipnetwork::IpNetwork;
use iptables_save::{
    Match, Rule,
    matches::Iprange,
    value::{AddressRange, Host, Invertible},
};

use super::decide::{Exemption, SourceOptions, Split};

/// Returns the rule with pods exempt as destinations.
pub(super) fn exempted<'d>(rule: &Rule<'d>, exemption: &Exemption) -> Rule<'d> {
    let mut rule = rule.clone();
    exempt(&mut rule, exemption);
    rule
}

/// Returns the rule for other sources, then those for pods.
pub(super) fn split<'d>(rule: &Rule<'d>, split: &Split) -> Vec<Rule<'d>> {
    let narrowed = |source: &SourceOptions| {
        let mut rule = rule.clone();
        narrow(&mut rule, source);
        rule
    };
    let others = narrowed(&split.others);
    let pods = split.pods.iter().map(|source| {
        let mut pods = narrowed(source);
        exempt(&mut pods, &split.exemption);
        pods
    });
    std::iter::once(others).chain(pods).collect()
}

fn exempt(rule: &mut Rule<'_>, exemption: &Exemption) {
    if let Some(network) = exemption.destination {
        rule.destination = Some(Invertible::is_not(network.into()));
    }
    for network in &exemption.ranges {
        let dst_range = Some(Invertible::is_not(range(*network)));
        rule.matches.push(Match::Iprange(Iprange {
            dst_range,
            ..Iprange::default()
        }));
    }
}

fn narrow(rule: &mut Rule<'_>, source: &SourceOptions) {
    if let Some(Invertible { inverted, value }) = source.source {
        rule.source = Some(Invertible {
            inverted,
            value: value.into(),
        });
    }
    for Invertible { inverted, value } in &source.ranges {
        let src_range = Some(Invertible {
            inverted: *inverted,
            value: range(*value),
        });
        rule.matches.push(Match::Iprange(Iprange {
            src_range,
            ..Iprange::default()
        }));
    }
}

fn range(network: IpNetwork) -> AddressRange {
    AddressRange {
        first: Host(network.network()),
        last: Host(network.broadcast()),
    }
}
