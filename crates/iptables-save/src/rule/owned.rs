//! Copies what rules borrow.

use super::{Command, Rule, RuleLine};
use crate::{Match, Target, Text, value::IntoOwned};

fn text(text: Text<'_>) -> Text<'static> {
    Text::Owned(text.into_owned())
}

impl Rule<'_> {
    /// Returns the same rule with everything that it borrows copied.
    #[must_use]
    pub fn into_owned(self) -> Rule<'static> {
        Rule {
            source: self.source,
            destination: self.destination,
            in_interface: self.in_interface.into_owned(),
            out_interface: self.out_interface.into_owned(),
            protocol: self.protocol,
            fragment: self.fragment,
            matches: self.matches.into_iter().map(Match::into_owned).collect(),
            target: self.target.map(Target::into_owned),
        }
    }
}

impl RuleLine<'_> {
    /// Returns the same rule line with everything that it borrows copied.
    #[must_use]
    pub fn into_owned(self) -> RuleLine<'static> {
        RuleLine {
            counters: self.counters,
            command: self.command.into_owned(),
            family: self.family,
            set_counters: self.set_counters,
            rule: self.rule.into_owned(),
        }
    }
}

impl Command<'_> {
    /// Returns the same command with everything that it borrows copied.
    #[must_use]
    pub fn into_owned(self) -> Command<'static> {
        match self {
            Self::Append { chain } => Command::Append { chain: text(chain) },
            Self::Insert { chain, number } => {
                let chain = text(chain);
                Command::Insert { chain, number }
            }
            Self::Replace { chain, number } => {
                let chain = text(chain);
                Command::Replace { chain, number }
            }
            Self::Delete { chain } => Command::Delete { chain: text(chain) },
            Self::DeleteNumber { chain, number } => {
                let chain = text(chain);
                Command::DeleteNumber { chain, number }
            }
            Self::Check { chain } => Command::Check { chain: text(chain) },
            Self::Flush { chain } => Command::Flush {
                chain: chain.map(text),
            },
            Self::Zero { chain, number } => {
                let chain = chain.map(text);
                Command::Zero { chain, number }
            }
            Self::NewChain { chain } => Command::NewChain { chain: text(chain) },
            Self::DeleteChain { chain } => Command::DeleteChain {
                chain: chain.map(text),
            },
            Self::RenameChain { old, new } => Command::RenameChain {
                old: text(old),
                new: text(new),
            },
            Self::Policy { chain, target } => Command::Policy {
                chain: text(chain),
                target: text(target),
            },
            Self::List { chain } => Command::List {
                chain: chain.map(text),
            },
            Self::Skip => Command::Skip,
        }
    }
}
