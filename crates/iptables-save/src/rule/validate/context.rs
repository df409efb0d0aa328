//! What iptables refuses in a line that could be read.

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

/// Judges a rule line of a table; of none in the text of `iptables -S`.
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

/// Judges a `:CHAIN POLICY` line of a table.
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

/// Whether a chain's line may have this name.
pub(crate) fn is_new_chain(name: &[u8]) -> bool {
    check_name(name).is_ok()
}

/// As `libiptc.c:TC_RENAME_CHAIN` does, which takes more than `-N`.
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

/// As `xshared.c:assert_valid_chain_name` does, and iptables-nft-restore everywhere.
fn check_name(name: &[u8]) -> Result<(), Located> {
    let reason = match name {
        [] => "is empty",
        [b'-' | b'!', ..] => "begins with `-` or `!`",
        _ if name.len() > LONGEST_CHAIN_NAME => "is longer than 28 bytes",
        _ if has_space(name) => "has a blank in it",
        _ => return Ok(()),
    };
    Err(Located::new(
        LoadError::BadChainName { reason },
        Part::Chain,
    ))
}

fn refuse_target(is_target: bool) -> Result<(), Located> {
    let reason = "is the name of a target";
    match is_target {
        true => Err(Located::new(
            LoadError::BadChainName { reason },
            Part::Chain,
        )),
        false => Ok(()),
    }
}

fn check_policy(chain: &[u8], policy: &[u8], table: Option<&Table>) -> Result<(), Located> {
    if table.is_some_and(|it| !it.has_builtin(chain)) {
        return Err(Located::new(LoadError::PolicyOfUserChain, Part::Second));
    }
    match policy {
        b"ACCEPT" | b"DROP" => Ok(()),
        _ => Err(Located::new(LoadError::BadPolicy, Part::Second)),
    }
}

/// Refuses a match or target that iptables does not have, and one of another protocol than
/// the rule's, which no kernel takes.
fn check_extensions(rule: &Rule<'_>, family: Option<Family>) -> Result<(), Located> {
    let is_other = |it: &Match<'_>| matches!(it, Match::Other(_));
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
            // Some of its options may stand in any rule.
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

/// Refuses an extension, shown so, in a rule of none of its protocols.
fn check_protocol(
    rule: &Rule<'_>,
    protocols: &[Protocol],
    shown: impl Fn() -> Vec<u8>,
) -> Result<(), RuleError> {
    let is_of = |protocol: &Protocol| rule.protocol == Some(Invertible::is(*protocol));
    if protocols.is_empty() || protocols.iter().any(is_of) {
        return Ok(());
    }
    let names: Vec<&str> = protocols.iter().filter_map(|it| it.name()).collect();
    Err(RuleError::NeedsProtocol {
        words: String::from_utf8_lossy(&shown()).into(),
        protocols: names.join("` or `-p ").into(),
    })
}
