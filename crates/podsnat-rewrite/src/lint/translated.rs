//! Rules that still translate packets between pods once the plan is carried out.
//!
//! Those that select packets on purpose, such as marked ones, are one note together. All
//! others are warnings, each with the condition under which it hides pods.

use ipnetwork::IpNetwork;
use iptables_eval::{Condition, Evaluator, Field, Set, Undecided, kind};
use iptables_save::{
    LineId, Match, Name, Rule, Ruleset, Style, Target, Writer,
    value::{Address, Addresses, Direction, Invertible},
};

use super::{
    Lint,
    excerpt::Excerpt,
    packets::{self, POSTROUTING, Taken},
};
use crate::{Finding, FindingKind, networks::contains, owners};

/// Reports the rules that still translate packets between pods.
pub(super) fn find(lint: &Lint<'_, '_>) -> Result<Vec<Finding>, Undecided> {
    let Some(postrouting) = lint.postrouting() else {
        return Ok(Vec::new());
    };
    let excerpt = Excerpt::new(lint.ruleset, "nat", postrouting, Some(lint.plan));
    let document = excerpt.document();
    let ruleset = Ruleset::new(&document, Some(lint.family));
    let mut evaluator = packets::evaluator(&ruleset, lint.family);
    let outcome = evaluator.chain(POSTROUTING, &packets::between(lint.pods))?;
    let translates = |target: &Target<'_>| {
        matches!(
            target,
            Target::Masquerade(_) | Target::Snat(_) | Target::Netmap(_)
        )
    };
    let taken = packets::taken(&excerpt, &mut evaluator, &outcome, translates)?;
    let mut deliberate = Vec::new();
    let mut findings = Vec::new();
    for taken in &taken {
        if lint.is_reported(taken.line) {
            continue;
        }
        match reason(taken, lint, deliberate.len(), &mut evaluator)? {
            Reason::Deliberate(condition) => deliberate.push((taken.line, condition)),
            Reason::OwnSet => {}
            Reason::Set(name) => findings.push(depends_on_set(taken, &name)),
            Reason::None => {
                if may_be_here(taken, &excerpt, lint, &mut evaluator)? {
                    findings.push(still_hides(taken));
                }
            }
        }
    }
    findings.extend(on_purpose(&deliberate));
    Ok(findings)
}

/// Returns whether the packets of an owner's rule come from or go to pods of this node, as
/// far as its chain shows which these are: others do not pass here.
fn may_be_here(
    taken: &Taken<'_>,
    excerpt: &Excerpt,
    lint: &Lint<'_, '_>,
    evaluator: &mut Evaluator<'_>,
) -> Result<bool, Undecided> {
    if owners::owner_of(&taken.chain, false).is_none() {
        return Ok(true);
    }
    let is_share = |network: &IpNetwork| {
        lint.pods
            .iter()
            .any(|pods| contains(*pods, *network) && pods != network)
    };
    let named = excerpt.names.networks.iter().copied();
    let mut shares: Vec<IpNetwork> = named.filter(is_share).collect();
    if shares.is_empty() {
        return Ok(true);
    }
    shares.sort_unstable();
    let here = Condition::any([
        packets::among(Field::Source, &shares),
        packets::among(Field::Destination, &shares),
    ]);
    let here = evaluator.set(&here)?;
    let packets = evaluator.and(taken.packets, here)?;
    evaluator.is_possible(packets)
}

/// Why a rule translates packets between pods.
enum Reason {
    /// It selects them on purpose: those that fulfil this condition.
    Deliberate(String),
    /// It excludes an ipset in which its owner keeps the pods.
    OwnSet,
    /// It excludes an ipset of this name, in which the pods may be.
    Set(String),
    /// For no reason that can be seen.
    None,
}

fn reason(
    taken: &Taken<'_>,
    lint: &Lint<'_, '_>,
    earlier: usize,
    evaluator: &mut Evaluator<'_>,
) -> Result<Reason, Undecided> {
    // tailscaled marks everything that comes in by its interface, pods included.
    if taken.chain.starts_with(b"ts-") {
        return Ok(Reason::None);
    }
    let packets = taken.packets;
    let not_zero = |field| Condition::is(field, 0).inverted(true);
    if evaluator.is_within(packets, &not_zero(Field::Mark))? {
        // More kinds would not be listed.
        let mark = if earlier < MOST_MARKS {
            required_mark(packets, evaluator)?
        } else {
            "in some way".to_owned()
        };
        return Ok(Reason::Deliberate(format!("marked {mark}")));
    }
    let to_others = packets::among(Field::OriginalDestination, lint.pods).inverted(true);
    let translated = Condition::any([Condition::is(Field::Dnat, 1), to_others]);
    let local = Condition::is(Field::SourceKind, kind::LOCAL);
    let kinds = [
        (not_zero(Field::Connmark), "of marked connections"),
        (local.clone(), "from the node's own addresses"),
        (translated.clone(), "sent to a service"),
        (
            Condition::any([
                not_zero(Field::Mark),
                not_zero(Field::Connmark),
                local,
                translated,
            ]),
            "marked or sent to a service",
        ),
    ];
    for (condition, words) in kinds {
        if evaluator.is_within(packets, &condition)? {
            return Ok(Reason::Deliberate(words.to_owned()));
        }
    }
    Ok(by_matches(&taken.rule))
}

/// Returns the bits that all packets have in their mark.
fn required_mark(packets: Set, evaluator: &mut Evaluator<'_>) -> Result<String, Undecided> {
    let mut bits = 0;
    for bit in (0..32).map(|nth| 1_u128 << nth) {
        let is_set = Condition::Masked {
            field: Field::Mark,
            mask: bit,
            value: bit,
        };
        if evaluator.is_within(packets, &is_set)? {
            bits |= bit;
        }
    }
    Ok(if bits == 0 {
        "in some way".to_owned()
    } else {
        format!("{bits:#x}")
    })
}

/// Judges by what cannot be seen in packets, and by addresses.
fn by_matches(rule: &Rule<'_>) -> Reason {
    let single = |addresses: &Option<Invertible<Addresses>>| match addresses {
        Some(Invertible {
            inverted: false,
            value: Addresses::One(Address::Network(network)),
        }) if network.prefix() == if network.is_ipv4() { 32 } else { 128 } => Some(*network),
        _ => None,
    };
    if let Some(from) = single(&rule.source)
        && single(&rule.destination) == Some(from)
    {
        return Reason::Deliberate("from a pod to itself".to_owned());
    }
    for matched in &rule.matches {
        match matched {
            Match::Ipvs(_) => return Reason::Deliberate("of IPVS".to_owned()),
            Match::Set(set) => {
                let Invertible { inverted, value } = &set.match_set.0;
                if !value
                    .directions
                    .as_slice()
                    .contains(&Direction::Destination)
                {
                    continue;
                }
                let name = Name::new(&value.name).to_string();
                return if !inverted {
                    Reason::Deliberate(format!("to addresses in the ipset {name}"))
                } else if is_of_plugin(&value.name) {
                    Reason::OwnSet
                } else {
                    Reason::Set(name)
                };
            }
            _ => {}
        }
    }
    Reason::None
}

/// Returns whether a network plugin keeps an ipset of its pods under this name.
fn is_of_plugin(name: &[u8]) -> bool {
    const PLUGINS: &[&str] = &[
        "ANTREA-",
        "cali",
        "cilium",
        "kube-router-",
        "inet6:kube-router-",
        "ovn",
    ];
    PLUGINS
        .iter()
        .any(|plugin| name.starts_with(plugin.as_bytes()))
}

/// The maximum number of conditions that one note lists.
const MOST_LISTED: usize = 3;
/// The maximum number of rules whose marks are looked at.
const MOST_MARKS: usize = 64;

/// Returns the note about the rules that select packets on purpose.
fn on_purpose(rules: &[(LineId, String)]) -> Option<Finding> {
    let (first, _) = rules.first()?;
    let mut conditions: Vec<&str> = Vec::new();
    for (_, condition) in rules {
        if !conditions.contains(&&**condition) {
            conditions.push(condition);
        }
    }
    let more = conditions.len().saturating_sub(MOST_LISTED);
    conditions.truncate(MOST_LISTED);
    let mut listed = conditions.join(", ");
    if more > 0 {
        listed.push_str(&format!(" and of {more} other kinds"));
    }
    let subject = match rules.len() {
        1 => "this rule was left unchanged and still translates".to_owned(),
        count => format!(
            "this rule and {} others were left unchanged and still translate",
            count - 1
        ),
    };
    Some(Finding {
        kind: FindingKind::TranslatesOnPurpose,
        line: Some(*first),
        span: None,
        message: format!("{subject} some packets between pods on purpose: those {listed}"),
        advice: None,
    })
}

fn depends_on_set(taken: &Taken<'_>, set: &str) -> Finding {
    Finding {
        kind: FindingKind::DependsOnSet,
        line: Some(taken.line),
        span: None,
        message: format!(
            "whether this rule hides pods from each other depends on the ipset {set}, which is \
             not part of the ruleset: it spares only destinations that are in the set"
        ),
        advice: Some(format!(
            "look with `ipset list {set}`; if the pod networks are not in it, add them"
        )),
    }
}

fn still_hides(taken: &Taken<'_>) -> Finding {
    let is_tailscale = taken.chain.starts_with(b"ts-");
    let owner = owners::owner_of(&taken.chain, false).filter(|owner| owner.active);
    if is_tailscale {
        return Finding {
            kind: FindingKind::OwnerHidesPods,
            line: Some(taken.line),
            span: None,
            message: "this rule hides pods that call through tailscale's interface; it was left \
                      unchanged, because tailscaled would restore it"
                .to_owned(),
            advice: Some(
                "run `tailscale set --snat-subnet-routes=false`, with a route back to the \
                 callers' networks"
                    .to_owned(),
            ),
        };
    }
    if let Some(owner) = owner {
        return Finding {
            kind: FindingKind::OwnerHidesPods,
            line: Some(taken.line),
            span: None,
            message: format!(
                "this rule hides some pods from each other; it was left unchanged, because {} \
                 would restore it",
                owner.name
            ),
            advice: Some(owner.setting.to_owned()),
        };
    }
    Finding {
        kind: FindingKind::TranslatesPods,
        line: Some(taken.line),
        span: None,
        message: format!(
            "this rule hides pods from each other{}; it was left unchanged, because it names pods \
             as destination",
            when(&taken.rule)
        ),
        advice: Some("remove the rule if nothing needs it for hairpin traffic".to_owned()),
    }
}

/// Returns the words about the conditions of a rule other than addresses.
fn when(rule: &Rule<'_>) -> String {
    let mut conditions = Rule {
        source: None,
        destination: None,
        target: None,
        ..rule.clone()
    };
    conditions
        .matches
        .retain(|matched| !matches!(matched, Match::Comment(_)));
    let mut printed = Vec::new();
    conditions.write(&mut Writer::new(&mut printed, Style::default()));
    let printed = Name::new(printed.trim_ascii()).to_string();
    if printed.is_empty() {
        String::new()
    } else {
        format!(" in packets that match `{printed}`")
    }
}
