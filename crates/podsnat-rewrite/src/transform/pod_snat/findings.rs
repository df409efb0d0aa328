//! What is reported about rules that hide pods and are left unchanged.

use ipnetwork::IpNetwork;
use iptables_save::{LineId, Match, Name, SourceLine, value::Direction};

use super::{
    conditions,
    decide::{self, Decision, Leave},
};
use crate::{Finding, FindingKind, networks::listed, owners::Owner};

/// Returns what there is to report about a rule in a chain that a program restores.
pub(super) fn of_owner(
    line: &SourceLine<'_>,
    owner: &Owner,
    decision: &Decision,
) -> Option<Finding> {
    match decision {
        Decision::Leave(Leave::SparesSet) if !owner.sets_hold_pods => Some(Finding {
            advice: Some(owner.setting.to_owned()),
            ..spares_set(line)
        }),
        Decision::Leave(Leave::Deliberate) => owner.marks.map(|marks| Finding {
            advice: Some(owner.setting.to_owned()),
            ..finding(FindingKind::OwnerHidesPods, line, marks.to_owned())
        }),
        _ if decision.hides_pods() => Some(owner_hides(line, owner)),
        _ => None,
    }
}

/// Returns what there is to report about a rule that is left for a reason of its own.
pub(super) fn of_left(
    line: &SourceLine<'_>,
    leave: Leave,
    networks: &[IpNetwork],
) -> Option<Finding> {
    match leave {
        Leave::ExplicitPair if !conditions::is_hairpin(&line.rule_line.rule) => {
            Some(translates_pods(line))
        }
        Leave::SparesSet => Some(spares_set(line)),
        Leave::WaysDiffer { purpose, plain } => Some(ways_differ(line, purpose, plain, networks)),
        Leave::Undecided => Some(undecided(line)),
        Leave::TooManyNetworks => Some(too_many_networks(line)),
        _ => None,
    }
}

fn spares_set(line: &SourceLine<'_>) -> Finding {
    let sets = line.rule_line.rule.matches.iter().filter_map(|matched| {
        let Match::Set(set) = matched else {
            return None;
        };
        let entry = &set.match_set.0.value;
        let names_destination = entry
            .directions
            .as_slice()
            .contains(&Direction::Destination);
        names_destination.then(|| format!("`{}`", Name::new(&entry.name)))
    });
    let sets = sets.collect::<Vec<_>>().join(" and ");
    let message = format!(
        "this rule hides pods from each other unless the ipset {sets} contains their networks, \
         which the ruleset does not show; it was left unchanged"
    );
    Finding {
        advice: Some("let the ipset contain the pod networks: `ipset add SET CIDR`".to_owned()),
        ..finding(FindingKind::TranslatesPods, line, message)
    }
}

fn ways_differ(
    line: &SourceLine<'_>,
    purpose: LineId,
    plain: LineId,
    networks: &[IpNetwork],
) -> Finding {
    let [purpose, plain] = [purpose, plain].map(|jump| jump.index() + 1);
    let message = format!(
        "this rule hides pods from each other; it was left unchanged, because line {purpose} \
         selects packets for its chain on purpose, and line {plain} does not: exempting pods in \
         the chain would be wrong for the former"
    );
    let advice = format!(
        "exempt pods in line {plain}, so that packets to {} do not come to this chain by it",
        listed(networks)
    );
    Finding {
        advice: Some(advice),
        ..finding(FindingKind::CannotEdit, line, message)
    }
}

fn undecided(line: &SourceLine<'_>) -> Finding {
    let message = "this rule may hide pods from each other; it was left unchanged, because its \
                   chains are too large to say which packets reach it"
        .to_owned();
    Finding {
        advice: Some("see which jumps lead to this rule, and exempt pods by hand".to_owned()),
        ..finding(FindingKind::CannotEdit, line, message)
    }
}

fn finding(kind: FindingKind, line: &SourceLine<'_>, message: String) -> Finding {
    Finding {
        kind,
        line: Some(line.line),
        span: line.target().map(|clause| line.span_of(clause)),
        message,
        advice: None,
    }
}

fn owner_hides(line: &SourceLine<'_>, owner: &Owner) -> Finding {
    let message = format!(
        "this rule hides pods from each other; it was left unchanged, because {} would restore it",
        owner.name
    );
    Finding {
        advice: Some(owner.setting.to_owned()),
        ..finding(FindingKind::OwnerHidesPods, line, message)
    }
}

fn translates_pods(line: &SourceLine<'_>) -> Finding {
    let message =
        "this rule hides pods from each other; it was left unchanged, because it names pods \
         as both source and destination"
            .to_owned();
    Finding {
        advice: Some("remove the rule if nothing needs it for hairpin traffic".to_owned()),
        ..finding(FindingKind::TranslatesPods, line, message)
    }
}

fn too_many_networks(line: &SourceLine<'_>) -> Finding {
    let message = format!(
        "this rule hides pods from each other; it was left unchanged, because more than {} \
         separate pod networks do not fit into a rule",
        decide::MOST_NETWORKS
    );
    Finding {
        advice: Some(
            "give the cluster's whole pod network, or fewer networks that cover the same addresses"
                .to_owned(),
        ),
        ..finding(FindingKind::CannotEdit, line, message)
    }
}

pub(super) fn skips_kube_proxy(line: LineId) -> Finding {
    Finding {
        kind: FindingKind::SkipsKubeProxy,
        line: Some(line),
        span: None,
        message:
            "this rule ends the nat table for traffic between pods before kube-proxy's chain can \
             translate the packets that it has marked"
                .to_owned(),
        advice: Some("move this rule after the jump to KUBE-POSTROUTING".to_owned()),
    }
}

pub(super) fn no_network(family: &str) -> Finding {
    Finding {
        kind: FindingKind::NoNetwork,
        line: None,
        span: None,
        message: format!(
            "no pod network of {family} was given, so the nat rules of this ruleset were left unchanged"
        ),
        advice: Some(format!(
            "give the cluster's {family} pod network too if it has one"
        )),
    }
}

pub(super) fn no_family() -> Finding {
    Finding {
        kind: FindingKind::NoFamily,
        line: None,
        span: None,
        message:
            "neither the header nor the addresses show whether this ruleset is for IPv4 or IPv6"
                .to_owned(),
        advice: Some("specify it with `--family 4` or `--family 6`".to_owned()),
    }
}
