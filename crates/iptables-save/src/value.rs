//! Values of options: how each is parsed and written.
//!
//! One grammar a file, composed of the parsers of `parse` and `integer`. A [`Value`] is what
//! follows an option; an [`Argument`] is that with or without a `!`; a [`Field`] says how
//! often the option may be given, and is the type of an extension's field.

mod address;
mod argument;
mod dotted;
mod dscp;
mod flags;
mod float;
mod header_options;
mod host;
mod icmp;
mod integer;
mod interface;
mod into_owned;
mod log;
mod mac;
mod mark;
mod nat;
mod network;
mod number;
mod parse;
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
    address::{Address, Addresses, Masked},
    argument::{Argument, Field, Invertible, LastWins, Required},
    dscp::{Dscp, DscpClass},
    header_options::{HeaderOption, HeaderOptions},
    host::{AddressRange, Host},
    icmp::{Icmp6Type, IcmpType},
    interface::Interface,
    into_owned::IntoOwned,
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
    integer::{atoll, integer, leading_integer, strtoul, unsigned},
    into_owned::owned,
    parse::{
        Grammar, Parsed, after, before, complete, list, open_range, range, spaces, till, word,
    },
    rate::{best_unit, packets_in_time},
};
use crate::{Family, Word, Writer};

/// What a value may need to know of the rule that it is part of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// The family of the ruleset, if it is known.
    pub family: Option<Family>,
    /// The protocol of an earlier `-p`.
    pub protocol: Option<Protocol>,
    /// Whether that `-p` was inverted.
    pub protocol_negated: bool,
}

impl Context {
    /// Returns the family, which is IPv4 if it is unknown.
    #[must_use]
    pub fn family_or_v4(&self) -> Family {
        self.family.unwrap_or(Family::V4)
    }

    /// Returns whether an address is of the ruleset's family, as far as that is known.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        self.family
            .is_none_or(|family| (family == Family::V4) == address.is_ipv4())
    }
}

/// Why a value could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueError {
    /// What was expected, such as `a port from 0 to 65535`.
    pub expected: Cow<'static, str>,
    /// Which of the option's words is invalid, from 0.
    pub word: usize,
    /// What the word may be the name of, such as `a host`, if only the machine could look it
    /// up.
    pub lookup: Option<&'static str>,
}

impl ValueError {
    /// Returns the error for the first word, which is not what was expected.
    #[must_use]
    pub const fn new(expected: &'static str) -> Self {
        Self {
            expected: Cow::Borrowed(expected),
            word: 0,
            lookup: None,
        }
    }

    /// Returns the same error with a composed message.
    #[must_use]
    pub fn of(expected: String) -> Self {
        Self {
            expected: expected.into(),
            ..Self::new("")
        }
    }

    /// Returns the same error for another word.
    #[must_use]
    pub fn at(self, word: usize) -> Self {
        Self { word, ..self }
    }
}

/// A type that is the value of an option.
pub trait Value<'a>: Sized {
    /// One metavariable for each word the option takes, such as `PORT[:PORT]`.
    const ARGS: &'static [&'static str];
    /// The keywords that the metavariable represents, if there are any.
    const CHOICES: &'static [&'static str] = &[];
    /// Whether its only word is optional.
    const MAY_MISS_WORD: bool = false;

    /// Reads the words after the option, as many as [`ARGS`](Self::ARGS) has.
    ///
    /// # Errors
    /// What was expected instead.
    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError>;

    /// Writes the words as iptables-save does.
    fn write(&self, out: &mut Writer<'_>);

    /// Returns whether iptables-save omits the whole option, and so loses its meaning.
    fn is_left_out(&self, inverted: bool) -> bool {
        let _ = inverted;
        false
    }
}

/// An option without a value, which can be inverted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flag;

impl<'a> Value<'a> for Flag {
    const ARGS: &'static [&'static str] = &[];

    fn read(_: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Ok(Self)
    }

    fn write(&self, _: &mut Writer<'_>) {}
}
