//! The text of iptables-save and iptables-restore as a lossless document with typed rules.
//!
//! Three levels, each made from the one before:
//!
//! 1. A [`Document`] is bytes and lines. Reading never fails, and the lines put together
//!    again are the input. It knows its tables and chains.
//! 2. [`Clause`]s are the [`Word`]s of a rule, grouped by the option they belong to.
//! 3. A [`RuleLine`] is a command with a typed [`Rule`], which prints as iptables-save
//!    would print it. It is made when asked for.
//!
//! To change a text, name the words of a line and what to put instead: [`Edits`].
//! Every other byte stays.
//!
//! ```
//! use iptables_save::{Document, Match};
//!
//! let text = b"*filter
//! :INPUT DROP [0:0]
//! -A INPUT -p tcp -m multiport --dports 22,80:81 -j ACCEPT
//! COMMIT
//! ";
//! let document = Document::read(text);
//! let filter = document.sections().next().unwrap();
//! let input = document.chain(filter, b"INPUT").unwrap();
//! for line in document.rules(input) {
//!     let rule_line = document.rule_line(line)?;
//!     let Match::Multiport(ports) = &rule_line.rule.matches[0] else { panic!() };
//!     assert_eq!(ports.dports.unwrap().value.as_slice().len(), 2);
//! }
//! # Ok::<(), iptables_save::Error>(())
//! ```
//!
//! The crate knows the format and every extension in it. It knows nothing of files,
//! processes or the kernel, and never looks a name up.

mod base;
mod canonical;
mod clause;
mod diagnostic;
mod display;
mod document;
mod edit;
mod error;
mod errors;
mod ext;
mod family;
mod index;
mod line;
mod purpose;
mod refusal;
mod rule;
mod ruleset;
mod source_line;
mod span;
mod tables;
pub mod value;
mod word;
mod writer;

/// The crate whose networks appear in this one's API, for callers without a dependency on it.
pub use ipnetwork;

pub use self::{
    base::{Base, Verb},
    canonical::Canonical,
    clause::{Clause, ClauseKind},
    diagnostic::{Diagnostic, Label},
    display::display,
    document::{ChainId, Document, Indexer, SectionId},
    edit::{Edit, Edits, Overlap},
    error::{Error, ErrorKind, LoadError, Name, RuleError, TextError},
    errors::Errors,
    ext::{
        Description, Extension, Match, OptionConflict, OptionDescription, Other, Target, matches,
        targets,
    },
    family::{Family, Generator},
    line::{
        Declaration, LONGEST_LINE, Line, LineId, LineKind, counters_end, declaration, table_name,
    },
    purpose::{Purpose, Severity},
    refusal::Acceptance,
    rule::{Command, Counters, Reader, Rule, RuleLine},
    ruleset::{Chain, Policy, Renumbering, Replacement, Reshaped, RuleRef, Ruleset, Saved, Table},
    source_line::{Rewritten, SourceLine},
    span::Span,
    word::{LONGEST_WORD, Text, Word, split},
    writer::{Fidelity, Style, Writer},
};
