//! Chains of programs that put their own rules right again: read, never edited.

/// A program that owns chains.
#[derive(Debug)]
pub(crate) struct Owner {
    /// Beginnings of its chains' names.
    prefixes: &'static [&'static str],
    /// Who it is.
    pub(crate) name: &'static str,
    /// The setting by which the owner itself spares pod traffic.
    pub(crate) setting: &'static str,
    /// Whether it has chains by the thousand, one a service, none of which translates by
    /// the pods' addresses.
    pub(crate) numerous_chains: bool,
    /// Whether its chains are in use; a copy left behind hides nobody.
    pub(crate) live: bool,
}

const OWNERS: &[Owner] = &[
    Owner {
        prefixes: &["KUBE-ROUTER-"],
        name: "kube-router",
        numerous_chains: false,
        setting: "start kube-router with `--enable-pod-egress=false`, or let its pod CIDRs cover the pod networks",
        live: true,
    },
    Owner {
        prefixes: &["KUBE-"],
        name: "kube-proxy",
        numerous_chains: true,
        setting: "set `clusterCIDR` and leave `iptables.masqueradeAll` off in kube-proxy's configuration",
        live: true,
    },
    Owner {
        prefixes: &["cali-"],
        name: "Calico",
        numerous_chains: false,
        setting: "add an IPPool with `disabled: true` for the pod networks, or set `natOutgoing: false` on the pods' pool",
        live: true,
    },
    Owner {
        prefixes: &["CILIUM_"],
        name: "Cilium",
        numerous_chains: false,
        setting: "set `ipv4-native-routing-cidr` (`ipv6-native-routing-cidr`) to the pod network",
        live: true,
    },
    Owner {
        prefixes: &["OLD_CILIUM_"],
        name: "Cilium",
        numerous_chains: false,
        setting: "",
        live: false,
    },
    Owner {
        prefixes: &["ANTREA-"],
        name: "Antrea",
        numerous_chains: false,
        setting: "set `noSNAT: true` in antrea-agent's configuration, or let its pod CIDRs cover the pod networks",
        live: true,
    },
    Owner {
        prefixes: &["FLANNEL-"],
        name: "flannel",
        numerous_chains: false,
        setting: "set `Network` in flannel's net-conf.json to the whole pod network",
        live: true,
    },
    Owner {
        prefixes: &["OVN-KUBE-"],
        name: "OVN-Kubernetes",
        numerous_chains: false,
        setting: "set its `cluster-subnets` to the whole pod network",
        live: true,
    },
    Owner {
        prefixes: &["WEAVE"],
        name: "Weave Net",
        numerous_chains: false,
        setting: "set `IPALLOC_RANGE` to the whole pod network",
        live: true,
    },
    Owner {
        prefixes: &["AWS-SNAT-"],
        name: "the AWS VPC CNI",
        numerous_chains: false,
        setting: "add the pod networks to `AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS`",
        live: true,
    },
    Owner {
        prefixes: &["IP-MASQ"],
        name: "ip-masq-agent",
        numerous_chains: false,
        setting: "add the pod networks to `nonMasqueradeCIDRs` of ip-masq-agent's configuration",
        live: true,
    },
    Owner {
        prefixes: &["KIND-MASQ"],
        name: "kind",
        numerous_chains: false,
        setting: "set `networking.podSubnet` of the kind cluster to the whole pod network",
        live: true,
    },
    Owner {
        prefixes: &["CNI-HOSTPORT-"],
        name: "the CNI portmap plugin",
        numerous_chains: false,
        setting: "set `snat: false` in the portmap plugin's configuration",
        live: true,
    },
    Owner {
        prefixes: &["NETAVARK-HOSTPORT-"],
        name: "netavark",
        numerous_chains: false,
        setting: "publish the port without podman's host port mapping",
        live: true,
    },
];

/// firewalld's chains, known by name only where its own top chains are there too.
pub(crate) const FIREWALLD: Owner = Owner {
    prefixes: &["POST_", "POSTROUTING_"],
    name: "firewalld",
    numerous_chains: false,
    setting: "use a rich rule with `destination not address=` in place of the zone's masquerade",
    live: true,
};

impl Owner {
    fn owns(&self, chain: &[u8]) -> bool {
        // The first byte tells most apart, and there may be thousands of chains.
        let begins = |prefix: &&str| {
            chain.first() == prefix.as_bytes().first() && chain.starts_with(prefix.as_bytes())
        };
        self.prefixes.iter().any(begins)
    }
}

/// The owner of a chain, if a program that puts its rules right again has it.
pub(crate) fn owner_of(chain: &[u8], firewalld: bool) -> Option<&'static Owner> {
    const FIREWALLD_OWNER: &Owner = &FIREWALLD;
    let with_firewalld = firewalld.then_some(FIREWALLD_OWNER);
    OWNERS
        .iter()
        .chain(with_firewalld)
        .find(|owner| owner.owns(chain))
}
