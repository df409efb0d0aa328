//! An exact account of what an iptables ruleset does to packets.
//!
//! ```text
//! document → program → walk → outcomes → explanation | comparison
//! ```
//!
//! A [`Program`] is a ruleset as conditions and actions. Three ways to run it:
//!
//! - [`Evaluator::chain`] walks a built-in chain with a set of packets at once. Its
//!   [`Outcome`] says how the chain ends for which of them, and who came to each rule.
//! - [`compare`] walks two rulesets and says whether they treat the same packets alike; if
//!   not, it shows one that fares differently.
//! - [`run_chain`] sends one [`Packet`] through.
//!
//! A set of packets is described by a [`Condition`]. What neither a packet nor the ruleset
//! says, such as what an ipset holds, is a [`Question`]: where the same is asked about a
//! packet the answer is the same, and every answer is thought possible.
//!
//! Nothing here is wrong for want of memory: beyond [`MOST_NODES`] the answer is
//! [`Undecided`].

mod bdd;
mod compare;
mod concrete;
mod condition;
mod describe;
mod evaluator;
mod example;
mod explain;
mod field;
mod hook;
mod hooks;
mod known;
mod program;
mod question;
mod version;
mod walk;
mod world;

pub use self::{
    bdd::Set,
    compare::{
        Alignment, Care, Counterexample, Treatment, Verdict, compare, compare_aligned, compare_full,
    },
    concrete::{Fate, run_chain},
    condition::{Asks, Condition, InterfaceTest, Unknown},
    describe::Description,
    evaluator::Evaluator,
    example::{Example, Undecided},
    explain::{Decision, Explanation, Leaf, MOST_LEAVES},
    field::{Field, Packet, address, kind, number, state, state_name},
    hook::{BaseChain, Hook, Table},
    hooks::{Arrival, Host, Journey, Origin, Stage, Trip, run_through},
    program::{End, Nat, NatKind, Program},
    question::{Oracle, Place, Question},
    walk::{Outcome, Visit},
    world::MOST_NODES,
};

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
