//! Values of options: how each is read and written.
//!
//! One grammar a file. A [`Value`] is what stands after an option; an
//! [`Argument`] is that with or without a `!`; a [`Field`] says how often it may
//! stand, and is the type of an extension's field.

mod address;
mod dotted;
mod dscp;
mod flags;
mod float;
mod header_options;
mod icmp;
mod interface;
mod log;
mod mac;
mod mark;
mod nat;
mod network;
mod number;
mod port;
mod protocol;
mod rate;
mod resolve;
mod services;
mod set;
mod text;
mod tos;

use std::{borrow::Cow, net::IpAddr};

pub use self::{
    address::{Address, AddressRange, Addresses, Host, Masked},
    dscp::{Dscp, DscpClass},
    header_options::{HeaderOption, HeaderOptions},
    icmp::{Icmp6Type, IcmpType},
    interface::Interface,
    log::{LogLevel, LogPrefix},
    mac::Mac,
    mark::{MarkMask, Xmark},
    nat::{NatRange, ToPorts},
    network::{Network, NptPrefix, Prefix, PrefixLength},
    number::{Bounded, Hex, Range, SignedOnWrite, WideHex},
    port::{Port, PortRange, Ports, PortsOf, SctpPorts, TcpPorts},
    protocol::{Protocol, ProtocolNumber},
    rate::Rate,
    set::{Direction, Directions, SetEntry},
    text::{Quoted, Unquoted},
    tos::TosMask,
};
pub(crate) use self::{
    flags::{Spelling, flags, is_word, keywords, names},
    float::{float, low_bits},
    number::{leading, like_atoll, like_strtoul, number, unsigned, without_blanks},
    rate::{best_unit, packets_in_time},
};
use crate::{Family, Word, Writer};

/// What a value may need to know of the rule it stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The family of the text, where it is known.
    pub family: Option<Family>,
    /// The protocol of an earlier `-p`.
    pub protocol: Option<Protocol>,
    /// Whether a `!` stood before that `-p`.
    pub protocol_negated: bool,
}

impl Context {
    /// The family, which is IPv4 where the text does not tell.
    #[must_use]
    pub fn family_or_v4(&self) -> Family {
        self.family.unwrap_or(Family::V4)
    }

    /// Whether an address is of the text's family, as far as that is known.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        self.family
            .is_none_or(|family| (family == Family::V4) == address.is_ipv4())
    }
}

/// Why a value could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    /// What should have stood there, such as `a port from 0 to 65535`.
    pub expected: Cow<'static, str>,
    /// Which of the option's words is meant, from 0.
    pub word: usize,
    /// What the word may be the name of, such as `a host`, when only the machine could
    /// tell.
    pub lookup: Option<&'static str>,
}

impl ValueError {
    /// The first word is not what was expected.
    #[must_use]
    pub const fn new(expected: &'static str) -> Self {
        Self {
            expected: Cow::Borrowed(expected),
            word: 0,
            lookup: None,
        }
    }

    /// The same in words that are put together.
    #[must_use]
    pub fn of(expected: String) -> Self {
        Self {
            expected: expected.into(),
            ..Self::new("")
        }
    }

    /// The same, about another word.
    #[must_use]
    pub fn at(self, word: usize) -> Self {
        Self { word, ..self }
    }
}

/// A type that is the value of an option.
pub trait Value<'a>: Sized {
    /// One metavariable for each word the option takes, such as `PORT[:PORT]`.
    const ARGS: &'static [&'static str];
    /// The words that a value can be made of, where the metavariable stands for some.
    const CHOICES: &'static [&'static str] = &[];
    /// Whether its one word may be missing.
    const MAY_MISS_WORD: bool = false;

    /// Reads the words after the option, as many as [`ARGS`](Self::ARGS) has.
    ///
    /// # Errors
    /// What was expected instead.
    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError>;

    /// Writes them as iptables-save does.
    fn write(&self, out: &mut Writer<'_>);

    /// Whether iptables-save leaves the whole option out, and so loses what it asks for.
    fn is_left_out(&self, inverted: bool) -> bool {
        let _ = inverted;
        false
    }
}

/// A value with what may stand before its option.
pub trait Argument<'a>: Sized {
    /// As in [`Value`].
    const ARGS: &'static [&'static str];
    /// As in [`Value`].
    const CHOICES: &'static [&'static str] = &[];
    /// As in [`Value`].
    const MAY_MISS_WORD: bool = false;
    /// Whether `!` may stand before the option.
    const INVERTIBLE: bool;

    /// Reads the option's words. `inverted` only where that is allowed.
    ///
    /// # Errors
    /// What was expected instead.
    fn read(inverted: bool, args: &[Word<'a>], context: &Context) -> Result<Self, ValueError>;

    /// Writes the option with its words.
    fn write(&self, flag: &str, out: &mut Writer<'_>);
}

/// How an option is kept: its presence and its value.
pub trait Field<'a>: Default {
    /// As in [`Value`].
    const ARGS: &'static [&'static str];
    /// As in [`Value`].
    const CHOICES: &'static [&'static str] = &[];
    /// As in [`Value`].
    const MAY_MISS_WORD: bool = false;
    /// As in [`Argument`].
    const INVERTIBLE: bool;
    /// Whether the extension cannot do without the option.
    const REQUIRED: bool = false;
    /// Whether the option may stand more than once.
    const REPEATS: bool = false;

    /// Takes the option's words.
    ///
    /// # Errors
    /// What was expected instead.
    fn set(
        &mut self,
        inverted: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError>;

    /// Writes the option, if it is there.
    fn write(&self, flag: &str, out: &mut Writer<'_>);

    /// Returns whether the option is given, as far as its value tells.
    fn is_given(&self) -> bool;
}

/// A value that `!` may stand before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Invertible<T> {
    /// Whether it does.
    pub inverted: bool,
    /// The value.
    pub value: T,
}

impl<T> Invertible<T> {
    /// The value without a `!`.
    pub const fn is(value: T) -> Self {
        Self {
            inverted: false,
            value,
        }
    }

    /// The value with a `!`.
    pub const fn is_not(value: T) -> Self {
        Self {
            inverted: true,
            value,
        }
    }
}

/// An option that its extension cannot do without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Required<T>(pub T);

/// An option that may stand more than once, of which the last one counts: an extension of
/// the older kind does not look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LastWins<T>(pub T);

/// An option without a value, where `!` may stand before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flag;

impl<'a> Value<'a> for Flag {
    const ARGS: &'static [&'static str] = &[];

    fn read(_: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Ok(Self)
    }

    fn write(&self, _: &mut Writer<'_>) {}
}

impl<'a, T: Value<'a>> Argument<'a> for T {
    const ARGS: &'static [&'static str] = T::ARGS;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const MAY_MISS_WORD: bool = T::MAY_MISS_WORD;
    const INVERTIBLE: bool = false;

    fn read(_: bool, args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Value::read(args, context)
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        if self.is_left_out(false) {
            return out.mark_lossy();
        }
        out.word(flag.as_bytes());
        Value::write(self, out);
    }
}

impl<'a, T: Value<'a>> Argument<'a> for Invertible<T> {
    const ARGS: &'static [&'static str] = T::ARGS;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const MAY_MISS_WORD: bool = T::MAY_MISS_WORD;
    const INVERTIBLE: bool = true;

    fn read(inverted: bool, args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Value::read(args, context).map(|value| Self { inverted, value })
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        if self.value.is_left_out(self.inverted) {
            return out.mark_lossy();
        }
        if self.inverted {
            out.word(b"!");
        }
        out.word(flag.as_bytes());
        Value::write(&self.value, out);
    }
}

impl<'a, T: Argument<'a>> Field<'a> for Option<T> {
    const ARGS: &'static [&'static str] = T::ARGS;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const MAY_MISS_WORD: bool = T::MAY_MISS_WORD;
    const INVERTIBLE: bool = T::INVERTIBLE;

    fn set(
        &mut self,
        inverted: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError> {
        *self = Some(T::read(inverted, args, context)?);
        Ok(())
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        if let Some(value) = self {
            value.write(flag, out);
        }
    }

    fn is_given(&self) -> bool {
        self.is_some()
    }
}

impl<'a, T: Argument<'a> + Default> Field<'a> for Required<T> {
    const ARGS: &'static [&'static str] = T::ARGS;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const MAY_MISS_WORD: bool = T::MAY_MISS_WORD;
    const INVERTIBLE: bool = T::INVERTIBLE;
    const REQUIRED: bool = true;

    fn set(
        &mut self,
        inverted: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError> {
        self.0 = T::read(inverted, args, context)?;
        Ok(())
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        self.0.write(flag, out);
    }

    fn is_given(&self) -> bool {
        true
    }
}

impl<'a, T: Field<'a>> Field<'a> for LastWins<T> {
    const ARGS: &'static [&'static str] = T::ARGS;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const MAY_MISS_WORD: bool = T::MAY_MISS_WORD;
    const INVERTIBLE: bool = T::INVERTIBLE;
    const REQUIRED: bool = T::REQUIRED;
    const REPEATS: bool = true;

    fn set(
        &mut self,
        inverted: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError> {
        self.0.set(inverted, args, context)
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        self.0.write(flag, out);
    }

    fn is_given(&self) -> bool {
        self.0.is_given()
    }
}

impl<'a, T: Argument<'a>> Field<'a> for Vec<T> {
    const ARGS: &'static [&'static str] = T::ARGS;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const MAY_MISS_WORD: bool = T::MAY_MISS_WORD;
    const INVERTIBLE: bool = T::INVERTIBLE;
    const REPEATS: bool = true;

    fn set(
        &mut self,
        inverted: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError> {
        self.push(T::read(inverted, args, context)?);
        Ok(())
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        for value in self {
            value.write(flag, out);
        }
    }

    fn is_given(&self) -> bool {
        !self.is_empty()
    }
}

impl<'a> Field<'a> for bool {
    const ARGS: &'static [&'static str] = &[];
    const INVERTIBLE: bool = false;

    fn set(&mut self, _: bool, _: &[Word<'a>], _: &Context) -> Result<(), ValueError> {
        *self = true;
        Ok(())
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        if *self {
            out.word(flag.as_bytes());
        }
    }

    fn is_given(&self) -> bool {
        *self
    }
}

/// A value that can own what it borrows.
pub trait IntoOwned {
    /// The same type, borrowing nothing.
    type Owned;

    /// Copies what is borrowed.
    fn into_owned(self) -> Self::Owned;
}

/// Implements [`IntoOwned`] for types that borrow nothing, or that wrap a text.
macro_rules! owned {
    (text $ty:ident) => {
        impl $crate::value::IntoOwned for $ty<'_> {
            type Owned = $ty<'static>;

            fn into_owned(self) -> $ty<'static> {
                $ty(self.0.into_owned().into())
            }
        }
    };
    ($($ty:ty),* $(,)?) => {$(
        impl $crate::value::IntoOwned for $ty {
            type Owned = Self;

            fn into_owned(self) -> Self {
                self
            }
        }
    )*};
}
pub(crate) use owned;

owned!(text Interface);
owned!(bool, u8, u16, u32, u64, Flag, Host, LogLevel, PrefixLength);

impl<const MIN: u32, const MAX: u32> IntoOwned for Bounded<MIN, MAX> {
    type Owned = Self;

    fn into_owned(self) -> Self {
        self
    }
}

impl<const MIN: u32> IntoOwned for SignedOnWrite<MIN> {
    type Owned = Self;

    fn into_owned(self) -> Self {
        self
    }
}

/// Implements [`IntoOwned`] for types that wrap one value.
macro_rules! wrapping {
    ($([$($generics:tt)*] $ty:ty => $owned:ty, $name:ident;)*) => {$(
        impl<$($generics)*> IntoOwned for $ty {
            type Owned = $owned;

            fn into_owned(self) -> $owned {
                $name(self.0.into_owned().into())
            }
        }
    )*};
}

wrapping! {
    [T: IntoOwned] Required<T> => Required<T::Owned>, Required;
    [T: IntoOwned] LastWins<T> => LastWins<T::Owned>, LastWins;
    [const MAX: usize] Unquoted<'_, MAX> => Unquoted<'static, MAX>, Unquoted;
    [const MAX: usize] Quoted<'_, MAX> => Quoted<'static, MAX>, Quoted;
    [const MAX: usize] LogPrefix<'_, MAX> => LogPrefix<'static, MAX>, LogPrefix;
}

impl<T: IntoOwned> IntoOwned for Option<T> {
    type Owned = Option<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.map(T::into_owned)
    }
}

impl<T: IntoOwned> IntoOwned for Invertible<T> {
    type Owned = Invertible<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        Invertible {
            inverted: self.inverted,
            value: self.value.into_owned(),
        }
    }
}

impl<T: IntoOwned> IntoOwned for Box<T> {
    type Owned = Box<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        Box::new((*self).into_owned())
    }
}

impl IntoOwned for SetEntry<'_> {
    type Owned = SetEntry<'static>;

    fn into_owned(self) -> SetEntry<'static> {
        SetEntry {
            name: self.name.into_owned().into(),
            directions: self.directions,
        }
    }
}
