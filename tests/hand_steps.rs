//! The steps that operators take by hand, in a kernel, against the filter.
//!
//! With `--place first` the tables are the same after either; by default the rules are,
//! each in its old position.

mod support;

use std::{fs, path::PathBuf};

use support::{
    PODSNAT,
    iptables::{Backend, Family, Iptables},
    netns::Namespace,
    saved::Saved,
};

#[test]
fn place_first_does_what_the_hand_steps_do_legacy() {
    compare(Backend::Legacy);
}

#[test]
fn place_first_does_what_the_hand_steps_do_nft() {
    compare(Backend::Nft);
}

/// Docker's rule as it is, and as it should be.
const STEPS: [&str; 4] = [
    "-t nat -D POSTROUTING -s 172.5.138.0/24 ! -o docker0 -j MASQUERADE",
    "-t nat -I POSTROUTING -s 172.5.138.0/24 ! -d 172.5.0.0/16 ! -o docker0 -j MASQUERADE",
    "-t filter -D INPUT -j REJECT --reject-with icmp-host-prohibited",
    "-t filter -D FORWARD -j REJECT --reject-with icmp-host-prohibited",
];

fn compare(backend: Backend) {
    let iptables = Iptables {
        backend,
        family: Family::V4,
    };
    let test = format!("hand_steps with {iptables}");
    if support::skipped(&test, &[]) {
        return;
    }
    if let Some(why) = iptables.obstacle() {
        support::skip(&test, &why);
        return;
    }
    let node = Namespace::new("hand");
    let load = || iptables.restore(&node, &fixture("first/input.save"));
    let saved = || Saved::read(&iptables.save(&node));

    load();
    for step in STEPS {
        let program = iptables.program();
        let words: Vec<&str> = [&*program].into_iter().chain(step.split(' ')).collect();
        node.run(&words, b"");
    }
    let by_hand = saved();

    load();
    iptables.filter(&node, &["--pod-cidr", "172.5.0.0/16", "--place", "first"]);
    let first = saved();
    assert!(first == by_hand, "{}", by_hand.difference(&first));

    load();
    iptables.filter(&node, &["--pod-cidr", "172.5.0.0/16"]);
    let in_place = saved();
    let rules = |saved: &Saved, table| {
        let chains = ["INPUT", "FORWARD", "POSTROUTING"];
        let rules = chains.map(|chain| saved.rules(table, chain).join("\n"));
        let mut rules: Vec<String> = rules.join("\n").lines().map(str::to_owned).collect();
        rules.sort();
        rules
    };
    for table in ["nat", "filter"] {
        assert_eq!(rules(&in_place, table), rules(&by_hand, table));
    }
    let mended = in_place.rules("nat", "POSTROUTING");
    assert!(
        mended[2].contains("! -d 172.5.0.0/16"),
        "{PODSNAT}: {mended:?}"
    );
}

fn fixture(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/hand-steps")
        .join(path);
    fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}
