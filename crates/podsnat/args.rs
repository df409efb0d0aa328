//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use iptables_save::Family;
use podsnat_rewrite::{Place, Reject, Snat};

/// Where flannel leaves its networks on each node.
pub(crate) const SUBNET_ENV: &str = "/run/flannel/subnet.env";

/// Lets Kubernetes pods see each other's own addresses: a filter for iptables-save text.
///
/// Exempts traffic between pods from MASQUERADE and SNAT, and removes the stock REJECT
/// rules that stop it. Every other byte stays as it came; what changed, and why, is told
/// on stderr.
#[derive(Debug, Parser)]
#[command(
    version,
    verbatim_doc_comment,
    after_long_help = AFTER_HELP,
    after_help = "`--help` tells more, with examples.",
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// The text to change; stdin without it or with `-`
    pub(crate) file: Option<PathBuf>,

    /// The cluster's pod network, such as 172.5.0.0/16
    ///
    /// Give all networks that pods have addresses from, of both families if there are
    /// two: repeat the option or separate them by commas. Without the option they are
    /// taken from the environment's PODSNAT_POD_CIDR.
    #[arg(long, value_name = "CIDR", value_delimiter = ',')]
    #[arg(verbatim_doc_comment)]
    pub(crate) pod_cidr: Vec<String>,

    /// Take pod networks from flannel's subnet.env too
    ///
    /// Reads FLANNEL_NETWORK and FLANNEL_IPV6_NETWORK; the file is
    /// /run/flannel/subnet.env unless another is given after `=`.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = SUBNET_ENV, verbatim_doc_comment)]
    pub(crate) flannel_env: Option<PathBuf>,

    /// What to do about source NAT
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub(crate) snat: SnatArg,

    /// What to do about the stock REJECT rules of INPUT and FORWARD
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub(crate) reject: RejectArg,

    /// Where a rewritten rule goes
    #[arg(long, value_name = "WHERE", value_enum, default_value_t)]
    pub(crate) place: PlaceArg,

    /// What the text is, when neither its header nor its addresses tell
    #[arg(long, value_enum, default_value_t)]
    pub(crate) family: FamilyArg,

    /// Pass on a text without any table
    ///
    /// Refused otherwise: it is what a save that failed leaves behind.
    #[arg(long, verbatim_doc_comment)]
    pub(crate) allow_empty: bool,

    /// Pass on rules that iptables-nft-save could not print in full
    ///
    /// Refused otherwise: restoring such a text would replace them by rules that match
    /// everything.
    #[arg(long, verbatim_doc_comment)]
    pub(crate) allow_lossy: bool,

    /// Print errors only
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// What to do other than filter.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Fmt(FmtArgs),
}

/// Spell each line as iptables-save does, or say what is wrong with it
///
/// Reads any input of iptables-restore. Order, commands (`-I` stays `-I`), comments and
/// blank lines stay. With FILE the file is rewritten, otherwise stdin goes to stdout.
/// What iptables-restore would refuse is told, with its place, and then nothing is written.
#[derive(Debug, Parser)]
#[command(verbatim_doc_comment, after_long_help = AFTER_FMT_HELP)]
pub(crate) struct FmtArgs {
    /// The files to rewrite; stdin to stdout without one or for `-`
    pub(crate) files: Vec<PathBuf>,

    /// Write nothing but show a diff, and exit with 1 if there is one
    #[arg(long)]
    pub(crate) check: bool,

    /// Print what iptables-save would print after iptables-restore
    ///
    /// Executes the commands of FILE or stdin on empty tables and prints the result to
    /// stdout: rules in their final order, lists of addresses expanded, chains by name,
    /// counters zero, no comments. Judges the text as a whole: jumps, chains, numbers.
    #[arg(long, conflicts_with = "check", verbatim_doc_comment)]
    pub(crate) saved: bool,

    /// What the text is, when neither its header nor its addresses tell
    #[arg(long, value_enum, default_value_t)]
    pub(crate) family: FamilyArg,

    /// Accept rules and tables that iptables-nft-save could not print in full
    ///
    /// Refused otherwise: the input is not the whole ruleset.
    #[arg(long, verbatim_doc_comment)]
    pub(crate) allow_lossy: bool,

    /// Print errors only
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// `--snat`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum SnatArg {
    /// Exempt traffic between pods
    #[default]
    Exempt,
    /// Leave the nat table alone
    Keep,
}

/// `--reject`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum RejectArg {
    /// Remove them
    #[default]
    Remove,
    /// Keep them, and accept the pod networks before them
    AcceptPods,
    /// Leave them alone
    Keep,
}

/// `--place`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlaceArg {
    /// Where it stood, so that no other rule changes its meaning
    #[default]
    InPlace,
    /// At the top of its chain, as `iptables -I` puts it
    First,
}

/// `--family`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FamilyArg {
    /// As the text tells
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

impl FamilyArg {
    /// The family, when one is given.
    pub(crate) const fn given(self) -> Option<Family> {
        match self {
            Self::Auto => None,
            Self::V4 => Some(Family::V4),
            Self::V6 => Some(Family::V6),
        }
    }
}

const AFTER_HELP: &str = "\
Examples:
  See what would change on this node, and why:
      iptables-save | podsnat --pod-cidr 172.5.0.0/16 > /dev/null
  Change it; -c on both ends keeps the counters:
      iptables-save -c | podsnat --pod-cidr 172.5.0.0/16 | iptables-restore -c
  The same for IPv6:
      ip6tables-save -c | podsnat --pod-cidr fd00:5::/48 | ip6tables-restore -c
  Change the rules that are loaded at boot:
      podsnat --pod-cidr 172.5.0.0/16 /etc/sysconfig/iptables > iptables.new
  On a node with flannel:
      iptables-save | podsnat --flannel-env | iptables-restore

Exit codes:
  0  done
  2  trouble with the arguments, the input or the output; nothing was written to
     stdout, unless it was writing that failed

Environment:
  PODSNAT_POD_CIDR  the pod networks, when there is no --pod-cidr
  NO_COLOR          no colour on stderr, which otherwise has some on a terminal";

const AFTER_FMT_HELP: &str = "\
Examples:
  Put the rules that are loaded at boot into canonical form:
      podsnat fmt /etc/iptables/rules.v4
  Refuse files in a repository that are not, or that iptables-restore would refuse:
      podsnat fmt --check rules/*.v4
  Tell whether a node runs what the file says:
      diff <(iptables-save | podsnat fmt --saved) <(podsnat fmt --saved rules.v4)

Exit codes:
  0  done; with --check: there was nothing to do
  1  with --check: a line is not in canonical form
  2  trouble with the arguments, the input or the output; a text that iptables-restore
     would refuse";

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
        assert_eq!(args.flannel_env, Some(SUBNET_ENV.into()));
        assert_eq!(args.file, Some("rules".into()));
        let args = Args::parse_from(["podsnat", "--flannel-env=env", "rules"]);
        assert_eq!(args.flannel_env, Some("env".into()));
    }
}
