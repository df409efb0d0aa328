//! Network namespaces that live as long as the value, and programs run inside them.

use std::env;
use std::fs;
use std::io::Write as _;
use std::iter;
use std::os::fd::AsFd as _;
use std::process::{self, Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

/// A network namespace of its own, deleted on drop.
#[derive(Debug)]
pub(crate) struct Namespace {
    /// As `ip netns list` shows it.
    pub(crate) name: String,
}

impl Namespace {
    /// A new, empty namespace: no addresses, no routes, no rules.
    pub(crate) fn new(label: &str) -> Self {
        Self::make(label).unwrap_or_else(|why| panic!("{why}"))
    }

    /// Like `new`, but returns why it failed.
    pub(crate) fn make(label: &str) -> Result<Self, String> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("podsnat-{}-{number}-{label}", process::id());
        let mut add = Command::new("ip");
        add.args(["netns", "add", &name])
            .env("PATH", super::search_path());
        finish(&mut add, b"")?;
        Ok(Self { name })
    }

    /// A command that will run `argv` in this namespace; its child's id is the program's own.
    pub(crate) fn command(&self, argv: &[&str]) -> Command {
        // Not `ip netns exec`: it mounts a new /sys, and the control groups dockerd needs are gone with the old one.
        let mut command = Command::new("nsenter");
        command
            .arg(format!("--net={}", self.path()))
            .arg("--")
            .args(argv);
        self.prepare(&mut command);
        command
    }

    /// Moves this thread in, for good, and with it the programs that it starts: sooner than with `command`.
    pub(crate) fn enter(&self) {
        let namespace = fs::File::open(self.path()).expect("it was made");
        move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))
            .expect("root may");
    }

    /// A command that will run `program` in this namespace, which the thread is in.
    pub(crate) fn inside(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        self.prepare(&mut command);
        command
    }

    fn path(&self) -> String {
        format!("/run/netns/{}", self.name)
    }

    fn prepare(&self, command: &mut Command) {
        command
            .env("PATH", super::search_path())
            .env("LC_ALL", "C")
            .env_remove("PODSNAT_POD_CIDR")
            // iptables' lock is one file for all namespaces: tests would wait for each other.
            .env(
                "XTABLES_LOCKFILE",
                env::temp_dir().join(format!("{}.lock", self.name)),
            );
    }

    /// Runs `argv` with `input` on stdin; panics with its stderr unless it succeeds.
    pub(crate) fn run(&self, argv: &[&str], input: &[u8]) -> Output {
        self.try_run(argv, input)
            .unwrap_or_else(|why| panic!("in {}: {why}", self.name))
    }

    /// Runs `argv` with `input` on stdin; the error shows the command, its status and its stderr.
    pub(crate) fn try_run(&self, argv: &[&str], input: &[u8]) -> Result<Output, String> {
        finish(&mut self.command(argv), input)
    }

    /// Runs commands, one per line, whose words are separated by spaces.
    pub(crate) fn run_lines(&self, commands: &str) {
        for line in commands.lines().filter(|line| !line.trim().is_empty()) {
            self.run(&line.split_whitespace().collect::<Vec<_>>(), b"");
        }
    }

    /// Runs the programs joined by pipes, as a shell does, and panics unless every one of them succeeds.
    pub(crate) fn pipe(&self, programs: &[&[&str]]) {
        let mut children: Vec<Child> = Vec::new();
        for (index, argv) in programs.iter().enumerate() {
            let input = children.last_mut().and_then(|child| child.stdout.take());
            let is_last = index + 1 == programs.len();
            let mut command = self.command(argv);
            command
                .stdin(input.map_or_else(Stdio::null, Stdio::from))
                .stdout(if is_last {
                    Stdio::null()
                } else {
                    Stdio::piped()
                })
                .stderr(Stdio::piped());
            children.push(
                command
                    .spawn()
                    .unwrap_or_else(|why| panic!("{argv:?}: {why}")),
            );
        }
        let ends = children
            .into_iter()
            .map(|child| child.wait_with_output().expect("a child can be waited for"));
        let ends: Vec<Output> = ends.collect();
        let succeeded = ends.iter().all(|end| end.status.success());
        let stories = programs
            .iter()
            .zip(&ends)
            .map(|(argv, end)| story(argv, end.status, &end.stderr));
        assert!(
            succeeded,
            "in {}:\n{}",
            self.name,
            stories.collect::<String>()
        );
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let mut delete = Command::new("ip");
        delete
            .args(["netns", "del", &self.name])
            .env("PATH", super::search_path());
        if let Err(why) = finish(&mut delete, b"") {
            super::say(&why);
        }
        let _ = fs::remove_file(env::temp_dir().join(format!("{}.lock", self.name)));
    }
}

/// A program that runs until the value is dropped.
#[derive(Debug)]
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the command with `input` on stdin, whatever its status; the error shows why it cannot run.
pub(crate) fn output(command: &mut Command, input: &[u8]) -> Result<Output, String> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(|why| format!("{command:?}: {why}"))?;
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    thread::scope(|scope| {
        // A program that stops reading early is judged by its status, not by our broken pipe.
        scope.spawn(move || stdin.write_all(input).ok());
        child.wait_with_output().map_err(|why| why.to_string())
    })
}

/// Runs the command with `input` on stdin; the error shows the command, its status and its stderr.
pub(crate) fn finish(command: &mut Command, input: &[u8]) -> Result<Output, String> {
    let output = output(command, input)?;
    if output.status.success() {
        return Ok(output);
    }
    let words = iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    // What comes before `--` only enters the namespace.
    let start = words
        .iter()
        .position(|word| word == "--")
        .map_or(0, |at| at + 1);
    let argv: Vec<&str> = words[start..].iter().map(AsRef::as_ref).collect();
    Err(story(&argv, output.status, &output.stderr))
}

fn story(argv: &[&str], status: ExitStatus, stderr: &[u8]) -> String {
    format!(
        "`{}` ended with {status}\n{}",
        argv.join(" "),
        String::from_utf8_lossy(stderr)
    )
}
