//! What can be wrong with a text, where, and what to do about it.

use std::borrow::Cow;

use crate::{Purpose, Severity, Span};

/// Something iptables-restore would refuse, cut, or read differently from what it looks like.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where, in the bytes of the input.
    pub span: Span,
    /// Where else to look, such as the first of two.
    pub other: Option<Span>,
}

impl Error {
    pub(crate) const fn new(kind: ErrorKind, span: Span) -> Self {
        Self {
            kind,
            span,
            other: None,
        }
    }

    pub(crate) const fn beside(mut self, other: Span) -> Self {
        self.other = Some(other);
        self
    }

    pub(crate) fn shifted(mut self, by: usize) -> Self {
        self.span = self.span.shifted(by);
        self.other = self.other.map(|span| span.shifted(by));
        self
    }
}

/// What can be wrong.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    // The text as a whole.
    /// The input ends inside a table.
    #[error("the input ends before this table's COMMIT")]
    NoCommit,
    /// `COMMIT` is the very end of the input.
    #[error(
        "the last line has no newline, without which iptables-legacy-restore does not see this COMMIT"
    )]
    NoFinalNewline,
    /// A rule, a chain or `COMMIT` while no table is open.
    #[error("this line stands outside any table")]
    OutsideTable,
    /// A line that is none of the format's.
    #[error("this is not a line of iptables-save text")]
    NotALine,
    /// A table that the kernel does not have.
    #[error("there is no table of this name")]
    UnknownTable,
    /// A chain's line without a name or a policy.
    #[error("a chain's line needs a name and a policy")]
    BadDeclaration,
    /// A chain declared twice in one section.
    #[error("this chain is declared a second time")]
    DuplicateChain,
    /// More bytes than iptables-restore reads as one line.
    #[error(
        "this line is longer than the 10239 bytes that iptables-restore reads at once; it would take the rest for another line"
    )]
    LineTooLong,
    /// A NUL byte.
    #[error("a NUL byte: iptables-restore does not read what follows it on this line")]
    Nul,
    /// A carriage return before the newline.
    #[error("a carriage return, which iptables-restore takes for a part of the line's last word")]
    CarriageReturn,
    /// A quote that nothing closes.
    #[error("this quote is never closed; iptables-restore would take the newline into the word")]
    OpenQuote,
    /// `# Table … is incompatible`: iptables-nft-save left a whole table out.
    #[error("iptables-nft-save could not print this table: the text is not the whole ruleset")]
    IncompatibleTable,
    /// `# Table … contains incompatible base-chains`.
    #[error("iptables-nft-save could not print some chains of this table")]
    IncompatibleBaseChains,
    /// A rule that iptables-nft-save printed without match and target.
    #[error("a bare rule: iptables-nft-save prints this for an nft rule that it cannot express")]
    BareRule,
    /// Headers of both address families in one text.
    #[error("this text is of the other address family than the text before it")]
    TwoFamilies,

    // One rule.
    /// A rule line without a command.
    #[error("no command such as `-A CHAIN` on this line")]
    NoCommand,
    /// Two commands on one line.
    #[error("a second command on one line")]
    SecondCommand,
    /// A word where an option has to stand.
    #[error("`{word}` is not an option")]
    StrayWord {
        /// The word.
        word: Name,
    },
    /// An option that nothing on the line brings.
    #[error("unknown option `{option}`{hint}")]
    UnknownOption {
        /// The option as written.
        option: Name,
        /// What may have been meant, with a sign before it; or nothing.
        hint: Box<str>,
    },
    /// The beginning of several options.
    #[error("`{option}` could be `{first}` or `{second}`")]
    AmbiguousOption {
        /// The option as written.
        option: Name,
        /// One that it could be.
        first: &'static str,
        /// Another.
        second: &'static str,
    },
    /// An option that iptables-restore does not take in its input.
    #[error("`{option}` cannot stand in the input of iptables-restore")]
    OptionOutOfPlace {
        /// The option.
        option: &'static str,
    },
    /// An option that the line's command does not take.
    #[error("`{option}` cannot stand beside `{command}`")]
    OptionBesideCommand {
        /// The option.
        option: &'static str,
        /// The command.
        command: &'static str,
    },
    /// An option at the end of the line whose value is missing.
    #[error("`{option}` needs a value")]
    MissingValue {
        /// The option.
        option: Name,
    },
    /// A value for an option that takes none.
    #[error("`{option}` takes no value")]
    UnexpectedValue {
        /// The option.
        option: Name,
    },
    /// A value that cannot be read.
    #[error("`{option}` takes {expected}")]
    BadValue {
        /// The option.
        option: Name,
        /// What it takes.
        expected: Cow<'static, str>,
    },
    /// A name that only the machine knows, such as that of a host.
    #[error("`{option}` has the name of {what}, and names are not looked up")]
    NotLookedUp {
        /// The option.
        option: Name,
        /// What it is the name of, such as `a host`.
        what: &'static str,
    },
    /// A `!` that no option takes.
    #[error("`!` has to stand directly before an option")]
    StrayInversion,
    /// A `!` before an option that cannot be inverted.
    #[error("`{option}` cannot be inverted")]
    NotInvertible {
        /// The option.
        option: Name,
    },
    /// An option given more often than it may be.
    #[error("`{option}` may stand only once")]
    Repeated {
        /// The option.
        option: Name,
    },
    /// Two options that exclude each other.
    #[error("`{first}` and `{second}` exclude each other")]
    Exclusive {
        /// The earlier.
        first: &'static str,
        /// The later.
        second: &'static str,
    },
    /// An option without another that it needs.
    #[error("`{option}` needs `{needed}` beside it")]
    Needs {
        /// The option that is there.
        option: &'static str,
        /// The one that is not.
        needed: &'static str,
    },
    /// An extension without an option that it cannot do without.
    #[error("`{extension}` needs `{option}`")]
    MissingOption {
        /// The match or target.
        extension: &'static str,
        /// The missing option.
        option: &'static str,
    },
    /// What an extension's own rules do not allow.
    #[error("{0}")]
    Unfit(Cow<'static, str>),
    /// An extension, or an option of one, of the other address family.
    #[error("`{extension}` is for {} only", .family.name())]
    OtherFamily {
        /// The match, the target or the option.
        extension: &'static str,
        /// The family it is for.
        family: crate::Family,
    },
    /// A word longer than iptables-restore takes.
    #[error("this word is longer than the 1023 bytes that iptables-restore takes")]
    WordTooLong,
    /// More words than iptables-restore takes on a line.
    #[error(
        "more words on one line than the 251 that iptables-restore takes, or 248 behind counters"
    )]
    TooManyWords,
    /// A counter prefix that is not `[packets:bytes]`.
    #[error("a counter has the form `[packets:bytes]`")]
    BadCounters,
    /// A `!` beside a list of addresses.
    #[error("no `!` can stand beside a list of addresses, before `-s` or before `-d`")]
    NegatedList,
    /// A list of addresses in a rule that takes one place.
    #[error("`-R` takes one source and one destination")]
    ReplaceByList,
    /// A test of an interface that packets in this chain do not have.
    #[error("`{option}` cannot stand in a chain named `{chain}`")]
    NoSuchInterface {
        /// The option.
        option: &'static str,
        /// The chain.
        chain: Name,
    },
    /// DROP in the table nat.
    #[error("the table nat does not filter: `DROP` cannot stand there")]
    DropInNat,
    /// A match that iptables does not have.
    #[error("iptables has no match `{name}`{hint}")]
    NoSuchMatch {
        /// Its name.
        name: Name,
        /// What may have been meant, with a sign before it; or nothing.
        hint: Box<str>,
    },
    /// A target that is none, and no chain of this name is there.
    #[error("there is neither a chain nor a target `{name}`{hint}")]
    NoSuchTarget {
        /// Its name.
        name: Name,
        /// What may have been meant, with a sign before it; or nothing.
        hint: Box<str>,
    },
    /// A match or a target in a rule that is not of its protocol.
    #[error("the kernel takes `{words}` only in a rule with `-p {protocols}`")]
    NeedsProtocol {
        /// The match or the target.
        words: Box<str>,
        /// The protocol, or several: `` tcp` or `-p udp ``.
        protocols: Box<str>,
    },
    /// Words that iptables-save prints so that they are read otherwise.
    #[error("what iptables-save prints of this rule is refused or read as another rule")]
    NotReadBack,

    // Commands, executed.
    /// A chain that nothing made so far.
    #[error("there is no chain `{chain}` in this table")]
    NoSuchChain {
        /// Its name.
        chain: Name,
    },
    /// A name that no chain can have.
    #[error("this name for a chain {reason}")]
    BadChainName {
        /// Why not.
        reason: &'static str,
    },
    /// A policy other than ACCEPT and DROP.
    #[error("a policy is `ACCEPT` or `DROP`")]
    BadPolicy,
    /// A policy for a chain that is not builtin.
    #[error("only a builtin chain has a policy")]
    PolicyOfUserChain,
    /// A builtin chain to be deleted or renamed.
    #[error("a builtin chain can be neither deleted nor renamed")]
    BuiltinChain,
    /// A jump to a builtin chain.
    #[error("no rule can jump to a builtin chain")]
    JumpToBuiltin,
    /// A chain to be deleted that rules jump to.
    #[error("chain `{chain}` cannot be deleted: rules jump to it")]
    ChainInUse {
        /// Its name.
        chain: Name,
    },
    /// A chain to be deleted that has rules.
    #[error("chain `{chain}` cannot be deleted: it has rules")]
    ChainNotEmpty {
        /// Its name.
        chain: Name,
    },
    /// A rule to be deleted or checked that is not there.
    #[error("the chain has no rule like this one")]
    NoSuchRule,
    /// A rule's number that is too high.
    #[error("no rule has this number: the chain has {rules} so far")]
    NoSuchNumber {
        /// How many rules there are.
        rules: usize,
    },
    /// More rules from lists of addresses than are loaded.
    #[error("the lists of addresses up to here stand for more than a million rules")]
    TooManyRules,
    /// A jump back to a chain that packets come from.
    #[error("this jump leads packets in a circle, back to chain `{chain}`")]
    JumpsInACircle {
        /// The chain they come back to.
        chain: Name,
    },
}

impl ErrorKind {
    /// Returns how severe this is for what the input is read for: [`Severity::Error`] when
    /// it is fatal, otherwise [`Severity::Warning`], never less.
    #[must_use]
    pub const fn severity(&self, purpose: Purpose) -> Severity {
        let is_fatal = match self {
            // Restored, the input would be cut off, or be another ruleset than it looks like.
            Self::NoCommit
            | Self::OutsideTable
            | Self::NotALine
            | Self::LineTooLong
            | Self::Nul
            | Self::CarriageReturn
            | Self::OpenQuote
            | Self::IncompatibleTable
            | Self::BareRule
            | Self::TwoFamilies => true,
            // The canonical form has the newline, and a patch may declare a chain anew.
            Self::NoFinalNewline | Self::DuplicateChain => matches!(purpose, Purpose::Load),
            // Other programs' chains, and faults of iptables-save's own.
            Self::IncompatibleBaseChains | Self::NotReadBack => false,
            // One line that iptables-restore would refuse: a filter leaves it alone.
            _ => !matches!(purpose, Purpose::Filter),
        };
        if is_fatal {
            Severity::Error
        } else {
            Severity::Warning
        }
    }

    /// Whether this is wrong with the input as a whole, and not found in reading its rules
    /// one by one.
    pub(crate) const fn concerns_input(&self) -> bool {
        matches!(
            self,
            Self::NoCommit
                | Self::NoFinalNewline
                | Self::OutsideTable
                | Self::NotALine
                | Self::UnknownTable
                | Self::BadDeclaration
                | Self::DuplicateChain
                | Self::LineTooLong
                | Self::Nul
                | Self::CarriageReturn
                | Self::IncompatibleTable
                | Self::IncompatibleBaseChains
                | Self::BareRule
                | Self::TwoFamilies
        )
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NoCommit => {
                "the command that wrote this text was cut off; take it from the start"
            }
            Self::NoFinalNewline => "end the text with a newline",
            Self::OutsideTable => {
                "a table begins with a line such as `*nat` and ends with `COMMIT`"
            }
            Self::NotALine => {
                "give the output of `iptables-save`, `ip6tables-save` or `iptables -S`"
            }
            Self::UnknownTable => "the tables are filter, nat, mangle, raw and security",
            Self::BadDeclaration => {
                "write `:CHAIN - [0:0]`, or `:INPUT ACCEPT [0:0]` for a builtin chain"
            }
            Self::LineTooLong => "shorten the line; a comment holds 255 bytes at most",
            Self::CarriageReturn => {
                "turn the line ends into plain newlines, for example with `tr -d '\\r'`"
            }
            Self::OpenQuote => {
                "close it with `\"`; inside quotes write `\\\"` for the quote itself"
            }
            Self::IncompatibleTable | Self::IncompatibleBaseChains => {
                "a program other than iptables manages rules there; look with `nft list ruleset`"
            }
            Self::BareRule => {
                "look at the rule with `nft list ruleset`; restoring this text would lose it"
            }
            Self::TwoFamilies => "give the texts of iptables-save and of ip6tables-save one by one",
            Self::NoCommand => "a rule begins with `-A CHAIN`",
            Self::StrayWord { .. } => {
                "put a value with blanks in double quotes; others do not quote"
            }
            Self::UnknownOption { .. } => {
                "options of a match stand after its `-m NAME`, those of a target after its `-j NAME`"
            }
            Self::AmbiguousOption { .. } => "write the option out",
            Self::StrayInversion => "write `! -s ADDRESS`, not `-s ! ADDRESS`",
            Self::NegatedList => "write an ipset, and match it with `! --match-set`",
            Self::ReplaceByList => "write the rules one by one",
            Self::NoSuchInterface { .. } => {
                "packets have no interface to leave by before they are routed, and none they came by when they leave"
            }
            Self::DropInNat => "drop packets in the table filter",
            Self::NoSuchTarget { .. } | Self::NoSuchChain { .. } => {
                "declare the chain above the first line that names it: `:NAME - [0:0]`"
            }
            Self::PolicyOfUserChain => "write `-` in its place",
            Self::ChainNotEmpty { .. } => "remove its rules before, with `-F CHAIN`",
            Self::TooManyRules => "put the addresses into an ipset, and match it with `-m set`",
            Self::NotReadBack => "take blanks and quotes out of its names, or choose other values",
            Self::Nul => "remove it, for example with `tr -d '\\0'`",
            Self::DuplicateChain => "leave one of the two out",
            Self::SecondCommand => "write a line for each command",
            Self::OptionOutOfPlace { .. } => {
                "leave it out: it is for the command line, not for a line of rules"
            }
            Self::OptionBesideCommand { .. } => {
                "leave it out; only the commands that name a rule take a rule's options"
            }
            Self::MissingValue { .. } => "write the value behind it",
            Self::UnexpectedValue { .. } => "leave out the `=` and what follows",
            Self::NotInvertible { .. } => "leave the `!` out, or say the opposite in other words",
            Self::Repeated { .. } => {
                "leave one out; for several values write several rules, or a list where one is taken"
            }
            Self::Exclusive { .. } => "leave one of the two out, or write two rules",
            Self::OtherFamily { .. } => {
                "keep rules of IPv4 and of IPv6 in texts of their own; `--family` says which a text is"
            }
            Self::WordTooLong => "shorten it; a comment holds 255 bytes at most",
            Self::TooManyWords => {
                "split the rule: a chain of one's own may hold a part of the conditions"
            }
            Self::BadCounters => "write two numbers, as in `[12:720]`, or leave it out",
            Self::NoSuchMatch { .. } => {
                "check the name; extensions that are not part of iptables are not known here"
            }
            Self::BadChainName { .. } => {
                "choose another name, in the chain's line and in all rules"
            }
            Self::BadPolicy => "to reject or to log, put a rule at the chain's end",
            Self::BuiltinChain => "to empty it write `-F CHAIN`",
            Self::JumpToBuiltin => {
                "put the rules into a chain of their own, and jump there from both"
            }
            Self::ChainInUse { .. } => "remove the rules with that jump before",
            Self::NoSuchRule => {
                "every word counts, the order of the matches included; `-D CHAIN NUMBER` goes by number"
            }
            Self::NoSuchNumber { .. } => {
                "rules count from 1, in the order that they have at this line"
            }
            Self::JumpsInACircle { .. } => "use `-j RETURN`, or leave out one of the jumps",
            Self::BadValue { .. } => "write such a value, or leave the option out",
            Self::NotLookedUp { .. } => {
                "write the number or the address: what a name stands for differs between machines"
            }
            Self::Needs { .. } => "write that option too, or leave this one out",
            Self::NeedsProtocol { .. } => "write the protocol into the rule as well",
            Self::MissingOption { .. } => {
                "write it behind the name, or leave the match or target out"
            }
            Self::Unfit(_) => "iptables-extensions(8) says which of its options go together",
        }
    }
}

/// Names each kind once, so that the list of all codes is complete.
macro_rules! codes {
    ($($kind:pat => $code:literal,)*) => {
        impl ErrorKind {
            /// The codes of all kinds.
            pub const CODES: &[&str] = &[$($code),*];

            /// Returns the name of this kind, which stays the same between versions.
            /// Each has its page in `docs/rules`.
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
    ErrorKind::NoCommit => "no-commit",
    ErrorKind::NoFinalNewline => "no-final-newline",
    ErrorKind::OutsideTable => "outside-table",
    ErrorKind::NotALine => "unknown-line",
    ErrorKind::UnknownTable => "unknown-table",
    ErrorKind::BadDeclaration => "bad-chain-line",
    ErrorKind::DuplicateChain => "duplicate-chain",
    ErrorKind::LineTooLong => "line-too-long",
    ErrorKind::Nul => "nul-byte",
    ErrorKind::CarriageReturn => "carriage-return",
    ErrorKind::OpenQuote => "open-quote",
    ErrorKind::IncompatibleTable => "incompatible-table",
    ErrorKind::IncompatibleBaseChains => "incompatible-base-chains",
    ErrorKind::BareRule => "bare-rule",
    ErrorKind::TwoFamilies => "two-families",
    ErrorKind::NoCommand => "no-command",
    ErrorKind::SecondCommand => "second-command",
    ErrorKind::StrayWord { .. } => "stray-word",
    ErrorKind::UnknownOption { .. } => "unknown-option",
    ErrorKind::AmbiguousOption { .. } => "ambiguous-option",
    ErrorKind::OptionOutOfPlace { .. } => "option-out-of-place",
    ErrorKind::OptionBesideCommand { .. } => "option-with-command",
    ErrorKind::MissingValue { .. } => "missing-value",
    ErrorKind::UnexpectedValue { .. } => "unexpected-value",
    ErrorKind::BadValue { .. } => "bad-value",
    ErrorKind::NotLookedUp { .. } => "name-not-resolved",
    ErrorKind::StrayInversion => "stray-inversion",
    ErrorKind::NotInvertible { .. } => "not-invertible",
    ErrorKind::Repeated { .. } => "repeated-option",
    ErrorKind::Exclusive { .. } => "exclusive-options",
    ErrorKind::Needs { .. } => "needs-option",
    ErrorKind::MissingOption { .. } => "missing-option",
    ErrorKind::Unfit(_) => "option-conflict",
    ErrorKind::OtherFamily { .. } => "other-family",
    ErrorKind::WordTooLong => "word-too-long",
    ErrorKind::TooManyWords => "too-many-words",
    ErrorKind::BadCounters => "bad-counters",
    ErrorKind::NegatedList => "inverted-list",
    ErrorKind::ReplaceByList => "replace-by-list",
    ErrorKind::NoSuchInterface { .. } => "no-interface-in-chain",
    ErrorKind::DropInNat => "drop-in-nat",
    ErrorKind::NoSuchMatch { .. } => "no-such-match",
    ErrorKind::NoSuchTarget { .. } => "no-such-target",
    ErrorKind::NeedsProtocol { .. } => "needs-protocol",
    ErrorKind::NotReadBack => "not-read-back",
    ErrorKind::NoSuchChain { .. } => "no-such-chain",
    ErrorKind::BadChainName { .. } => "bad-chain-name",
    ErrorKind::BadPolicy => "bad-policy",
    ErrorKind::PolicyOfUserChain => "policy-of-user-chain",
    ErrorKind::BuiltinChain => "built-in-chain",
    ErrorKind::JumpToBuiltin => "jump-to-built-in",
    ErrorKind::ChainInUse { .. } => "chain-in-use",
    ErrorKind::ChainNotEmpty { .. } => "chain-not-empty",
    ErrorKind::NoSuchRule => "no-such-rule",
    ErrorKind::NoSuchNumber { .. } => "no-such-rule-number",
    ErrorKind::TooManyRules => "too-many-rules",
    ErrorKind::JumpsInACircle { .. } => "jump-loop",
}

/// A user's word in a message: bytes that need not be UTF-8.
#[derive(Clone, PartialEq, Eq)]
pub struct Name(Box<[u8]>);

impl Name {
    /// Takes the bytes as the input has them.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Writes what is UTF-8 as it is, control characters included, and other bytes as `\xff`.
impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// One error of each kind.
    fn one_of_each() -> Vec<ErrorKind> {
        let name = || Name::new(b"x");
        vec![
            ErrorKind::NoCommit,
            ErrorKind::NoFinalNewline,
            ErrorKind::OutsideTable,
            ErrorKind::NotALine,
            ErrorKind::UnknownTable,
            ErrorKind::BadDeclaration,
            ErrorKind::DuplicateChain,
            ErrorKind::LineTooLong,
            ErrorKind::Nul,
            ErrorKind::CarriageReturn,
            ErrorKind::OpenQuote,
            ErrorKind::IncompatibleTable,
            ErrorKind::IncompatibleBaseChains,
            ErrorKind::BareRule,
            ErrorKind::TwoFamilies,
            ErrorKind::NoCommand,
            ErrorKind::SecondCommand,
            ErrorKind::StrayWord { word: name() },
            ErrorKind::UnknownOption {
                option: name(),
                hint: "x".into(),
            },
            ErrorKind::AmbiguousOption {
                option: name(),
                first: "x",
                second: "x",
            },
            ErrorKind::OptionOutOfPlace { option: "x" },
            ErrorKind::OptionBesideCommand {
                option: "x",
                command: "x",
            },
            ErrorKind::MissingValue { option: name() },
            ErrorKind::UnexpectedValue { option: name() },
            ErrorKind::BadValue {
                option: name(),
                expected: "x".into(),
            },
            ErrorKind::NotLookedUp {
                option: name(),
                what: "x",
            },
            ErrorKind::StrayInversion,
            ErrorKind::NotInvertible { option: name() },
            ErrorKind::Repeated { option: name() },
            ErrorKind::Exclusive {
                first: "x",
                second: "x",
            },
            ErrorKind::Needs {
                option: "x",
                needed: "x",
            },
            ErrorKind::MissingOption {
                extension: "x",
                option: "x",
            },
            ErrorKind::Unfit("x".into()),
            ErrorKind::OtherFamily {
                extension: "x",
                family: crate::Family::V4,
            },
            ErrorKind::WordTooLong,
            ErrorKind::TooManyWords,
            ErrorKind::BadCounters,
            ErrorKind::NegatedList,
            ErrorKind::ReplaceByList,
            ErrorKind::NoSuchInterface {
                option: "x",
                chain: name(),
            },
            ErrorKind::DropInNat,
            ErrorKind::NoSuchMatch {
                name: name(),
                hint: "x".into(),
            },
            ErrorKind::NoSuchTarget {
                name: name(),
                hint: "x".into(),
            },
            ErrorKind::NeedsProtocol {
                words: "x".into(),
                protocols: "x".into(),
            },
            ErrorKind::NotReadBack,
            ErrorKind::NoSuchChain { chain: name() },
            ErrorKind::BadChainName { reason: "x" },
            ErrorKind::BadPolicy,
            ErrorKind::PolicyOfUserChain,
            ErrorKind::BuiltinChain,
            ErrorKind::JumpToBuiltin,
            ErrorKind::ChainInUse { chain: name() },
            ErrorKind::ChainNotEmpty { chain: name() },
            ErrorKind::NoSuchRule,
            ErrorKind::NoSuchNumber { rules: 1 },
            ErrorKind::TooManyRules,
            ErrorKind::JumpsInACircle { chain: name() },
        ]
    }

    #[test]
    fn nothing_passes_in_silence() {
        for kind in one_of_each() {
            for purpose in [Purpose::Filter, Purpose::Check, Purpose::Load] {
                assert!(kind.severity(purpose) >= Severity::Warning, "{kind:?}");
            }
            // What ends a filter ends the others as well.
            if kind.severity(Purpose::Filter) == Severity::Error {
                assert_eq!(kind.severity(Purpose::Check), Severity::Error, "{kind:?}");
            }
            if kind.severity(Purpose::Check) == Severity::Error {
                assert_eq!(kind.severity(Purpose::Load), Severity::Error, "{kind:?}");
            }
        }
    }

    #[test]
    fn codes_are_unique_and_in_kebab_case() {
        let codes: BTreeSet<&str> = one_of_each().iter().map(ErrorKind::code).collect();
        assert_eq!(codes, ErrorKind::CODES.iter().copied().collect());
        assert_eq!(codes.len(), ErrorKind::CODES.len());
        for code in codes {
            let is_plain =
                |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase());
            assert!(code.split('-').all(is_plain), "{code}");
        }
    }

    #[test]
    fn names_keep_every_byte() {
        let name = Name::new(b"a\x1b[31m\xffb");
        assert_eq!(name.to_string(), "a\x1b[31m\\xffb");
    }
}
