//! `podsnat`: lets Kubernetes pods see each other's own addresses.
//!
//! Only this program reads, prints and exits. How to read a ruleset is for
//! `iptables-save` to know, what to rewrite in it for `podsnat-rewrite`.

mod args;
mod codes;
mod console;
mod error_list;
mod escape;
mod filter;
mod flannel;
mod fmt;
mod input;
mod judge;
mod networks;
mod output;
mod patient;
mod render;
mod replace;
mod report;
mod tally;

use std::process::ExitCode;

use crate::{args::Command, console::Console, fmt::Outcome};

/// The exit code of `--check` that found something.
const EXIT_FINDINGS: u8 = 1;

/// The exit code for invalid arguments or input, and for files that cannot be read or
/// written.
const EXIT_FAILURE: u8 = 2;

fn main() -> ExitCode {
    let args = match args::parse() {
        Ok(args) => args,
        Err(error) => return args::print_clap_error(&error),
    };
    let mut console = Console::new(args.is_quiet());
    let outcome = match &args.command {
        Some(Command::Fmt(args)) => fmt::run(&args.files, args.settings(), &mut console),
        None => filter::run(&args, &mut console).map(|()| Outcome::Clean),
    };
    console.flush();
    match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => EXIT_FINDINGS.into(),
        Err(_reported) => EXIT_FAILURE.into(),
    }
}
