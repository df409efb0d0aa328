//! The command line, and what it asks for.

use std::{env, io, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand, ValueEnum};
use iptables_save::{Acceptance, Family};
use podsnat_rewrite::{Options, Place, PodNetworks, Reject, Snat};

use crate::{
    EXIT_FAILURE,
    escape::escaped,
    fmt::{Action, Settings},
    judge, networks,
};

/// Where flannel leaves its networks on each node.
pub(crate) const SUBNET_ENV: &str = "/run/flannel/subnet.env";

/// Lets Kubernetes pods see each other's own addresses: a filter for iptables-save output.
///
/// Exempts traffic between pods from MASQUERADE and SNAT, and removes the stock REJECT
/// rules that stop it. All other bytes are left unchanged. Every change is reported on
/// stderr, with the reason for it.
#[derive(Debug, Parser)]
#[command(
    version,
    verbatim_doc_comment,
    after_long_help = AFTER_HELP,
    after_help = "`--help` prints more, with examples.",
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// The ruleset to filter; stdin if absent or `-`
    pub(crate) file: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) networks: NetworkArgs,

    #[command(flatten)]
    pub(crate) plan: PlanArgs,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// Accept a ruleset without any table
    ///
    /// Refused by default: a save that failed leaves one behind.
    #[arg(long, verbatim_doc_comment)]
    pub(crate) allow_empty: bool,

    /// Print errors only
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// Where to take the pod networks from.
#[derive(Debug, clap::Args)]
pub(crate) struct NetworkArgs {
    /// The cluster's pod network, such as 172.5.0.0/16
    ///
    /// Give every network that pods get their addresses from, those of both families in
    /// a dual-stack cluster: repeat the option, or separate the networks by commas.
    /// Without this option they are taken from the environment variable `PODSNAT_POD_CIDR`.
    #[arg(long, value_name = "CIDR", value_delimiter = ',')]
    #[arg(verbatim_doc_comment)]
    pub(crate) pod_cidr: Vec<String>,

    /// Take pod networks from flannel's subnet.env as well
    ///
    /// Reads `FLANNEL_NETWORK` and `FLANNEL_IPV6_NETWORK` from /run/flannel/subnet.env, or
    /// from the file given after `=`.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = SUBNET_ENV, verbatim_doc_comment)]
    pub(crate) flannel_env: Option<PathBuf>,
}

/// What to change.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct PlanArgs {
    /// What to do about source NAT between pods
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub(crate) snat: SnatArg,

    /// What to do about the stock REJECT rules of INPUT and FORWARD
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub(crate) reject: RejectArg,

    /// Where to put a rewritten rule
    #[arg(long, value_name = "WHERE", value_enum, default_value_t)]
    pub(crate) place: PlaceArg,
}

/// What the input is, and what of it is accepted.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct InputArgs {
    /// The address family of the ruleset, if neither its header nor its rules show it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) family: FamilyArg,

    /// Accept what iptables-nft-save could not print in full
    ///
    /// Refused by default: restoring such a ruleset would lose rules, or replace them by
    /// rules that match everything.
    #[arg(long, verbatim_doc_comment)]
    pub(crate) allow_lossy: bool,
}

/// What to do other than filter.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Fmt(FmtArgs),
}

/// Rewrite rules in the spelling of iptables-save, or report what is wrong with them
///
/// Reads any input of iptables-restore. The order of lines, commands (`-I` stays `-I`),
/// comments and blank lines are kept. FILE is rewritten in place; stdin is formatted to
/// stdout. Everything that iptables-restore would refuse is reported with its position,
/// and then nothing is written.
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment, after_long_help = AFTER_FMT_HELP)]
pub(crate) struct FmtArgs {
    /// The files to rewrite; stdin to stdout if absent or `-`
    pub(crate) files: Vec<PathBuf>,

    /// Write nothing, print a diff, and exit with 1 if there is one
    #[arg(long)]
    pub(crate) check: bool,

    /// Print what iptables-save would print after iptables-restore
    ///
    /// Executes the commands of FILE or stdin on empty tables and prints the result to
    /// stdout: rules in their final order, lists of addresses expanded, chains sorted by
    /// name, counters zero, no comments. Validates the ruleset as a whole: jumps, chains,
    /// rule numbers.
    #[arg(long, conflicts_with = "check", verbatim_doc_comment)]
    pub(crate) saved: bool,

    #[command(flatten)]
    pub(crate) input: InputArgs,

    /// Print errors only
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

impl Args {
    /// Whether only errors are printed.
    pub(crate) fn is_quiet(&self) -> bool {
        match &self.command {
            Some(Command::Fmt(args)) => args.quiet,
            None => self.quiet,
        }
    }

    /// What the filter accepts.
    pub(crate) const fn acceptance(&self) -> judge::Acceptance {
        judge::Acceptance {
            empty: self.allow_empty,
            lossy: self.input.allow_lossy,
            family: self.input.family(),
        }
    }
}

impl NetworkArgs {
    pub(crate) fn sources(&self) -> networks::Sources {
        networks::Sources {
            given: self.pod_cidr.clone(),
            flannel_env: self.flannel_env.clone(),
        }
    }
}

impl PlanArgs {
    /// Whether anything asked for needs to know the pod networks.
    pub(crate) fn needs_networks(self) -> bool {
        self.snat == SnatArg::Exempt || self.reject == RejectArg::AcceptPods
    }

    /// The options for a ruleset of this family, if it is given.
    pub(crate) fn options(self, pods: PodNetworks, family: Option<Family>) -> Options {
        Options {
            snat: self.snat.into(),
            reject: self.reject.into(),
            place: self.place.into(),
            family,
            ..Options::new(pods)
        }
    }
}

impl InputArgs {
    /// The family, if one is given.
    pub(crate) const fn family(self) -> Option<Family> {
        match self.family {
            FamilyArg::Auto => None,
            FamilyArg::V4 => Some(Family::V4),
            FamilyArg::V6 => Some(Family::V6),
        }
    }
}

impl FmtArgs {
    pub(crate) const fn settings(&self) -> Settings {
        let action = if self.saved {
            Action::Save
        } else if self.check {
            Action::Check
        } else {
            Action::Rewrite
        };
        Settings {
            action,
            family: self.input.family(),
            acceptance: Acceptance {
                lossy: self.input.allow_lossy,
            },
        }
    }
}

/// Parses the command line.
pub(crate) fn parse() -> Result<Args, clap::Error> {
    let given: Vec<_> = env::args_os().collect();
    Args::try_parse_from(&given).map_err(|error| {
        // clap quotes arguments as they are. The same error about escaped arguments is safe.
        let safe = given.iter().map(|arg| escaped(arg.as_encoded_bytes()));
        Args::try_parse_from(safe).err().unwrap_or(error)
    })
}

/// Prints what clap has to say: help or the version to stdout, errors to stderr.
pub(crate) fn print_clap_error(error: &clap::Error) -> ExitCode {
    match error.print() {
        _ if error.use_stderr() => EXIT_FAILURE.into(),
        Ok(()) => ExitCode::SUCCESS,
        // Whoever closed a pager before the end has seen enough.
        Err(failure) if failure.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(_) => EXIT_FAILURE.into(),
    }
}

/// `--snat`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SnatArg {
    /// Exempt traffic between pods
    #[default]
    Exempt,
    /// Leave the nat table unchanged
    Keep,
}

/// `--reject`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RejectArg {
    /// Remove them
    #[default]
    Remove,
    /// Keep them, and accept traffic from the pod networks before them
    AcceptPods,
    /// Leave them unchanged
    Keep,
}

/// `--place`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlaceArg {
    /// In its own position, so that no other rule changes its meaning
    #[default]
    InPlace,
    /// At the top of its chain, as `iptables -I` does
    First,
}

/// `--family`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FamilyArg {
    /// Detect it
    #[default]
    Auto,
    /// IPv4
    #[value(name = "4")]
    V4,
    /// IPv6
    #[value(name = "6")]
    V6,
}

impl From<SnatArg> for Snat {
    fn from(given: SnatArg) -> Self {
        match given {
            SnatArg::Exempt => Self::Exempt,
            SnatArg::Keep => Self::Keep,
        }
    }
}

impl From<RejectArg> for Reject {
    fn from(given: RejectArg) -> Self {
        match given {
            RejectArg::Remove => Self::Remove,
            RejectArg::AcceptPods => Self::AcceptPods,
            RejectArg::Keep => Self::Keep,
        }
    }
}

impl From<PlaceArg> for Place {
    fn from(given: PlaceArg) -> Self {
        match given {
            PlaceArg::InPlace => Self::InPlace,
            PlaceArg::First => Self::First,
        }
    }
}

const AFTER_HELP: &str = "\
Examples:
  Show what would change on this node, and why:
      iptables-save | podsnat --pod-cidr 172.5.0.0/16 > /dev/null
  Change it, in a shell with `set -o pipefail`; -c at both ends keeps the counters:
      iptables-save -c | podsnat --pod-cidr 172.5.0.0/16 | iptables-restore -c
  The same for IPv6:
      ip6tables-save -c | podsnat --pod-cidr fd00:5::/48 | ip6tables-restore -c
  Change the rules that are loaded at boot:
      podsnat --pod-cidr 172.5.0.0/16 /etc/sysconfig/iptables > iptables.new
  On a node with flannel:
      iptables-save -c | podsnat --flannel-env | iptables-restore -c

Exit codes:
  0  success
  2  invalid arguments or input, or a file that cannot be read or written; nothing
     was written to stdout, unless writing itself failed

Environment:
  PODSNAT_POD_CIDR  the pod networks, if there is no --pod-cidr
  NO_COLOR          no colour on stderr, even on a terminal";

const AFTER_FMT_HELP: &str = "\
Examples:
  Put the rules that are loaded at boot into canonical form:
      podsnat fmt /etc/iptables/rules.v4
  Reject files in a repository that are not in it, or that iptables-restore would refuse:
      podsnat fmt --check rules/*.v4
  Compare what a node runs with a file:
      diff <(iptables-save | podsnat fmt --saved) <(podsnat fmt --saved rules.v4)

Exit codes:
  0  success; with --check: nothing to change
  1  with --check: a line is not in canonical form
  2  invalid arguments or input, or a file that cannot be read or written";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn flannel_env_does_not_take_the_file() {
        let args = Args::parse_from(["podsnat", "--flannel-env", "rules"]);
        assert_eq!(args.networks.flannel_env, Some(SUBNET_ENV.into()));
        assert_eq!(args.file, Some("rules".into()));
        let args = Args::parse_from(["podsnat", "--flannel-env=env", "rules"]);
        assert_eq!(args.networks.flannel_env, Some("env".into()));
    }
}
