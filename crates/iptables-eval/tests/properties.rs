//! The symbolic walk against the concrete one, and the laws of comparison, on rulesets made
//! by chance.

mod support;

use fastrand::Rng;
use iptables_eval::{
    Arrival, BaseChain, Condition, Evaluator, Field, Host, Origin, Packet, Program, Set, Table,
    run_chain, run_through, state,
};
use iptables_save::{Document, Family, Ruleset};
use proptest::prelude::*;

use support::{
    oracle, packets,
    rulesets::{self, Kinds},
};

const ANY: Kinds = Kinds {
    unknown: true,
    loadable: false,
};

/// Targets that iptables does not know may change any field of a packet.
const KNOWN: Kinds = Kinds {
    unknown: false,
    loadable: false,
};

/// The fields that a chain may change and that are compared.
const CHANGED: [Field; 5] = [
    Field::Mark,
    Field::Connmark,
    Field::Tos,
    Field::Ttl,
    Field::State,
];

fn family() -> impl Strategy<Value = Family> {
    prop_oneof![3 => Just(Family::V4), 1 => Just(Family::V6)]
}

fn table() -> impl Strategy<Value = Table> {
    proptest::sample::select(Table::ALL)
}

proptest! {
    #![proptest_config(support::config())]

    /// Of a packet the symbolic walk says what the concrete one does: the end, each rule
    /// that matched, each effect, and what fields become.
    #[test]
    fn symbolic_is_concrete(seed: u64, family in family(), table in table()) {
        let mut rng = Rng::with_seed(seed);
        let text = rulesets::ruleset(&mut rng, family, &[table], ANY);
        let document = Document::read(text.as_bytes());
        let ruleset = Ruleset::new(&document, Some(family));
        let mut program = Program::new(&ruleset, family);
        for hook in table.hooks() {
            let base = BaseChain::new(table, *hook);
            let mut evaluator = Evaluator::new(&ruleset, family);
            let outcome = evaluator.chain(base, &Condition::Always).unwrap();
            for _ in 0..20 {
                let packet = at(base, packets::packet(&mut rng, family));
                let mut oracle = oracle(rng.u64(..));
                let mut after = packet.clone();
                let fate = run_chain(&mut program, base, &mut after, &mut oracle).unwrap();
                if table == Table::Nat && !matches!(packet.get(Field::State), state::NEW | state::RELATED) {
                    // It is not asked about this packet.
                    prop_assert_eq!(fate.matched.len(), 0);
                    continue;
                }
                let context = || format!("{text}\n{base}: {packet}\n{fate:?}");
                for (end, set) in &outcome.ends {
                    let contains = evaluator.contains(*set, &packet, &mut oracle).unwrap();
                    prop_assert_eq!(contains, *end == fate.end, "{:?} in {}", end, context());
                }
                for (chain, visits) in outcome.visits() {
                    for (visit, rule) in visits.iter().zip(chain.rules()) {
                        let contains = evaluator.contains(visit.taken, &packet, &mut oracle).unwrap();
                        let matched = fate.matched.iter().any(|(_, other)| other.line == rule.line);
                        prop_assert_eq!(contains, matched, "{:?} in {}", rule, context());
                    }
                }
                for (text, times) in &outcome.effects {
                    let count = fate.effects.iter().filter(|other| *other == text).count();
                    for (nth, set) in times.iter().enumerate() {
                        let contains = evaluator.contains(*set, &packet, &mut oracle).unwrap();
                        prop_assert_eq!(contains, nth < count, "{} in {}", text, context());
                    }
                }
                for field in CHANGED {
                    let value = evaluator.value_after(&outcome, field, &packet, &mut oracle).unwrap();
                    prop_assert_eq!(value, after.get(field), "{:?} in {}", field, context());
                }
            }
        }
    }

    /// The same for the whole way through the host.
    #[test]
    fn symbolic_is_concrete_all_the_way(seed: u64, family in family(), from_network: bool) {
        let mut rng = Rng::with_seed(seed);
        let text = rulesets::ruleset(&mut rng, family, Table::ALL, KNOWN);
        let document = Document::read(text.as_bytes());
        let ruleset = Ruleset::new(&document, Some(family));
        let mut program = Program::new(&ruleset, family);
        let origin = if from_network { Origin::Network } else { Origin::Host };
        let local = (0..4).map(|nth| support::words::host(family, nth, 5).parse().unwrap());
        let local = rng.bool().then(|| local.collect());
        let host = Host { local, ..Host::default() };
        for _ in 0..3 {
            // All packets at once would take more nodes than a test should.
            let mut packet = packets::packet(&mut rng, family);
            if origin == Origin::Host {
                packet.in_interface.clear();
            }
            let mut evaluator = Evaluator::new(&ruleset, family);
            let near = packets::near(&packet);
            // The budget of nodes may be too small for a random ruleset.
            let Ok(journey) = evaluator.through(&host, origin, &near) else { continue };
            let mut oracle = oracle(rng.u64(..));
            let trip = run_through(&mut program, &host, origin, &packet, &mut oracle).unwrap();
            let context = || format!("{text}\n{packet}\n{trip:?}");
            for stage in &journey.stages {
                let fate = trip.stages.iter().find(|(base, _)| *base == stage.chain);
                let entered = evaluator.contains(stage.entered, &packet, &mut oracle).unwrap();
                prop_assert_eq!(entered, fate.is_some(), "{} {}", stage.chain, context());
                for (end, set) in &stage.outcome.ends {
                    let contains = evaluator.contains(*set, &packet, &mut oracle).unwrap();
                    let ended = fate.is_some_and(|(_, fate)| {
                        fate.end == *end && (stage.chain.table != Table::Nat || fate.met_policy || fate.rule.is_some())
                    });
                    prop_assert_eq!(contains, ended, "{} {:?} {}", stage.chain, end, context());
                }
            }
            let ends = [
                (journey.sent, Arrival::Sent),
                (journey.delivered, Arrival::Delivered),
                (journey.expired, Arrival::Expired),
            ];
            for (set, arrival) in ends {
                let contains = evaluator.contains(set, &packet, &mut oracle).unwrap();
                prop_assert_eq!(contains, trip.arrival == arrival, "{:?} {}", arrival, context());
            }
        }
    }

    /// An example of a set fares as the set does.
    #[test]
    fn examples_are_in_their_sets(seed: u64, family in family(), table in table()) {
        let mut rng = Rng::with_seed(seed);
        let text = rulesets::ruleset(&mut rng, family, &[table], ANY);
        let document = Document::read(text.as_bytes());
        let ruleset = Ruleset::new(&document, Some(family));
        let mut program = Program::new(&ruleset, family);
        for hook in table.hooks() {
            let base = BaseChain::new(table, *hook);
            let mut evaluator = Evaluator::new(&ruleset, family);
            // Few rulesets take more nodes than there may be.
            let Ok(outcome) = evaluator.chain(base, &Condition::Always) else { continue };
            for (end, set) in &outcome.ends {
                let Ok(Some(example)) = evaluator.example(*set) else { continue };
                prop_assert!(evaluator.contains(*set, &example.packet, &mut example.oracle()).unwrap());
                let mut packet = example.packet.clone();
                let fate = run_chain(&mut program, base, &mut packet, &mut example.oracle()).unwrap();
                prop_assert_eq!(&fate.end, end, "{}\n{}: {:?}", text, base, example);
            }
        }
    }

    /// The ends of a chain share its packets among them.
    #[test]
    fn every_packet_has_one_end(seed: u64, family in family(), table in table()) {
        let mut rng = Rng::with_seed(seed);
        let text = rulesets::ruleset(&mut rng, family, &[table], ANY);
        let document = Document::read(text.as_bytes());
        let ruleset = Ruleset::new(&document, Some(family));
        for hook in table.hooks() {
            let base = BaseChain::new(table, *hook);
            let mut evaluator = Evaluator::new(&ruleset, family);
            let outcome = evaluator.chain(base, &Condition::Always).unwrap();
            let mut all = Set::NONE;
            for set in outcome.ends.values() {
                let both = evaluator.and(all, *set).unwrap();
                prop_assert_eq!(both, Set::NONE);
                all = evaluator.or(all, *set).unwrap();
            }
        }
    }
}

/// The packet as it comes to a chain: without an interface that it has not there.
fn at(base: BaseChain, mut packet: Packet) -> Packet {
    if !base.hook.has_in_interface() {
        packet.in_interface.clear();
    }
    if !base.hook.has_out_interface() {
        packet.out_interface.clear();
    }
    packet
}
