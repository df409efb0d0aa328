//! Prints a kube-proxy node's `iptables-save` output, to read or for `compare.sh`.

#[path = "support/generate.rs"]
mod generate;

use std::env;
use std::error::Error;
use std::io::{self, Write as _};

use generate::Node;

const USAGE: &str = "usage: generate SERVICES [ENDPOINTS] [SEED], or: generate rules ABOUT";

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    let text = text(&words).ok_or(USAGE)?;
    io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

/// Returns the ruleset these arguments ask for, with three endpoints a service and seed 1 unless they say otherwise.
fn text(words: &[String]) -> Option<String> {
    if let [word, about] = words
        && word == "rules"
    {
        return Some(generate::rules(about.parse().ok()?));
    }
    let [services, options @ ..] = words else {
        return None;
    };
    let mut node = Node {
        services: services.parse().ok()?,
        endpoints: 3,
        seed: 1,
    };
    match options {
        [] => {}
        [endpoints] => node.endpoints = endpoints.parse().ok()?,
        [endpoints, seed] => {
            node.endpoints = endpoints.parse().ok()?;
            node.seed = seed.parse().ok()?;
        }
        _ => return None,
    }
    Some(node.text())
}
