//! Short random rulesets.

use std::fmt::Write as _;

/// Which rules to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lists {
    /// Some with lists of addresses, of which iptables makes several rules.
    Some,
    None,
}

const NAT: &[&str] = &[
    "-s 10.1.0.0/16 -j MASQUERADE",
    "-s 10.1.5.0/24 ! -o docker0 -j MASQUERADE",
    "-s 10.1.5.0/24 ! -d 10.1.0.0/16 ! -o docker0 -j MASQUERADE",
    "-s 10.1.0.0/16 ! -d 10.1.0.0/16 -j MASQUERADE",
    "-o eth0 -j MASQUERADE",
    "-j MASQUERADE",
    "! -s 10.1.0.0/16 -j MASQUERADE",
    "-s 10.0.0.0/8 -j SNAT --to-source 192.0.2.1",
    "-d 10.1.0.0/16 -j RETURN",
    "-s 10.1.0.0/16 -d 10.1.0.0/16 -j RETURN",
    "-d 192.0.2.1/32 -j ACCEPT",
    "-m mark --mark 0x4000/0x4000 -j MASQUERADE",
    "-p tcp -j LOG",
];

const FILTER: &[&str] = &[
    "-j REJECT --reject-with icmp-host-prohibited",
    "-s 10.1.0.0/16 -j ACCEPT",
    "-d 10.1.0.0/16 -j ACCEPT",
    "-i lo -j ACCEPT",
    "-s 192.0.2.9/32 -j DROP",
    "-s 192.0.2.2/32 -j DROP",
    "-p tcp -m tcp --dport 22 -j ACCEPT",
    "-j DROP",
];

const NAT_LISTS: &[&str] = &[
    "-s 10.1.0.0/16,192.0.2.0/24 -j MASQUERADE",
    "-s 192.0.2.1,10.1.9.0/24 -o eth0 -j MASQUERADE",
    "-s 10.1.0.0/16,10.1.5.0/24 -d 10.1.0.0/16,192.0.2.7 -j RETURN",
];

const FILTER_LISTS: &[&str] = &["-s 10.1.0.0/16,10.1.5.0/24 -j ACCEPT"];

/// Generates a ruleset of one table. Most of them load.
pub(crate) fn text(rng: &mut fastrand::Rng, lists: Lists) -> String {
    let is_nat = rng.bool();
    let (table, builtin, rules, more) = if is_nat {
        ("nat", &["POSTROUTING"][..], NAT, NAT_LISTS)
    } else {
        ("filter", &["INPUT", "FORWARD"][..], FILTER, FILTER_LISTS)
    };
    let rules: Vec<&str> = match lists {
        Lists::Some => [rules, more].concat(),
        Lists::None => rules.to_vec(),
    };
    let mut text = Text {
        rng,
        rules,
        builtin: builtin.len(),
        chains: Vec::new(),
        lines: format!("*{table}\n"),
    };
    for name in builtin {
        text.chains.push(Chain::new(name));
        if text.rng.u8(..2) == 0 {
            let policy = if is_nat || text.rng.bool() {
                "ACCEPT"
            } else {
                "DROP"
            };
            let _ = writeln!(text.lines, ":{name} {policy} [0:0]");
        }
    }
    for name in ["a", "b"] {
        if text.rng.u8(..3) > 0 {
            let _ = writeln!(text.lines, ":{name} - [0:0]");
            text.chains.push(Chain::new(name));
        }
    }
    for _ in 0..text.rng.usize(3..14) {
        text.command(is_nat);
    }
    text.lines.push_str("COMMIT\n");
    text.lines
}

/// A ruleset being generated, and about how many rules each chain has.
struct Text<'r> {
    rng: &'r mut fastrand::Rng,
    rules: Vec<&'r str>,
    /// How many of the chains are built-in.
    builtin: usize,
    chains: Vec<Chain>,
    lines: String,
}

struct Chain {
    name: String,
    rules: Vec<String>,
}

impl Chain {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            rules: Vec::new(),
        }
    }
}

impl Text<'_> {
    fn command(&mut self, is_nat: bool) {
        let nth = self.rng.usize(..self.chains.len());
        let name = self.chains[nth].name.clone();
        let count = self.chains[nth].rules.len();
        let is_builtin = nth < self.builtin;
        let line = match self.rng.u8(..24) {
            0..=8 => {
                let rule = self.rule(nth);
                self.chains[nth].rules.push(rule.clone());
                format!("-A {name} {rule}")
            }
            9..=11 => {
                let at = self.rng.usize(..=count);
                let rule = self.rule(nth);
                self.chains[nth].rules.insert(at, rule.clone());
                if at == 0 && self.rng.bool() {
                    format!("-I {name} {rule}")
                } else {
                    format!("-I {name} {} {rule}", at + 1)
                }
            }
            12..=14 if count > 0 => {
                let at = self.rng.usize(..count);
                self.chains[nth].rules.remove(at);
                format!("-D {name} {}", at + 1)
            }
            15..=16 if count > 0 => {
                let at = self.rng.usize(..count);
                let rule = self.chains[nth].rules[at].clone();
                let first = self.chains[nth]
                    .rules
                    .iter()
                    .position(|other| *other == rule);
                self.chains[nth].rules.remove(first.unwrap_or(at));
                format!("-D {name} {rule}")
            }
            17 if count > 0 => {
                let at = self.rng.usize(..count);
                format!("-C {name} {}", self.chains[nth].rules[at])
            }
            18..=19 if count > 0 => {
                let at = self.rng.usize(..count);
                let rule = loop {
                    let rule = self.rule(nth);
                    if !rule.contains(',') {
                        break rule;
                    }
                };
                self.chains[nth].rules[at] = rule.clone();
                format!("-R {name} {} {rule}", at + 1)
            }
            20 => {
                self.chains[nth].rules.clear();
                format!("-F {name}")
            }
            21 if is_builtin && !is_nat => {
                let policy = if self.rng.bool() { "ACCEPT" } else { "DROP" };
                format!("-P {name} {policy}")
            }
            22 if !is_builtin && self.rng.bool() => {
                let new = format!("{name}x");
                for chain in &mut self.chains {
                    for rule in &mut chain.rules {
                        *rule = rule.replace(&format!("-j {name}"), &format!("-j {new}"));
                    }
                }
                self.chains[nth].name.clone_from(&new);
                format!("-E {name} {new}")
            }
            23 if count > 0 => format!("-Z {name} {}", self.rng.usize(1..=count)),
            _ => return,
        };
        self.lines.push_str(&line);
        self.lines.push('\n');
    }

    /// Generates a rule for a chain, or a jump to a later chain.
    fn rule(&mut self, nth: usize) -> String {
        let user_defined = &self.chains[self.builtin..];
        if nth < self.builtin && !user_defined.is_empty() && self.rng.u8(..5) == 0 {
            return format!(
                "-j {}",
                user_defined[self.rng.usize(..user_defined.len())].name
            );
        }
        self.rules[self.rng.usize(..self.rules.len())].to_owned()
    }
}
