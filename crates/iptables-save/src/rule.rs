//! Rules, typed: their conditions and their target.

use std::borrow::Cow;

use crate::{
    Family, Fidelity, Match, Style, Target, Text, Writer,
    base::Verb,
    clause::is_option_of,
    value::{Addresses, Argument, Interface, Invertible, Protocol},
};

pub use self::reader::Reader;
pub(crate) use self::{
    command::{command, is_counters},
    error_span::{Located, Part},
    scope::LineScope,
    validate::context::{check_declaration, check_rule_line, is_new_chain},
};

mod builder;
mod command;
mod error_span;
mod owned;
mod parse;
mod reader;
mod scope;
mod validate;

/// A rule line: a command, most often `-A CHAIN`, with its rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleLine<'a> {
    /// The counters before the command, as `iptables-save -c` prints them.
    pub counters: Option<Counters>,
    /// The command.
    pub command: Command<'a>,
    /// `-4` or `-6`: the family that the line is for, which the other one's
    /// iptables-restore skips.
    pub family: Option<Family>,
    /// `-c`: the counters that the rule begins with. Unlike those before the command they
    /// count for iptables-restore without `-c`, too.
    pub set_counters: Option<Counters>,
    /// The rule; empty for commands that take none.
    pub rule: Rule<'a>,
}

/// A rule: its conditions, and the target of packets that match them.
///
/// It owns or borrows its parts, so that it can also be built from scratch:
///
/// ```
/// use iptables_save::{Rule, Target, targets::Masquerade, value::{Interface, Invertible}};
///
/// let rule = Rule {
///     source: Some(Invertible::is("172.5.138.0/24".parse::<ipnetwork::IpNetwork>().unwrap().into())),
///     out_interface: Some(Invertible::is_not(Interface::named("docker0"))),
///     target: Some(Target::Masquerade(Masquerade::default())),
///     ..Rule::default()
/// };
/// assert_eq!(rule.to_string(), "-s 172.5.138.0/24 ! -o docker0 -j MASQUERADE");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule<'a> {
    /// `-s`: the source address.
    pub source: Option<Invertible<Addresses>>,
    /// `-d`: the destination address.
    pub destination: Option<Invertible<Addresses>>,
    /// `-i`: the input interface.
    pub in_interface: Option<Invertible<Interface<'a>>>,
    /// `-o`: the output interface.
    pub out_interface: Option<Invertible<Interface<'a>>>,
    /// `-p`: the protocol.
    pub protocol: Option<Invertible<Protocol>>,
    /// `-f`: second and further fragments (IPv4).
    pub fragment: Option<Invertible<crate::value::Flag>>,
    /// `-m`: the matches, in order.
    pub matches: Vec<Match<'a>>,
    /// `-j` or `-g`: the target. A rule without one only counts packets.
    pub target: Option<Target<'a>>,
}

/// The packets and bytes that a rule or a policy has matched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counters {
    /// Packets.
    pub packets: u64,
    /// Bytes.
    pub bytes: u64,
}

/// What a rule line does.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// `-A CHAIN`: appends the rule to the chain.
    Append {
        /// The chain.
        chain: Text<'a>,
    },
    /// `-I CHAIN [NUMBER]`: inserts the rule before the one with this number.
    Insert {
        /// The chain.
        chain: Text<'a>,
        /// The number, from 1.
        number: u32,
    },
    /// `-R CHAIN NUMBER`: replaces the rule with this number.
    Replace {
        /// The chain.
        chain: Text<'a>,
        /// The number, from 1.
        number: u32,
    },
    /// `-D CHAIN RULE`: deletes the first rule that is the same.
    Delete {
        /// The chain.
        chain: Text<'a>,
    },
    /// `-D CHAIN NUMBER`: deletes the rule with this number.
    DeleteNumber {
        /// The chain.
        chain: Text<'a>,
        /// The number, from 1.
        number: u32,
    },
    /// `-C CHAIN RULE`: fails unless there is such a rule.
    Check {
        /// The chain.
        chain: Text<'a>,
    },
    /// `-F [CHAIN]`: deletes all rules.
    Flush {
        /// The chain; `None` for all chains of the table.
        chain: Option<Text<'a>>,
    },
    /// `-Z [CHAIN [NUMBER]]`: zeroes counters.
    Zero {
        /// The chain; `None` for all chains of the table.
        chain: Option<Text<'a>>,
        /// The number of one rule of the chain.
        number: Option<u32>,
    },
    /// `-N CHAIN`: creates a chain.
    NewChain {
        /// The chain.
        chain: Text<'a>,
    },
    /// `-X [CHAIN]`: deletes a chain.
    DeleteChain {
        /// The chain; all that are empty and unused without one.
        chain: Option<Text<'a>>,
    },
    /// `-E OLD NEW`: renames a chain.
    RenameChain {
        /// Its name.
        old: Text<'a>,
        /// Its new name.
        new: Text<'a>,
    },
    /// `-P CHAIN TARGET`: sets the policy of a built-in chain.
    Policy {
        /// The chain.
        chain: Text<'a>,
        /// `ACCEPT` or `DROP`.
        target: Text<'a>,
    },
    /// Nothing: the line is for the other family, as its `-4` or `-6` says.
    Skip,
    /// `-L [CHAIN]` or `-S [CHAIN]`: lists rules.
    List {
        /// The chain; `None` for all chains of the table.
        chain: Option<Text<'a>>,
    },
}

impl Default for Command<'_> {
    fn default() -> Self {
        Self::Append {
            chain: Cow::Borrowed(b""),
        }
    }
}

impl<'a> Command<'a> {
    /// Returns the chain that the command names.
    #[must_use]
    pub const fn chain(&self) -> Option<&Text<'a>> {
        match self {
            Self::Append { chain }
            | Self::Insert { chain, .. }
            | Self::Replace { chain, .. }
            | Self::Delete { chain }
            | Self::DeleteNumber { chain, .. }
            | Self::Check { chain }
            | Self::NewChain { chain }
            | Self::Policy { chain, .. }
            | Self::RenameChain { old: chain, .. } => Some(chain),
            Self::Flush { chain }
            | Self::Zero { chain, .. }
            | Self::DeleteChain { chain }
            | Self::List { chain } => chain.as_ref(),
            Self::Skip => None,
        }
    }

    /// Returns whether the command adds a rule to its chain.
    #[must_use]
    pub const fn adds_rule(&self) -> bool {
        matches!(
            self,
            Self::Append { .. } | Self::Insert { .. } | Self::Replace { .. }
        )
    }

    fn write(&self, out: &mut Writer<'_>) {
        let mut words = |verb: Verb, words: &[Option<&Text<'_>>], number: Option<u32>| {
            out.word(verb.name().as_bytes());
            for word in words.iter().copied().flatten() {
                out.name(word);
            }
            if let Some(number) = number {
                out.number(number);
            }
        };
        match self {
            Self::Append { chain } => words(Verb::Append, &[Some(chain)], None),
            Self::Insert { chain, number } => {
                words(
                    Verb::Insert,
                    &[Some(chain)],
                    (*number != 1).then_some(*number),
                );
            }
            Self::Replace { chain, number } => words(Verb::Replace, &[Some(chain)], Some(*number)),
            Self::Delete { chain } => words(Verb::Delete, &[Some(chain)], None),
            Self::DeleteNumber { chain, number } => {
                words(Verb::Delete, &[Some(chain)], Some(*number));
            }
            Self::Check { chain } => words(Verb::Check, &[Some(chain)], None),
            Self::Flush { chain } => words(Verb::Flush, &[chain.as_ref()], None),
            Self::Zero { chain, number } => words(Verb::Zero, &[chain.as_ref()], *number),
            Self::NewChain { chain } => words(Verb::NewChain, &[Some(chain)], None),
            Self::DeleteChain { chain } => words(Verb::DeleteChain, &[chain.as_ref()], None),
            Self::RenameChain { old, new } => {
                words(Verb::RenameChain, &[Some(old), Some(new)], None);
            }
            Self::Policy { chain, target } => {
                words(Verb::Policy, &[Some(chain), Some(target)], None);
            }
            Self::List { chain } => words(Verb::ListRules, &[chain.as_ref()], None),
            Self::Skip => {}
        }
    }
}

impl RuleLine<'_> {
    /// Appends the line as iptables-save prints it, without a newline.
    pub fn write(&self, out: &mut Vec<u8>, style: Style) -> Fidelity {
        if let Some(Counters { packets, bytes }) = self.counters {
            out.push(b'[');
            crate::writer::decimal(out, packets);
            out.push(b':');
            crate::writer::decimal(out, bytes);
            out.push(b']');
        }
        let mut out = Writer::new(out, style);
        self.command.write(&mut out);
        match self.family {
            Some(Family::V4) => out.word(b"-4"),
            Some(Family::V6) => out.word(b"-6"),
            None => {}
        }
        // Further on a match that is not known might take them for words of its own.
        if let Some(Counters { packets, bytes }) = self.set_counters {
            out.word(b"-c");
            out.number(packets);
            out.number(bytes);
        }
        self.rule.write_tests(&mut out);
        self.rule.write_target(&mut out);
        out.fidelity()
    }

    /// Returns the line as iptables-save prints it, without a newline.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        _ = self.write(&mut out, Style::default());
        out
    }
}

impl Rule<'_> {
    /// Writes the rule as iptables-save does: `-s -d -i -o -p -f`, the matches in
    /// order, the target.
    pub fn write(&self, out: &mut Writer<'_>) {
        self.write_tests(out);
        self.write_target(out);
    }

    /// Writes the rule without its target.
    pub fn write_tests(&self, out: &mut Writer<'_>) {
        option(self.source.as_ref(), "-s", out);
        option(self.destination.as_ref(), "-d", out);
        option(self.in_interface.as_ref(), "-i", out);
        option(self.out_interface.as_ref(), "-o", out);
        option(self.protocol.as_ref(), "-p", out);
        option(self.fragment.as_ref(), "-f", out);
        for one in &self.matches {
            one.write(out);
        }
    }

    fn write_target(&self, out: &mut Writer<'_>) {
        if let Some(target) = &self.target {
            target.write(out);
            if let Target::Other(other) = target
                && other
                    .words
                    .first()
                    .is_some_and(|option| self.has_before_target(option))
            {
                out.mark_lossy();
            }
        }
    }

    /// Returns whether an option of an unknown target would be parsed as one of a match before it,
    /// or of the match that the protocol loads.
    fn has_before_target(&self, option: &[u8]) -> bool {
        let protocol = self.protocol.and_then(|protocol| protocol.value.name());
        let of_protocol = protocol.and_then(|name| Match::description(name.as_bytes()));
        let of_matches = self.matches.iter().filter_map(Match::described);
        of_matches
            .chain(of_protocol)
            .any(|described| is_option_of(described, option))
    }

    /// Returns how many rules iptables makes of this one: one for each pair of a source and a
    /// destination, if lists of them are given.
    #[must_use]
    pub fn copies(&self) -> usize {
        let many = |list: &Option<Invertible<Addresses>>| match list {
            Some(list) => list.value.as_slice().len(),
            None => 1,
        };
        many(&self.source) * many(&self.destination)
    }

    /// Returns one of the rules that iptables makes of this one, from 0, in the order in
    /// which it makes them.
    ///
    /// # Panics
    /// If there are not so many.
    #[must_use]
    pub fn copy(&self, nth: usize) -> Self {
        let mut copy = self.clone();
        if self.copies() > 1 {
            let destinations = self.destination.as_ref();
            let inner = destinations.map_or(1, |list| list.value.as_slice().len());
            copy.source = single(self.source.as_ref(), nth / inner);
            copy.destination = single(destinations, nth % inner);
        }
        copy
    }

    /// Returns the family of the rule's addresses and extensions, if they are bound to one.
    #[must_use]
    pub fn family(&self) -> Option<Family> {
        let address = |list: &Option<Invertible<Addresses>>| {
            let first = list.as_ref()?.value.as_slice().first()?;
            Some(first.family())
        };
        address(&self.source)
            .or_else(|| address(&self.destination))
            .or_else(|| self.matches.iter().find_map(Match::family))
            .or_else(|| self.target.as_ref().and_then(Target::family))
    }
}

/// Returns one condition of a list of addresses; `None` if it is every address.
fn single(list: Option<&Invertible<Addresses>>, nth: usize) -> Option<Invertible<Addresses>> {
    let list = list?;
    let address = list.value.as_slice()[nth];
    let is_condition = list.inverted || !address.is_all();
    is_condition.then_some(Invertible {
        value: Addresses::One(address),
        ..*list
    })
}

#[inline]
fn option<'a>(value: Option<&impl Argument<'a>>, flag: &str, out: &mut Writer<'_>) {
    if let Some(value) = value {
        value.write(flag, out);
    }
}

/// Prints it as iptables-save does; bytes that are not UTF-8 are replaced.
impl std::fmt::Display for Rule<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = Vec::new();
        self.write(&mut Writer::new(&mut out, Style::default()));
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

/// Prints it as iptables-save does; bytes that are not UTF-8 are replaced.
impl std::fmt::Display for RuleLine<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.to_bytes()))
    }
}
