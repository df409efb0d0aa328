//! A chain while commands are executed.

use super::sequence::{Sequence, Weigh};
use crate::{LineId, Text};

/// A chain with the rules it has so far.
#[derive(Debug)]
pub(super) struct Chain<'d> {
    pub(super) name: Text<'d>,
    pub(super) kind: Kind,
    pub(super) rules: Sequence<Slot>,
    /// Lines that append rules after those above and have not been parsed yet: nothing but
    /// their order matters until a command names a rule of this chain.
    pub(super) pending: Vec<LineId>,
    /// Whether the keys of `rules` are there: only `-D RULE` and `-C RULE` ask for them.
    pub(super) has_keys: bool,
    /// How many rules jump here. Counted only where the text is judged.
    pub(super) jumps: u32,
    /// The line that made it; `None` for a built-in chain.
    pub(super) made_by: Option<LineId>,
    /// The last line that made it or set its policy.
    pub(super) declared: Option<LineId>,
    /// Whether a line about its rules could not be parsed: then their numbers mean nothing.
    pub(super) has_gaps: bool,
}

/// What a chain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A chain of the kernel's, with the policy that the text sets.
    Builtin(Option<Policy>),
    User,
    /// Named though nothing made it.
    Missing,
    Deleted,
}

/// What becomes of a packet at the end of a built-in chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Policy {
    /// It goes on.
    #[default]
    Accept,
    /// It is discarded.
    Drop,
}

/// A rule in its chain: the line it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) line: LineId,
    /// Which of the line's rules.
    pub(super) copy: u32,
    /// The chain it jumps or goes to, where the text is judged.
    pub(super) jump: Option<Jump>,
    /// How many rules stand here once the text is edited.
    pub(super) width: u32,
}

/// A jump to a chain: its index, and whether it is a `-g`, in the lowest bit, plus one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Jump(std::num::NonZeroU32);

impl Jump {
    pub(super) fn new(chain: u32, is_goto: bool) -> Self {
        let bits = (chain << 1 | u32::from(is_goto)) + 1;
        Self(std::num::NonZeroU32::new(bits).expect("one was added"))
    }

    pub(super) const fn chain(self) -> u32 {
        (self.0.get() - 1) >> 1
    }

    pub(super) const fn is_goto(self) -> bool {
        (self.0.get() - 1) & 1 == 1
    }
}

impl Weigh for Slot {
    fn weight(&self) -> usize {
        self.width as usize
    }
}

impl Policy {
    /// Returns the policy of a name: `ACCEPT` or `DROP`.
    #[must_use]
    pub fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"ACCEPT" => Some(Self::Accept),
            b"DROP" => Some(Self::Drop),
            _ => None,
        }
    }

    /// The name, as iptables-save prints it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "ACCEPT",
            Self::Drop => "DROP",
        }
    }
}

impl<'d> Chain<'d> {
    pub(super) fn new(name: Text<'d>, kind: Kind, made_by: Option<LineId>) -> Self {
        Self {
            name,
            kind,
            rules: Sequence::default(),
            pending: Vec::new(),
            has_keys: false,
            jumps: 0,
            made_by,
            declared: made_by,
            has_gaps: false,
        }
    }

    pub(super) const fn is_builtin(&self) -> bool {
        matches!(self.kind, Kind::Builtin(_))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.pending.is_empty()
    }
}
