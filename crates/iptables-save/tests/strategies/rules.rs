//! Whole rules, and the commands they are part of.

use iptables_save::{Command, Counters, Family, Match, Rule, RuleLine, Target, value::*};
use proptest::{collection::vec, option, prelude::*, strategy::Union};

use super::{matches, targets, values::*};

/// A rule line that iptables-save could print, and its family.
pub(crate) fn rule_line() -> impl Strategy<Value = (Family, RuleLine<'static>)> {
    prop_oneof![Just(Family::V4), Just(Family::V6)].prop_flat_map(|family| {
        let counters = option::of((any::<u64>(), any::<u64>()));
        let of_rule = (command_with_rule(), rule(family));
        let alone = command_alone().prop_map(|command| (command, Rule::default()));
        let set = option::weighted(0.1, (any::<u64>(), any::<u64>()));
        let only = option::weighted(0.1, Just(family));
        (counters, set, only, prop_oneof![9 => of_rule, 1 => alone]).prop_map(
            move |(counters, set, only, (command, mut rule))| {
                allow_lists(&command, &mut rule);
                let counters_of = |(packets, bytes)| Counters { packets, bytes };
                let rule_line = RuleLine {
                    counters: counters.map(counters_of),
                    set_counters: set.filter(|_| command.adds_rule()).map(counters_of),
                    family: only,
                    command,
                    rule,
                };
                (family, rule_line)
            },
        )
    })
}

/// A rule with one match, or with one target that is described.
pub(crate) fn with_one(
    family: Family,
) -> (
    Vec<BoxedStrategy<Rule<'static>>>,
    Vec<BoxedStrategy<Rule<'static>>>,
) {
    let matches = matches::all(family).into_iter().map(|one| {
        let rule = one.prop_map(|one| Rule {
            matches: vec![one],
            ..Rule::default()
        });
        rule.prop_map(with_needed_protocol).boxed()
    });
    let targets = targets::described(family).into_iter().map(|target| {
        let rule = target.prop_map(|target| Rule {
            target: Some(target),
            ..Rule::default()
        });
        rule.prop_map(with_needed_protocol).boxed()
    });
    (matches.collect(), targets.collect())
}

pub(crate) fn rule(family: Family) -> impl Strategy<Value = Rule<'static>> {
    let interfaces = (maybe(interface()), maybe(interface()));
    let addresses = (option::of(addresses(family)), option::of(addresses(family)));
    // No protocol is every protocol: iptables keeps nothing for it.
    let protocol = maybe((1..=255_u16).prop_map(Protocol));
    let matches = vec(Union::new(matches::all(family)), 0..4);
    let described = Union::new(targets::described(family));
    let target = option::of(prop_oneof![targets::plain(), described]);
    (
        addresses,
        interfaces,
        protocol,
        maybe_flag(),
        matches,
        target,
    )
        .prop_map(
            move |(addresses, interfaces, protocol, fragment, matches, target)| Rule {
                source: addresses.0,
                destination: addresses.1,
                in_interface: interfaces.0,
                out_interface: interfaces.1,
                protocol,
                fragment: fragment.filter(|_| family == Family::V4),
                matches,
                target,
            },
        )
        .prop_map(with_needed_protocol)
}

/// Lists of addresses are valid neither with a `!` nor in a rule that replaces one.
fn allow_lists(command: &Command<'_>, rule: &mut Rule<'_>) {
    let mut both: Vec<_> = [&mut rule.source, &mut rule.destination]
        .into_iter()
        .flatten()
        .collect();
    if both.iter().any(|it| matches!(it.value, Addresses::Many(_))) {
        for address in &mut both {
            address.inverted = false;
            if let (Command::Replace { .. }, Addresses::Many(list)) = (command, &address.value) {
                address.value = Addresses::One(list[0]);
            }
        }
    }
}

/// Ports are nothing without a protocol that has them.
fn with_needed_protocol(rule: Rule<'static>) -> Rule<'static> {
    let by_match = rule
        .matches
        .iter()
        .any(|it| matches!(it, Match::Multiport(_)));
    let by_target = match &rule.target {
        Some(Target::Snat(it)) => it.to_source.0.ports.is_some(),
        Some(Target::Dnat(it)) => it.to_destination.0.ports.is_some(),
        Some(Target::Masquerade(it)) => it.to_ports.is_some(),
        Some(Target::Redirect(it)) => it.to_ports.is_some(),
        _ => false,
    };
    if by_match || by_target {
        Rule {
            protocol: Some(Invertible::is(Protocol::TCP)),
            ..rule
        }
    } else {
        rule
    }
}

/// The highest number that a rule can have.
const MOST_RULES: u32 = 0x7fff_ffff;

fn command_with_rule() -> impl Strategy<Value = Command<'static>> {
    let chain = || name(28);
    prop_oneof![
        6 => chain().prop_map(|chain| Command::Append { chain }),
        1 => (chain(), 1..=MOST_RULES).prop_map(|(chain, number)| Command::Insert { chain, number }),
        1 => (chain(), 1..=MOST_RULES).prop_map(|(chain, number)| Command::Replace { chain, number }),
        1 => chain().prop_map(|chain| Command::Delete { chain }),
        1 => chain().prop_map(|chain| Command::Check { chain }),
    ]
}

fn command_alone() -> impl Strategy<Value = Command<'static>> {
    let chain = || name(28);
    let any_chain = || option::of(chain());
    prop_oneof![
        (chain(), 1..=MOST_RULES)
            .prop_map(|(chain, number)| Command::DeleteNumber { chain, number }),
        any_chain().prop_map(|chain| Command::Flush { chain }),
        (any_chain(), option::of(1..=MOST_RULES)).prop_map(|(chain, number)| Command::Zero {
            number: number.filter(|_| chain.is_some()),
            chain,
        }),
        chain().prop_map(|chain| Command::NewChain { chain }),
        any_chain().prop_map(|chain| Command::DeleteChain { chain }),
        (chain(), chain()).prop_map(|(old, new)| Command::RenameChain { old, new }),
        (chain(), chain()).prop_map(|(chain, target)| Command::Policy { chain, target }),
        any_chain().prop_map(|chain| Command::List { chain }),
    ]
}
