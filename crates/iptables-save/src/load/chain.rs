//! A chain while its table is being loaded.

use std::ops::Range;

use super::sequence::Sequence;
use crate::{LineId, Text};

/// A chain with the rules it has so far.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    pub(super) name: Text<'a>,
    pub(super) kind: Kind,
    pub(super) rules: Sequence<Rule>,
    /// How many rules jump here.
    pub(super) jumps: u32,
    /// The line that made it; none for a builtin one.
    pub(super) made_by: Option<LineId>,
    /// Whether a line about its rules could not be read: then their numbers mean nothing.
    pub(super) has_gaps: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Builtin(Policy),
    User,
    /// Asked for though nothing made it. It has been told of once.
    Missing,
    Deleted,
}

/// What becomes of a packet at the end of a builtin chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Policy {
    #[default]
    Accept,
    Drop,
}

/// A rule: what it prints, and the chain it jumps to.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// Its text in [`Ruleset::rules`](super::Ruleset), without the jump.
    pub(super) text: Range<usize>,
    pub(super) jump: Option<Jump>,
    /// Equal rules have equal keys.
    pub(super) key: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Jump {
    pub(super) chain: u32,
    pub(super) is_goto: bool,
    /// The line that it stands in.
    pub(super) line: LineId,
}

impl Policy {
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"ACCEPT" => Some(Self::Accept),
            b"DROP" => Some(Self::Drop),
            _ => None,
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Accept => "ACCEPT",
            Self::Drop => "DROP",
        }
    }
}

impl<'a> Chain<'a> {
    pub(super) fn new(name: Text<'a>, kind: Kind, made_by: Option<LineId>) -> Self {
        Self {
            name,
            kind,
            rules: Sequence::default(),
            jumps: 0,
            made_by,
            has_gaps: false,
        }
    }

    pub(super) const fn policy(&self) -> Option<Policy> {
        match self.kind {
            Kind::Builtin(policy) => Some(policy),
            _ => None,
        }
    }
}
