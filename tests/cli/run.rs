//! Running podsnat in a directory of its own, with an environment of its own.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Seek as _, Write as _},
    path::Path,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

/// A run to start: arguments, environment, files and stdin.
pub(crate) struct Run {
    args: Vec<String>,
    variables: Vec<(&'static str, String)>,
    dir: TempDir,
    stdin: Vec<u8>,
}

pub(crate) fn podsnat(args: &[&str]) -> Run {
    Run {
        args: args.iter().map(ToString::to_string).collect(),
        variables: Vec::new(),
        dir: tempfile::tempdir().expect("a temporary directory"),
        stdin: Vec::new(),
    }
}

impl Run {
    pub(crate) fn stdin(mut self, text: impl AsRef<[u8]>) -> Self {
        self.stdin = text.as_ref().to_vec();
        self
    }

    pub(crate) fn env(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    pub(crate) fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        fs::write(self.dir.path().join(name), text).expect("the directory is ours");
        self
    }

    /// Returns the directory that podsnat runs in.
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn inside(mut self, dir: TempDir) -> Self {
        self.dir = dir;
        self
    }

    /// Returns the command with stdin from a file and its output to pipes.
    pub(crate) fn command(&self) -> Command {
        let mut stdin = tempfile::tempfile().expect("a temporary file");
        stdin.write_all(&self.stdin).expect("the file is ours");
        stdin.rewind().expect("the file is ours");
        let mut command = Command::new(env!("CARGO_BIN_EXE_podsnat"));
        command
            .args(&self.args)
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.dir.path())
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs podsnat with stdin from a pipe.
    pub(crate) fn output(&self) -> Output {
        let mut child = self
            .command()
            .stdin(Stdio::piped())
            .spawn()
            .expect("podsnat starts");
        let mut stdin = child.stdin.take().expect("it is a pipe");
        // With invalid arguments, podsnat exits without reading stdin.
        match stdin.write_all(&self.stdin) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => panic!("{error}"),
            _ => {}
        }
        drop(stdin);
        child.wait_with_output().expect("podsnat ends")
    }
}

/// Shows the command line, exit code and output.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.variables {
            write!(f, "{name}='{value}' ")?;
        }
        let output = self.output();
        writeln!(f, "podsnat {}\n{}", self.args.join(" "), shown(&output))
    }
}

/// Returns the exit code, stdout and stderr, with `␛` for the escape character.
pub(crate) fn shown(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).replace('\u{1b}', "␛");
    let cut = match output.stdout.last() {
        None | Some(b'\n') => "",
        _ => " (no newline)\n",
    };
    format!(
        "exit code: {}\n--- stdout\n{}{cut}--- stderr\n{}",
        output.status.code().expect("no signal ends podsnat"),
        text(&output.stdout),
        text(&output.stderr)
    )
}

/// Returns what is printed when stderr is a terminal.
#[cfg(target_os = "linux")]
pub(crate) fn on_a_terminal(run: &Run) -> String {
    use std::io::Read as _;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&ours).expect("a terminal");
    unlockpt(&ours).expect("a terminal");
    let name = ptsname(&ours, Vec::new()).expect("a terminal");
    let theirs = File::options()
        .write(true)
        .open(name.to_str().expect("a plain name"))
        .expect("the terminal's other side");
    let status = run
        .command()
        .stderr(theirs)
        .status()
        .expect("podsnat starts");
    assert_eq!(status.code(), Some(2));
    let mut said = Vec::new();
    // The terminal ends with an error when its other side is closed.
    let _ = File::from(ours).read_to_end(&mut said);
    String::from_utf8(said).expect("messages are UTF-8")
}
