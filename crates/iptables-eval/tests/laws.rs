//! The laws of comparison: what is the same is found to be the same, what is not is shown by
//! a packet, and the short way agrees with the long one.

mod support;

use fastrand::Rng;
use iptables_eval::{
    BaseChain, Care, Counterexample, Field, Hook, MOST_NODES, Program, Question, Table, Verdict,
    compare, compare_full, run_chain,
};
use iptables_save::{Document, Family, Ruleset};
use proptest::prelude::*;

use support::{
    packets,
    rulesets::{self, Kinds},
    words,
};

const ANY: Kinds = Kinds {
    unknown: true,
    loadable: false,
};

fn table() -> impl Strategy<Value = Table> {
    proptest::sample::select(Table::ALL)
}

/// What two texts are found to be at every hook of a table, the short way and the long one.
fn verdicts(
    before: &str,
    after: &str,
    table: Table,
    family: Family,
) -> Vec<(Hook, Verdict, Verdict)> {
    let documents = [before, after].map(|text| Document::read(text.as_bytes()));
    let [before, after] = [&documents[0], &documents[1]].map(|it| Ruleset::new(it, Some(family)));
    let mut before = Program::new(&before, family);
    let mut after = Program::new(&after, family);
    let care = Care::all();
    let hooks = table.hooks().iter().map(|hook| {
        let base = BaseChain::new(table, *hook);
        let short = compare(&mut before, &mut after, base, &care);
        let long = compare_full(&mut before, &mut after, base, &care, MOST_NODES);
        if let Verdict::Differs(example) = &long {
            confirm(&mut before, &mut after, example);
        }
        (*hook, short, long)
    });
    hooks.collect()
}

/// Sends packets by chance through two rulesets that are found to be the same.
fn sample(rng: &mut Rng, before: &str, after: &str, base: BaseChain) {
    let documents = [before, after].map(|text| Document::read(text.as_bytes()));
    let rulesets = documents
        .each_ref()
        .map(|it| Ruleset::new(it, Some(Family::V4)));
    let mut programs = rulesets.each_ref().map(|it| Program::new(it, Family::V4));
    for _ in 0..30 {
        let packet = packets::packet(rng, Family::V4);
        let mut oracle = support::oracle(rng.u64(..));
        let [one, other] = programs.each_mut().map(|program| {
            let mut packet = packet.clone();
            let fate = run_chain(program, base, &mut packet, &mut oracle).expect("few rules");
            let mark = fate.end.goes_on().then(|| packet.get(Field::Mark));
            let mut effects = fate.effects;
            effects.sort_unstable();
            (fate.end, effects, mark, packet.get(Field::Connmark))
        });
        assert_eq!(one, other, "{base}: {packet}\n{before}\n{after}");
    }
}

/// Sends the packet of a counterexample through both rulesets once more.
fn confirm(before: &mut Program<'_>, after: &mut Program<'_>, example: &Counterexample) {
    let mut answer =
        |question: &Question| example.assumed.iter().any(|it| it.1 && it.0 == *question);
    let mut packets = [example.packet.clone(), example.packet.clone()];
    let one = run_chain(before, example.chain, &mut packets[0], &mut answer).expect("few rules");
    let other = run_chain(after, example.chain, &mut packets[1], &mut answer).expect("few rules");
    assert!(example.before.differs_from(&example.after));
    assert_eq!(one.end, example.before.end);
    assert_eq!(other.end, example.after.end);
}

fn all_same(verdicts: &[(Hook, Verdict, Verdict)]) -> bool {
    verdicts
        .iter()
        .all(|(_, short, long)| short.is_same() && long.is_same())
}

/// The rules of a text: where their lines are.
fn rules(lines: &[String]) -> Vec<usize> {
    let rules = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.starts_with("-A"));
    rules.map(|(nth, _)| nth).collect()
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn text(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// One line of a ruleset taken out, doubled, swapped, turned around or widened.
fn mutate(rng: &mut Rng, lines: &mut Vec<String>) {
    let rules = rules(lines);
    let at = words::one(rng, &rules);
    match rng.u8(..5) {
        0 => {
            lines.remove(at);
        }
        1 => lines.insert(at, lines[at].clone()),
        2 if lines[at + 1].starts_with("-A") => lines.swap(at, at + 1),
        3 => lines[at] = lines[at].replacen("! ", "", 1),
        _ => {
            let wider = lines[at].replace("/24", "/25").replace("80", "81");
            lines[at] = wider.replace("0x1/", "0x0/");
        }
    }
}

proptest! {
    #![proptest_config(support::config())]

    #[test]
    fn a_ruleset_is_the_same_as_itself(seed: u64, table in table()) {
        let mut rng = Rng::with_seed(seed);
        let text = rulesets::ruleset(&mut rng, Family::V4, &[table], ANY);
        prop_assert!(all_same(&verdicts(&text, &text, table, Family::V4)));
    }

    /// The second of two rules with the same words never sees a packet, unless they do not
    /// end the chain or are answered by memory.
    #[test]
    fn doubling_a_rule_that_ends_the_chain_changes_nothing(seed: u64, table in table()) {
        let mut rng = Rng::with_seed(seed);
        let before = rulesets::ruleset(&mut rng, Family::V4, &[table], ANY);
        let mut lines = lines(&before);
        let ends = |line: &String| {
            let ends = ["-j ACCEPT", "-j DROP", "-j RETURN", "-j REJECT", "-j SNAT", "-j DNAT", "-j MASQ"];
            ends.iter().any(|end| line.contains(end)) && !line.contains("limit")
        };
        let candidates: Vec<usize> = rules(&lines).into_iter().filter(|at| ends(&lines[*at])).collect();
        prop_assume!(!candidates.is_empty());
        let at = words::one(&mut rng, &candidates);
        lines.insert(at, lines[at].clone());
        let after = text(&lines);
        prop_assert!(all_same(&verdicts(&before, &after, table, Family::V4)), "{}\n{}", before, lines[at]);
    }

    /// Two neighbours that no packet matches both may change places.
    #[test]
    fn disjoint_neighbours_may_change_places(seed: u64) {
        let mut rng = Rng::with_seed(seed);
        let before = rulesets::ruleset(&mut rng, Family::V4, &[Table::Filter], ANY);
        let mut lines = lines(&before);
        let at = words::one(&mut rng, &rules(&lines));
        let chain = lines[at].split(' ').nth(1).unwrap().to_owned();
        let one = format!("-A {chain} -p tcp -m tcp --dport 80 -j ACCEPT");
        let other = format!("-A {chain} -p tcp -m tcp --dport 81:90 -j DROP");
        lines.splice(at..at, [one, other]);
        let before = text(&lines);
        lines.swap(at, at + 1);
        let after = text(&lines);
        prop_assert!(all_same(&verdicts(&before, &after, Table::Filter, Family::V4)), "{}", before);
    }

    /// The rules of a chain in place of an unconditional jump to it do the same, if none of
    /// them comes back early.
    #[test]
    fn a_chain_in_place_of_the_jump_does_the_same(seed: u64, table in table()) {
        let mut rng = Rng::with_seed(seed);
        let before = rulesets::ruleset(&mut rng, Family::V4, &[table], Kinds { unknown: false, loadable: true });
        let mut lines = lines(&before);
        let at = words::one(&mut rng, &rules(&lines));
        let chain = lines[at].split(' ').nth(1).unwrap().to_owned();
        let body = ["-p tcp -j ACCEPT", "-s 172.16.1.0/24 -j MARK --set-xmark 0x1/0x1", "-d 10.9.0.0/24 -j ACCEPT"];
        let inlined: Vec<String> = body.iter().map(|rule| format!("-A {chain} {rule}")).collect();
        let user: Vec<String> = body.iter().map(|rule| format!("-A EXTRA {rule}")).collect();
        let mut after = lines.clone();
        after.splice(at..at, inlined);
        lines.insert(at, format!("-A {chain} -j EXTRA"));
        let end = lines.iter().position(|line| line == "COMMIT").unwrap();
        lines.splice(end..end, user);
        lines.insert(1, ":EXTRA - [0:0]".into());
        let (before, after) = (text(&lines), text(&after));
        prop_assert!(all_same(&verdicts(&before, &after, table, Family::V4)), "{}", before);
    }

    /// Whatever is changed, the short way finds the same as the long one, in both directions,
    /// and each counterexample is one.
    #[test]
    fn the_short_way_agrees_with_the_long_one(seed: u64, table in table()) {
        let mut rng = Rng::with_seed(seed);
        let before = rulesets::ruleset(&mut rng, Family::V4, &[table], ANY);
        let mut lines = lines(&before);
        mutate(&mut rng, &mut lines);
        let after = text(&lines);
        let there = verdicts(&before, &after, table, Family::V4);
        let back = verdicts(&after, &before, table, Family::V4);
        for ((hook, short, long), (_, _, other)) in there.iter().zip(&back) {
            // The budget of nodes may be too small for a random ruleset.
            if [short, long, other].iter().any(|verdict| matches!(verdict, Verdict::Undecided { .. })) {
                continue;
            }
            prop_assert_eq!(short.is_same(), long.is_same(), "{}: {}\n{}", hook.name(), before, after);
            prop_assert_eq!(long.is_same(), other.is_same(), "{}: {}\n{}", hook.name(), before, after);
            if long.is_same() {
                sample(&mut rng, &before, &after, BaseChain::new(table, *hook));
            }
        }
    }
}
