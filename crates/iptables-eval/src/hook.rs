//! Tables, hooks, and the built-in chains where they meet.

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Table {
    /// Runs before conntrack.
    Raw,
    /// Changes packets.
    Mangle,
    /// Translates addresses of the first packet of a connection.
    Nat,
    /// Filters.
    Filter,
    /// Sets security marks.
    Security,
}

/// A place on a packet's way through the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Hook {
    /// As it comes in.
    Prerouting,
    /// On its way to this host.
    Input,
    /// On its way through this host.
    Forward,
    /// As this host sends it.
    Output,
    /// As it leaves.
    Postrouting,
}

/// A built-in chain: a table at a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BaseChain {
    /// The table.
    pub table: Table,
    /// The hook.
    pub hook: Hook,
}

impl Table {
    /// Every table, in the order in which the kernel asks them at a hook.
    pub const ALL: &'static [Self] = &[
        Self::Raw,
        Self::Mangle,
        Self::Nat,
        Self::Filter,
        Self::Security,
    ];

    /// The name, as iptables-save prints it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Mangle => "mangle",
            Self::Nat => "nat",
            Self::Filter => "filter",
            Self::Security => "security",
        }
    }

    /// The hooks at which the table has a chain.
    #[must_use]
    pub const fn hooks(self) -> &'static [Hook] {
        use Hook::{Forward, Input, Output, Postrouting, Prerouting};
        match self {
            Self::Raw => &[Prerouting, Output],
            Self::Mangle => &[Prerouting, Input, Forward, Output, Postrouting],
            Self::Nat => &[Prerouting, Input, Output, Postrouting],
            Self::Filter | Self::Security => &[Input, Forward, Output],
        }
    }
}

impl Hook {
    /// The name of the chains at this hook.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prerouting => "PREROUTING",
            Self::Input => "INPUT",
            Self::Forward => "FORWARD",
            Self::Output => "OUTPUT",
            Self::Postrouting => "POSTROUTING",
        }
    }

    /// Whether a packet has an incoming interface here, when it did not come from this host.
    #[must_use]
    pub const fn has_in_interface(self) -> bool {
        !matches!(self, Self::Output)
    }

    /// Whether a packet has an outgoing interface here.
    #[must_use]
    pub const fn has_out_interface(self) -> bool {
        matches!(self, Self::Forward | Self::Output | Self::Postrouting)
    }
}

impl BaseChain {
    /// Makes the name of a built-in chain. Not every table has one at every hook.
    #[must_use]
    pub const fn new(table: Table, hook: Hook) -> Self {
        Self { table, hook }
    }

    /// Every built-in chain there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_table = |table: &Table| {
            let table = *table;
            table
                .hooks()
                .iter()
                .map(move |hook| Self::new(table, *hook))
        };
        Table::ALL.iter().flat_map(of_table)
    }
}

/// Shows the table and the chain, such as `nat POSTROUTING`.
impl std::fmt::Display for BaseChain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.table.name(), self.hook.name())
    }
}
