//! What an input is read for, and how much a diagnostic matters.

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Something that was changed.
    Change,
    /// Something good to know.
    Note,
    /// Something to look at.
    Warning,
    /// A reason not to go on.
    Error,
}

/// What an input is read for, on which depends which errors are fatal: the later, the more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Changes single rules and keeps the rest, for `iptables-restore` to judge.
    Filter,
    /// Validates each line by itself, which may be a patch for `iptables-restore --noflush`.
    Check,
    /// Loads the whole input into empty tables.
    Load,
}
