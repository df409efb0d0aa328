//! Checks valid lines in their context: the table, the family, the extensions that exist.

use crate::rule::{
    Command, Rule, RuleLine,
    builder::{LONGEST_CHAIN_NAME, has_space},
    error_span::{Located, Part},
};
use crate::{
    Family, LoadError, Match, RuleError, Style, Target, Writer,
    error::Name,
    ext::hint,
    line::Declaration,
    tables::Table,
    value::{Invertible, Protocol},
};

/// Checks a rule line of a table; of `None` in the output of `iptables -S`.
pub(crate) fn check_rule_line(
    rule_line: &RuleLine<'_>,
    table: Option<&Table>,
    family: Option<Family>,
) -> Result<(), Located> {
    match &rule_line.command {
        Command::NewChain { chain } => {
            check_name(chain)?;
            let is_target = matches!(&**chain, b"ACCEPT" | b"DROP" | b"QUEUE" | b"RETURN")
                || Target::is_extension(chain);
            refuse_target(is_target)
        }
        Command::RenameChain { new, .. } => check_new_name(new),
        Command::Policy { chain, target } => check_policy(chain, target, table),
        command if command.adds_rule() => check_extensions(&rule_line.rule, family),
        Command::Delete { .. } | Command::Check { .. } => check_extensions(&rule_line.rule, family),
        _ => Ok(()),
    }
}

/// Checks a `:CHAIN POLICY` line of a table.
pub(crate) fn check_declaration(line: &Declaration<'_>, table: &Table) -> Result<(), Located> {
    check_name(line.chain)?;
    refuse_target(matches!(
        line.chain,
        b"ACCEPT" | b"DROP" | b"QUEUE" | b"RETURN"
    ))?;
    match line.policy {
        b"-" => Ok(()),
        policy => check_policy(line.chain, policy, Some(table)),
    }
}

/// Returns whether a chain may be declared with this name.
pub(crate) fn is_new_chain(name: &[u8]) -> bool {
    check_name(name).is_ok()
}

/// Checks the new name of a chain as `libiptc.c:TC_RENAME_CHAIN` does, which accepts more than
/// `-N`.
fn check_new_name(name: &[u8]) -> Result<(), Located> {
    let reason = match name {
        b"ACCEPT" | b"DROP" | b"QUEUE" | b"RETURN" => "is the name of a target",
        _ if name.len() > 31 => "is longer than 31 bytes",
        _ => return Ok(()),
    };
    Err(Located::new(
        LoadError::BadChainName { reason },
        Part::Second,
    ))
}

/// Checks the name of a new chain as `xshared.c:assert_valid_chain_name` does, and
/// iptables-nft-restore everywhere.
fn check_name(name: &[u8]) -> Result<(), Located> {
    let reason = match name {
        [] => "is empty",
        [b'-' | b'!', ..] => "begins with `-` or `!`",
        _ if name.len() > LONGEST_CHAIN_NAME => "is longer than 28 bytes",
        _ if has_space(name) => "contains a space",
        _ => return Ok(()),
    };
    Err(Located::new(
        LoadError::BadChainName { reason },
        Part::Chain,
    ))
}

fn refuse_target(is_target: bool) -> Result<(), Located> {
    let reason = "is the name of a target";
    if is_target {
        return Err(Located::new(
            LoadError::BadChainName { reason },
            Part::Chain,
        ));
    }
    Ok(())
}

fn check_policy(chain: &[u8], policy: &[u8], table: Option<&Table>) -> Result<(), Located> {
    if table.is_some_and(|table| !table.has_builtin(chain)) {
        return Err(Located::new(LoadError::PolicyOfUserChain, Part::Second));
    }
    match policy {
        b"ACCEPT" | b"DROP" => Ok(()),
        _ => Err(Located::new(LoadError::BadPolicy, Part::Second)),
    }
}

/// Refuses a match or target that iptables does not have, and one of another protocol than
/// the rule's, which no kernel accepts.
fn check_extensions(rule: &Rule<'_>, family: Option<Family>) -> Result<(), Located> {
    let is_other = |one: &Match<'_>| matches!(one, Match::Other(_));
    if let Some(nth) = rule.matches.iter().position(is_other) {
        let name = Name::new(rule.matches[nth].name());
        let hint = hint::of_match(rule.matches[nth].name()).into();
        return Err(Located::new(
            RuleError::NoSuchMatch { name, hint },
            Part::Match(nth),
        ));
    }
    for (nth, one) in rule.matches.iter().enumerate() {
        let shown = || match one {
            // Some of its options are valid in any rule.
            Match::Ecn(_) => written(|out| one.write(out)),
            _ => [b"-m ", one.name()].concat(),
        };
        check_protocol(rule, one.protocol(family).as_slice(), shown)
            .map_err(|kind| Located::new(kind, Part::Match(nth)))?;
    }
    match &rule.target {
        Some(Target::Other(other)) => {
            let name = Name::new(&other.name);
            let hint = hint::of_target(&other.name).into();
            Err(Located::new(
                RuleError::NoSuchTarget { name, hint },
                Part::Target,
            ))
        }
        Some(target) => {
            let shown = || match target {
                Target::Ecn(_) | Target::Reject(_) => written(|out| target.write(out)),
                _ => [b"-j ", target.name()].concat(),
            };
            check_protocol(rule, target.protocols(), shown)
                .map_err(|kind| Located::new(kind, Part::Target))
        }
        None => Ok(()),
    }
}

fn written(write: impl Fn(&mut Writer<'_>)) -> Vec<u8> {
    let mut words = Vec::new();
    write(&mut Writer::new(&mut words, Style::default()));
    words
}

/// Checks that a rule has one of the protocols of an extension, which is shown as `shown`.
fn check_protocol(
    rule: &Rule<'_>,
    protocols: &[Protocol],
    shown: impl Fn() -> Vec<u8>,
) -> Result<(), RuleError> {
    let is_of = |protocol: &Protocol| rule.protocol == Some(Invertible::is(*protocol));
    if protocols.is_empty() || protocols.iter().any(is_of) {
        return Ok(());
    }
    let names: Vec<&str> = protocols
        .iter()
        .filter_map(|protocol| protocol.name())
        .collect();
    Err(RuleError::NeedsProtocol {
        words: String::from_utf8_lossy(&shown()).into(),
        protocols: names.join("` or `-p ").into(),
    })
}
