//! Changes to a ruleset and findings about it, as values.

mod builder;
mod proposal;

use ipnetwork::IpNetwork;
use iptables_save::{Edit, Edits, Error, Family, LineId, Rule, Span};

use crate::Place;

pub(crate) use self::{builder::PlanBuilder, proposal::Proposal};

/// Changes in the order of the input, each with its reason, and findings: rules that are
/// left unchanged although they hide or stop pods, and other facts for the operator.
///
/// No two changes touch the same words: that is an error when the plan is made.
#[derive(Clone, Debug, Default)]
pub struct Plan<'a> {
    pub(crate) changes: Vec<Change<'a>>,
    pub(crate) findings: Vec<Finding>,
    /// The edits of all changes, and of later commands that name rules by number.
    edits: Edits,
    pub(crate) family: Option<Family>,
    flushes: Vec<String>,
}

/// One change to one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Change<'a> {
    /// The rule.
    pub at: RulePlace,
    /// What is done to it.
    pub operation: Operation<'a>,
    /// Where to put the rules that replace it.
    pub place: Place,
    /// The lines of the new rules as they are written, without newlines.
    pub lines: Vec<Vec<u8>>,
    /// The edits that make the change.
    pub edits: Vec<Edit>,
    /// The transform that asks for it.
    pub transform: &'static str,
    /// Why, in one sentence for the operator.
    pub reason: String,
}

/// Where a rule is, before any change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RulePlace {
    /// The table; `None` in the output of `iptables -S`.
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
    /// Returns the new rules.
    #[must_use]
    pub fn rules(&self) -> &[Rule<'a>] {
        match self {
            Self::Replace(rules) | Self::InsertBefore(rules) => rules,
            Self::Remove => &[],
        }
    }
}

/// Something an operator should know that is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// The line it is about; `None` if it is about the whole input.
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
    /// A rule in a chain of a program that would restore it hides pods.
    OwnerHidesPods,
    /// A rule translates traffic between pods explicitly.
    TranslatesPods,
    /// Rules translate some packets between pods on purpose, such as marked ones.
    TranslatesOnPurpose,
    /// Whether a rule hides pods depends on what an ipset holds.
    DependsOnSet,
    /// A rule that hides pods cannot be edited: the result would not load, or later
    /// commands name rules by number.
    CannotEdit,
    /// A stock REJECT is kept, for example because firewalld would restore it.
    RejectStays,
    /// A rule other than a stock REJECT, or a policy, stops pod traffic.
    StopsPods,
    /// Removing a REJECT opens all ports of the node.
    OpensNode,
    /// A rule ends the nat table for pods before kube-proxy's chain.
    SkipsKubeProxy,
    /// A rule cannot be parsed and is left unchanged.
    Unreadable(Error),
    /// A rule has an unknown extension, which is left unchanged.
    UnknownExtension,
    /// A rule of the raw table drops the replies to pods that are no longer hidden.
    DropsReplies,
    /// A REJECT of INPUT that is kept stops the tunnels in which overlay networks carry pods;
    /// whether the ruleset shows that there are any.
    BlocksTunnels {
        /// Whether rules or interfaces of an overlay network are in the ruleset.
        is_used: bool,
    },
    /// The pod network that was given is not the cluster's; whether the ruleset says so, or
    /// only seems to.
    OtherPodNetwork {
        /// Whether some rule says so.
        is_certain: bool,
    },
    /// There are too many kinds of packets to say what still hides or stops pods.
    NotDecided,
    /// No pod network of the ruleset's family was given.
    NoNetwork,
    /// The family of the ruleset could not be detected.
    NoFamily,
}

impl Finding {
    /// Returns whether pods remain hidden or stopped because of it.
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

/// Two changes that touch the same words.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "`{}` and `{}` both change this line: {}; {}",
    .changes[0].0, .changes[1].0, .changes[0].1, .changes[1].1
)]
pub struct Conflict {
    /// The transform, reason and line of each.
    pub changes: [(&'static str, String, LineId); 2],
}

impl<'a> Plan<'a> {
    /// Returns the changes, in the order of the input.
    #[must_use]
    pub fn changes(&self) -> &[Change<'a>] {
        &self.changes
    }

    /// Returns the findings, in the order of the input.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Adds findings. One about replies that get lost comes before all others.
    pub(crate) fn add_findings(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
        let is_other = |finding: &Finding| finding.kind != FindingKind::DropsReplies;
        self.findings
            .sort_by_key(|finding| (is_other(finding), finding.line));
    }

    /// Adds commands that end the connections to another network from the same pods: to the
    /// addresses of services, behind which there may be pods.
    pub(crate) fn flush_also(&mut self, network: IpNetwork) {
        let mut commands: Vec<String> = Vec::new();
        for command in &self.flushes {
            if let Some((command, _)) = command.split_once(" -d ") {
                let command = format!("{command} -d {network}");
                if !commands.contains(&command) {
                    commands.push(command);
                }
            }
        }
        self.flushes.append(&mut commands);
    }

    /// Returns all edits of the input.
    #[must_use]
    pub const fn edits(&self) -> &Edits {
        &self.edits
    }

    /// Returns the address family that was assumed.
    #[must_use]
    pub const fn family(&self) -> Option<Family> {
        self.family
    }

    /// Returns commands that end open connections which are still translated as before, for
    /// the operator to run or not.
    #[must_use]
    pub fn conntrack_commands(&self) -> &[String] {
        &self.flushes
    }
}
