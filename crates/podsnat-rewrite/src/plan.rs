//! What is to change and why, as values.

use ipnetwork::IpNetwork;
use iptables_save::{Edit, Edits, Error, Family, LineId, Span};

use crate::{PodNetworks, ranges::Ranges};

/// Changes in the order of the text, each with its reason, and what was left alone.
///
/// No two changes touch the same words: that is an error when the plan is made.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    changes: Vec<Change>,
    findings: Vec<Finding>,
    edits: Edits,
    family: Option<Family>,
    flushes: Vec<String>,
}

/// One change to one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The rule's line.
    pub line: LineId,
    /// The rule as it will be, a line each without the newline; none when it goes.
    pub becomes: Vec<Vec<u8>>,
    /// The edits that make it so.
    pub edits: Vec<Edit>,
    /// The transform that asks for it.
    pub transform: &'static str,
    /// Why, in one sentence for the operator.
    pub reason: String,
}

/// Something an operator should know, that is not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// The line it is about; none when it is about the whole text.
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
    /// A stock REJECT that stays, for example because firewalld restores it.
    RejectStays,
    /// A rule other than the stock REJECT that stops pod traffic.
    StopsPods,
    /// Removing a REJECT opens the node.
    OpensNode,
    /// A rule ends the nat table for pods before kube-proxy's part of it.
    SkipsKubeProxy,
    /// A rule that could not be read and was passed on as it is.
    Unreadable(Error),
    /// A rule with an extension that is not known and was passed on as it is.
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
                | FindingKind::RejectStays
                | FindingKind::StopsPods
        )
    }
}

/// Two changes to the same words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` and `{}` both change one line: {}; {}",
    .0[0].transform, .0[1].transform, .0[0].reason, .0[1].reason
)]
pub struct Conflict(pub Box<[Change; 2]>);

impl Plan {
    /// The changes, in the order of the text.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// What was left alone, in the order of the text.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// All edits of all changes.
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

/// A plan in the making. Transforms add to it and never see what others added.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) family: Option<Family>,
    changes: Vec<Change>,
    findings: Vec<Finding>,
    /// The pods whose connections changed rules have translated.
    translated: Vec<IpNetwork>,
}

impl Draft {
    pub(crate) fn new(family: Option<Family>) -> Self {
        Self {
            family,
            changes: Vec::new(),
            findings: Vec::new(),
            translated: Vec::new(),
        }
    }

    pub(crate) fn change(&mut self, change: Change) {
        self.changes.push(change);
    }

    pub(crate) fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    pub(crate) fn find_all(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.findings.extend(findings);
    }

    pub(crate) fn translated(&mut self, pods: Vec<IpNetwork>) {
        self.translated.extend(pods);
    }

    pub(crate) fn finish(mut self, pods: &PodNetworks) -> Result<Plan, Conflict> {
        self.changes.sort_by_key(|change| change.line);
        self.findings.sort_by_key(|finding| finding.line);
        let owners: Vec<usize> = self
            .changes
            .iter()
            .enumerate()
            .flat_map(|(at, change)| std::iter::repeat_n(at, change.edits.len()))
            .collect();
        let edits = self
            .changes
            .iter()
            .flat_map(|it| it.edits.clone())
            .collect();
        let flushes = match self.family {
            Some(family) => flushes(&self.translated, pods.of(family), family),
            None => Vec::new(),
        };
        match Edits::new(edits) {
            Ok(edits) => Ok(Plan {
                changes: self.changes,
                findings: self.findings,
                edits,
                family: self.family,
                flushes,
            }),
            Err(overlap) => Err(Conflict(Box::new(
                [overlap.first, overlap.second].map(|edit| self.changes[owners[edit]].clone()),
            ))),
        }
    }
}

/// The commands that end the connections from some pods to all others.
fn flushes(translated: &[IpNetwork], pods: &[IpNetwork], family: Family) -> Vec<String> {
    let option = match family {
        Family::V4 => "",
        Family::V6 => " -f ipv6",
    };
    // Many rules may have had a part in them: the fewest networks will do.
    let sources = Ranges::of(translated).networks(family);
    let pairs = sources
        .iter()
        .flat_map(|from| pods.iter().map(move |to| (from, to)));
    pairs
        .map(|(from, to)| format!("conntrack -D{option} -s {from} -d {to}"))
        .collect()
}
