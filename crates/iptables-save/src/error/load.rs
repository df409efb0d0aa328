//! What can go wrong when a ruleset's commands are executed.

use super::{Name, kinds::error_kinds};
use crate::Purpose;

error_kinds! {
    /// What can go wrong when a ruleset's commands are executed in order.
    pub enum LoadError {
        /// A chain that does not exist yet.
        #[error("there is no chain `{chain}` in this table")]
        NoSuchChain {
            /// Its name.
            chain: Name,
        } = "no-such-chain",
            help: "declare the chain above the first line that names it: `:NAME - [0:0]`";

        /// An invalid name for a chain.
        #[error("this chain name {reason}")]
        BadChainName {
            /// Why not.
            reason: &'static str,
        } = "bad-chain-name",
            help: "choose another name, in the chain's declaration and in all rules";

        /// A policy other than ACCEPT and DROP.
        #[error("a policy is `ACCEPT` or `DROP`")]
        BadPolicy = "bad-policy",
            help: "to reject or to log, put a rule at the chain's end";

        /// A policy for a chain that is not built-in.
        #[error("only a built-in chain has a policy")]
        PolicyOfUserChain = "policy-of-user-chain",
            help: "write `-` instead";

        /// A built-in chain to be deleted or renamed.
        #[error("a built-in chain can be neither deleted nor renamed")]
        BuiltinChain = "built-in-chain",
            help: "to empty it write `-F CHAIN`";

        /// A jump to a built-in chain.
        #[error("no rule can jump to a built-in chain")]
        JumpToBuiltin = "jump-to-built-in",
            help: "put the rules into a chain of their own, and jump there from both";

        /// A chain to be deleted that rules jump to.
        #[error("chain `{chain}` cannot be deleted: rules jump to it")]
        ChainInUse {
            /// Its name.
            chain: Name,
        } = "chain-in-use",
            help: "first remove the rules that jump to it";

        /// A chain to be deleted that has rules.
        #[error("chain `{chain}` cannot be deleted: it has rules")]
        ChainNotEmpty {
            /// Its name.
            chain: Name,
        } = "chain-not-empty",
            help: "first remove its rules, with `-F CHAIN`";

        /// A rule to be deleted or checked that is not there.
        #[error("the chain has no rule like this one")]
        NoSuchRule = "no-such-rule",
            help: "every word counts, and so does the order of the matches; `-D CHAIN NUMBER` deletes by number";

        /// A rule's number that is too high.
        #[error("no rule has this number: the chain has {rules} so far")]
        NoSuchNumber {
            /// How many rules there are.
            rules: usize,
        } = "no-such-rule-number",
            help: "rules are numbered from 1, in the order that they have at this line";

        /// More rules from lists of addresses than are loaded.
        #[error("the lists of addresses up to here stand for more than a million rules")]
        TooManyRules = "too-many-rules",
            help: "put the addresses into an ipset, and match it with `-m set`";

        /// A jump that completes a loop.
        #[error("this jump makes a loop, back to chain `{chain}`")]
        JumpLoop {
            /// The chain that the loop comes back to.
            chain: Name,
        } = "jump-loop",
            help: "use `-j RETURN`, or remove one of the jumps";
    }
}

impl LoadError {
    /// Returns the least strict purpose for which this is fatal: iptables-restore would refuse
    /// the line, which a filter leaves alone.
    pub(super) const fn fatal_for(&self) -> Option<Purpose> {
        Some(Purpose::Check)
    }
}
