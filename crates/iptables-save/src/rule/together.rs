//! Which of iptables' own options fit together, and into which chain and table
//! (`xshared.c:do_parse`, `ipv4_post_parse` and `ipv6_post_parse`).

use super::{
    Command, Rule, RuleLine,
    blame::{Located, Part},
    check::LONGEST_CHAIN_NAME,
};
use crate::{
    LoadError, RuleError, Target, TextError,
    base::Base,
    error::Name,
    value::{Addresses, Invertible},
};

/// Judges a rule_line whose options are each right; says which one is not.
///
/// `-i +` and `-o +` test nothing and are not in the rule, but stand on the line.
pub(super) fn check(
    rule_line: &RuleLine<'_>,
    [has_in, has_out]: [bool; 2],
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
    if has_in || has_out {
        check_interfaces(command, has_in, has_out)?;
    }
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

/// Whether a rule_line has too few options for [`check`] to find that two do not fit, as
/// most have. It has no list of addresses.
#[inline(always)]
pub(super) fn cannot_clash(rule_line: &RuleLine<'_>) -> bool {
    let RuleLine { command, rule, .. } = rule_line;
    let Command::Append { chain } = command else {
        return false;
    };
    chain.len() <= LONGEST_CHAIN_NAME
        && (rule.source.is_none() || rule.destination.is_none())
        && rule.in_interface.is_none()
        && rule.out_interface.is_none()
        && !matches!(rule.target, Some(Target::Drop | Target::Goto(_)))
}

fn check_addresses(command: &Command<'_>, rule: &Rule<'_>) -> Result<(), Located> {
    let (Some(first), second) = (
        rule.source.as_ref().or(rule.destination.as_ref()),
        rule.destination.as_ref(),
    ) else {
        return Ok(());
    };
    let is_list = |it: &Invertible<Addresses>| matches!(it.value, Addresses::Many(_));
    let both = || std::iter::once(first).chain(second);
    if both().any(is_list) {
        let option = match is_list(first) && rule.source.is_some() {
            true => Base::Source,
            false => Base::Destination,
        };
        if both().any(|it| it.inverted) {
            return Err(Located::new(RuleError::NegatedList, Part::Option(option)));
        }
        if matches!(command, Command::Replace { .. }) {
            return Err(Located::new(RuleError::ReplaceByList, Part::Option(option)));
        }
    }
    // Where the text does not tell its family, the one address tells that of the other.
    let family = |it: &Invertible<Addresses>| it.value.as_slice().first().map(|it| it.family());
    match second.is_none_or(|second| family(first) == family(second)) {
        true => Ok(()),
        false => Err(Located::new(
            TextError::TwoFamilies,
            Part::Option(Base::Destination),
        )),
    }
}

/// Told by the names of the chains alone, whatever table they are in.
fn check_interfaces(command: &Command<'_>, has_in: bool, has_out: bool) -> Result<(), Located> {
    let chain = match command {
        Command::Append { chain }
        | Command::Insert { chain, .. }
        | Command::Replace { chain, .. }
        | Command::Delete { chain }
        | Command::Check { chain } => chain,
        _ => return Ok(()),
    };
    let option = match &**chain {
        b"PREROUTING" | b"INPUT" if has_out => Base::OutInterface,
        b"POSTROUTING" | b"OUTPUT" if has_in => Base::InInterface,
        _ => return Ok(()),
    };
    let kind = RuleError::NoSuchInterface {
        option: option.name(),
        chain: Name::new(chain),
    };
    Err(Located::new(kind, Part::Option(option)))
}
