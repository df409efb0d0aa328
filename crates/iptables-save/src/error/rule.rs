//! What can be wrong with one rule.

use std::borrow::Cow;

use super::{Name, kinds::error_kinds};
use crate::{Family, Purpose};

error_kinds! {
    /// What can be wrong with one rule, or with the command that it is given to.
    pub enum RuleError {
        /// A quote that nothing closes.
        #[error("this quote is never closed; iptables-restore would put the newline into the word")]
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

        /// A word where an option is expected.
        #[error("`{word}` is not an option")]
        StrayWord {
            /// The word.
            word: Name,
        } = "stray-word",
            help: "put an argument with spaces in double quotes; single quotes do not quote";

        /// An option that neither iptables nor an extension of the line has.
        #[error("unknown option `{option}`{hint}")]
        UnknownOption {
            /// The option as written.
            option: Name,
            /// What may have been meant, after punctuation; or nothing.
            hint: Box<str>,
        } = "unknown-option",
            help: "options of a match come after its `-m NAME`, those of a target after its `-j NAME`";

        /// An abbreviation of several options.
        #[error("`{option}` could be `{first}` or `{second}`")]
        AmbiguousOption {
            /// The option as written.
            option: Name,
            /// One that it could be.
            first: &'static str,
            /// Another.
            second: &'static str,
        } = "ambiguous-option",
            help: "write the option in full";

        /// An option that iptables-restore does not accept in its input.
        #[error("`{option}` cannot be used in the input of iptables-restore")]
        OptionOutOfPlace {
            /// The option.
            option: &'static str,
        } = "option-out-of-place",
            help: "remove it: it is for the command line";

        /// An option that the line's command does not accept.
        #[error("`{option}` cannot be used together with `{command}`")]
        OptionWithCommand {
            /// The option.
            option: &'static str,
            /// The command.
            command: &'static str,
        } = "option-with-command",
            help: "remove it; only the commands that take a rule accept its options";

        /// An option whose argument is missing.
        #[error("`{option}` needs an argument")]
        MissingValue {
            /// The option.
            option: Name,
        } = "missing-value",
            help: "write the argument after it";

        /// An argument for an option that takes none.
        #[error("`{option}` takes no argument")]
        UnexpectedValue {
            /// The option.
            option: Name,
        } = "unexpected-value",
            help: "remove the `=` and what follows";

        /// An invalid argument.
        #[error("`{option}` takes {expected}")]
        BadValue {
            /// The option.
            option: Name,
            /// What it takes.
            expected: Cow<'static, str>,
        } = "bad-value",
            help: "write such an argument, or remove the option";

        /// A name that only the machine knows, such as that of a host.
        #[error("`{option}` is given the name of {what}, and names are not resolved")]
        NotLookedUp {
            /// The option.
            option: Name,
            /// What it is the name of, such as `a host`.
            what: &'static str,
        } = "name-not-resolved",
            help: "write the number or the address: the meaning of a name differs between machines";

        /// A `!` without an option.
        #[error("`!` must come directly before an option")]
        StrayInversion = "stray-inversion",
            help: "write `! -s ADDRESS`, not `-s ! ADDRESS`";

        /// A `!` before an option that cannot be inverted.
        #[error("`{option}` cannot be inverted")]
        NotInvertible {
            /// The option.
            option: Name,
        } = "not-invertible",
            help: "remove the `!`, or write the opposite condition";

        /// An option that is given more than once.
        #[error("`{option}` may be given only once")]
        Repeated {
            /// The option.
            option: Name,
        } = "repeated-option",
            help: "remove one; for several values write one rule for each, or a list where the option takes one";

        /// Two options that cannot be used together.
        #[error("`{first}` and `{second}` cannot be used together")]
        Exclusive {
            /// The earlier.
            first: &'static str,
            /// The later.
            second: &'static str,
        } = "exclusive-options",
            help: "remove one of the two, or write two rules";

        /// An option without another that it needs.
        #[error("`{option}` needs `{needed}` as well")]
        Needs {
            /// The option that is there.
            option: &'static str,
            /// The one that is not.
            needed: &'static str,
        } = "needs-option",
            help: "add that option, or remove this one";

        /// An extension without an option that it requires.
        #[error("`{extension}` needs `{option}`")]
        MissingOption {
            /// The match or target.
            extension: &'static str,
            /// The missing option.
            option: &'static str,
        } = "missing-option",
            help: "write it after the name, or remove the match or target";

        /// Options of an extension that conflict, as it says itself.
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
            help: "keep rules of IPv4 and of IPv6 in separate inputs; `--family` says which one an input is for";

        /// A word longer than iptables-restore accepts.
        #[error("this word is longer than the 1023 bytes that iptables-restore accepts")]
        WordTooLong = "word-too-long",
            help: "shorten it; a comment holds 255 bytes at most";

        /// More words than iptables-restore accepts on a line.
        #[error(
            "more words on one line than the 251 that iptables-restore accepts, or 248 after counters"
        )]
        TooManyWords = "too-many-words",
            help: "split the rule: a chain of its own can hold some of the conditions";

        /// A counter prefix that is not `[packets:bytes]`.
        #[error("a counter has the form `[packets:bytes]`")]
        BadCounters = "bad-counters",
            help: "write two numbers, as in `[12:720]`, or remove it";

        /// A list of addresses in a rule with an inverted address.
        #[error("a list of addresses cannot be used together with a `!` before `-s` or `-d`")]
        InvertedList = "inverted-list",
            help: "put the addresses into an ipset, and match it with `! --match-set`";

        /// A list of addresses in a rule that replaces one.
        #[error("`-R` takes one source and one destination")]
        ReplaceByList = "replace-by-list",
            help: "write the rules one by one";

        /// A condition on an interface that packets in this chain do not have.
        #[error("`{option}` cannot be used in a chain named `{chain}`")]
        NoSuchInterface {
            /// The option.
            option: &'static str,
            /// The chain.
            chain: Name,
        } = "no-interface-in-chain",
            help: "packets have no output interface in PREROUTING and INPUT, and no input interface in OUTPUT and POSTROUTING";

        /// DROP in the table nat.
        #[error("the nat table is not for filtering: `DROP` cannot be used there")]
        DropInNat = "drop-in-nat",
            help: "drop packets in the filter table";

        /// A match that iptables does not have.
        #[error("iptables has no match `{name}`{hint}")]
        NoSuchMatch {
            /// Its name.
            name: Name,
            /// What may have been meant, after punctuation; or nothing.
            hint: Box<str>,
        } = "no-such-match",
            help: "check the name; extensions that are not part of iptables are not known here";

        /// A name that is neither a target nor a chain.
        #[error("there is neither a chain nor a target `{name}`{hint}")]
        NoSuchTarget {
            /// Its name.
            name: Name,
            /// What may have been meant, after punctuation; or nothing.
            hint: Box<str>,
        } = "no-such-target",
            help: "declare the chain above the first line that names it: `:NAME - [0:0]`";

        /// A match or a target in a rule without the protocol that it needs.
        #[error("the kernel accepts `{words}` only in a rule with `-p {protocols}`")]
        NeedsProtocol {
            /// The match or the target.
            words: Box<str>,
            /// The protocol, or several: `` tcp` or `-p udp ``.
            protocols: Box<str>,
        } = "needs-protocol",
            help: "add the protocol to the rule";

        /// A rule that iptables-save does not print as it is.
        #[error("what iptables-save prints for this rule is refused or parsed as another rule")]
        NotReadBack = "not-read-back",
            help: "remove spaces and quotes from its names, or choose other values";
    }
}

impl RuleError {
    /// Returns the least strict purpose for which this is fatal; `None` if it never is.
    pub(super) const fn fatal_for(&self) -> Option<Purpose> {
        match self {
            // iptables-restore would put the newline into the word.
            Self::OpenQuote => Some(Purpose::Filter),
            // A fault of iptables-save's own.
            Self::NotReadBack => None,
            // iptables-restore would refuse the line, which a filter leaves alone.
            _ => Some(Purpose::Check),
        }
    }
}
