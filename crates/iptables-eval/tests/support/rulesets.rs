//! Rulesets by chance.

use fastrand::Rng;
use iptables_eval::{Hook, Table};
use iptables_save::Family;

use super::words::{INTERFACES, address, mark, one, ports};

/// What rules may ask and do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kinds {
    /// Matches that the packet does not decide.
    pub(crate) unknown: bool,
    /// Only what kernels take, and what a harness can see.
    pub(crate) loadable: bool,
}

/// The text of a ruleset with some tables.
pub(crate) fn ruleset(rng: &mut Rng, family: Family, tables: &[Table], kinds: Kinds) -> String {
    let tables = tables
        .iter()
        .map(|table| self::table(rng, family, *table, kinds));
    tables.collect()
}

/// The text of one table: for each hook a built-in chain, and user-defined ones that it may
/// lead to.
pub(crate) fn table(rng: &mut Rng, family: Family, table: Table, kinds: Kinds) -> String {
    let (mut chains, mut rules) = (String::new(), String::new());
    for hook in table.hooks() {
        let drops = !matches!(table, Table::Nat) && rng.u8(..40) == 0;
        let policy = if drops { "DROP" } else { "ACCEPT" };
        chains += &format!(":{} {policy} [0:0]\n", hook.name());
        let short = &hook.name()[..2];
        let users: Vec<String> = (0..rng.usize(1..5))
            .map(|nth| format!("{short}-{nth}"))
            .collect();
        for user in &users {
            chains += &format!(":{user} - [0:0]\n");
        }
        let mut maker = Maker {
            rng,
            family,
            table,
            hook: *hook,
            kinds,
        };
        rules += &maker.chain(hook.name(), &users, true);
        for (nth, user) in users.iter().enumerate() {
            rules += &maker.chain(user, &users[nth + 1..], false);
        }
    }
    format!("*{}\n{chains}{rules}COMMIT\n", table.name())
}

struct Maker<'r> {
    rng: &'r mut Rng,
    family: Family,
    table: Table,
    hook: Hook,
    kinds: Kinds,
}

impl Maker<'_> {
    fn chain(&mut self, name: &str, users: &[String], is_base: bool) -> String {
        let most = if is_base { 8 } else { 5 };
        let count = self.rng.usize(1..most);
        let mut rules: Vec<String> = (0..count).map(|_| self.rule(users, is_base)).collect();
        if is_base && self.table == Table::Mangle && self.hook == Hook::Postrouting {
            // What marks have become is seen in the packet.
            rules.push("-m mark --mark 0x1/0x1 -j TOS --set-tos 0x10/0x10".into());
            rules.push("-m mark --mark 0x4000/0x4000 -j TOS --set-tos 0x8/0x8".into());
        }
        rules
            .iter()
            .map(|rule| format!("-A {name} {rule}\n"))
            .collect()
    }

    fn rule(&mut self, users: &[String], is_base: bool) -> String {
        let mut words = Vec::new();
        for option in ["-s", "-d"] {
            if self.chance(4) {
                words.push(format!(
                    "{}{option} {}",
                    self.not(),
                    address(self.rng, self.family)
                ));
            }
        }
        let has_in = self.hook.has_in_interface() && self.hook != Hook::Postrouting;
        for (option, has) in [("-i", has_in), ("-o", self.hook.has_out_interface())] {
            if self.chance(5) && (has || !is_base && !self.kinds.loadable) {
                words.push(format!("{}{option} {}", self.not(), self.interface()));
            }
        }
        let protocol = self.protocol(&mut words);
        for _ in 0..self.rng.usize(..3) {
            let found = self.a_match();
            words.extend(found);
        }
        words.extend(self.target(protocol, users));
        words.join(" ")
    }

    fn chance(&mut self, of: u32) -> bool {
        self.rng.u32(..of) == 0
    }

    fn not(&mut self) -> &'static str {
        if self.chance(4) { "! " } else { "" }
    }

    fn interface(&mut self) -> &'static str {
        let patterns = ["eth+", "c+", "docker+", "docker0", "d+", "other0"];
        if self.chance(3) {
            one(self.rng, &patterns)
        } else {
            one(self.rng, &INTERFACES)
        }
    }

    /// A protocol, with the match that it brings along. Two inverted single ports next to
    /// each other are left out: iptables-nft 1.8.9 takes them for something else.
    fn protocol(&mut self, words: &mut Vec<String>) -> Option<&'static str> {
        let icmp = match self.family {
            Family::V4 => "icmp",
            Family::V6 => "ipv6-icmp",
        };
        let protocol = match self.rng.u8(..10) {
            0..3 => "tcp",
            3..5 => "udp",
            5 => icmp,
            6 => "sctp",
            7 if self.chance(3) => {
                words.push(format!("! -p {}", one(self.rng, &["tcp", "udp"])));
                return None;
            }
            _ => return None,
        };
        words.push(format!("-p {protocol}"));
        match protocol {
            "icmp" => {
                let kinds = ["8", "0", "any", "3/1", "8/0"];
                words.push(format!(
                    "-m icmp {}--icmp-type {}",
                    self.not(),
                    one(self.rng, &kinds)
                ));
            }
            "ipv6-icmp" => {
                let kinds = ["128", "129", "1/4", "128/0"];
                words.push(format!(
                    "-m icmp6 {}--icmpv6-type {}",
                    self.not(),
                    one(self.rng, &kinds)
                ));
            }
            _ if self.chance(3) => words.push(self.multiport()),
            _ => self.ports(protocol, words),
        }
        Some(protocol)
    }

    fn ports(&mut self, protocol: &str, words: &mut Vec<String>) {
        words.push(format!("-m {protocol}"));
        let is_inverted = self.chance(4);
        for (option, may_invert) in [("--sport", false), ("--dport", true)] {
            if self.chance(2) {
                let not = if may_invert && is_inverted { "! " } else { "" };
                words.push(format!("{not}{option} {}", ports(self.rng)));
            }
        }
        if protocol == "tcp" && self.chance(3) {
            let tests = ["SYN,RST,ACK,FIN SYN", "SYN,ACK ACK", "ALL SYN", "RST RST"];
            words.push(format!(
                "{}--tcp-flags {}",
                self.not(),
                one(self.rng, &tests)
            ));
        }
    }

    fn multiport(&mut self) -> String {
        let option = one(self.rng, &["--sports", "--dports", "--ports"]);
        let list = one(
            self.rng,
            &["80,443", "53,8000:9000", "1:1024,40000", "65535"],
        );
        format!("-m multiport {}{option} {list}", self.not())
    }

    fn a_match(&mut self) -> Option<String> {
        let not = self.not();
        let v4 = self.family == Family::V4;
        Some(match self.rng.u8(..14) {
            0 => format!("-m mark {not}--mark {}", mark(self.rng)),
            1 => format!("-m conntrack {not}--ctstate {}", self.states()),
            2 => format!(
                "-m state {not}--state {}",
                one(self.rng, &["NEW", "NEW,ESTABLISHED", "INVALID"])
            ),
            3 => format!(
                "-m tos {not}--tos {}",
                one(self.rng, &["0x10/0x3f", "0x08/0x08", "0x00/0xff"])
            ),
            4 => format!(
                "-m dscp {not}--dscp {}",
                one(self.rng, &["0x00", "0x04", "0x2e"])
            ),
            5 => format!(
                "-m length {not}--length {}",
                one(self.rng, &["0:100", "60:80", "100"])
            ),
            6 if v4 => format!(
                "-m ttl {}",
                one(
                    self.rng,
                    &["--ttl-eq 63", "--ttl-lt 10", "--ttl-gt 63", "--ttl-eq 64"]
                )
            ),
            6 => format!(
                "-m hl {}",
                one(
                    self.rng,
                    &["--hl-eq 63", "--hl-lt 10", "--hl-gt 63", "--hl-eq 64"]
                )
            ),
            7 if v4 => format!("-m iprange {not}--src-range 172.16.1.3-172.16.1.9"),
            7 => format!("-m iprange {not}--dst-range fd00:0:0:1::3-fd00:0:0:2::9"),
            8 => format!("-m connmark {not}--mark {}", mark(self.rng)),
            9 => format!(
                "-m pkttype {not}--pkt-type {}",
                one(self.rng, &["unicast", "multicast"])
            ),
            10 if self.kinds.unknown => format!(
                "-m set {not}--match-set {} src,dst",
                one(self.rng, &["a", "b"])
            ),
            11 if self.kinds.unknown => format!("-m limit --limit {}/sec", one(self.rng, &[1, 2])),
            12 if self.kinds.unknown => format!(
                "-m addrtype {not}--dst-type {}",
                one(self.rng, &["LOCAL", "UNICAST", "LOCAL,UNICAST"])
            ),
            13 if self.kinds.unknown => format!(
                "-m conntrack {not}--ctorigdst {}",
                address_of_one(self.rng, self.family)
            ),
            _ => return None,
        })
    }

    fn states(&mut self) -> &'static str {
        one(
            self.rng,
            &[
                "NEW",
                "ESTABLISHED",
                "NEW,DNAT",
                "INVALID",
                "DNAT",
                "UNTRACKED",
                "RELATED,ESTABLISHED",
                "SNAT",
            ],
        )
    }

    fn target(&mut self, protocol: Option<&str>, users: &[String]) -> Option<String> {
        if !users.is_empty() && self.chance(2) {
            let jump = one(self.rng, &["-j", "-j", "-j", "-g"]);
            return Some(format!(
                "{jump} {}",
                one(self.rng, &users.iter().collect::<Vec<_>>())
            ));
        }
        let common = match self.rng.u8(..12) {
            0..2 => "-j ACCEPT".into(),
            2..4 => "-j RETURN".into(),
            4 => return None,
            5 => format!("-j MARK --set-xmark {}", mark(self.rng)),
            6 if self.kinds.unknown => "-j LOG".into(),
            7 if self.chance(2) => self.connmark(),
            8 if self.kinds.unknown && !self.kinds.loadable => one(
                self.rng,
                &[
                    "-j SET --add-set a src,dst",
                    "-j FOO --bar",
                    "-j NFQUEUE --queue-num 1",
                ],
            )
            .to_string(),
            _ => self.of_table(protocol),
        };
        Some(common)
    }

    fn connmark(&mut self) -> String {
        match self.rng.u8(..3) {
            0 => format!("-j CONNMARK --set-xmark {}", mark(self.rng)),
            1 => "-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff".into(),
            _ => "-j CONNMARK --restore-mark --nfmask 0x4001 --ctmask 0x4001".into(),
        }
    }

    fn of_table(&mut self, protocol: Option<&str>) -> String {
        match self.table {
            Table::Raw => match self.rng.u8(..6) {
                0..3 => "-j CT --notrack".into(),
                3 => "-j DROP".into(),
                _ => "-j ACCEPT".into(),
            },
            Table::Mangle => self.of_mangle(),
            Table::Nat => self.of_nat(protocol),
            _ => match self.rng.u8(..4) {
                0 if self.table == Table::Filter => self.reject(protocol),
                1 => "-j DROP".into(),
                _ => "-j ACCEPT".into(),
            },
        }
    }

    fn of_mangle(&mut self) -> String {
        let v4 = self.family == Family::V4;
        match self.rng.u8(..6) {
            0 => "-j TOS --set-tos 0x10/0x3c".into(),
            1 => format!("-j DSCP --set-dscp {}", one(self.rng, &["0x04", "0x2e"])),
            2 if v4 => format!(
                "-j TTL {}",
                one(self.rng, &["--ttl-set 64", "--ttl-dec 3", "--ttl-inc 200"])
            ),
            2 => format!(
                "-j HL {}",
                one(self.rng, &["--hl-set 64", "--hl-dec 3", "--hl-inc 200"])
            ),
            _ => format!("-j MARK --set-xmark {}", mark(self.rng)),
        }
    }

    fn of_nat(&mut self, protocol: Option<&str>) -> String {
        let is_dnat = matches!(self.hook, Hook::Prerouting | Hook::Output);
        let port = matches!(protocol, Some("tcp" | "udp")) && self.chance(2);
        let network = self.rng.usize(..4);
        let address = super::words::host(self.family, network, 5);
        let to = match (port, self.family) {
            (false, _) => address,
            (true, Family::V4) => format!("{address}:8080"),
            (true, Family::V6) => format!("[{address}]:8080"),
        };
        match (is_dnat, self.hook) {
            (true, _) => format!("-j DNAT --to-destination {to}"),
            (false, Hook::Postrouting) if self.chance(2) => "-j MASQUERADE".into(),
            (false, _) => format!(
                "-j SNAT --to-source {}",
                super::words::host(self.family, network, 200)
            ),
        }
    }

    fn reject(&mut self, protocol: Option<&str>) -> String {
        match (self.family, protocol) {
            (_, Some("tcp")) if self.chance(2) => "-j REJECT --reject-with tcp-reset".into(),
            (Family::V4, _) => "-j REJECT --reject-with icmp-host-prohibited".into(),
            (Family::V6, _) => "-j REJECT --reject-with icmp6-adm-prohibited".into(),
        }
    }
}

fn address_of_one(rng: &mut Rng, family: Family) -> String {
    let nth = rng.usize(..4);
    super::words::host(family, nth, 5)
}
