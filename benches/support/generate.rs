//! Writes what `iptables-save` prints on a kube-proxy node, as large as a bench needs it.
//!
//! The output is the same for the same [`Node`], on every machine. Every line is spelled as the legacy `iptables-save`
//! 1.8.9 spells it, so that it loads, and saving it again gives the same rules.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::net::Ipv4Addr;

/// A node with docker's bridge, CentOS's stock firewall and kube-proxy (1.27 and later).
pub(crate) struct Node {
    /// How many services have endpoints. One more for every 200 of them has none and is rejected.
    pub(crate) services: usize,
    /// How many pods each service has as endpoints.
    pub(crate) endpoints: usize,
    /// Chooses names, addresses and chain hashes.
    pub(crate) seed: u64,
}

impl Node {
    /// Returns the whole ruleset: mangle, filter and nat.
    pub(crate) fn text(&self) -> String {
        let (mut filter, mut nat) = (filter(), nat());
        kube_filter(&mut filter);
        docker_filter(&mut filter);
        centos(&mut filter);
        kube_nat(&mut nat);
        docker_nat(&mut nat);

        let mut random = Random(self.seed);
        for index in 0..self.services {
            let service = Service::new(index, &mut random);
            if self.endpoints == 0 {
                service.reject(&mut filter);
            } else {
                service.balance(self.endpoints, &mut random, &mut nat);
            }
        }
        for index in 0..self.services / 200 {
            Service::new(self.services + index, &mut random).reject(&mut filter);
        }
        nat.add(
            "KUBE-SERVICES",
            format_args!(
                "-m comment --comment \"kubernetes service nodeports; NOTE: this must be the last rule in this chain\" \
                 -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS"
            ),
        );
        save(&[mangle(), filter, nat])
    }
}

/// Returns a ruleset of about this many rules: a [`Node`] with three endpoints a service, or below 100 always the
/// ten rules of CentOS's stock firewall and docker's nat table.
pub(crate) fn rules(about: usize) -> String {
    if about < 100 {
        let (mut filter, mut nat) = (filter(), nat());
        centos(&mut filter);
        docker_nat(&mut nat);
        return save(&[filter, nat]);
    }
    // Any node has 44 rules; a service brings eleven, and now and then affinity or a node port.
    let services = (about - 44) * 12 / 133;
    Node {
        services,
        endpoints: 3,
        seed: 1,
    }
    .text()
}

/// A port of a service, as kube-proxy sees it.
struct Service {
    /// `namespace/name:port`, as in the comments of its rules.
    name: String,
    /// What its chains are called after `KUBE-SVC-` and `KUBE-EXT-`.
    hash: String,
    protocol: &'static str,
    address: Ipv4Addr,
    port: u16,
    pod_port: u16,
    node_port: Option<usize>,
    /// Whether a client stays with its pod for three hours.
    affinity: bool,
}

impl Service {
    fn new(index: usize, random: &mut Random) -> Service {
        let (port_name, protocol, port, pod_port) = *random.choose(&PORTS);
        let name = format!(
            "{}/{}-{}-{index}:{port_name}",
            random.choose(&NAMESPACES),
            random.choose(&TEAMS),
            random.choose(&ROLES),
        );
        // An odd factor visits every address of 10.96.0.0/12 once before it repeats one.
        let host = (index as u32 + 1).wrapping_mul(0x9_E375) % (1 << 20);
        Service {
            name,
            hash: random.hash(),
            protocol,
            address: Ipv4Addr::from_bits(Ipv4Addr::new(10, 96, 0, 0).to_bits() + host),
            port,
            pod_port,
            node_port: (index % 80 == 7).then_some(30_000 + index / 80 * 37 % 2768),
            affinity: index % 100 == 11,
        }
    }

    /// Adds the rule of a service that has no endpoints.
    fn reject(&self, filter: &mut Table) {
        let Service {
            name,
            protocol,
            address,
            port,
            ..
        } = self;
        filter.add(
            "KUBE-SERVICES",
            format_args!(
                "-d {address}/32 -p {protocol} -m comment --comment \"{name} has no endpoints\" \
                 -m {protocol} --dport {port} -j REJECT --reject-with icmp-port-unreachable"
            ),
        );
    }

    /// Adds the chains and rules that spread the service over its endpoints.
    fn balance(&self, endpoints: usize, random: &mut Random, nat: &mut Table) {
        let Service {
            name,
            hash,
            protocol,
            address,
            port,
            pod_port,
            ..
        } = self;
        let chain = format!("KUBE-SVC-{hash}");
        nat.add(
            "KUBE-SERVICES",
            format_args!(
                "-d {address}/32 -p {protocol} -m comment --comment \"{name} cluster IP\" \
                 -m {protocol} --dport {port} -j {chain}"
            ),
        );
        nat.add(
            &chain,
            format_args!(
                "! -s {CLUSTER} -d {address}/32 -p {protocol} -m comment --comment \"{name} cluster IP\" \
                 -m {protocol} --dport {port} -j KUBE-MARK-MASQ"
            ),
        );
        if let Some(node_port) = self.node_port {
            let external = format!("KUBE-EXT-{hash}");
            nat.add(
                "KUBE-NODEPORTS",
                format_args!(
                    "-p {protocol} -m comment --comment \"{name}\" -m {protocol} --dport {node_port} -j {external}"
                ),
            );
            nat.add(
                &external,
                format_args!(
                    "-m comment --comment \"masquerade traffic for {name} external destinations\" -j KUBE-MARK-MASQ"
                ),
            );
            nat.add(&external, format_args!("-j {chain}"));
        }

        let pods: Vec<_> = (0..endpoints)
            .map(|_| (random.pod(), format!("KUBE-SEP-{}", random.hash())))
            .collect();
        if self.affinity {
            for (pod, endpoint) in &pods {
                nat.add(
                    &chain,
                    format_args!(
                        "-m comment --comment \"{name} -> {pod}:{pod_port}\" -m recent --rcheck --seconds 10800 --reap \
                         --name {endpoint} --mask 255.255.255.255 --rsource -j {endpoint}"
                    ),
                );
            }
        }
        for (index, (pod, endpoint)) in pods.iter().enumerate() {
            let comment = format_args!("-m comment --comment \"{name} -> {pod}:{pod_port}\"");
            match endpoints - index {
                1 => nat.add(&chain, format_args!("{comment} -j {endpoint}")),
                left => nat.add(
                    &chain,
                    format_args!(
                        "{comment} -m statistic --mode random --probability {:.11} -j {endpoint}",
                        probability(left)
                    ),
                ),
            }
            nat.add(
                endpoint,
                format_args!("-s {pod}/32 -m comment --comment \"{name}\" -j KUBE-MARK-MASQ"),
            );
            let recent = if self.affinity {
                format!(" -m recent --set --name {endpoint} --mask 255.255.255.255 --rsource")
            } else {
                String::new()
            };
            nat.add(
                endpoint,
                format_args!(
                    "-p {protocol} -m comment --comment \"{name}\"{recent} -m {protocol} \
                     -j DNAT --to-destination {pod}:{pod_port}"
                ),
            );
        }
    }
}

/// The share of one endpoint among `left`, as it comes back from the kernel: kube-proxy writes ten digits, and
/// xt_statistic keeps 31 bits of them.
fn probability(left: usize) -> f64 {
    let scale = f64::from(1_u32 << 31);
    let written = (1e10 / left as f64).round() / 1e10;
    (written * scale).round() / scale
}

/// The network of all pods; `172.5.138.0/24` in it is this node's.
const CLUSTER: &str = "172.5.0.0/16";

/// Port name, protocol, the service's port, the pod's port.
const PORTS: [(&str, &str, u16, u16); 12] = [
    ("http", "tcp", 80, 8080),
    ("http", "tcp", 80, 3000),
    ("https", "tcp", 443, 8443),
    ("grpc", "tcp", 9090, 9090),
    ("metrics", "tcp", 9100, 9100),
    ("postgres", "tcp", 5432, 5432),
    ("amqp", "tcp", 5672, 5672),
    ("redis", "tcp", 6379, 6379),
    ("admin", "tcp", 8081, 8081),
    ("web", "tcp", 80, 8000),
    ("dns", "udp", 53, 5353),
    ("statsd", "udp", 8125, 8125),
];

const NAMESPACES: [&str; 8] = [
    "default",
    "prod",
    "staging",
    "monitoring",
    "team-data",
    "ingress",
    "payments",
    "kube-system",
];

const TEAMS: [&str; 10] = [
    "checkout", "catalog", "search", "billing", "orders", "mail", "profile", "stock", "audit",
    "media",
];

const ROLES: [&str; 8] = [
    "api", "worker", "cache", "db", "frontend", "gateway", "queue", "proxy",
];

fn mangle() -> Table {
    let mut table = Table::new(
        "mangle",
        &["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
    );
    table.declare(&[
        "KUBE-IPTABLES-HINT",
        "KUBE-KUBELET-CANARY",
        "KUBE-PROXY-CANARY",
    ]);
    table
}

fn filter() -> Table {
    Table::new("filter", &["INPUT", "FORWARD", "OUTPUT"])
}

fn nat() -> Table {
    Table::new("nat", &["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"])
}

/// The file that CentOS's iptables-services starts with.
fn centos(filter: &mut Table) {
    filter.add_lines(
        "INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT
         INPUT -p icmp -j ACCEPT
         INPUT -i lo -j ACCEPT
         INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT
         INPUT -j REJECT --reject-with icmp-host-prohibited
         FORWARD -j REJECT --reject-with icmp-host-prohibited",
    );
}

fn docker_filter(filter: &mut Table) {
    filter.declare(&["DOCKER"]);
    filter.add_lines(
        "FORWARD -j DOCKER-USER
         FORWARD -j DOCKER-ISOLATION-STAGE-1
         FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
         FORWARD -o docker0 -j DOCKER
         FORWARD -i docker0 ! -o docker0 -j ACCEPT
         FORWARD -i docker0 -o docker0 -j ACCEPT
         DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
         DOCKER-ISOLATION-STAGE-1 -j RETURN
         DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
         DOCKER-ISOLATION-STAGE-2 -j RETURN
         DOCKER-USER -j RETURN",
    );
}

fn docker_nat(nat: &mut Table) {
    nat.add_lines(
        "PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
         OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
         POSTROUTING -s 172.5.138.0/24 ! -o docker0 -j MASQUERADE
         DOCKER -i docker0 -j RETURN",
    );
}

fn kube_filter(filter: &mut Table) {
    filter.declare(&[
        "KUBE-EXTERNAL-SERVICES",
        "KUBE-KUBELET-CANARY",
        "KUBE-NODEPORTS",
        "KUBE-PROXY-CANARY",
        "KUBE-PROXY-FIREWALL",
        "KUBE-SERVICES",
    ]);
    filter.add_lines(
        r#"INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
           INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS
           INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
           INPUT -j KUBE-FIREWALL
           FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
           FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
           FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
           FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
           OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
           OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
           OUTPUT -j KUBE-FIREWALL
           KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
           KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
           KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
           KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"#,
    );
}

fn kube_nat(nat: &mut Table) {
    nat.declare(&["KUBE-KUBELET-CANARY", "KUBE-NODEPORTS", "KUBE-PROXY-CANARY"]);
    nat.add_lines(
        r#"PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
           OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
           POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
           KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
           KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
           KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
           KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully"#,
    );
}

/// Prints tables the way `iptables-save` does.
fn save(tables: &[Table]) -> String {
    let date = "Tue Nov 14 22:13:20 2023";
    let mut text = String::new();
    for table in tables {
        put(
            &mut text,
            format_args!("# Generated by iptables-save v1.8.9 on {date}\n"),
        );
        put(&mut text, format_args!("*{}\n", table.name));
        for (chain, _) in &table.built_in {
            put(&mut text, format_args!(":{chain} ACCEPT [0:0]\n"));
        }
        for chain in table.user.keys() {
            put(&mut text, format_args!(":{chain} - [0:0]\n"));
        }
        let built_in = table.built_in.iter().map(|(_, lines)| lines);
        text.extend(built_in.chain(table.user.values()).map(String::as_str));
        put(&mut text, format_args!("COMMIT\n# Completed on {date}\n"));
    }
    text
}

/// A table, each chain with the lines of its rules.
struct Table {
    name: &'static str,
    /// In the order of their hooks.
    built_in: Vec<(&'static str, String)>,
    /// In the order of their bytes, as libiptc keeps them.
    user: BTreeMap<String, String>,
}

impl Table {
    fn new(name: &'static str, built_in: &[&'static str]) -> Table {
        Table {
            name,
            built_in: built_in
                .iter()
                .map(|&chain| (chain, String::new()))
                .collect(),
            user: BTreeMap::new(),
        }
    }

    /// Adds chains that may stay empty.
    fn declare(&mut self, chains: &[&str]) {
        for &chain in chains {
            self.lines(chain);
        }
    }

    /// Adds a rule at the end of a chain, and the chain if it is new.
    fn add(&mut self, chain: &str, rule: fmt::Arguments<'_>) {
        put(self.lines(chain), format_args!("-A {chain} {rule}\n"));
    }

    /// Adds one rule a line; each line begins with its chain.
    fn add_lines(&mut self, lines: &str) {
        for line in lines.lines() {
            let (chain, rule) = line
                .trim_start()
                .split_once(' ')
                .expect("a chain, then a rule");
            self.add(chain, format_args!("{rule}"));
        }
    }

    fn lines(&mut self, chain: &str) -> &mut String {
        if let Some(at) = self.built_in.iter().position(|(name, _)| *name == chain) {
            return &mut self.built_in[at].1;
        }
        self.user.entry(chain.to_owned()).or_default()
    }
}

fn put(text: &mut String, what: fmt::Arguments<'_>) {
    text.write_fmt(what)
        .expect("a String takes all that is written");
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn choose<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[(self.next() % from.len() as u64) as usize]
    }

    /// Sixteen letters of base32, as kube-proxy ends the names of its chains.
    fn hash(&mut self) -> String {
        let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        (0..16).map(|_| char::from(*self.choose(letters))).collect()
    }

    /// The address of a pod on any node of the cluster.
    fn pod(&mut self) -> Ipv4Addr {
        let [node, host, ..] = self.next().to_le_bytes();
        Ipv4Addr::new(172, 5, node, host.clamp(2, 254))
    }
}
