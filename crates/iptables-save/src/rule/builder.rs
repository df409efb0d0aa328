//! The grammar of a rule: what each option may be, and what it adds to the rule.
//!
//! It is stated here once for both readers, which differ in where an option's arguments come
//! from: those are [`Arguments`].

use super::Rule;
use crate::{
    Family, RuleError, Target, Text, Word,
    base::Base,
    error::Name,
    ext::{OptionDescription, Slot, validate::OptionBits},
    value::{
        Address, Addresses, Argument, Context, Flag, Interface, Invertible, Protocol, ValueError,
    },
};

/// The arguments of the option at hand, and the errors of the reader that found it.
pub(super) trait Arguments<'a> {
    /// Why reading ends.
    type Error;

    /// Whether no name can have a space in it.
    const NAMES_HAVE_NO_SPACES: bool;

    /// Parses the argument of an option of iptables itself.
    fn parse<T: Argument<'a>>(
        &mut self,
        option: Base,
        inverted: bool,
        context: &Context,
    ) -> Result<T, Self::Error>;

    /// Parses the argument of `-s` or `-d`.
    fn address(
        &mut self,
        option: Base,
        inverted: bool,
        context: &Context,
    ) -> Result<Invertible<Addresses>, Self::Error> {
        self.parse(option, inverted, context)
    }

    /// Returns the name after `-j` or `-g`.
    fn name(&mut self) -> Result<Text<'a>, Self::Error>;

    /// Calls a function with the arguments of an extension's option.
    fn set(
        &mut self,
        option: &'static OptionDescription,
        set: impl FnOnce(&[Word<'a>]) -> Result<(), ValueError>,
    ) -> Result<(), Self::Error>;

    /// Returns the error that ends reading at this option.
    fn error(&self, error: impl FnOnce() -> RuleError) -> Self::Error;

    /// Returns the error that ends reading at an invalid argument.
    fn invalid(&self, option: Base, expected: &'static str) -> Self::Error;

    /// Puts an error off until all options are read, or ends reading.
    fn defer(&mut self, error: Self::Error) -> Result<(), Self::Error>;
}

/// Builds a rule from the options of a line, one after another.
pub(super) struct RuleBuilder<'r, 'a> {
    pub(super) rule: &'r mut Rule<'a>,
    pub(super) context: Context,
    pub(super) given: BaseOptions,
}

impl<'r, 'a> RuleBuilder<'r, 'a> {
    /// Begins a rule, which must be empty, in the input of a family.
    #[inline]
    pub(super) fn new(rule: &'r mut Rule<'a>, family: Option<Family>) -> Self {
        Self {
            rule,
            context: Context {
                family,
                ..Context::default()
            },
            given: BaseOptions::default(),
        }
    }

    /// Adds an option of iptables itself other than `-m` and `-j`; one that is not about the
    /// rule adds nothing.
    #[inline(always)]
    pub(super) fn base<A: Arguments<'a>>(
        &mut self,
        option: Base,
        inverted: bool,
        arguments: &mut A,
    ) -> Result<(), A::Error> {
        self.given
            .note(option)
            .map_err(|error| arguments.error(|| error))?;
        match option {
            Base::Source | Base::Destination => self.address(option, inverted, arguments),
            Base::InInterface | Base::OutInterface => self.interface(option, inverted, arguments),
            Base::Protocol => self.protocol(inverted, arguments),
            Base::Fragment => self.fragment(inverted, arguments),
            Base::Goto => {
                self.check_no_target(arguments)?;
                let name = Self::target_name(option, arguments)?;
                _ = self.rule.target.put(|| Target::Goto(name));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    #[inline]
    fn address<A: Arguments<'a>>(
        &mut self,
        option: Base,
        inverted: bool,
        arguments: &mut A,
    ) -> Result<(), A::Error> {
        match arguments.address(option, inverted, &self.context) {
            Ok(address) if is_every_address(&address) => Ok(()),
            Ok(address) => {
                let slot = match option {
                    Base::Source => &mut self.rule.source,
                    _ => &mut self.rule.destination,
                };
                *slot = Some(address);
                Ok(())
            }
            // iptables parses addresses when all options are read.
            Err(error) => arguments.defer(error),
        }
    }

    #[inline]
    fn interface<A: Arguments<'a>>(
        &mut self,
        option: Base,
        inverted: bool,
        arguments: &mut A,
    ) -> Result<(), A::Error> {
        let interface = arguments.parse(option, inverted, &self.context)?;
        if !is_any_interface(&interface) {
            let slot = match option {
                Base::InInterface => &mut self.rule.in_interface,
                _ => &mut self.rule.out_interface,
            };
            *slot = Some(interface);
        }
        Ok(())
    }

    #[inline]
    fn protocol<A: Arguments<'a>>(
        &mut self,
        inverted: bool,
        arguments: &mut A,
    ) -> Result<(), A::Error> {
        let protocol = arguments.parse(Base::Protocol, inverted, &self.context)?;
        note_protocol(&mut self.context, &protocol);
        if !is_every_protocol(&protocol) {
            self.rule.protocol = Some(protocol);
        } else if inverted {
            let expected = "a protocol other than all of them after `!`";
            return Err(arguments.invalid(Base::Protocol, expected));
        }
        Ok(())
    }

    #[inline]
    fn fragment<A: Arguments<'a>>(
        &mut self,
        inverted: bool,
        arguments: &mut A,
    ) -> Result<(), A::Error> {
        if self.context.family == Some(Family::V6) {
            return Err(arguments.error(|| RuleError::OtherFamily {
                extension: Base::Fragment.name(),
                family: Family::V4,
            }));
        }
        let fragment: Invertible<Flag> =
            arguments.parse(Base::Fragment, inverted, &self.context)?;
        self.rule.fragment = Some(fragment);
        Ok(())
    }

    /// Returns the name after `-j` or `-g` (`xshared.c:xt_parse_target`).
    #[inline]
    pub(super) fn target_name<A: Arguments<'a>>(
        option: Base,
        arguments: &mut A,
    ) -> Result<Text<'a>, A::Error> {
        let name = arguments.name()?;
        let is_valid = matches!(name.len(), 1..=LONGEST_CHAIN_NAME)
            && (A::NAMES_HAVE_NO_SPACES || !has_space(&name));
        if is_valid {
            Ok(name)
        } else {
            Err(arguments.invalid(option, "a name of 1 to 28 bytes without spaces"))
        }
    }

    /// Adds the target that `-j` and a name without a description mean: a standard target or
    /// a chain.
    #[inline]
    pub(super) fn jump(&mut self, name: Text<'a>) {
        match Target::standard(&name) {
            Some(standard) => self.rule.target = Some(standard),
            // Made in its place: a target is large, and nearly every rule has one.
            None => _ = self.rule.target.put(|| Target::Jump(name)),
        }
    }

    /// Checks that the rule has neither `-j` nor `-g` yet.
    #[inline]
    pub(super) fn check_no_target<A: Arguments<'a>>(&self, arguments: &A) -> Result<(), A::Error> {
        if self.rule.target.is_some() {
            return Err(arguments.error(|| repeated(Base::Jump.name())));
        }
        Ok(())
    }
}

/// Sets an option of an extension, once unless it may repeat.
#[inline]
pub(super) fn set_option<'a, A: Arguments<'a>>(
    option: &'static OptionDescription,
    index: usize,
    given: &mut OptionBits,
    arguments: &mut A,
    set: impl FnOnce(&[Word<'a>]) -> Result<(), ValueError>,
) -> Result<(), A::Error> {
    let bit = 1 << index;
    if *given & bit != 0 && !option.repeats {
        return Err(arguments.error(|| repeated(option.flag)));
    }
    *given |= bit;
    arguments.set(option, set)
}

/// The options of iptables itself that a line has given and that may be given once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BaseOptions(u16);

impl BaseOptions {
    /// Returns whether an option is given.
    #[inline]
    pub(super) const fn has(self, option: Base) -> bool {
        self.0 & Self::bit(option) != 0
    }

    /// Notes an option, which must not be given before.
    #[inline]
    fn note(&mut self, option: Base) -> Result<(), RuleError> {
        if self.has(option) {
            return Err(repeated(option.name()));
        }
        self.0 |= Self::bit(option);
        Ok(())
    }

    /// Returns the bit of an option; no bit for one that may be given again.
    #[inline]
    const fn bit(option: Base) -> u16 {
        match option {
            Base::Source => 1,
            Base::Destination => 1 << 1,
            Base::InInterface => 1 << 2,
            Base::OutInterface => 1 << 3,
            Base::Protocol => 1 << 4,
            Base::Fragment => 1 << 5,
            Base::Goto => 1 << 6,
            Base::Unusable(b'n') => 1 << 7,
            Base::Unusable(b'x') => 1 << 8,
            Base::Unusable(_) => 1 << 9,
            _ => 0,
        }
    }
}

/// Returns the error of an option that is given too often.
#[cold]
pub(super) fn repeated(option: &str) -> RuleError {
    RuleError::Repeated {
        option: Name::new(option.as_bytes()),
    }
}

/// Keeps what later options need to know of a `-p`.
#[inline]
fn note_protocol(context: &mut Context, protocol: &Invertible<Protocol>) {
    context.protocol = Some(protocol.value);
    context.protocol_negated = protocol.inverted;
}

/// Returns whether an address is no condition, which iptables does not keep.
#[inline]
pub(super) fn is_every_address(address: &Invertible<Addresses>) -> bool {
    let is_every = |address: &Address| address.is_all();
    !address.inverted && matches!(&address.value, Addresses::One(one) if is_every(one))
}

/// Returns whether an interface is no condition, which iptables does not keep.
#[inline]
pub(super) fn is_any_interface(interface: &Invertible<Interface<'_>>) -> bool {
    !interface.inverted && interface.value.is_any()
}

/// Returns whether a protocol is all of them, which iptables does not keep.
#[inline]
pub(super) fn is_every_protocol(protocol: &Invertible<Protocol>) -> bool {
    protocol.value == Protocol::ALL
}

/// `XT_EXTENSION_MAXNAMELEN`, its NUL not counted.
pub(super) const LONGEST_CHAIN_NAME: usize = 28;

/// Returns whether a name has a space, as C's `isspace` finds them.
pub(super) fn has_space(name: &[u8]) -> bool {
    name.iter().any(|byte| matches!(byte, b' ' | b'\t'..=b'\r'))
}
