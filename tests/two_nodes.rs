//! Which source addresses are seen, with real packets: two nodes with a pod each, and a host outside the pod network.
//!
//! ```text
//!   pod A 172.5.138.2 ── docker0 ─ node A 192.168.5.138 ─┐
//!                                                        ├─ outside 192.168.5.1, also the switch between them
//!   pod B 172.5.139.2 ── docker0 ─ node B 192.168.5.139 ─┘
//! ```

mod support;

use support::iptables::{Backend, Family, Iptables};
use support::netns::{Namespace, Running};
use support::saved::Saved;
use support::{peer, skip, skipped};

const POD_B: &str = "172.5.139.2:9000";
const OUTSIDE: &str = "192.168.5.1:9000";

#[test]
fn podsnat_shows_pods_to_each_other_legacy() {
    podsnat_shows_pods_to_each_other(Backend::Legacy);
}

#[test]
fn podsnat_shows_pods_to_each_other_nft() {
    podsnat_shows_pods_to_each_other(Backend::Nft);
}

#[test]
fn without_reject_pods_are_masqueraded_legacy() {
    without_reject_pods_are_masqueraded(Backend::Legacy);
}

#[test]
fn without_reject_pods_are_masqueraded_nft() {
    without_reject_pods_are_masqueraded(Backend::Nft);
}

#[test]
fn counters_survive_legacy() {
    counters_survive(Backend::Legacy);
}

#[test]
fn counters_survive_nft() {
    counters_survive(Backend::Nft);
}

fn podsnat_shows_pods_to_each_other(backend: Backend) {
    let Some(scene) = Scene::new(backend) else {
        return;
    };
    assert_eq!(
        peer::call(&scene.pod_a, POD_B),
        Err("HostUnreachable".to_owned()),
        "REJECT answers, DROP would not"
    );

    scene.run_podsnat();
    assert_eq!(
        peer::call(&scene.pod_a, POD_B),
        Ok("172.5.138.2".to_owned())
    );
    assert_eq!(
        peer::call(&scene.pod_a, OUTSIDE),
        Ok("192.168.5.138".to_owned())
    );
}

/// Half of the work by hand: it shows that the scene's masquerade rule works.
fn without_reject_pods_are_masqueraded(backend: Backend) {
    let Some(scene) = Scene::new(backend) else {
        return;
    };
    scene.remove_reject();
    assert_eq!(
        peer::call(&scene.pod_a, POD_B),
        Ok("192.168.5.138".to_owned())
    );
    assert_eq!(
        peer::call(&scene.pod_a, OUTSIDE),
        Ok("192.168.5.138".to_owned())
    );
}

fn counters_survive(backend: Backend) {
    let Some(scene) = Scene::new(backend) else {
        return;
    };
    scene.remove_reject();
    peer::call(&scene.pod_a, OUTSIDE).expect("the REJECT rules are gone");
    peer::call(&scene.node_a, OUTSIDE).expect("nothing keeps the node from calling");
    scene.restore_reject();
    peer::call(&scene.pod_a, OUTSIDE).expect_err("the REJECT rules are back");

    let before = Saved::read(&scene.iptables.save(&scene.node_a));
    scene.run_podsnat();
    let after = Saved::read(&scene.iptables.save(&scene.node_a));

    let plain = "-A POSTROUTING -s 172.5.138.0/24 ! -o docker0 -j MASQUERADE";
    let rewritten = "-A POSTROUTING -s 172.5.138.0/24 ! -d 172.5.0.0/16 ! -o docker0 -j MASQUERADE";
    let established = "-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT";
    for (table, was, is) in [
        ("nat", plain, rewritten),
        ("nat", ":OUTPUT ACCEPT", ":OUTPUT ACCEPT"),
        ("filter", established, established),
        ("filter", ":OUTPUT ACCEPT", ":OUTPUT ACCEPT"),
    ] {
        let (old, new) = (before.counters(table, was), after.counters(table, is));
        assert!(
            old.0 > 0 && new >= old,
            "{table} {is}: {old:?} before, {new:?} after"
        );
    }
}

/// CentOS's stock rules and docker's, on both nodes.
struct Scene {
    iptables: Iptables,
    pod_a: Namespace,
    node_a: Namespace,
    node_b: Namespace,
    _servers: [Running; 2],
    _others: [Namespace; 2],
}

impl Scene {
    /// Sets up the scene; returns `None` when it cannot run here.
    fn new(backend: Backend) -> Option<Self> {
        let iptables = Iptables {
            backend,
            family: Family::V4,
        };
        let test = format!("two_nodes with {iptables}");
        if skipped(&test, &["sh"]) || iptables.obstacle().is_some_and(|why| skip(&test, &why)) {
            return None;
        }
        let outside = Namespace::new("outside");
        outside.run_lines(
            "ip link set lo up
             ip link add switch type bridge
             ip link set switch up
             ip addr add 192.168.5.1/24 dev switch",
        );
        let (node_a, pod_a) = node(iptables, &outside, 138, 139);
        let (node_b, pod_b) = node(iptables, &outside, 139, 138);
        // Pods' own addresses could be answered from outside: were one to show, the test would name it, not time out.
        outside.run_lines("ip route add 172.5.138.0/24 via 192.168.5.138");
        let servers = [peer::serve(&pod_b, POD_B), peer::serve(&outside, OUTSIDE)];
        Some(Self {
            iptables,
            pod_a,
            node_a,
            node_b,
            _servers: servers,
            _others: [pod_b, outside],
        })
    }

    fn run_podsnat(&self) {
        for node in [&self.node_a, &self.node_b] {
            self.iptables.filter(node, &["--pod-cidr", "172.5.0.0/16"]);
        }
    }

    fn remove_reject(&self) {
        self.change_reject("-D");
    }

    fn restore_reject(&self) {
        self.change_reject("-A");
    }

    fn change_reject(&self, command: &str) {
        let iptables = self.iptables.program();
        for node in [&self.node_a, &self.node_b] {
            for chain in ["INPUT", "FORWARD"] {
                node.run_lines(&format!(
                    "{iptables} {command} {chain} -j REJECT --reject-with icmp-host-prohibited"
                ));
            }
        }
    }
}

/// Makes node 192.168.5.`own` and its pod, and loads the node's rules.
fn node(iptables: Iptables, switch: &Namespace, own: u8, other: u8) -> (Namespace, Namespace) {
    let (node, pod) = (
        Namespace::new(&format!("node{own}")),
        Namespace::new(&format!("pod{own}")),
    );
    let (to_node, to_pod) = (&node.name, &pod.name);
    switch.run_lines(&format!(
        "ip link add node{own} type veth peer name eth0 netns {to_node}
         ip link set node{own} master switch up"
    ));
    node.run(&["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"], b"");
    node.run_lines(&format!(
        "ip link set lo up
         ip addr add 192.168.5.{own}/24 dev eth0
         ip link set eth0 up
         ip link add docker0 type bridge
         ip addr add 172.5.{own}.1/24 dev docker0
         ip link set docker0 up
         ip link add pod type veth peer name eth0 netns {to_pod}
         ip link set pod master docker0 up
         ip route add 172.5.{other}.0/24 via 192.168.5.{other}"
    ));
    pod.run_lines(&format!(
        "ip link set lo up
         ip addr add 172.5.{own}.2/24 dev eth0
         ip link set eth0 up
         ip route add default via 172.5.{own}.1"
    ));
    iptables.restore(&node, &NODE_RULES.replace("{own}", &own.to_string()));
    (node, pod)
}

const NODE_RULES: &str = "\
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT
-A INPUT -j REJECT --reject-with icmp-host-prohibited
-A FORWARD -j REJECT --reject-with icmp-host-prohibited
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -s 172.5.{own}.0/24 ! -o docker0 -j MASQUERADE
COMMIT
";

/// The server and the callers, see `support::peer`.
#[test]
#[ignore = "not a test: the other tests start it in a namespace"]
fn peer() {
    peer::play();
}
