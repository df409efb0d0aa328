//! `podsnat`: lets Kubernetes pods see each other's own addresses.
//!
//! Only this program reads, prints and exits. How to read a ruleset is for
//! `iptables-save` to know, what to rewrite in it for `podsnat-rewrite`.

mod args;
mod console;
mod errors;
mod excerpt;
mod filter;
mod flannel;
mod fmt;
mod input;
mod judge;
mod message;
mod networks;
mod output;
mod palette;
mod printable;
mod replace;
mod report;
mod tally;

use std::{io, process::ExitCode};

use clap::Parser as _;

use crate::{
    args::{Args, Command},
    console::Console,
    fmt::Verdict,
};

/// The exit code of `--check` that found something.
const FOUND: u8 = 1;

/// The exit code for trouble.
const TROUBLE: u8 = 2;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(answer) => return give(&answer),
    };
    let quiet = match &args.command {
        Some(Command::Fmt(args)) => args.quiet,
        None => args.quiet,
    };
    let mut console = Console::new(quiet);
    let outcome = match &args.command {
        Some(Command::Fmt(args)) => fmt::run(args, &mut console),
        None => filter::run(&args, &mut console).map(|()| Verdict::Good),
    };
    console.show();
    match outcome {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Found) => FOUND.into(),
        Err(_told) => TROUBLE.into(),
    }
}

/// Prints what clap has to say: help or the version to stdout, errors to stderr.
fn give(answer: &clap::Error) -> ExitCode {
    let printed = answer.print();
    match printed {
        _ if answer.use_stderr() => TROUBLE.into(),
        Ok(()) => ExitCode::SUCCESS,
        // Whoever closed a pager before the end has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(_) => TROUBLE.into(),
    }
}
