//! Random rulesets: `Ruleset` holds what a kernel holds once they are loaded, and the filter reports of an input what
//! it reports of the saved outcome.
//!
//! `COMMANDS_TEXTS` sets the number of rulesets, `COMMANDS_SEED` the seed.

use std::collections::BTreeMap;
use std::env;

use iptables_save::{Document, Ruleset};
use podsnat_rewrite::{FindingKind, Options, PodNetworks, Reject, plan, render};

use generate::Lists;
use support::iptables::{Backend, Family, Iptables};
use support::netns::Namespace;
use support::saved::Saved;
use support::{say, skip, skipped};

#[path = "commands/generate.rs"]
mod generate;
mod support;

/// The tables of a kernel at first: policies outlast a reload of their table.
const EMPTY: &str = "\
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
COMMIT
";

const SEED: u64 = 20_261_125;

/// Calls `check` with this many rulesets; panics with the ruleset and the reason when one fails.
fn for_each(texts: u64, lists: Lists, mut check: impl FnMut(&str) -> Result<(), String>) {
    let number = |name: &str| env::var(name).ok()?.parse::<u64>().ok();
    let texts = number("COMMANDS_TEXTS").unwrap_or(texts);
    let seed = number("COMMANDS_SEED").unwrap_or(SEED);
    let mut rng = fastrand::Rng::with_seed(seed);
    for nth in 0..texts {
        let text = generate::text(&mut rng, lists);
        if let Err(why) = check(&text) {
            panic!("text {nth} of seed {seed}: {why}\n{text}");
        }
    }
}

fn saved(text: &[u8]) -> Result<Vec<u8>, String> {
    let document = Document::read(text);
    let ruleset = Ruleset::load(&document, Some(iptables_save::Family::V4));
    ruleset
        .map(|ruleset| ruleset.save().text)
        .map_err(|errors| {
            let errors: Vec<String> = errors.as_slice().iter().map(ToString::to_string).collect();
            errors.join("; ")
        })
}

fn shown(text: &[u8]) -> String {
    String::from_utf8_lossy(text).into_owned()
}

/// Returns the filter's output, and how often it reports each kind of finding.
fn filtered(text: &[u8], reject: Reject) -> (Vec<u8>, BTreeMap<String, usize>) {
    let document = Document::read(text);
    let pods = PodNetworks::new(["10.1.0.0/16".parse().expect("a network")]).expect("pod networks");
    let mut options = Options::new(pods);
    options.reject = reject;
    options.family = Some(iptables_save::Family::V4);
    let plan = plan(&document, &options).expect("no two changes touch the same words");
    let mut kinds = BTreeMap::new();
    for finding in plan.findings() {
        assert!(
            !matches!(finding.kind, FindingKind::Unreadable(_)),
            "{finding:?}"
        );
        *kinds.entry(format!("{:?}", finding.kind)).or_default() += 1;
    }
    (render::full(&document, &plan).concat(), kinds)
}

#[test]
fn the_lenient_ruleset_is_the_strict_one() {
    for_each(3000, Lists::Some, |text| {
        let Ok(strict) = saved(text.as_bytes()) else {
            return Ok(());
        };
        let document = Document::read(text.as_bytes());
        let lenient = Ruleset::new(&document, None).save().text;
        if lenient == strict {
            return Ok(());
        }
        Err(format!("{}\nnot\n{}", shown(&lenient), shown(&strict)))
    });
}

#[test]
fn the_filter_judges_a_text_as_its_outcome() {
    for reject in [Reject::Remove, Reject::AcceptPods] {
        for_each(3000, Lists::None, |text| {
            let Ok(outcome) = saved(text.as_bytes()) else {
                return Ok(());
            };
            let (of_text, said_of_text) = filtered(text.as_bytes(), reject);
            let (of_outcome, said_of_outcome) = filtered(&outcome, reject);
            if said_of_text != said_of_outcome {
                return Err(format!("{said_of_text:?}\nnot\n{said_of_outcome:?}"));
            }
            let (one, other) = (saved(&of_text)?, saved(&of_outcome)?);
            if one == other {
                return Ok(());
            }
            let (text, outcome) = (shown(&of_text), shown(&outcome));
            Err(format!(
                "{text}\nis\n{}\nnot\n{}\nfrom\n{outcome}",
                shown(&one),
                shown(&other)
            ))
        });
    }
}

#[test]
fn what_the_filter_writes_loads_and_stays() {
    for reject in [Reject::Remove, Reject::AcceptPods] {
        for_each(3000, Lists::Some, |text| {
            if saved(text.as_bytes()).is_err() {
                return Ok(());
            }
            let (once, _) = filtered(text.as_bytes(), reject);
            saved(&once).map_err(|why| format!("{why}\n{}", shown(&once)))?;
            let (twice, _) = filtered(&once, reject);
            if once == twice {
                return Ok(());
            }
            Err(format!("{}\nthen\n{}", shown(&once), shown(&twice)))
        });
    }
}

#[test]
fn a_kernel_has_what_the_ruleset_has() {
    if skipped("commands", &[]) {
        return;
    }
    for backend in [Backend::Legacy, Backend::Nft] {
        let iptables = Iptables {
            backend,
            family: Family::V4,
        };
        if let Some(why) = iptables.obstacle() {
            skip(&format!("commands with {iptables}"), &why);
            continue;
        }
        let node = Namespace::new("commands");
        let (mut loaded, mut refused, mut faults) = (0, 0, 0);
        for_each(400, Lists::Some, |text| {
            let expected = saved(text.as_bytes());
            node.run(&[&iptables.restore_program()], EMPTY.as_bytes());
            let done = node.try_run(&[&iptables.restore_program()], text.as_bytes());
            match (done, expected) {
                (Ok(_), Ok(expected)) => {
                    loaded += 1;
                    let saved = node.run(&[&iptables.save_program()], b"").stdout;
                    let saved = Saved::read(&shown(&saved));
                    let expected = Saved::read(&shown(&expected));
                    if expected.is_part_of(&saved) {
                        return Ok(());
                    }
                    Err(expected.difference(&saved))
                }
                (Err(_), Err(_)) => {
                    refused += 1;
                    Ok(())
                }
                (Ok(_), Err(why)) => Err(format!("{iptables} takes it: {why}")),
                (Err(why), Ok(_)) if is_fault_of_nft(&why, text) => {
                    faults += 1;
                    Ok(())
                }
                (Err(why), Ok(_)) => Err(format!("{iptables} refuses it: {why}")),
            }
        });
        say(&format!(
            "commands with {iptables}: {loaded} loaded, {refused} refused, {faults} not taken by a fault of nft's"
        ));
    }
}

/// Whether iptables-nft-restore 1.8.9 fails where it should not: it does not find a chain that the same input renamed,
/// places a rule by the handle of another that the input removes again, and crashes on some `-R` and `-Z` of a rule
/// that the input added. iptables-legacy-restore accepts these inputs.
fn is_fault_of_nft(why: &str, text: &str) -> bool {
    let has = |commands: &[&str]| commands.iter().any(|command| text.contains(command));
    let says = |faults: &[&str]| faults.iter().any(|fault| why.contains(fault));
    let placed = [
        "RULE_INSERT failed",
        "RULE_REPLACE failed",
        "RULE_DELETE failed",
    ];
    says(&["SIGSEGV"]) || has(&["\n-E "]) || has(&["\n-D ", "\n-F ", "\n-R "]) && says(&placed)
}
