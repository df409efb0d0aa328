//! The pod networks, from wherever they are given.

use std::{
    env,
    path::{Path, PathBuf},
};

use ipnetwork::IpNetwork;
use iptables_save::{Diagnostic, Severity};
use podsnat_rewrite::{NetworkError, PodNetworks};

use crate::{
    codes,
    console::{Console, Reported},
    flannel, input,
};

/// Where to take the pod networks from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    /// Those that are given by `--pod-cidr`. The environment counts where there are none.
    pub(crate) given: Vec<String>,
    /// flannel's subnet.env, to be read as well.
    pub(crate) flannel_env: Option<PathBuf>,
}

const VARIABLE: &str = "PODSNAT_POD_CIDR";

const WHERE_TO_FIND: &str = "\
give the cluster's pod network with `--pod-cidr CIDR`; it is
- what the nodes' own pod networks are parts of:
  kubectl get nodes -o jsonpath='{.items[*].spec.podCIDR}'
- kube-controller-manager's `--cluster-cidr`
- `podSubnet` in kubeadm's ClusterConfiguration:
  kubectl -n kube-system get configmap kubeadm-config -o yaml
- in flannel's subnet.env: give `--flannel-env`";

/// Reads the networks that the arguments, the environment and flannel give. Having none is
/// an error if any is needed.
pub(crate) fn read(
    sources: &Sources,
    is_needed: bool,
    console: &mut Console,
) -> Result<PodNetworks, Reported> {
    let mut networks = Vec::new();
    if sources.given.is_empty() {
        if let Some(list) = env::var_os(VARIABLE) {
            let list = list.to_string_lossy();
            add(&mut networks, list.split(','), VARIABLE, console)?;
        }
    } else {
        let list = sources.given.iter().map(String::as_str);
        add(&mut networks, list, "--pod-cidr", console)?;
    }
    if let Some(path) = &sources.flannel_env {
        add_flannel(&mut networks, path, console)?;
    }
    if networks.is_empty() && is_needed {
        let missing = missing("no pod network is given").help(WHERE_TO_FIND);
        return Err(console.fail(&missing, None));
    }
    PodNetworks::new(networks).map_err(|error| console.fail(&refused(&error), None))
}

fn missing(message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(codes::NO_POD_NETWORK, Severity::Error, message)
}

fn invalid(message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(codes::BAD_POD_NETWORK, Severity::Error, message)
}

fn add_flannel(
    networks: &mut Vec<IpNetwork>,
    path: &Path,
    console: &mut Console,
) -> Result<(), Reported> {
    let variables = flannel::read(path).map_err(|error| {
        let unread = missing(format!("cannot read {}: {error}", input::name(path)));
        let help = "flannel writes it when it starts on a node; elsewhere give `--pod-cidr CIDR`, or `--flannel-env=FILE`";
        console.fail(&unread.help(help), None)
    })?;
    if variables.is_empty() {
        let text = format!(
            "{} sets neither FLANNEL_NETWORK nor FLANNEL_IPV6_NETWORK",
            input::name(path)
        );
        let empty = missing(text).help("give the pod network with `--pod-cidr CIDR`");
        return Err(console.fail(&empty, None));
    }
    for (name, list) in &variables {
        add(networks, list.split(','), name, console)?;
    }
    Ok(())
}

/// Reads the networks of one list; `origin` is what gave it.
fn add<'l>(
    networks: &mut Vec<IpNetwork>,
    list: impl Iterator<Item = &'l str>,
    origin: &str,
    console: &mut Console,
) -> Result<(), Reported> {
    for given in list.map(str::trim).filter(|given| !given.is_empty()) {
        let network = network(given, origin).map_err(|error| console.fail(&error, None))?;
        if network.ip() != network.network() {
            let (masked, length) = (network.network(), network.prefix());
            let text = format!("{origin} {given} has host bits; using {masked}/{length}");
            let note = Diagnostic::new(codes::HOST_BITS, Severity::Note, text);
            console.emit(&note, None);
        }
        networks.push(network);
    }
    Ok(())
}

fn network(given: &str, origin: &str) -> Result<IpNetwork, Diagnostic> {
    let error = |what: &str| invalid(format!("`{given}` in {origin} {what}"));
    match given.parse() {
        Ok(network) if given.contains('/') => Ok(network),
        Ok(address) => {
            let length = if address.is_ipv4() { 16 } else { 48 };
            let help = match IpNetwork::new(address.ip(), length) {
                Ok(network) => {
                    format!(
                        "write the prefix length too, such as `{}/{length}`",
                        network.network()
                    )
                }
                Err(_) => "write the prefix length too".to_owned(),
            };
            Err(error("has no prefix length").help(help))
        }
        Err(_) => Err(error("is not a network")
            .help("write an address and a prefix length, such as `172.5.0.0/16` or `fd00:5::/48`")),
    }
}

fn refused(error: &NetworkError) -> Diagnostic {
    invalid(error.to_string()).help(
        "give only the network that pods get their addresses from: traffic to any other address needs masquerading",
    )
}
