//! A host in a network namespace: TUN devices, addresses, routes, and the iptables programs.

use std::{
    env,
    fs::File,
    io::{ErrorKind, Write as _},
    net::IpAddr,
    process::{Command, Stdio},
};

use iptables_eval::Host;
use iptables_save::Family;
use nix::sched::{CloneFlags, unshare};
use tun_rs::{DeviceBuilder, SyncDevice};

use crate::support::words::{INTERFACES, host, network};

/// The kernel side that the programs talk to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Legacy,
    Nft,
}

/// The host that this thread is in.
pub(crate) struct Node {
    pub(crate) backend: Backend,
    pub(crate) family: Family,
    devices: Vec<SyncDevice>,
}

impl Node {
    /// Moves this thread into a new network namespace and sets it up, or says what is in
    /// the way.
    pub(crate) fn new(backend: Backend, family: Family) -> Result<Self, String> {
        unshare(CloneFlags::CLONE_NEWNET).map_err(|why| format!("namespaces need root ({why})"))?;
        let mut devices = Vec::new();
        for name in INTERFACES {
            let device = DeviceBuilder::new()
                .name(name)
                .with(|options| {
                    options.tx_queue_len(20_000);
                })
                .build_sync()
                .and_then(|device| device.set_nonblocking(true).map(|()| device));
            devices.push(device.map_err(|why| format!("TUN devices cannot be made ({why})"))?);
        }
        let node = Self {
            backend,
            family,
            devices,
        };
        node.configure()?;
        for program in ["save", "restore"].map(|what| node.program(what)) {
            run(&program, &["--version"], "")?;
        }
        run("conntrack", &["--version"], "")?;
        let probe = "*nat\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n*security\nCOMMIT\n*raw\n-A OUTPUT -j CT --notrack\nCOMMIT\n";
        run(&node.program("restore"), &[], probe)?;
        Ok(node)
    }

    fn configure(&self) -> Result<(), String> {
        let [version, length] = match self.family {
            Family::V4 => ["-4", "24"],
            Family::V6 => ["-6", "64"],
        };
        let mut lines = String::from("link set lo up\n");
        for (nth, name) in INTERFACES.iter().enumerate() {
            let nodad = if self.family == Family::V6 {
                " nodad"
            } else {
                ""
            };
            let address = host(self.family, nth, 1);
            lines +=
                &format!("link set {name} up\naddr add {address}/{length} dev {name}{nodad}\n");
        }
        lines += "route add default dev eth0\n";
        run("ip", &[version, "-batch", "-"], &lines)?;
        let settings = match self.family {
            Family::V4 => vec![
                ("ipv4/ip_forward", "1"),
                ("ipv4/conf/all/rp_filter", "0"),
                ("ipv4/conf/default/rp_filter", "0"),
                ("ipv4/conf/all/send_redirects", "0"),
                ("ipv4/conf/all/accept_local", "1"),
            ],
            Family::V6 => vec![("ipv6/conf/all/forwarding", "1")],
        };
        for (name, value) in settings {
            write(name, value)?;
        }
        for name in INTERFACES.iter().filter(|_| self.family == Family::V4) {
            write(&format!("ipv4/conf/{name}/rp_filter"), "0")?;
        }
        Ok(())
    }

    /// What is known of it.
    pub(crate) fn host(&self) -> Host {
        let length = if self.family == Family::V4 { 24 } else { 64 };
        let address = |nth, number| -> IpAddr {
            host(self.family, nth, number)
                .parse()
                .expect("it is written as one")
        };
        let all: IpAddr = match self.family {
            Family::V4 => [0; 4].into(),
            Family::V6 => [0; 16].into(),
        };
        let default = (ipnetwork::IpNetwork::new(all, 0), b"eth0".to_vec());
        let networks = INTERFACES.iter().enumerate().map(|(nth, name)| {
            debug_assert!(!network(self.family, nth).is_empty());
            let network = ipnetwork::IpNetwork::new(address(nth, 1), length);
            (network, name.as_bytes().to_vec())
        });
        let routes = networks.chain([default]);
        Host {
            is_nft: self.backend == Backend::Nft,
            local: Some((0..4).map(|nth| address(nth, 1)).collect()),
            routes: routes
                .map(|(network, name)| (network.expect("in range"), name))
                .collect(),
        }
    }

    /// Loads a ruleset in place of the one before, and forgets all connections.
    pub(crate) fn restore(&self, text: &str) {
        let loaded = run(&self.program("restore"), &[], text);
        loaded.unwrap_or_else(|why| panic!("{why}\n{text}"));
        self.forget_connections();
        self.discard();
    }

    pub(crate) fn forget_connections(&self) {
        let family = if self.family == Family::V4 {
            "ipv4"
        } else {
            "ipv6"
        };
        run("conntrack", &["-F", "-f", family], "").unwrap_or_else(|why| panic!("{why}"));
    }

    /// The ruleset with its counters.
    pub(crate) fn save(&self) -> String {
        run(&self.program("save"), &["-c"], "").unwrap_or_else(|why| panic!("{why}"))
    }

    /// Lets a packet arrive by an interface.
    pub(crate) fn send(&self, interface: usize, packet: &[u8]) {
        let sent = self.devices[interface].send(packet);
        assert_eq!(sent.expect("a TUN device takes packets"), packet.len());
    }

    /// The packets that have left since, each with its interface.
    pub(crate) fn receive(&self) -> Vec<(usize, Vec<u8>)> {
        let mut packets = Vec::new();
        let mut buffer = [0; 2048];
        for (nth, device) in self.devices.iter().enumerate() {
            loop {
                match device.recv(&mut buffer) {
                    Ok(length) => packets.push((nth, buffer[..length].to_vec())),
                    Err(why) if why.kind() == ErrorKind::WouldBlock => break,
                    Err(why) => panic!("a TUN device cannot be read: {why}"),
                }
            }
        }
        packets
    }

    fn discard(&self) {
        drop(self.receive());
    }

    fn program(&self, what: &str) -> String {
        let family = if self.family == Family::V4 {
            "iptables"
        } else {
            "ip6tables"
        };
        let backend = if self.backend == Backend::Legacy {
            "legacy"
        } else {
            "nft"
        };
        format!("{family}-{backend}-{what}")
    }
}

fn write(name: &str, value: &str) -> Result<(), String> {
    let path = format!("/proc/sys/net/{name}");
    let mut file = File::options()
        .write(true)
        .open(&path)
        .map_err(|why| format!("{path}: {why}"))?;
    file.write_all(value.as_bytes())
        .map_err(|why| format!("{path}: {why}"))
}

/// Runs a program, and returns what it prints.
fn run(program: &str, arguments: &[&str], input: &str) -> Result<String, String> {
    let path = env::var("PATH").unwrap_or_default();
    let lock = env::temp_dir().join(format!("iptables-eval-{}.lock", std::process::id()));
    let mut child = Command::new(program)
        .args(arguments)
        .env("PATH", format!("{path}:/usr/local/sbin:/usr/sbin:/sbin"))
        .env("LC_ALL", "C")
        // iptables' lock is one file for all namespaces.
        .env("XTABLES_LOCKFILE", lock)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|why| format!("needs the program `{program}` ({why})"))?;
    let mut stdin = child.stdin.take().expect("it is a pipe");
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().map_err(|why| why.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!(
            "`{program}`: {}",
            String::from_utf8_lossy(&output.stderr).trim_end()
        ))
    }
}
