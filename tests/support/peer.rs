//! A server that sends its callers the address they come from, and the caller.
//!
//! Both must run inside a namespace, and only a process can be put there: so the test program runs itself again,
//! as its own ignored test `peer`, and the environment says which part to play.

use std::env;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::netns::{Namespace, Running};

/// Longer than any answer takes, short enough to wait for once.
const PATIENCE: Duration = Duration::from_secs(2);
const SERVE: &str = "PODSNAT_PEER_SERVE";
const CALL: &str = "PODSNAT_PEER_CALL";
const LISTENING: &str = "peer: listening";
const SEEN: &str = "peer: seen ";
const REFUSED: &str = "peer: refused ";

/// Starts the server in `place`; it answers calls when this returns.
pub(crate) fn serve(place: &Namespace, address: &str) -> Running {
    let mut command = myself(place);
    let mut server = Running(
        command
            .env(SERVE, address)
            .spawn()
            .expect("the test can start itself"),
    );
    let stdout = BufReader::new(server.0.stdout.take().expect("stdout is a pipe"));
    let is_ready = stdout
        .lines()
        .map_while(Result::ok)
        .any(|line| line.contains(LISTENING));
    assert!(
        is_ready,
        "the server in {} ended before it listened on {address}",
        place.name
    );
    server
}

/// Calls the server at `address` from `place`: the address it sees, or the kind of error of the connection.
pub(crate) fn call(place: &Namespace, address: &str) -> Result<String, String> {
    let output = myself(place)
        .env(CALL, address)
        .output()
        .expect("the test can start itself");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let after = |mark: &str| {
        stdout
            .split_once(mark)
            .and_then(|(_, rest)| rest.lines().next())
            .map(str::to_owned)
    };
    match (after(SEEN), after(REFUSED)) {
        (Some(seen), _) => Ok(seen),
        (None, Some(kind)) => Err(kind),
        (None, None) => panic!(
            "the call from {} to {address} said nothing: {output:?}",
            place.name
        ),
    }
}

/// What the ignored test `peer` does: plays the part that the environment names, or nothing.
pub(crate) fn play() {
    if let Ok(address) = env::var(SERVE) {
        let listener = TcpListener::bind(address).expect("the address is free in this namespace");
        tell(LISTENING);
        for connection in listener.incoming() {
            let mut connection = connection.expect("the listener stays open");
            let caller = connection
                .peer_addr()
                .map(|address| address.ip().to_string());
            let _ = connection.write_all(caller.unwrap_or_default().as_bytes());
        }
    } else if let Ok(address) = env::var(CALL) {
        match ask(address.parse().expect("an address and a port")) {
            Ok(seen) => tell(&format!("{SEEN}{seen}")),
            Err(error) => tell(&format!("{REFUSED}{:?}", error.kind())),
        }
    }
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut connection = TcpStream::connect_timeout(&address, PATIENCE)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    let mut seen = String::new();
    connection.read_to_string(&mut seen)?;
    Ok(seen)
}

fn tell(line: &str) {
    let _ = std::io::stdout().write_all(format!("{line}\n").as_bytes());
}

fn myself(place: &Namespace) -> Command {
    let program = env::current_exe().expect("a running program has a file");
    let program = program.to_str().expect("cargo's paths are text");
    let mut command = place.command(&[program, "--exact", "peer", "--ignored"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    command
}
