//! The whole text, changed.

use iptables_save::Document;

use crate::Plan;

/// The whole text with the plan's changes, in pieces: long runs of the input as they
/// came, and what is new between them.
#[must_use]
pub fn full<'p>(document: &Document<'p>, plan: &'p Plan<'_>) -> Vec<&'p [u8]> {
    plan.edits().pieces(document)
}
