//! What is to change and why, as values.

mod builder;
mod proposal;

use iptables_save::{Edit, Edits, Error, Family, LineId, Rule, Span};

use crate::Place;

pub(crate) use self::{builder::PlanBuilder, proposal::Proposal};

/// Changes in the order of the text, each with its reason, and findings: what is left
/// alone and what an operator should know.
///
/// No two changes touch the same words: that is an error when the plan is made.
#[derive(Clone, Debug, Default)]
pub struct Plan<'a> {
    changes: Vec<Change<'a>>,
    findings: Vec<Finding>,
    /// The edits of all changes, and of commands that name rules by number after them.
    edits: Edits,
    family: Option<Family>,
    flushes: Vec<String>,
}

/// One change to one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Change<'a> {
    /// The rule.
    pub at: RulePlace,
    /// What is done to it.
    pub operation: Operation<'a>,
    /// Where the rules go that replace it.
    pub place: Place,
    /// The lines of the new rules as they are written, without their newlines.
    pub lines: Vec<Vec<u8>>,
    /// The edits of the text that make the change.
    pub edits: Vec<Edit>,
    /// The transform that asks for it.
    pub transform: &'static str,
    /// Why, in one sentence for the operator.
    pub reason: String,
}

/// Where a rule is, before any change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RulePlace {
    /// The table; `None` in the text of `iptables -S`.
    pub table: Option<Vec<u8>>,
    /// The chain.
    pub chain: Vec<u8>,
    /// The rule's number in the chain at `COMMIT`, from 1.
    pub number: u32,
    /// The line it comes from.
    pub line: LineId,
}

/// What is done to a rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Operation<'a> {
    /// Other rules replace it.
    Replace(Vec<Rule<'a>>),
    /// It is removed.
    Remove,
    /// It stays, and other rules are inserted before it.
    InsertBefore(Vec<Rule<'a>>),
}

impl<'a> Operation<'a> {
    /// The new rules.
    #[must_use]
    pub fn rules(&self) -> &[Rule<'a>] {
        match self {
            Self::Replace(rules) | Self::InsertBefore(rules) => rules,
            Self::Remove => &[],
        }
    }
}

/// Something an operator should know, that is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// The line it is about; `None` when it is about the whole text.
    pub line: Option<LineId>,
    /// The words it is about, in the bytes of the input.
    pub span: Option<Span>,
    /// What was found, in one phrase.
    pub message: String,
    /// What the operator can do about it.
    pub advice: Option<String>,
}

/// Kinds of findings.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// A rule hides pods in a chain that its owner keeps as it is.
    OwnerHidesPods,
    /// A rule translates traffic between pods by its own words.
    TranslatesPods,
    /// A rule hides pods that cannot be edited: the result would not load, or commands
    /// after it name rules by number.
    CannotEdit,
    /// A stock REJECT that stays, for example because firewalld restores it.
    RejectStays,
    /// A rule other than the stock REJECT that stops pod traffic.
    StopsPods,
    /// Removing a REJECT opens the node.
    OpensNode,
    /// A rule ends the nat table for pods before kube-proxy's part of it.
    SkipsKubeProxy,
    /// A rule that could not be parsed and is left as it is.
    Unreadable(Error),
    /// A rule with an extension that is not known and is left as it is.
    UnknownExtension,
    /// No pod network of the text's family was given.
    NoNetwork,
    /// The text's family could not be told.
    NoFamily,
}

impl Finding {
    /// Whether pods stay hidden or stopped because of this.
    #[must_use]
    pub const fn hides_pods(&self) -> bool {
        matches!(
            self.kind,
            FindingKind::OwnerHidesPods
                | FindingKind::TranslatesPods
                | FindingKind::CannotEdit
                | FindingKind::RejectStays
                | FindingKind::StopsPods
        )
    }
}

/// Two changes to the same words.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "`{}` and `{}` both change one line: {}; {}",
    .changes[0].0, .changes[1].0, .changes[0].1, .changes[1].1
)]
pub struct Conflict {
    /// The transform, reason and line of each.
    pub changes: [(&'static str, String, LineId); 2],
}

impl<'a> Plan<'a> {
    /// The changes, in the order of the text.
    #[must_use]
    pub fn changes(&self) -> &[Change<'a>] {
        &self.changes
    }

    /// What was found, in the order of the text.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// All edits of the text.
    #[must_use]
    pub const fn edits(&self) -> &Edits {
        &self.edits
    }

    /// The family the text was taken for.
    #[must_use]
    pub const fn family(&self) -> Option<Family> {
        self.family
    }

    /// Commands that make connections which are already open follow the new rules.
    /// They end those connections, so they are for the operator to run or not.
    #[must_use]
    pub fn conntrack_commands(&self) -> &[String] {
        &self.flushes
    }
}
