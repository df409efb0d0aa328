//! Rulesets that are made to take long: an answer comes soon, if only that there is none.

use std::time::{Duration, Instant};

use iptables_eval::{
    BaseChain, Care, Condition, Evaluator, Hook, MOST_NODES, Packet, Program, Question, Table,
    Verdict, compare, compare_full, run_chain,
};
use iptables_save::{Document, Family, Ruleset};

const FORWARD: BaseChain = BaseChain::new(Table::Filter, Hook::Forward);
const MANGLE: BaseChain = BaseChain::new(Table::Mangle, Hook::Prerouting);

fn verdict(before: &str, after: &str, chain: BaseChain, most_nodes: usize) -> Verdict {
    let documents = [before, after].map(|text| Document::read(text.as_bytes()));
    let [before, after] =
        [&documents[0], &documents[1]].map(|it| Ruleset::new(it, Some(Family::V4)));
    let mut before = Program::new(&before, Family::V4);
    let mut after = Program::new(&after, Family::V4);
    compare_full(&mut before, &mut after, chain, &Care::all(), most_nodes)
}

/// Runs within a time that a slow machine keeps, too.
fn soon<T>(what: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = what();
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "{:?}",
        start.elapsed()
    );
    result
}

/// Whether all 32 bits of two marks are the same takes 2^32 nodes in the order of the fields.
#[test]
fn marks_that_are_exchanged() {
    let rules = |save: &str, restore: &str| {
        format!(
            "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j CONNMARK --{save}\n\
             -A PREROUTING -p udp -j CONNMARK --{restore}\nCOMMIT\n"
        )
    };
    let one = rules("save-mark", "restore-mark");
    let other = rules("restore-mark", "save-mark");
    assert_eq!(
        soon(|| verdict(&one, &one, MANGLE, MOST_NODES)),
        Verdict::Same
    );
    assert!(matches!(
        soon(|| verdict(&one, &other, MANGLE, MOST_NODES)),
        Verdict::Differs(_)
    ));
}

#[test]
fn a_thousand_interfaces() {
    let rules = |shift: usize| {
        let rules = (0..1000).map(|nth| {
            let target = if (nth + shift).is_multiple_of(3) {
                "DROP"
            } else {
                "ACCEPT"
            };
            format!(
                "-A FORWARD -i eth{nth} -o wg{} -j {target}\n",
                nth * 7 % 1000
            )
        });
        format!(
            "*filter\n:FORWARD DROP [0:0]\n{}COMMIT\n",
            rules.collect::<String>()
        )
    };
    assert_eq!(
        soon(|| verdict(&rules(0), &rules(0), FORWARD, MOST_NODES)),
        Verdict::Same
    );
    assert!(matches!(
        soon(|| verdict(&rules(0), &rules(1), FORWARD, MOST_NODES)),
        Verdict::Differs(_)
    ));
    let prefixes = rules(0).replace(" -o ", "+ -o ");
    assert_eq!(
        soon(|| verdict(&prefixes, &prefixes, FORWARD, MOST_NODES)),
        Verdict::Same
    );
}

/// More names than numbers: no answer.
#[test]
fn too_many_interfaces() {
    let rules: String = (0..5000)
        .map(|nth| format!("-A FORWARD -i if{nth} -j DROP\n"))
        .collect();
    let text = format!("*filter\n:FORWARD ACCEPT [0:0]\n{rules}COMMIT\n");
    assert!(matches!(
        soon(|| verdict(&text, &text, FORWARD, MOST_NODES)),
        Verdict::Undecided { .. }
    ));
}

/// Forty chains that each jump to the next one twice: a packet meets 2^40 rules.
#[test]
fn jumps_that_double() {
    let mut text = String::from("*filter\n:FORWARD ACCEPT [0:0]\n");
    for nth in 0..40 {
        text += &format!(":c{nth} - [0:0]\n");
    }
    text += "-A FORWARD -j c0\n";
    for nth in 0..39 {
        text += &format!("-A c{nth} -j c{0}\n-A c{nth} -j c{0}\n", nth + 1);
    }
    text += "COMMIT\n";
    assert!(matches!(
        soon(|| verdict(&text, &text, FORWARD, MOST_NODES)),
        Verdict::Undecided { .. }
    ));
    let document = Document::read(text.as_bytes());
    let ruleset = Ruleset::new(&document, Some(Family::V4));
    let mut program = Program::new(&ruleset, Family::V4);
    let mut packet = Packet::new(Family::V4);
    let mut no = |_: &Question| false;
    assert_eq!(
        soon(|| run_chain(&mut program, FORWARD, &mut packet, &mut no)),
        None
    );
    // The chains are the same, and so need not be entered.
    let other = text.replace(
        "-A FORWARD -j c0",
        "-A FORWARD -p tcp -j DROP\n-A FORWARD -j c0",
    );
    let doubled = other.replace(
        "-A FORWARD -p tcp -j DROP\n",
        "-A FORWARD -p tcp -j DROP\n-A FORWARD -p tcp -j DROP\n",
    );
    let documents = [&other, &doubled].map(|text| Document::read(text.as_bytes()));
    let [one, other] = [&documents[0], &documents[1]].map(|it| Ruleset::new(it, Some(Family::V4)));
    let mut one = Program::new(&one, Family::V4);
    let mut other = Program::new(&other, Family::V4);
    assert_eq!(
        soon(|| compare(&mut one, &mut other, FORWARD, &Care::all())),
        Verdict::Same
    );
}

/// A chain that jumps to itself, which no kernel takes.
#[test]
fn loops() {
    let text = "*filter\n:FORWARD ACCEPT [0:0]\n:a - [0:0]\n-A FORWARD -j a\n-A a -j a\nCOMMIT\n";
    assert!(matches!(
        soon(|| verdict(text, text, FORWARD, MOST_NODES)),
        Verdict::Undecided { .. }
    ));
}

/// Deep chains, one jump each.
#[test]
fn deep_jumps() {
    let chain = |depth: usize| {
        let declared: String = (0..depth).map(|nth| format!(":c{nth} - [0:0]\n")).collect();
        let jumps: String = (1..depth)
            .map(|nth| {
                format!(
                    "-A c{} -s 10.0.0.{}/32 -j RETURN\n-A c{0} -j c{nth}\n",
                    nth - 1,
                    nth % 250
                )
            })
            .collect();
        format!("*filter\n:FORWARD ACCEPT [0:0]\n{declared}-A FORWARD -j c0\n{jumps}COMMIT\n")
    };
    assert_eq!(
        soon(|| verdict(&chain(300), &chain(300), FORWARD, MOST_NODES)),
        Verdict::Same
    );
    assert!(matches!(
        soon(|| verdict(&chain(2000), &chain(2000), FORWARD, MOST_NODES)),
        Verdict::Undecided { .. }
    ));
}

/// As many questions as rules, all of which may be asked about one packet.
#[test]
fn many_questions() {
    let rules: String = (0..8000)
        .map(|nth| format!("-A FORWARD -m set --match-set s{nth} src -j DROP\n"))
        .collect();
    let text = format!("*filter\n:FORWARD ACCEPT [0:0]\n{rules}COMMIT\n");
    let document = Document::read(text.as_bytes());
    let ruleset = Ruleset::new(&document, Some(Family::V4));
    let mut evaluator = Evaluator::new(&ruleset, Family::V4);
    let outcome = soon(|| evaluator.chain(FORWARD, &Condition::Always));
    assert!(outcome.is_err() || outcome.is_ok_and(|outcome| outcome.ends.len() == 2));
}

/// A budget that does not do is not exceeded.
#[test]
fn a_small_budget() {
    let rules: String = (0..200u32)
        .map(|nth| {
            format!(
                "-A FORWARD -s 10.0.{}.0/24 -p tcp -m tcp --dport {} -j DROP\n",
                nth * 37 % 256,
                nth * 91
            )
        })
        .collect();
    let text = format!("*filter\n:FORWARD ACCEPT [0:0]\n{rules}COMMIT\n");
    let other = text.replace("--dport 91 ", "--dport 92 ");
    assert!(
        matches!(verdict(&text, &other, FORWARD, 1000), Verdict::Undecided { nodes } if nodes <= 1000)
    );
    assert!(matches!(
        verdict(&text, &other, FORWARD, MOST_NODES),
        Verdict::Differs(_)
    ));
}
