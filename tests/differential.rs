//! Random rules, compared with the iptables programs: podsnat refuses and prints what they refuse and print.
//!
//! ```text
//! PODSNAT_DIFFERENTIAL_RULES=50000 PODSNAT_DIFFERENTIAL_SEED=7 cargo test --test differential -- --nocapture
//! ```
//!
//! Rules are made from the descriptions of the extensions, so that a new one takes part by being described; what its
//! metavariables mean is in `differential/values.rs`. Without the variables the same few rules are tried each time.
//! Intended differences are listed in `differential/known.rs`.

mod support;

#[path = "differential/addresses.rs"]
mod addresses;
#[path = "differential/dice.rs"]
mod dice;
#[path = "differential/known.rs"]
mod known;
#[path = "differential/places.rs"]
mod places;
#[path = "differential/podsnat.rs"]
mod podsnat;
#[path = "differential/programs.rs"]
mod programs;
#[path = "differential/rewrites.rs"]
mod rewrites;
#[path = "differential/rules.rs"]
mod rules;
#[path = "differential/tally.rs"]
mod tally;
#[path = "differential/values.rs"]
mod values;
#[path = "differential/words.rs"]
mod words;

use std::{env, thread};

use iptables_save::{Document, Match, Reader, Ruleset, Target};

use dice::Dice;
use known::{Judgement, KNOWN};
use podsnat::{family_of, judged, rule_of, rules_of, words_of};
use programs::{Programs, text_of};
use rules::{Extensions, Sample};
use support::iptables::{Family, Iptables};
use support::{say, skip, skipped};
use tally::Tally;

/// A rule with podsnat's result.
type Thrown = (Sample, Result<Vec<String>, String>);

/// How many rules each program is given when nothing else is asked for.
const RULES: usize = 600;
/// How many of them are made at once.
const BATCH: usize = 250;

#[test]
fn every_metavariable_has_texts() {
    let descriptions = Match::DESCRIPTIONS.iter().chain(Target::DESCRIPTIONS);
    let unknown: Vec<String> = descriptions
        .flat_map(|it| it.options.iter().map(move |option| (it.name, option)))
        .flat_map(|(name, option)| option.args.iter().map(move |arg| (name, option.flag, *arg)))
        .filter(|(_, _, arg)| !values::is_known(arg))
        .map(|(name, flag, arg)| format!("{name} {flag} {arg}"))
        .collect();
    assert!(
        unknown.is_empty(),
        "give texts in differential/values.rs: {unknown:#?}"
    );
}

/// Needs no program: the two readers of rules say the same, and what is printed prints the same once more.
#[test]
fn podsnat_agrees_with_itself() {
    let mut dice = Dice::of([seed(); 3]);
    let mut wrong = vec![];
    for nth in 0..rules().max(4000) {
        let family = [Family::V4, Family::V6][nth % 2];
        let sample = Extensions::throw(&mut dice, family).rule(&mut dice);
        let (text, _) = text_of(&[&sample], &[0]);
        let document = Document::read(text.as_bytes());
        let line = rule_of(&document);
        let (mut quick, mut full) = (
            Reader::for_family(family_of(family)),
            Reader::for_family(family_of(family)),
        );
        let (quick, full) = (
            quick.read(&document, line),
            full.read_clauses(&document, line),
        );
        if quick != full {
            wrong.push(format!("{sample}\n  {quick:?}\n  {full:?}"));
        }
        let Ok(ruleset) = Ruleset::load(&document, Some(family_of(family))) else {
            continue;
        };
        for rule in rules_of(&ruleset) {
            let printed = Sample {
                rule,
                ..sample.clone()
            };
            let (text, _) = text_of(&[&printed], &[0]);
            let document = Document::read(text.as_bytes());
            let again = Ruleset::load(&document, Some(family_of(family)));
            let again = again
                .map(|it| rules_of(&it))
                .map_err(|errors| words_of(&errors));
            let is_same = again.as_ref() == Ok(&vec![printed.rule.clone()]);
            if !is_same && ruleset.save().warnings.is_empty() {
                wrong.push(format!("{sample}\n  {}\n  {again:?}", printed.rule));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} are wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(30)].join("\n")
    );
}

#[test]
fn podsnat_refuses_and_prints_as_iptables_does() {
    if skipped("differential", &["ipset"]) {
        return;
    }
    let (rules, seed) = (rules(), seed());
    let tallies: Vec<Tally> = thread::scope(|scope| {
        let running: Vec<_> = programs::all()
            .into_iter()
            .filter(|iptables| match iptables.obstacle() {
                Some(why) => !skip(&format!("differential with {iptables}"), &why),
                None => true,
            })
            .map(|iptables| scope.spawn(move || try_rules(iptables, rules, seed)))
            .collect();
        running
            .into_iter()
            .map(|it| it.join().expect("the thread ends well"))
            .collect()
    });
    for tally in &tallies {
        say(&tally.to_string());
    }
    let wrong: usize = tallies.iter().map(Tally::wrong).sum();
    assert!(wrong == 0, "{wrong} differences (seed {seed})");
}

/// Each difference that is listed is one: the example shows it, on every back end that it is of.
#[test]
fn what_is_known_to_differ_does() {
    if skipped("differential", &["ipset"]) {
        return;
    }
    let wrong: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = programs::all()
            .into_iter()
            .filter(|iptables| iptables.obstacle().is_none())
            .map(|iptables| scope.spawn(move || examples_of(iptables)))
            .collect();
        let wrong = running
            .into_iter()
            .flat_map(|it| it.join().expect("the thread ends well"));
        wrong.collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the examples that do not show their difference.
fn examples_of(iptables: Iptables) -> Vec<String> {
    let programs = Programs::enter(iptables);
    programs.prepare();
    let mut wrong = vec![];
    for (nth, known) in KNOWN.iter().enumerate() {
        let Some(sample) = known.sample(iptables) else {
            continue;
        };
        let ours = judged(&sample, iptables.family);
        let theirs = programs.load_alone(&sample);
        match known::judge(iptables, &sample, &ours, &theirs) {
            Judgement::Known(places) if places.contains(&nth) => {}
            judgement => wrong.push(format!(
                "{iptables}: {}\n  {sample}\n  {judgement:?}: {ours:?}, {theirs:?}",
                known.why
            )),
        }
    }
    wrong
}

/// Tries this many rules with a program.
fn try_rules(iptables: Iptables, rules: usize, seed: u64) -> Tally {
    let mut tally = Tally::of(iptables);
    let mut tried = 0;
    let mut batch = 0;
    while tried < rules {
        let count = BATCH.min(rules - tried);
        let program = programs::all().iter().position(|it| *it == iptables);
        let mut dice = Dice::of([seed, program.expect("one of all") as u64, batch]);
        let samples: Vec<_> = (0..count)
            .map(|_| thrown(&mut dice, iptables.family))
            .collect();
        // A namespace of its own for each batch: what rules leave in the kernel goes with it.
        let tallied = thread::scope(|scope| {
            let tally = &mut tally;
            scope
                .spawn(move || try_batch(iptables, &samples, tally))
                .join()
        });
        tallied.expect("the thread ends well");
        tried += count;
        batch += 1;
    }
    tally
}

/// Generates a rule with podsnat's result. Most refused rules are replaced, because there would be too many.
fn thrown(dice: &mut Dice, family: Family) -> Thrown {
    let extensions = Extensions::throw(dice, family);
    loop {
        let sample = extensions.rule(dice);
        let ours = judged(&sample, family);
        if ours.is_ok() || dice.percent(10) {
            return (sample, ours);
        }
    }
}

fn try_batch(iptables: Iptables, samples: &[Thrown], tally: &mut Tally) {
    let programs = Programs::enter(iptables);
    programs.prepare();
    let (good, bad): (Vec<&Thrown>, Vec<&Thrown>) =
        samples.iter().partition(|(_, ours)| ours.is_ok());
    for some in good.chunks(50) {
        let samples: Vec<&Sample> = some.iter().map(|(sample, _)| sample).collect();
        for ((sample, ours), theirs) in some.iter().zip(programs.load(&samples)) {
            tally.count(sample, ours, &theirs);
        }
    }
    for (sample, ours) in bad {
        tally.count(sample, ours, &programs.load_alone(sample));
    }
}

fn rules() -> usize {
    number_in("PODSNAT_DIFFERENTIAL_RULES")
        .map_or(RULES, |it| usize::try_from(it).expect("it fits"))
}

fn seed() -> u64 {
    number_in("PODSNAT_DIFFERENTIAL_SEED").unwrap_or(1)
}

fn number_in(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is not a number: {text}")),
    )
}
