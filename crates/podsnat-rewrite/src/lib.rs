//! Lets Kubernetes pods see each other's own addresses: computes the changes to a ruleset, with their reasons.
//!
//! The transforms read a [`Ruleset`](iptables_save::Ruleset) and propose changes:
//!
//! - [pod SNAT](transform::pod_snat) exempts pod-to-pod traffic from MASQUERADE and SNAT;
//! - [reject removal](transform::remove_reject) removes the stock REJECT rules of
//!   INPUT and FORWARD that stop pod traffic, or [accepts pods](transform::accept_pods)
//!   before them.
//!
//! [`plan`] runs them. The [`Plan`] holds each change with its reason, and findings:
//! rules that still hide pods, with advice. It can be rendered in several ways, of which
//! [`render::full`] is the whole ruleset.
//!
//! ```
//! use iptables_save::Document;
//! use podsnat_rewrite::{Options, PodNetworks, plan, render};
//!
//! let input = b"*nat
//! :POSTROUTING ACCEPT [0:0]
//! -A POSTROUTING -s 172.5.138.0/24 ! -o docker0 -j MASQUERADE
//! COMMIT
//! ";
//! let document = Document::read(input);
//! let pods = PodNetworks::new(["172.5.0.0/16".parse()?])?;
//! let plan = plan(&document, &Options::new(pods))?;
//!
//! println!("{}", plan.changes()[0].reason);
//! let output = render::full(&document, &plan).concat();
//! assert!(output.windows(20).any(|words| words == b"/24 ! -d 172.5.0.0/1"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The crate knows nothing of files, processes or exit codes.

mod diagnostics;
mod lint;
mod networks;
mod options;
mod owners;
mod plan;
mod proof;
mod ranges;
pub mod render;
pub mod transform;

/// The crate whose networks appear in this one's API, for callers without a dependency on it.
pub use ipnetwork;

pub use self::{
    diagnostics::CHANGE_CODES,
    networks::{NetworkError, PodNetworks},
    options::{Options, Place, Reject, Snat},
    plan::{Change, Conflict, Finding, FindingKind, Operation, Plan, RulePlace},
    proof::{Fault, Proof, prove},
    transform::plan,
};
