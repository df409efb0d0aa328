//! The whole ruleset with the changes.

use iptables_save::Document;

use crate::Plan;

/// Returns the input with the plan's changes, in pieces: unchanged runs of it, and the new
/// text between them.
#[must_use]
pub fn full<'p>(document: &Document<'p>, plan: &'p Plan<'_>) -> Vec<&'p [u8]> {
    plan.edits().pieces(document)
}
