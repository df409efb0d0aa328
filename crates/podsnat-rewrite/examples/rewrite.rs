//! Exempts pods from source NAT: prints the new ruleset, and on stderr what changed and why.
//!
//! ```text
//! $ cargo run -p podsnat-rewrite --example rewrite fixtures/centos/kube-proxy-legacy/input.save 172.5.0.0/16 > /dev/null
//! line 23: pods reach pods in 172.5.0.0/16 with their own address; all other traffic is translated as before
//!   -A POSTROUTING -s 172.5.138.0/24 ! -d 172.5.0.0/16 ! -o docker0 -j MASQUERADE
//! line 69: this stock REJECT of all traffic stops pod traffic to this node
//! line 74: this stock REJECT of all traffic stops forwarded pod traffic
//! finding: this rule was left unchanged and still translates some packets between pods on purpose: those marked 0x4000
//! finding: without this REJECT every port of the node is open, because INPUT's policy is ACCEPT
//! ```

#![expect(clippy::print_stderr, reason = "it is what the example is for")]

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write as _},
};

use iptables_save::Document;
use podsnat_rewrite::{Options, PodNetworks, plan, render};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [path, network] = &arguments[..] else {
        return Err("usage: rewrite FILE NETWORK".into());
    };
    let bytes = fs::read(path)?;
    let document = Document::read(&bytes);
    let pods = PodNetworks::new([network.parse()?])?;
    let plan = plan(&document, &Options::new(pods))?;

    for change in plan.changes() {
        eprintln!("line {}: {}", change.at.line.index() + 1, change.reason);
        for line in &change.lines {
            eprintln!("  {}", line.escape_ascii());
        }
    }
    for finding in plan.findings() {
        eprintln!("finding: {}", finding.message);
    }
    for piece in render::full(&document, &plan) {
        io::stdout().write_all(piece)?;
    }
    Ok(())
}
