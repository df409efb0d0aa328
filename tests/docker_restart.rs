//! A real dockerd: each restart puts its plain rule back in front, and each run of podsnat leaves one rewritten rule.

mod support;

use std::env;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use support::iptables::{Backend, Family, Iptables};
use support::netns::Namespace;
use support::saved::Saved;
use support::{search_path, skip, skipped, which};
use tempfile::TempDir;

const PLAIN: &str = "-A POSTROUTING -s 172.5.138.0/24 ! -o docker0 -j MASQUERADE";
const REWRITTEN: &str =
    "-A POSTROUTING -s 172.5.138.0/24 ! -d 172.5.0.0/16 ! -o docker0 -j MASQUERADE";

#[test]
fn podsnat_after_each_restart_legacy() {
    podsnat_after_each_restart(Backend::Legacy);
}

#[test]
fn podsnat_after_each_restart_nft() {
    podsnat_after_each_restart(Backend::Nft);
}

fn podsnat_after_each_restart(backend: Backend) {
    let iptables = Iptables {
        backend,
        family: Family::V4,
    };
    let test = format!("docker_restart with {iptables}");
    let needed = ["dockerd", "containerd", "unshare", "mount", "sh"];
    if skipped(&test, &needed) || iptables.obstacle().is_some_and(|why| skip(&test, &why)) {
        return;
    }
    let node = Node::new(iptables);

    let docker = node.start_docker();
    assert_eq!(node.postrouting(), [PLAIN]);
    node.run_podsnat();
    assert_eq!(node.postrouting(), [REWRITTEN]);
    drop(docker);

    for restart in 1..=2 {
        let docker = node.start_docker();
        assert_eq!(node.postrouting(), [PLAIN, REWRITTEN], "restart {restart}");
        node.run_podsnat();
        assert_eq!(node.postrouting(), [REWRITTEN], "restart {restart}");
        drop(docker);
    }
}

/// An environment for dockerd: its own network and directories.
struct Node {
    iptables: Iptables,
    network: Namespace,
    dir: TempDir,
}

impl Node {
    fn new(iptables: Iptables) -> Self {
        let dir = TempDir::with_prefix("podsnat-docker-").expect("a temporary directory");
        let bin = dir.path().join("bin");
        fs::create_dir(&bin).expect("the directory is new");
        for family in [Family::V4, Family::V6] {
            let program = Iptables { family, ..iptables }.program();
            // dockerd runs whatever `iptables` is; the multi-call program goes by the name it is called by.
            let (called, _) = program
                .split_once('-')
                .expect("the backend follows a hyphen");
            let file = which(&program).expect("it was looked for before");
            symlink(file, bin.join(called)).expect("the directory is empty");
        }
        Self {
            iptables,
            network: Namespace::new("docker"),
            dir,
        }
    }

    /// Starts dockerd and waits until it serves, and so has written its rules.
    fn start_docker(&self) -> Docker {
        let at = |name: &str| self.dir.path().join(name).display().to_string();
        let log = at("log");
        // An empty /run hides the machine's own docker, containerd and D-Bus (where a firewalld may be).
        let script = "mount -t tmpfs tmpfs /run && exec dockerd \"$@\"";
        let sandbox = [
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-c",
            script,
            "dockerd",
        ];
        let bin = self.dir.path().join("bin");
        let search_path = search_path();
        let path = env::join_paths([bin].into_iter().chain(env::split_paths(&search_path)));
        let child = self
            .network
            .command(&sandbox)
            .args(["--data-root", &at("data"), "--exec-root", &at("exec")])
            .args([
                "--pidfile",
                "/run/dockerd.pid",
                "-H",
                "unix:///run/dockerd.sock",
            ])
            .args(["--bip", "172.5.138.1/24", "--storage-driver", "vfs"])
            .env("PATH", path.expect("the temporary directory has no colon"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log).expect("the log can be written"))
            .spawn();
        let mut docker = Docker(child.expect("nsenter can be started"));
        let said = || fs::read_to_string(&log).expect("the log can be read");
        let ready = until(Duration::from_secs(60), || {
            said().contains("API listen on") || docker.has_ended()
        });
        assert!(
            ready && !docker.has_ended(),
            "dockerd did not start:\n{}",
            said()
        );
        docker
    }

    fn run_podsnat(&self) {
        self.iptables
            .filter(&self.network, &["--pod-cidr", "172.5.0.0/16"]);
    }

    fn postrouting(&self) -> Vec<String> {
        let saved = Saved::read(&self.iptables.save(&self.network));
        saved
            .rules("nat", "POSTROUTING")
            .into_iter()
            .map(str::to_owned)
            .collect()
    }
}

/// A running dockerd, asked to stop on drop; its containerd ends with it, even when dockerd must be killed.
struct Docker(Child);

impl Docker {
    fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("a child can be asked").is_some()
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        let ask = format!("kill {}", self.0.id());
        let _ = Command::new("sh").args(["-c", &ask]).status();
        if !until(Duration::from_secs(20), || self.has_ended()) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

/// Polls the condition until it holds; returns false after the time limit.
fn until(limit: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + limit;
    while Instant::now() < end {
        if is_so() {
            return true;
        }
        thread::sleep(Duration::from_millis(50));
    }
    false
}
