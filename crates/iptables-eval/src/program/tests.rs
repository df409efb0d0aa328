//! What rules match and do, line by line.

use iptables_save::{Document, Family, Ruleset};

use crate::{
    concrete::run_chain,
    field::{Field, Packet, number, state},
    hook::{BaseChain, Hook, Table},
    program::{End, Program},
    question::Question,
};

/// A packet of TCP from 10.0.0.1 to 192.0.2.1, from port 40000 to 80, in by eth0, out by wg1.
fn packet() -> Packet {
    let mut packet = Packet::new(Family::V4)
        .with(Field::Source, number("10.0.0.1".parse().unwrap()))
        .with(Field::Destination, number("192.0.2.1".parse().unwrap()))
        .with(Field::Protocol, 6)
        .with(Field::SourcePort, 40000)
        .with(Field::DestinationPort, 80)
        .with(Field::TcpFlags, 2)
        .with(Field::Ttl, 64)
        .with(Field::Tos, 0x10)
        .with(Field::Length, 60)
        .with(Field::Mark, 0x4001)
        .with(Field::Connmark, 0x12);
    packet.in_interface = b"eth0".to_vec();
    packet.out_interface = b"wg1".to_vec();
    packet
}

/// Sends a packet through a chain with one rule; everything unknown is answered with no.
fn run(rule: &str, mut packet: Packet) -> (End, Packet) {
    let table = if rule.contains("--set-tos") || rule.contains("-j TTL") {
        Table::Mangle
    } else {
        Table::Filter
    };
    let text = format!(
        "*{}\n:FORWARD DROP [0:0]\n-A FORWARD {rule}\nCOMMIT\n",
        table.name()
    );
    let document = Document::read(text.as_bytes());
    let ruleset = Ruleset::new(&document, Some(Family::V4));
    let mut program = Program::new(&ruleset, Family::V4);
    let forward = BaseChain::new(table, Hook::Forward);
    let fate = run_chain(&mut program, forward, &mut packet, &mut |_: &Question| {
        false
    });
    (fate.unwrap().end, packet)
}

fn matches(tests: &str, packet: Packet) -> bool {
    run(&format!("{tests} -j ACCEPT"), packet).0 == End::Accept
}

#[test]
fn rules_that_match() {
    let all = [
        "",
        "-s 10.0.0.0/8",
        "! -s 10.1.0.0/16",
        "-d 192.7.2.1/255.0.255.255",
        "-i eth+ ! -o eth+",
        "-p tcp",
        "! -p udp",
        "! -f",
        "-p tcp -m tcp --dport 80 --sport 1024:65535",
        "-p tcp -m tcp ! --dport 81",
        "-p tcp -m tcp --tcp-flags SYN,ACK SYN",
        "-p tcp -m tcp ! --tcp-flags SYN,ACK ACK",
        "-p tcp -m tcp ! --tcp-option 8",
        "-p tcp -m multiport --dports 1,80,90:95",
        "-p tcp -m multiport --ports 39999:40001",
        "-p tcp -m multiport ! --sports 80",
        "-m iprange --src-range 10.0.0.0-10.0.0.5",
        "-m iprange ! --dst-range 10.0.0.0-10.0.0.5",
        "-m length --length 60",
        "-m length ! --length 61:80",
        "-m ttl --ttl-gt 63",
        "-m ttl --ttl-lt 65",
        "-m tos --tos 0x10/0x3f",
        "-m dscp --dscp 4",
        "-m ecn --ecn-ip-ect 0",
        "-m mark --mark 0x4000/0x4000",
        "-m mark ! --mark 0x4000",
        "-m connmark --mark 0x12",
        "-m pkttype --pkt-type unicast",
        "-m state --state NEW",
        "-m conntrack ! --ctstate DNAT,ESTABLISHED",
        "-m conntrack --ctstate NEW --ctorigdst 0.0.0.0/8",
        "-m conntrack --ctdir ORIGINAL",
        "-m addrtype --src-type UNICAST,LOCAL ! --dst-type LOCAL",
        "-m set ! --match-set a src",
        "-m comment --comment \"never mind\"",
    ];
    for tests in all {
        assert!(matches(tests, packet()), "{tests}");
    }
}

#[test]
fn rules_that_do_not_match() {
    let all = [
        "-s 10.0.0.2",
        "-d 192.1.0.1/255.255.0.255",
        "-i eth",
        "-f",
        "-p udp",
        "-p tcp -m tcp --dport 81:",
        "-p tcp -m tcp --tcp-flags ALL NONE",
        "-p tcp -m multiport --dports 81,443",
        "-m ttl --ttl-lt 64",
        "-m ttl --ttl-lt 0",
        "-m ttl --ttl-gt 255",
        "-m mark --mark 0x4000",
        "-m mark --mark 0x3/0x1",
        "-m state --state INVALID,UNTRACKED",
        "-m conntrack --ctstate SNAT",
        "-m conntrack --ctdir REPLY",
        "-m set --match-set a src",
        "-m limit --limit 1/sec",
        "-m frobnicate --frob",
    ];
    for tests in all {
        assert!(!matches(tests, packet()), "{tests}");
    }
}

/// Kernel `conntrack_mt`: without an entry the state alone is looked at, and nothing else
/// matches.
#[test]
fn without_an_entry() {
    let invalid = || packet().with(Field::State, state::INVALID);
    assert!(matches(
        "-m conntrack --ctstate INVALID --ctorigdst 203.0.113.1",
        invalid()
    ));
    assert!(!matches(
        "-m conntrack ! --ctorigdst 203.0.113.1",
        invalid()
    ));
    assert!(!matches("-m connmark ! --mark 0x1", invalid()));
    assert!(!matches(
        "-m conntrack --ctstate DNAT",
        invalid().with(Field::Dnat, 1)
    ));
    assert!(matches(
        "-m conntrack --ctstate DNAT",
        packet().with(Field::Dnat, 1)
    ));
}

/// Kernel `tcp_mt`, `multiport_mt`: a further fragment has no ports, inverted or not.
#[test]
fn further_fragments_have_no_ports() {
    let fragment = || {
        packet()
            .with(Field::State, state::INVALID)
            .with(Field::Fragment, 1)
    };
    assert!(!matches("-p tcp -m tcp ! --dport 81", fragment()));
    assert!(!matches("-p tcp -m multiport ! --dports 81", fragment()));
    assert!(matches("-p tcp -f", fragment()));
}

#[test]
fn targets_that_change_packets() {
    let mark = |rule| run(rule, packet()).1.get(Field::Mark);
    assert_eq!(mark("-j MARK --set-xmark 0x2/0x1"), 0x4002);
    assert_eq!(mark("-j MARK --xor-mark 0x4000"), 1);
    assert_eq!(mark("-j MARK --set-mark 0x8000/0xf"), 0xc000);
    assert_eq!(
        mark("-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xf"),
        0x4002
    );
    let connmark = |rule| run(rule, packet()).1.get(Field::Connmark);
    assert_eq!(
        connmark("-j CONNMARK --save-mark --nfmask 0xffff --ctmask 0xf"),
        0x4011
    );
    assert_eq!(connmark("-j CONNMARK --set-xmark 0x1/0xffffffff"), 1);
    let tos = |rule| run(rule, packet()).1.get(Field::Tos);
    assert_eq!(tos("-j TOS --set-tos 0x8/0xff"), 8);
    let ttl = |rule| run(rule, packet()).1.get(Field::Ttl);
    assert_eq!(ttl("-j TTL --ttl-dec 65"), 0);
    assert_eq!(ttl("-j TTL --ttl-inc 200"), 255);
    assert_eq!(ttl("-j TTL --ttl-set 7"), 7);
}

#[test]
fn targets_that_end_the_chain() {
    let end = |rule| run(rule, packet()).0;
    assert_eq!(end("-j ACCEPT"), End::Accept);
    assert_eq!(end("-j RETURN"), End::Drop);
    assert_eq!(end("-j LOG"), End::Drop);
    let reject = End::Reject("REJECT --reject-with icmp-port-unreachable".into());
    assert_eq!(end("-j REJECT"), reject);
    assert_eq!(
        end("-j NFQUEUE"),
        End::Other("NFQUEUE --queue-num 0".into())
    );
}
