//! Checks iptables' own options together, and with the chain and the table
//! (`xshared.c:do_parse`, `ipv4_post_parse` and `ipv6_post_parse`).

use crate::rule::{
    Command, Rule, RuleLine,
    builder::{BaseOptions, LONGEST_CHAIN_NAME},
    error_span::{Located, Part},
};
use crate::{
    LoadError, RuleError, Target, TextError,
    base::Base,
    error::Name,
    value::{Address, Addresses, Invertible},
};

/// Checks a rule line whose options are each valid. `given` are those on the line: `-i +` and
/// `-o +` are no conditions and not in the rule.
pub(in crate::rule) fn check(
    rule_line: &RuleLine<'_>,
    given: BaseOptions,
    is_nat: &dyn Fn() -> bool,
) -> Result<(), Located> {
    let RuleLine { command, rule, .. } = rule_line;
    if command
        .chain()
        .is_some_and(|name| name.len() > LONGEST_CHAIN_NAME)
    {
        let reason = "is longer than 28 bytes";
        return Err(Located::new(
            LoadError::BadChainName { reason },
            Part::Chain,
        ));
    }
    check_addresses(command, rule)?;
    check_interfaces(command, given)?;
    match (command, &rule.target) {
        (Command::Policy { target, .. }, _) if **target == *b"DROP" && is_nat() => {
            Err(Located::new(RuleError::DropInNat, Part::Second))
        }
        (_, Some(Target::Drop)) if is_nat() => {
            Err(Located::new(RuleError::DropInNat, Part::Target))
        }
        (_, Some(Target::Goto(name))) if **name == *b"DROP" && is_nat() => {
            Err(Located::new(RuleError::DropInNat, Part::Target))
        }
        _ => Ok(()),
    }
}

/// Returns whether a rule line has too few options for [`check`] to find that two conflict, as
/// most have, and no list of addresses.
#[inline]
pub(in crate::rule) fn cannot_conflict(rule_line: &RuleLine<'_>, given: BaseOptions) -> bool {
    let RuleLine { command, rule, .. } = rule_line;
    let Command::Append { chain } = command else {
        return false;
    };
    chain.len() <= LONGEST_CHAIN_NAME
        && (rule.source.is_none() || rule.destination.is_none())
        && !given.has(Base::InInterface)
        && !given.has(Base::OutInterface)
        && !matches!(rule.target, Some(Target::Drop | Target::Goto(_)))
}

fn check_addresses(command: &Command<'_>, rule: &Rule<'_>) -> Result<(), Located> {
    let (Some(first), second) = (
        rule.source.as_ref().or(rule.destination.as_ref()),
        rule.destination.as_ref(),
    ) else {
        return Ok(());
    };
    let is_list = |address: &Invertible<Addresses>| matches!(address.value, Addresses::Many(_));
    let both = || std::iter::once(first).chain(second);
    if both().any(is_list) {
        let option = if is_list(first) && rule.source.is_some() {
            Base::Source
        } else {
            Base::Destination
        };
        if both().any(|address| address.inverted) {
            return Err(Located::new(RuleError::InvertedList, Part::Option(option)));
        }
        if matches!(command, Command::Replace { .. }) {
            return Err(Located::new(RuleError::ReplaceByList, Part::Option(option)));
        }
    }
    // In input of an unknown family, both addresses must be of the same one.
    let family =
        |address: &Invertible<Addresses>| address.value.as_slice().first().map(Address::family);
    if second.is_none_or(|second| family(first) == family(second)) {
        Ok(())
    } else {
        Err(Located::new(
            TextError::TwoFamilies,
            Part::Option(Base::Destination),
        ))
    }
}

/// Checks that packets in the chain have the interfaces. Only its name counts, in any table.
fn check_interfaces(command: &Command<'_>, given: BaseOptions) -> Result<(), Located> {
    let chain = match command {
        Command::Append { chain }
        | Command::Insert { chain, .. }
        | Command::Replace { chain, .. }
        | Command::Delete { chain }
        | Command::Check { chain } => chain,
        _ => return Ok(()),
    };
    let option = match &**chain {
        b"PREROUTING" | b"INPUT" if given.has(Base::OutInterface) => Base::OutInterface,
        b"POSTROUTING" | b"OUTPUT" if given.has(Base::InInterface) => Base::InInterface,
        _ => return Ok(()),
    };
    let kind = RuleError::NoSuchInterface {
        option: option.name(),
        chain: Name::new(chain),
    };
    Err(Located::new(kind, Part::Option(option)))
}
