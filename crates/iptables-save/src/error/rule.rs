//! What can be wrong with one rule.

use std::borrow::Cow;

use super::{Name, kinds::error_kinds};
use crate::{Family, Purpose};

error_kinds! {
    /// What can be wrong with one rule, or with the command that it is given to.
    pub enum RuleError {
        /// A quote that nothing closes.
        #[error(
            "this quote is never closed; iptables-restore would take the newline into the word"
        )]
        OpenQuote = "open-quote",
            help: "close it with `\"`; inside quotes write `\\\"` for the quote itself";

        /// A rule line without a command.
        #[error("no command such as `-A CHAIN` on this line")]
        NoCommand = "no-command",
            help: "a rule begins with `-A CHAIN`";

        /// Two commands on one line.
        #[error("a second command on one line")]
        SecondCommand = "second-command",
            help: "write a line for each command";

        /// A word where an option has to stand.
        #[error("`{word}` is not an option")]
        StrayWord {
            /// The word.
            word: Name,
        } = "stray-word",
            help: "put a value with blanks in double quotes; others do not quote";

        /// An option that nothing on the line brings.
        #[error("unknown option `{option}`{hint}")]
        UnknownOption {
            /// The option as written.
            option: Name,
            /// What may have been meant, with a sign before it; or nothing.
            hint: Box<str>,
        } = "unknown-option",
            help: "options of a match stand after its `-m NAME`, those of a target after its `-j NAME`";

        /// The beginning of several options.
        #[error("`{option}` could be `{first}` or `{second}`")]
        AmbiguousOption {
            /// The option as written.
            option: Name,
            /// One that it could be.
            first: &'static str,
            /// Another.
            second: &'static str,
        } = "ambiguous-option",
            help: "write the option out";

        /// An option that iptables-restore does not take in its input.
        #[error("`{option}` cannot stand in the input of iptables-restore")]
        OptionOutOfPlace {
            /// The option.
            option: &'static str,
        } = "option-out-of-place",
            help: "leave it out: it is for the command line, not for a line of rules";

        /// An option that the line's command does not take.
        #[error("`{option}` cannot stand beside `{command}`")]
        OptionBesideCommand {
            /// The option.
            option: &'static str,
            /// The command.
            command: &'static str,
        } = "option-with-command",
            help: "leave it out; only the commands that name a rule take a rule's options";

        /// An option at the end of the line whose value is missing.
        #[error("`{option}` needs a value")]
        MissingValue {
            /// The option.
            option: Name,
        } = "missing-value",
            help: "write the value behind it";

        /// A value for an option that takes none.
        #[error("`{option}` takes no value")]
        UnexpectedValue {
            /// The option.
            option: Name,
        } = "unexpected-value",
            help: "leave out the `=` and what follows";

        /// A value that cannot be read.
        #[error("`{option}` takes {expected}")]
        BadValue {
            /// The option.
            option: Name,
            /// What it takes.
            expected: Cow<'static, str>,
        } = "bad-value",
            help: "write such a value, or leave the option out";

        /// A name that only the machine knows, such as that of a host.
        #[error("`{option}` has the name of {what}, and names are not looked up")]
        NotLookedUp {
            /// The option.
            option: Name,
            /// What it is the name of, such as `a host`.
            what: &'static str,
        } = "name-not-resolved",
            help: "write the number or the address: what a name stands for differs between machines";

        /// A `!` that no option takes.
        #[error("`!` has to stand directly before an option")]
        StrayInversion = "stray-inversion",
            help: "write `! -s ADDRESS`, not `-s ! ADDRESS`";

        /// A `!` before an option that cannot be inverted.
        #[error("`{option}` cannot be inverted")]
        NotInvertible {
            /// The option.
            option: Name,
        } = "not-invertible",
            help: "leave the `!` out, or say the opposite in other words";

        /// An option given more often than it may be.
        #[error("`{option}` may stand only once")]
        Repeated {
            /// The option.
            option: Name,
        } = "repeated-option",
            help: "leave one out; for several values write several rules, or a list where one is taken";

        /// Two options that exclude each other.
        #[error("`{first}` and `{second}` exclude each other")]
        Exclusive {
            /// The earlier.
            first: &'static str,
            /// The later.
            second: &'static str,
        } = "exclusive-options",
            help: "leave one of the two out, or write two rules";

        /// An option without another that it needs.
        #[error("`{option}` needs `{needed}` beside it")]
        Needs {
            /// The option that is there.
            option: &'static str,
            /// The one that is not.
            needed: &'static str,
        } = "needs-option",
            help: "write that option too, or leave this one out";

        /// An extension without an option that it cannot do without.
        #[error("`{extension}` needs `{option}`")]
        MissingOption {
            /// The match or target.
            extension: &'static str,
            /// The missing option.
            option: &'static str,
        } = "missing-option",
            help: "write it behind the name, or leave the match or target out";

        /// What an extension's own rules do not allow.
        #[error("{0}")]
        OptionConflict(Cow<'static, str>) = "option-conflict",
            help: "iptables-extensions(8) says which of its options go together";

        /// An extension, or an option of one, of the other address family.
        #[error("`{extension}` is for {} only", .family.name())]
        OtherFamily {
            /// The match, the target or the option.
            extension: &'static str,
            /// The family it is for.
            family: Family,
        } = "other-family",
            help: "keep rules of IPv4 and of IPv6 in texts of their own; `--family` says which a text is";

        /// A word longer than iptables-restore takes.
        #[error("this word is longer than the 1023 bytes that iptables-restore takes")]
        WordTooLong = "word-too-long",
            help: "shorten it; a comment holds 255 bytes at most";

        /// More words than iptables-restore takes on a line.
        #[error(
            "more words on one line than the 251 that iptables-restore takes, or 248 behind counters"
        )]
        TooManyWords = "too-many-words",
            help: "split the rule: a chain of one's own may hold a part of the conditions";

        /// A counter prefix that is not `[packets:bytes]`.
        #[error("a counter has the form `[packets:bytes]`")]
        BadCounters = "bad-counters",
            help: "write two numbers, as in `[12:720]`, or leave it out";

        /// A `!` beside a list of addresses.
        #[error("no `!` can stand beside a list of addresses, before `-s` or before `-d`")]
        NegatedList = "inverted-list",
            help: "write an ipset, and match it with `! --match-set`";

        /// A list of addresses in a rule that takes one place.
        #[error("`-R` takes one source and one destination")]
        ReplaceByList = "replace-by-list",
            help: "write the rules one by one";

        /// A test of an interface that packets in this chain do not have.
        #[error("`{option}` cannot stand in a chain named `{chain}`")]
        NoSuchInterface {
            /// The option.
            option: &'static str,
            /// The chain.
            chain: Name,
        } = "no-interface-in-chain",
            help: "packets have no interface to leave by before they are routed, and none they came by when they leave";

        /// DROP in the table nat.
        #[error("the table nat does not filter: `DROP` cannot stand there")]
        DropInNat = "drop-in-nat",
            help: "drop packets in the table filter";

        /// A match that iptables does not have.
        #[error("iptables has no match `{name}`{hint}")]
        NoSuchMatch {
            /// Its name.
            name: Name,
            /// What may have been meant, with a sign before it; or nothing.
            hint: Box<str>,
        } = "no-such-match",
            help: "check the name; extensions that are not part of iptables are not known here";

        /// A target that is none, and no chain of this name is there.
        #[error("there is neither a chain nor a target `{name}`{hint}")]
        NoSuchTarget {
            /// Its name.
            name: Name,
            /// What may have been meant, with a sign before it; or nothing.
            hint: Box<str>,
        } = "no-such-target",
            help: "declare the chain above the first line that names it: `:NAME - [0:0]`";

        /// A match or a target in a rule that is not of its protocol.
        #[error("the kernel takes `{words}` only in a rule with `-p {protocols}`")]
        NeedsProtocol {
            /// The match or the target.
            words: Box<str>,
            /// The protocol, or several: `` tcp` or `-p udp ``.
            protocols: Box<str>,
        } = "needs-protocol",
            help: "write the protocol into the rule as well";

        /// Words that iptables-save prints so that they are read otherwise.
        #[error("what iptables-save prints of this rule is refused or read as another rule")]
        NotReadBack = "not-read-back",
            help: "take blanks and quotes out of its names, or choose other values";
    }
}

impl RuleError {
    /// Returns the least strict purpose for which this is fatal; `None` if it never is.
    pub(super) const fn fatal_for(&self) -> Option<Purpose> {
        match self {
            // iptables-restore would take the next line into the word.
            Self::OpenQuote => Some(Purpose::Filter),
            // A fault of iptables-save's own.
            Self::NotReadBack => None,
            // iptables-restore would refuse the line, which a filter leaves alone.
            _ => Some(Purpose::Check),
        }
    }
}
