//! Prints every rule that masquerades, with its line, table and chain.
//!
//! ```text
//! $ cargo run -p iptables-save --example list_masquerade fixtures/centos/kube-proxy-legacy/input.save
//! line 23: nat POSTROUTING: -s 172.5.138.0/24 ! -o docker0 -j MASQUERADE
//! line 30: nat KUBE-POSTROUTING: -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
//! ```

#![expect(clippy::print_stdout, reason = "it is what the example is for")]

use std::{env, error::Error, fs};

use iptables_save::{Document, Target, display};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os().nth(1).ok_or("usage: list_masquerade FILE")?;
    let bytes = fs::read(path)?;
    let document = Document::read(&bytes);
    for section in document.sections() {
        let table = document.table(section).unwrap_or(b"?");
        for chain in document.chains(section) {
            for line in document.rules(chain) {
                // A rule that cannot be read is an error with its place and, often, help.
                let rule = document.rule_line(line)?.rule;
                if let Some(Target::Masquerade(_)) = rule.target {
                    println!(
                        "line {}: {} {}: {rule}",
                        line.index() + 1,
                        display(table),
                        display(document.chain_name(chain)),
                    );
                }
            }
        }
    }
    Ok(())
}
