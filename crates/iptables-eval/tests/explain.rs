//! Explanations: who goes which way, and in words.

mod support;

use fastrand::Rng;
use iptables_eval::{
    Condition, Evaluator, Field, Host, Origin, Program, Table, number, run_through, state,
};
use iptables_save::{Document, Family, Ruleset};
use proptest::prelude::*;

use support::{
    packets,
    rulesets::{self, Kinds},
};

const NODE: &str = "\
*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:KUBE-POSTROUTING - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-SVC - [0:0]
-A PREROUTING -d 10.96.0.1/32 -p tcp -m tcp --dport 80 -j KUBE-SVC
-A POSTROUTING -j KUBE-POSTROUTING
-A POSTROUTING -s 172.5.138.0/24 ! -o docker0 -j MASQUERADE
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MASQUERADE --random-fully
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-SVC ! -s 10.128.0.0/10 -j KUBE-MARK-MASQ
-A KUBE-SVC -p tcp -j DNAT --to-destination 172.5.139.2:8080
COMMIT
*filter
:FORWARD ACCEPT [0:0]
-A FORWARD -i docker0 -j ACCEPT
-A FORWARD -j REJECT --reject-with icmp-host-prohibited
COMMIT
";

fn address(field: Field, text: &str) -> Condition {
    Condition::is(field, number(text.parse().expect("an address")))
}

/// Each way of the packets as lines: who, by which rules, and where to.
fn explained(text: &str, packets: &[Condition]) -> Vec<String> {
    let document = Document::read(text.as_bytes());
    let ruleset = Ruleset::new(&document, Some(Family::V4));
    let mut evaluator = Evaluator::new(&ruleset, Family::V4);
    let usual = [
        Condition::is(Field::State, state::NEW),
        Condition::is(Field::Ttl, 64),
        Condition::is(Field::Mark, 0),
        Condition::is(Field::DestinationKind, 1),
    ];
    let packets = Condition::all(usual.into_iter().chain(packets.iter().cloned()));
    let host = Host {
        local: Some(Vec::new()),
        ..Host::default()
    };
    let journey = evaluator
        .through(&host, Origin::Network, &packets)
        .expect("within the budget");
    let set = evaluator.set(&packets).expect("within the budget");
    let explanation = evaluator.explain(&journey, set).expect("within the budget");
    assert!(explanation.is_complete);
    let mut lines = Vec::new();
    for leaf in &explanation.leaves {
        let words = evaluator.describe(leaf.packets).expect("within the budget");
        assert!(words.is_exact, "{words:?} {leaf:?}");
        let known = [
            "source ",
            "destination ",
            "kind",
            "TTL",
            "mark",
            "connection",
            "protocol",
            "destination port",
        ];
        let alternatives = words.alternatives.iter().map(|words| {
            let words = words
                .iter()
                .filter(|word| !known.iter().any(|known| word.starts_with(known)));
            words.cloned().collect::<Vec<_>>().join(", ")
        });
        let alternatives: Vec<String> = alternatives.collect();
        let decisions = leaf.decisions.iter().map(|decision| match decision.rule {
            Some((_, rule)) => {
                String::from_utf8_lossy(document.line(rule.line).content()).into_owned()
            }
            None => format!("{} policy", decision.chain),
        });
        let decisions: Vec<String> = decisions.collect();
        let who = alternatives.join(" or ");
        lines.push(format!(
            "{who}: {} → {:?}",
            decisions.join("; "),
            leaf.arrival
        ));
    }
    lines.sort_unstable();
    lines
}

#[test]
fn from_pod_to_pod_on_another_node() {
    let packets = [
        address(Field::Source, "172.5.138.2"),
        address(Field::Destination, "172.5.139.2"),
        Condition::interface(false, b"docker0"),
    ];
    assert_eq!(
        explained(NODE, &packets),
        [
            "in by docker0, out by anything but docker0: -A FORWARD -i docker0 -j ACCEPT; \
             -A POSTROUTING -s 172.5.138.0/24 ! -o docker0 -j MASQUERADE → Sent",
            "in by docker0, out by docker0: -A FORWARD -i docker0 -j ACCEPT → Sent",
        ]
    );
}

#[test]
fn from_elsewhere_it_is_rejected() {
    let packets = [
        address(Field::Source, "172.5.139.2"),
        address(Field::Destination, "172.5.138.2"),
    ];
    let ways = explained(NODE, &packets);
    assert_eq!(ways.len(), 2, "{ways:#?}");
    assert!(
        ways[0].starts_with("in by anything but docker0: -A FORWARD -j REJECT"),
        "{ways:#?}"
    );
    assert!(ways[0].ends_with("Ended"));
}

#[test]
fn through_a_service() {
    let packets = [
        address(Field::Source, "172.5.138.2"),
        address(Field::Destination, "10.96.0.1"),
        Condition::is(Field::Protocol, 6),
        Condition::is(Field::DestinationPort, 80),
        Condition::interface(false, b"docker0"),
        Condition::interface(true, b"eth0"),
    ];
    let ways = explained(NODE, &packets);
    assert_eq!(ways.len(), 1, "{ways:#?}");
    let rules = [
        "-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000",
        "-A KUBE-SVC -p tcp -j DNAT --to-destination 172.5.139.2:8080",
        "-A FORWARD -i docker0 -j ACCEPT",
        "-A KUBE-POSTROUTING -j MASQUERADE --random-fully",
    ];
    assert!(
        ways[0].ends_with(&format!(": {} → Sent", rules.join("; "))),
        "{ways:#?}"
    );
}

#[test]
fn sets_in_words() {
    let document = Document::read(b"");
    let ruleset = Ruleset::new(&document, Some(Family::V4));
    let mut evaluator = Evaluator::new(&ruleset, Family::V4);
    let network = |field, text: &str| Condition::network(field, text.parse().unwrap());
    let mut words = |condition: &Condition| {
        let set = evaluator.set(condition).unwrap();
        evaluator.describe(set).unwrap().alternatives
    };
    let both = Condition::all([
        network(Field::Source, "10.0.0.0/8"),
        network(Field::Destination, "192.0.2.0/24").inverted(true),
        Condition::Range {
            field: Field::DestinationPort,
            first: 80,
            last: 99,
        },
        Condition::is(Field::Dnat, 1),
    ]);
    assert_eq!(
        words(&both),
        [[
            "destination is translated",
            "destination port 80–99",
            "destination not 192.0.2.0/24",
            "source 10.0.0.0/8"
        ]]
    );
    assert_eq!(words(&Condition::Always), [[""; 0]]);
    assert_eq!(words(&Condition::never()), [[""; 0]; 0]);
    let either = Condition::any([
        network(Field::Source, "10.0.0.0/8"),
        network(Field::Destination, "10.0.0.0/8"),
    ]);
    assert_eq!(words(&either).len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 0, failure_persistence: None, cases: 32, ..ProptestConfig::default() })]

    /// Each way of an explanation is that of its packets, one by one, and every packet has
    /// one.
    #[test]
    fn ways_are_those_of_their_packets(seed: u64) {
        let mut rng = Rng::with_seed(seed);
        let kinds = Kinds { unknown: false, loadable: true };
        let text = rulesets::ruleset(&mut rng, Family::V4, Table::ALL, kinds);
        let document = Document::read(text.as_bytes());
        let ruleset = Ruleset::new(&document, Some(Family::V4));
        let mut program = Program::new(&ruleset, Family::V4);
        let mut evaluator = Evaluator::new(&ruleset, Family::V4);
        let near = packets::near(&packets::packet(&mut rng, Family::V4));
        let host = Host { local: Some(Vec::new()), ..Host::default() };
        let journey = evaluator.through(&host, Origin::Network, &near).unwrap();
        let set = evaluator.set(&near).unwrap();
        let explanation = evaluator.explain(&journey, set).unwrap();
        for leaf in &explanation.leaves {
            let Some(example) = evaluator.example(leaf.packets).unwrap() else {
                prop_assert!(false, "a way that no packet goes");
                continue;
            };
            let mut oracle = example.oracle();
            let trip = run_through(&mut program, &host, Origin::Network, &example.packet, &mut oracle).unwrap();
            prop_assert_eq!(trip.arrival, leaf.arrival, "{}\n{}\n{:?}", text, example.packet, leaf);
            let rules = trip.stages.iter().filter_map(|(base, fate)| Some((*base, fate.rule?.1.line)));
            let ends = leaf.decisions.iter().filter(|decision| decision.end.is_some());
            let ends = ends.filter_map(|decision| Some((decision.chain, decision.rule?.1.line)));
            prop_assert_eq!(rules.collect::<Vec<_>>(), ends.collect::<Vec<_>>(), "{}\n{}", text, example.packet);
        }
    }
}
