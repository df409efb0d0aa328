//! The pod networks, from wherever they are given.

use std::{env, path::Path};

use ipnetwork::IpNetwork;
use podsnat_rewrite::{NetworkError, PodNetworks, Reject, Snat};

use crate::{
    args::Args,
    console::{Console, Trouble},
    flannel, input,
    message::{Level, Message},
};

const VARIABLE: &str = "PODSNAT_POD_CIDR";

const WHERE_TO_FIND: &str = "\
give the cluster's pod network with `--pod-cidr CIDR`; it is
- what the nodes' own pod networks are parts of:
  kubectl get nodes -o jsonpath='{.items[*].spec.podCIDR}'
- kube-controller-manager's `--cluster-cidr`
- `podSubnet` in kubeadm's ClusterConfiguration:
  kubectl -n kube-system get configmap kubeadm-config -o yaml
- in flannel's subnet.env: give `--flannel-env`";

/// Reads the networks that the arguments, the environment and flannel give.
pub(crate) fn read(args: &Args, console: &mut Console) -> Result<PodNetworks, Trouble> {
    let mut networks = Vec::new();
    if args.pod_cidr.is_empty() {
        if let Some(list) = env::var_os(VARIABLE) {
            let list = list.to_string_lossy();
            add(&mut networks, list.split(','), VARIABLE, console)?;
        }
    } else {
        let list = args.pod_cidr.iter().map(String::as_str);
        add(&mut networks, list, "--pod-cidr", console)?;
    }
    if let Some(path) = &args.flannel_env {
        add_flannel(&mut networks, path, console)?;
    }
    let is_needed =
        Snat::from(args.snat) == Snat::Exempt || Reject::from(args.reject) == Reject::AcceptPods;
    if networks.is_empty() && is_needed {
        let missing = Message::error("no pod network is given").help(WHERE_TO_FIND);
        return Err(console.trouble(&missing));
    }
    PodNetworks::new(networks).map_err(|error| console.trouble(&refused(&error)))
}

fn add_flannel(
    networks: &mut Vec<IpNetwork>,
    path: &Path,
    console: &mut Console,
) -> Result<(), Trouble> {
    let variables = flannel::read(path).map_err(|error| {
        let unread = Message::error(format!("cannot read {}: {error}", input::shown(path)));
        console.trouble(&unread.help(
            "flannel writes it when it starts on a node; elsewhere give `--pod-cidr CIDR`, or `--flannel-env=FILE`",
        ))
    })?;
    if variables.is_empty() {
        let text = format!(
            "{} sets neither FLANNEL_NETWORK nor FLANNEL_IPV6_NETWORK",
            input::shown(path)
        );
        let empty = Message::error(text).help("give the pod network with `--pod-cidr CIDR`");
        return Err(console.trouble(&empty));
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
) -> Result<(), Trouble> {
    for given in list.map(str::trim).filter(|given| !given.is_empty()) {
        let network = network(given, origin).map_err(|message| console.trouble(&message))?;
        if network.ip() != network.network() {
            let (masked, length) = (network.network(), network.prefix());
            let text = format!("{origin} {given} has host bits; taken as {masked}/{length}");
            console.say(&Message::new(Level::Note, text));
        }
        networks.push(network);
    }
    Ok(())
}

fn network(given: &str, origin: &str) -> Result<IpNetwork, Message> {
    let error = |what: &str| Message::error(format!("`{given}` in {origin} {what}"));
    match given.parse() {
        Ok(network) if given.contains('/') => Ok(network),
        Ok(address) => {
            let length = if address.is_ipv4() { 16 } else { 48 };
            let help = match IpNetwork::new(address.ip(), length) {
                Ok(it) => format!("write the length too, such as `{}/{length}`", it.network()),
                Err(_) => "write the length too".to_owned(),
            };
            Err(error("has no length").help(help))
        }
        Err(_) => Err(error("is not a network")
            .help("write an address and a length, such as `172.5.0.0/16` or `fd00:5::/48`")),
    }
}

fn refused(error: &NetworkError) -> Message {
    Message::error(error.to_string()).help(
        "give the network that pods have their addresses from, and no more: what leaves it needs masquerading",
    )
}
