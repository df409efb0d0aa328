//! Changes and findings as diagnostics.

use iptables_save::{Diagnostic, Document, LineId, Name, Severity, Span};

use crate::{
    Change, Conflict, Finding, FindingKind, Operation,
    transform::{accept_pods, pod_snat, remove_reject},
};

/// The codes of changes: the names of the transforms that ask for them.
pub const CHANGE_CODES: &[&str] = &[pod_snat::NAME, remove_reject::NAME, accept_pods::NAME];

/// Names each kind once, so that the list of all codes is complete.
macro_rules! codes {
    ($($kind:pat => $code:literal,)*) => {
        impl FindingKind {
            /// The codes of all kinds.
            pub const CODES: &[&str] = &[$($code),*];

            /// Returns the name of this kind, which stays the same between versions.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self {
                    $($kind => $code,)*
                }
            }
        }
    };
}

codes! {
    FindingKind::OwnerHidesPods => "owner-hides-pods",
    FindingKind::TranslatesPods => "translates-pods",
    FindingKind::TranslatesOnPurpose => "translates-on-purpose",
    FindingKind::DependsOnSet => "depends-on-set",
    FindingKind::CannotEdit => "cannot-edit",
    FindingKind::RejectStays => "reject-stays",
    FindingKind::StopsPods => "stops-pods",
    FindingKind::OpensNode => "opens-node",
    FindingKind::SkipsKubeProxy => "skips-kube-proxy",
    FindingKind::Unreadable(_) => "unreadable-rule",
    FindingKind::UnknownExtension => "unknown-extension",
    FindingKind::DropsReplies => "drops-replies",
    FindingKind::BlocksTunnels { .. } => "blocks-tunnels",
    FindingKind::OtherPodNetwork { .. } => "other-pod-network",
    FindingKind::NotDecided => "not-decided",
    FindingKind::NoNetwork => "no-network-of-family",
    FindingKind::NoFamily => "unknown-family",
}

impl FindingKind {
    /// Returns whether an operator should act on this, or may.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::UnknownExtension
            | Self::NoNetwork
            | Self::NotDecided
            | Self::TranslatesOnPurpose
            | Self::OtherPodNetwork { is_certain: false }
            | Self::BlocksTunnels { is_used: false } => Severity::Note,
            _ => Severity::Warning,
        }
    }
}

impl Finding {
    /// Returns the finding as a diagnostic.
    #[must_use]
    pub fn diagnostic(&self, document: &Document<'_>) -> Diagnostic {
        let line = self.line.map(|line| content(document, line));
        let diagnostic = Diagnostic::new(
            self.kind.code(),
            self.kind.severity(),
            self.message.as_str(),
        )
        .at(self.span.or(line));
        match &self.advice {
            Some(advice) => diagnostic.help(advice.as_str()),
            None => diagnostic,
        }
    }
}

impl Change<'_> {
    /// Returns the change as a diagnostic, with its edits.
    #[must_use]
    pub fn diagnostic(&self, document: &Document<'_>) -> Diagnostic {
        let quoted = |rule: &[u8]| format!("`{}`", Name::new(rule));
        let rule = quoted(document.line(self.at.line).content());
        let new: Vec<String> = self.lines.iter().map(|line| quoted(line)).collect();
        let new = new.join(" and ");
        let done = match self.operation {
            Operation::Remove => format!("removed {rule}"),
            Operation::Replace(_) => format!("now {new}"),
            Operation::InsertBefore(_) => format!("added {new} before {rule}"),
        };
        let message = format!("{done}: {}", self.reason);
        Diagnostic {
            edits: self.edits.clone(),
            ..Diagnostic::new(self.transform, Severity::Change, message)
                .at(content(document, self.at.line))
        }
    }
}

impl Conflict {
    /// Returns the conflict as a diagnostic, under a code of the caller's.
    #[must_use]
    pub fn diagnostic(&self, code: &'static str, document: &Document<'_>) -> Diagnostic {
        let [first, second] = &self.changes;
        Diagnostic::new(code, Severity::Error, self.to_string())
            .at(content(document, first.2))
            .label(content(document, second.2), "the other change is here")
    }
}

fn content(document: &Document<'_>, line: LineId) -> Span {
    document.line(line).content_span()
}
