//! Chains of programs that restore their own rules: they are read, but never edited.

/// A program that owns chains.
#[derive(Debug)]
pub(crate) struct Owner {
    /// The names of its chains; `*` at the end matches any ending.
    chains: &'static [&'static str],
    /// The name of the program.
    pub(crate) name: &'static str,
    /// The advice how to configure the program to exempt pod traffic itself.
    pub(crate) setting: &'static str,
    /// The file of its source that names the chains, as OWNER/REPOSITORY PATH.
    #[cfg_attr(not(test), expect(dead_code, reason = "it is for readers"))]
    source: &'static str,
    /// Whether it has thousands of chains, one for each service, none of which translates by
    /// the addresses of pods.
    pub(crate) numerous_chains: bool,
    /// Whether its chains are in use, rather than left over from an earlier run.
    pub(crate) active: bool,
    /// Whether it keeps the pod networks in the ipsets that its rules exclude.
    pub(crate) sets_hold_pods: bool,
    /// What its rules for marked packets do to pods, if that hides them.
    pub(crate) marks: Option<&'static str>,
}

const OWNERS: &[Owner] = &[
    Owner {
        chains: &["KUBE-ROUTER-*"],
        name: "kube-router",
        setting: "start kube-router with `--enable-pod-egress=false`, or let its pod CIDRs cover the pod networks",
        source: "cloudnativelabs/kube-router pkg/controllers/routing/pod_egress.go",
        sets_hold_pods: true,
        ..Owner::NONE
    },
    Owner {
        chains: &["KUBE-*"],
        name: "kube-proxy",
        setting: "set `clusterCIDR` and leave `iptables.masqueradeAll` off in kube-proxy's configuration",
        source: "kubernetes/kubernetes pkg/proxy/iptables/proxier.go",
        numerous_chains: true,
        ..Owner::NONE
    },
    Owner {
        chains: &["cali-*"],
        name: "Calico",
        setting: "add an IPPool with `disabled: true` for the pod networks, or set `natOutgoing: false` on the pods' pool",
        source: "projectcalico/calico felix/rules/rule_defs.go",
        sets_hold_pods: true,
        ..Owner::NONE
    },
    Owner {
        chains: &["CILIUM_*"],
        name: "Cilium",
        setting: "set `ipv4-native-routing-cidr` (`ipv6-native-routing-cidr`) to the pod network",
        source: "cilium/cilium pkg/datapath/iptables/iptables.go",
        sets_hold_pods: true,
        ..Owner::NONE
    },
    Owner {
        chains: &["OLD_CILIUM_*"],
        name: "Cilium",
        setting: "",
        source: "cilium/cilium pkg/datapath/iptables/iptables.go",
        active: false,
        sets_hold_pods: true,
        ..Owner::NONE
    },
    Owner {
        chains: &["ANTREA-*"],
        name: "Antrea",
        setting: "set `noSNAT: true` in antrea-agent's configuration, or let its pod CIDRs cover the pod networks",
        source: "antrea-io/antrea pkg/agent/route/route_linux.go",
        sets_hold_pods: true,
        ..Owner::NONE
    },
    Owner {
        chains: &["FLANNEL-*", "FLANNEL"],
        name: "flannel",
        setting: "set `Network` in flannel's net-conf.json to the whole pod network",
        source: "flannel-io/flannel pkg/trafficmngr/iptables/iptables.go",
        ..Owner::NONE
    },
    Owner {
        chains: &["OVN-KUBE-*"],
        name: "OVN-Kubernetes",
        setting: "set its `cluster-subnets` to the whole pod network",
        source: "ovn-kubernetes/ovn-kubernetes go-controller/pkg/node/gateway_iptables.go",
        ..Owner::NONE
    },
    Owner {
        chains: &["WEAVE*"],
        name: "Weave Net",
        setting: "set `IPALLOC_RANGE` to the whole pod network",
        source: "weaveworks/weave net/bridge.go",
        ..Owner::NONE
    },
    Owner {
        chains: &["AWS-SNAT-*"],
        name: "the AWS VPC CNI",
        setting: "add the pod networks to `AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS`",
        source: "aws/amazon-vpc-cni-k8s pkg/networkutils/network.go",
        ..Owner::NONE
    },
    Owner {
        chains: &["IP-MASQ*"],
        name: "ip-masq-agent",
        setting: "add the pod networks to `nonMasqueradeCIDRs` of ip-masq-agent's configuration",
        source: "kubernetes-sigs/ip-masq-agent cmd/ip-masq-agent/ip-masq-agent.go",
        ..Owner::NONE
    },
    Owner {
        chains: &["KIND-MASQ*"],
        name: "kind",
        setting: "set `networking.podSubnet` of the kind cluster to the whole pod network",
        source: "kubernetes-sigs/kind images/kindnetd/cmd/kindnetd/masq.go",
        ..Owner::NONE
    },
    Owner {
        chains: &["CNI-HOSTPORT-*"],
        name: "the CNI portmap plugin",
        setting: "set `snat: false` in the portmap plugin's configuration",
        source: "containernetworking/plugins plugins/meta/portmap/portmap_iptables.go",
        ..Owner::NONE
    },
    Owner {
        chains: &["NETAVARK-HOSTPORT-*"],
        name: "netavark",
        setting: "publish the port without podman's host port mapping",
        source: "containers/netavark src/firewall/varktables/types.rs",
        ..Owner::NONE
    },
    Owner {
        chains: &["OPENSHIFT-*"],
        name: "OpenShift SDN",
        setting: "keep the rule: OpenShift SDN's pods reach each other through Open vSwitch, and calls through services need it",
        source: "openshift/sdn pkg/network/node/iptables.go",
        ..Owner::NONE
    },
    Owner {
        chains: &[
            "OVN-POSTROUTING",
            "OVN-MASQUERADE",
            "OVN-NAT-*",
            "OVN-PREROUTING",
        ],
        name: "Kube-OVN",
        setting: "set `natOutgoing: false` on the pods' Subnet",
        source: "kubeovn/kube-ovn pkg/daemon/gateway_linux.go",
        sets_hold_pods: true,
        ..Owner::NONE
    },
    Owner {
        chains: &["KILO-NAT"],
        name: "Kilo",
        setting: "start Kilo with `--subnet` as the whole pod network",
        source: "squat/kilo pkg/mesh/routes.go",
        ..Owner::NONE
    },
    Owner {
        chains: &["EGRESSGATEWAY-*"],
        name: "EgressGateway",
        setting: "let `clusterCIDR` of EgressGateway's configuration contain the pod networks",
        source: "spidernet-io/egressgateway pkg/agent/police.go",
        sets_hold_pods: true,
        ..Owner::NONE
    },
    Owner {
        chains: &["CATTLE_*"],
        name: "Rancher",
        setting: "let the ipset RANCHER_DISABLE_HOST_NAT hold the pod networks",
        source: "rancher/plugin-manager hostnat/hostnat.go",
        ..Owner::NONE
    },
    Owner {
        chains: &["ts-*"],
        name: "tailscaled",
        setting: "start tailscale with `--snat-subnet-routes=false`",
        source: "tailscale/tailscale util/linuxfw/iptables_runner.go",
        marks: Some(
            "this rule hides pods that come in by the tailnet, as subnet routes to other nodes; it was left unchanged, because tailscaled would restore it",
        ),
        ..Owner::NONE
    },
    Owner {
        chains: &["SUBMARINER-*", "SM-GN-*"],
        name: "Submariner",
        setting: "let Submariner's cluster CIDRs be the pod networks; Globalnet translates on purpose",
        source: "submariner-io/submariner pkg/routeagent_driver/constants/constants.go",
        ..Owner::NONE
    },
    Owner {
        chains: &["LIQO-*"],
        name: "Liqo",
        setting: "let Liqo's `podCIDR` be the whole pod network",
        source: "liqotech/liqo pkg/liqonet/iptables/iptables.go",
        ..Owner::NONE
    },
];

/// firewalld, whose chains are recognized only if its own top-level chains exist.
pub(crate) const FIREWALLD: Owner = Owner {
    chains: &["POST_*", "POSTROUTING_*"],
    name: "firewalld",
    setting: "use a rich rule with `destination not address=` in place of the zone's masquerade",
    source: "firewalld/firewalld src/firewall/core/ipXtables.py",
    ..Owner::NONE
};

/// The chains that the options name.
const SITE: &Owner = &Owner {
    name: "the program that `--keep-chain` protects",
    setting: "exempt the pod networks in the configuration of the program that writes this chain",
    ..Owner::NONE
};

impl Owner {
    const NONE: Self = Self {
        chains: &[],
        name: "",
        setting: "",
        source: "",
        numerous_chains: false,
        active: true,
        sets_hold_pods: false,
        marks: None,
    };

    fn owns(&self, chain: &[u8]) -> bool {
        // The first byte excludes most, and there may be thousands of chains.
        let is_named = |name: &&str| {
            chain.first() == name.as_bytes().first()
                && name.strip_suffix('*').map_or_else(
                    || chain == name.as_bytes(),
                    |prefix| chain.starts_with(prefix.as_bytes()),
                )
        };
        self.chains.iter().any(is_named)
    }
}

/// The owners of the chains of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owners<'o> {
    /// Whether firewalld's top-level chains exist.
    pub(crate) firewalld: bool,
    /// Prefixes of chains that the options say to keep.
    pub(crate) kept: &'o [String],
}

impl Owners<'_> {
    /// Returns the owner of a chain, if a program that restores its rules has it.
    pub(crate) fn of(self, chain: &[u8]) -> Option<&'static Owner> {
        const FIREWALLD_OWNER: &Owner = &FIREWALLD;
        let is_kept = |prefix: &String| chain.starts_with(prefix.as_bytes());
        if self.kept.iter().any(is_kept) {
            return Some(SITE);
        }
        let with_firewalld = self.firewalld.then_some(FIREWALLD_OWNER);
        OWNERS
            .iter()
            .chain(with_firewalld)
            .find(|owner| owner.owns(chain))
    }
}

/// Returns the owner of a chain, without those that the options name.
pub(crate) fn owner_of(chain: &[u8], firewalld: bool) -> Option<&'static Owner> {
    let kept = &[];
    Owners { firewalld, kept }.of(chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(chain: &str, kept: &[String]) -> Option<&'static str> {
        let owners = Owners {
            firewalld: false,
            kept,
        };
        owners.of(chain.as_bytes()).map(|owner| owner.name)
    }

    #[test]
    fn chains_are_recognized_by_prefix_or_by_their_whole_name() {
        for (chain, owner) in [
            ("KUBE-SVC-A", Some("kube-proxy")),
            ("KUBE-ROUTER-POD-FW", Some("kube-router")),
            ("FLANNEL", Some("flannel")),
            ("FLANNEL-POSTRTG", Some("flannel")),
            ("FLANNELS", None),
            ("OVN-KUBE-EGRESS-SVC", Some("OVN-Kubernetes")),
            ("OVN-POSTROUTING", Some("Kube-OVN")),
            ("OVN-NAT-POLICY-A", Some("Kube-OVN")),
            ("KILO-NAT", Some("Kilo")),
            ("ts-postrouting", Some("tailscaled")),
            ("SM-GN-EGRESS", Some("Submariner")),
            ("POST_public", None),
            ("DOCKER", None),
        ] {
            assert_eq!(name(chain, &[]), owner, "{chain}");
        }
    }

    #[test]
    fn a_site_may_name_its_own_chains() {
        let kept = ["SITE-".to_owned()];
        assert_eq!(name("SITE-NAT", &kept), Some(SITE.name));
        assert_eq!(name("SITENAT", &kept), None);
    }

    #[test]
    fn each_owner_has_a_source() {
        for owner in OWNERS.iter().chain([&FIREWALLD]) {
            assert!(owner.source.split('/').count() >= 3, "{}", owner.name);
            assert!(!owner.setting.is_empty() || !owner.active, "{}", owner.name);
        }
    }
}
