//! Validates and normalizes rules that were built rather than parsed.

pub(super) mod base;
pub(super) mod context;

use super::{
    Rule,
    builder::{is_any_interface, is_every_address, is_every_protocol},
};
use crate::{
    ErrorKind, Family, RuleError, TextError,
    ext::{Description, validate::OptionBits},
    value::{Addresses, Context, Invertible},
};

impl Rule<'_> {
    /// Checks that iptables-restore would take the rule in the input of a family: each match
    /// and target has the options it needs, none that conflict, and all of them
    /// exist in the family.
    ///
    /// What depends on the chain, the table or the kernel is not checked here.
    ///
    /// ```
    /// use iptables_save::{Family, Match, Rule, matches::Conntrack};
    ///
    /// let rule = Rule {
    ///     matches: vec![Match::Conntrack(Box::default())],
    ///     ..Rule::default()
    /// };
    /// let error = rule.validate(Family::V4).unwrap_err();
    /// assert_eq!(error.to_string(), "`conntrack` needs an option");
    /// ```
    ///
    /// # Errors
    /// What iptables-restore would refuse.
    pub fn validate(&self, family: Family) -> Result<(), ErrorKind> {
        let context = self.context(family);
        let is_other = |list: &Option<Invertible<Addresses>>| {
            let list = list.iter().flat_map(|list| list.value.as_slice());
            list.into_iter().any(|address| address.family() != family)
        };
        if is_other(&self.source) || is_other(&self.destination) {
            return Err(TextError::TwoFamilies.into());
        }
        if self.fragment.is_some() {
            check_family("-f", Some(Family::V4), family)?;
        }
        for one in &self.matches {
            check_families(one.described(), one.given(), family)?;
            one.validate(&context)?;
        }
        if let Some(target) = &self.target {
            check_families(target.described(), target.given(), family)?;
            target.validate(&context)?;
        }
        Ok(())
    }

    /// Rewrites the rule as it is after iptables has read and saved it: adds the defaults that
    /// iptables-save prints, and removes what it omits.
    ///
    /// ```
    /// use iptables_save::{Family, Rule, Target, targets::Reject};
    ///
    /// let mut rule = Rule {
    ///     target: Some(Target::Reject(Reject::default())),
    ///     ..Rule::default()
    /// };
    /// rule.normalize(Family::V4);
    /// assert_eq!(rule.to_string(), "-j REJECT --reject-with icmp-port-unreachable");
    /// ```
    pub fn normalize(&mut self, family: Family) {
        let context = self.context(family);
        self.source.take_if(|address| is_every_address(address));
        self.destination
            .take_if(|address| is_every_address(address));
        self.in_interface
            .take_if(|interface| is_any_interface(interface));
        self.out_interface
            .take_if(|interface| is_any_interface(interface));
        self.protocol
            .take_if(|protocol| !protocol.inverted && is_every_protocol(protocol));
        for one in &mut self.matches {
            one.normalize(&context);
        }
        if let Some(target) = &mut self.target {
            target.normalize(&context);
        }
    }

    /// Returns what options may need to know of the rule.
    fn context(&self, family: Family) -> Context {
        Context {
            family: Some(family),
            protocol: self.protocol.map(|protocol| protocol.value),
            protocol_negated: self.protocol.is_some_and(|protocol| protocol.inverted),
        }
    }
}

/// Checks that an extension and its options exist in a family.
fn check_families(
    described: Option<&Description>,
    given: OptionBits,
    family: Family,
) -> Result<(), RuleError> {
    let Some(described) = described else {
        return Ok(());
    };
    check_family(described.name, described.family, family)?;
    for (nth, option) in described.options.iter().enumerate() {
        if given >> nth & 1 == 1 {
            check_family(option.flag, option.family, family)?;
        }
    }
    Ok(())
}

fn check_family(
    extension: &'static str,
    bound: Option<Family>,
    family: Family,
) -> Result<(), RuleError> {
    match bound {
        Some(bound) if bound != family => Err(RuleError::OtherFamily {
            extension,
            family: bound,
        }),
        _ => Ok(()),
    }
}
