//! What can be wrong with the input as a whole.

use super::kinds::error_kinds;
use crate::Purpose;

error_kinds! {
    /// What can be wrong with the input as a whole, whatever its rules say.
    pub enum TextError {
        /// The input ends inside a table.
        #[error("the input ends before this table's COMMIT")]
        NoCommit = "no-commit",
            help: "the command that wrote the input was interrupted; run it again";

        /// `COMMIT` at the very end of the input.
        #[error(
            "the last line has no newline, without which iptables-legacy-restore does not see this COMMIT"
        )]
        NoFinalNewline = "no-final-newline",
            help: "end the input with a newline";

        /// A rule, a chain or `COMMIT` while no table is open.
        #[error("this line is outside any table")]
        OutsideTable = "outside-table",
            help: "a table begins with a line such as `*nat` and ends with `COMMIT`";

        /// A line that is not of the format.
        #[error("this is not a line of iptables-save text")]
        NotALine = "unknown-line",
            help: "give the output of `iptables-save`, `ip6tables-save` or `iptables -S`";

        /// A table that the kernel does not have.
        #[error("there is no table of this name")]
        UnknownTable = "unknown-table",
            help: "the tables are filter, nat, mangle, raw and security";

        /// A chain's declaration without a name or a policy.
        #[error("a chain's declaration needs a name and a policy")]
        BadDeclaration = "bad-chain-line",
            help: "write `:CHAIN - [0:0]`, or `:INPUT ACCEPT [0:0]` for a built-in chain";

        /// A chain declared twice in one section.
        #[error("this chain is declared a second time")]
        DuplicateChain = "duplicate-chain",
            help: "remove one of the two";

        /// More bytes than iptables-restore reads as one line.
        #[error(
            "this line is longer than the 10239 bytes that iptables-restore reads at once; it would parse the rest as another line"
        )]
        LineTooLong = "line-too-long",
            help: "shorten the line; a comment holds 255 bytes at most";

        /// More lines than a document holds.
        #[error("the input has more than 16777216 lines; from this one on it was not parsed")]
        TooManyLines = "too-many-lines",
            help: "no ruleset is that long; is this the right input?";

        /// A NUL byte.
        #[error("a NUL byte: iptables-restore ignores the rest of the line")]
        Nul = "nul-byte",
            help: "remove it, for example with `tr -d '\\0'`";

        /// A carriage return before the newline.
        #[error("a carriage return, which iptables-restore parses as part of the line's last word")]
        CarriageReturn = "carriage-return",
            help: "convert the line ends to plain newlines, for example with `tr -d '\\r'`";

        /// `# Table … is incompatible`: iptables-nft-save left a whole table out.
        #[error("iptables-nft-save could not print this table: the input is not the whole ruleset")]
        IncompatibleTable = "incompatible-table",
            help: "a program other than iptables manages rules there; see `nft list ruleset`";

        /// `# Table … contains incompatible base-chains`.
        #[error("iptables-nft-save could not print some chains of this table")]
        IncompatibleBaseChains = "incompatible-base-chains",
            help: "a program other than iptables manages rules there; see `nft list ruleset`";

        /// A rule that iptables-nft-save printed without match and target.
        #[error(
            "a bare rule: iptables-nft-save prints this for an nft rule that it cannot express"
        )]
        BareRule = "bare-rule",
            help: "see the rule in `nft list ruleset`; restoring this input would lose it";

        /// Headers or addresses of both address families in one input.
        #[error("this is for the other address family than what comes before it")]
        TwoFamilies = "two-families",
            help: "give the output of iptables-save and of ip6tables-save separately";
    }
}

impl TextError {
    /// Returns the least strict purpose for which this is fatal; `None` if it never is.
    pub(super) const fn fatal_for(&self) -> Option<Purpose> {
        match self {
            // iptables-restore would load a part of the input, or another ruleset than it looks like.
            Self::NoCommit
            | Self::OutsideTable
            | Self::NotALine
            | Self::LineTooLong
            | Self::TooManyLines
            | Self::Nul
            | Self::CarriageReturn
            | Self::IncompatibleTable
            | Self::BareRule
            | Self::TwoFamilies => Some(Purpose::Filter),
            // iptables-restore would refuse the line, which a filter leaves alone.
            Self::UnknownTable | Self::BadDeclaration => Some(Purpose::Check),
            // The canonical form has the newline, and a patch may declare a chain anew.
            Self::NoFinalNewline | Self::DuplicateChain => Some(Purpose::Load),
            // Other programs' chains.
            Self::IncompatibleBaseChains => None,
        }
    }
}
