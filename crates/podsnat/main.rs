//! `podsnat`: lets Kubernetes pods see each other's own addresses.
//!
//! Only this program reads, prints and exits. How to read a ruleset is for
//! `iptables-save` to know, what to rewrite in it for `podsnat-rewrite`.

mod args;
mod console;
mod excerpt;
mod filter;
mod flannel;
mod input;
mod judge;
mod message;
mod networks;
mod output;
mod printable;
mod report;
mod tally;

use std::{io, process::ExitCode};

use clap::Parser as _;

use crate::{args::Args, console::Console};

/// The exit code for trouble. 1 is for what `check` finds.
const TROUBLE: u8 = 2;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(answer) => return give(&answer),
    };
    let mut console = Console::new(args.quiet);
    let outcome = filter::run(&args, &mut console);
    console.show();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
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
