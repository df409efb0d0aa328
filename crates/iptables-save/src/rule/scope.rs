//! What is known about a line before it is parsed.

use crate::Family;

/// Describes the surroundings of a line, so that a rule can be parsed without the document.
pub(crate) struct LineScope<'s> {
    /// The address family, unless the reader has been made for one.
    pub(crate) family: Option<Family>,
    /// The length of the chain's name, if the line is known to begin with `-A` and the name, after
    /// its counters.
    pub(crate) plain_chain: Option<usize>,
    /// Whether some chain has the name of a target, so that the name may mean the chain.
    pub(crate) is_target_shadowed: bool,
    /// Whether the line has the words of a rule alone, to append, without counters or a command.
    pub(crate) is_rule_alone: bool,
    /// Returns whether a target's name means a chain.
    pub(crate) is_chain: &'s dyn Fn(&[u8]) -> bool,
    /// Returns whether the line's table is nat.
    pub(crate) is_nat: &'s dyn Fn() -> bool,
}

impl Default for LineScope<'_> {
    /// Describes a line by itself.
    fn default() -> Self {
        Self {
            family: None,
            plain_chain: None,
            is_target_shadowed: false,
            is_rule_alone: false,
            is_chain: &|_| false,
            is_nat: &|| false,
        }
    }
}
