//! Prints the ports that rules of INPUT accept.
//!
//! ```text
//! $ cargo run -p iptables-save --example open_ports fixtures/centos/stock-ipv6/input.save
//! 22 to 22: -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT
//! 546 to 546: -d fe80::/64 -p udp -m udp --dport 546 -m state --state NEW -j ACCEPT
//! ```

#![expect(clippy::print_stdout, reason = "it is what the example is for")]

use std::{env, error::Error, fs};

use iptables_save::{Document, Match, Target, value::PortRange};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("usage: open_ports FILE")?;
    let bytes = fs::read(path)?;
    let document = Document::read(&bytes);
    let filter = document
        .sections()
        .find(|section| document.table(*section) == Some(b"filter"))
        .ok_or("no table filter")?;
    let input = document.chain(filter, b"INPUT").ok_or("no chain INPUT")?;
    for line in document.rules(input) {
        let rule = document.rule_line(line)?.rule;
        if rule.target != Some(Target::Accept) {
            continue;
        }
        for range in rule.matches.iter().flat_map(destination_ports) {
            println!("{} to {}: {rule}", range.first, range.last);
        }
    }
    Ok(())
}

/// Returns the destination ports that a match accepts; none of `! --dport`.
fn destination_ports(test: &Match<'_>) -> Vec<PortRange> {
    let (inverted, ports) = match test {
        Match::Tcp(tcp) => tcp.dport.map(|test| (test.inverted, vec![test.value.0])),
        Match::Udp(udp) => udp.dport.map(|test| (test.inverted, vec![test.value])),
        Match::Multiport(multiport) => multiport
            .dports
            .map(|test| (test.inverted, test.value.as_slice().to_vec())),
        _ => None,
    }
    .unwrap_or_default();
    if inverted { Vec::new() } else { ports }
}
