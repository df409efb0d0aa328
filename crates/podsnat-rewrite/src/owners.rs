//! Chains of programs that restore their own rules: they are read, but never edited.

/// A program that owns chains.
#[derive(Debug)]
pub(crate) struct Owner {
    /// Prefixes of its chains' names.
    prefixes: &'static [&'static str],
    /// The name of the program.
    pub(crate) name: &'static str,
    /// The advice how to configure the program to exempt pod traffic itself.
    pub(crate) setting: &'static str,
    /// Whether it has thousands of chains, one for each service, none of which translates by
    /// the addresses of pods.
    pub(crate) numerous_chains: bool,
    /// Whether its chains are in use, rather than left over from an earlier run.
    pub(crate) active: bool,
}

const OWNERS: &[Owner] = &[
    Owner {
        prefixes: &["KUBE-ROUTER-"],
        name: "kube-router",
        numerous_chains: false,
        setting: "start kube-router with `--enable-pod-egress=false`, or let its pod CIDRs cover the pod networks",
        active: true,
    },
    Owner {
        prefixes: &["KUBE-"],
        name: "kube-proxy",
        numerous_chains: true,
        setting: "set `clusterCIDR` and leave `iptables.masqueradeAll` off in kube-proxy's configuration",
        active: true,
    },
    Owner {
        prefixes: &["cali-"],
        name: "Calico",
        numerous_chains: false,
        setting: "add an IPPool with `disabled: true` for the pod networks, or set `natOutgoing: false` on the pods' pool",
        active: true,
    },
    Owner {
        prefixes: &["CILIUM_"],
        name: "Cilium",
        numerous_chains: false,
        setting: "set `ipv4-native-routing-cidr` (`ipv6-native-routing-cidr`) to the pod network",
        active: true,
    },
    Owner {
        prefixes: &["OLD_CILIUM_"],
        name: "Cilium",
        numerous_chains: false,
        setting: "",
        active: false,
    },
    Owner {
        prefixes: &["ANTREA-"],
        name: "Antrea",
        numerous_chains: false,
        setting: "set `noSNAT: true` in antrea-agent's configuration, or let its pod CIDRs cover the pod networks",
        active: true,
    },
    Owner {
        prefixes: &["FLANNEL-"],
        name: "flannel",
        numerous_chains: false,
        setting: "set `Network` in flannel's net-conf.json to the whole pod network",
        active: true,
    },
    Owner {
        prefixes: &["OVN-KUBE-"],
        name: "OVN-Kubernetes",
        numerous_chains: false,
        setting: "set its `cluster-subnets` to the whole pod network",
        active: true,
    },
    Owner {
        prefixes: &["WEAVE"],
        name: "Weave Net",
        numerous_chains: false,
        setting: "set `IPALLOC_RANGE` to the whole pod network",
        active: true,
    },
    Owner {
        prefixes: &["AWS-SNAT-"],
        name: "the AWS VPC CNI",
        numerous_chains: false,
        setting: "add the pod networks to `AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS`",
        active: true,
    },
    Owner {
        prefixes: &["IP-MASQ"],
        name: "ip-masq-agent",
        numerous_chains: false,
        setting: "add the pod networks to `nonMasqueradeCIDRs` of ip-masq-agent's configuration",
        active: true,
    },
    Owner {
        prefixes: &["KIND-MASQ"],
        name: "kind",
        numerous_chains: false,
        setting: "set `networking.podSubnet` of the kind cluster to the whole pod network",
        active: true,
    },
    Owner {
        prefixes: &["CNI-HOSTPORT-"],
        name: "the CNI portmap plugin",
        numerous_chains: false,
        setting: "set `snat: false` in the portmap plugin's configuration",
        active: true,
    },
    Owner {
        prefixes: &["NETAVARK-HOSTPORT-"],
        name: "netavark",
        numerous_chains: false,
        setting: "publish the port without podman's host port mapping",
        active: true,
    },
];

/// firewalld, whose chains are recognized only if its own top-level chains exist.
pub(crate) const FIREWALLD: Owner = Owner {
    prefixes: &["POST_", "POSTROUTING_"],
    name: "firewalld",
    numerous_chains: false,
    setting: "use a rich rule with `destination not address=` in place of the zone's masquerade",
    active: true,
};

impl Owner {
    fn owns(&self, chain: &[u8]) -> bool {
        // The first byte excludes most, and there may be thousands of chains.
        let begins = |prefix: &&str| {
            chain.first() == prefix.as_bytes().first() && chain.starts_with(prefix.as_bytes())
        };
        self.prefixes.iter().any(begins)
    }
}

/// Returns the owner of a chain, if a program that restores its rules has it.
pub(crate) fn owner_of(chain: &[u8], firewalld: bool) -> Option<&'static Owner> {
    const FIREWALLD_OWNER: &Owner = &FIREWALLD;
    let with_firewalld = firewalld.then_some(FIREWALLD_OWNER);
    OWNERS
        .iter()
        .chain(with_firewalld)
        .find(|owner| owner.owns(chain))
}
