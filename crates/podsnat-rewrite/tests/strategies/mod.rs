//! What the property tests draw from, and how often.

pub(crate) mod filter;
pub(crate) mod nat;
pub(crate) mod networks;

use podsnat_rewrite::{Options, Place, Reject, Snat};
use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, FileFailurePersistence, RngSeed},
};

use networks::Six;

/// The same inputs on every run; what once failed is tried first.
///
/// `PROPTEST_RNG_SEED` and `PROPTEST_CASES` take a run elsewhere.
pub(crate) fn config(cases: u32) -> Config {
    let mut config = Config::default();
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(0x1_7ab1e5);
    }
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    config.failure_persistence = Some(Box::new(FileFailurePersistence::WithSource("regressions")));
    config
}

/// A ruleset, and what is asked of the transforms. The ruleset shows as its text.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) text: String,
    pub(crate) options: Options,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}\n{}", self.options, self.text)
    }
}

/// A ruleset of any kind, with all combinations of options.
pub(crate) fn any_case() -> impl Strategy<Value = Case> {
    any::<Six>().prop_flat_map(|six| {
        let text = (
            nat::section(six, nat::Rules::Any),
            filter::section(six),
            select(&["save", "none", "listing"][..]),
        )
            .prop_map(move |(nat, filter, header)| match header {
                "save" => [six.header(), &nat, &filter].concat(),
                "none" => nat + &filter,
                _ => listing(&nat),
            });
        let place = select(&[Place::InPlace, Place::First][..]);
        let reject = select(&[Reject::Remove, Reject::AcceptPods, Reject::Keep][..]);
        let snat = prop_oneof![5 => Just(Snat::Exempt), 1 => Just(Snat::Keep)];
        (text, networks::pods(six), place, reject, snat).prop_map(
            move |(text, pods, place, reject, snat)| {
                let mut options = Options::new(pods);
                (options.place, options.reject, options.snat) = (place, reject, snat);
                Case { text, options }
            },
        )
    })
}

/// A nat table that the evaluator understands, with the default options.
pub(crate) fn known_case() -> impl Strategy<Value = Case> {
    any::<Six>().prop_flat_map(|six| {
        (nat::section(six, nat::Rules::Known), networks::pods(six)).prop_map(move |(nat, pods)| {
            Case {
                text: [six.header(), &nat].concat(),
                options: Options::new(pods),
            }
        })
    })
}

/// A section as `iptables -S` lists it.
fn listing(section: &str) -> String {
    section
        .lines()
        .filter_map(|line| match line.strip_prefix(':') {
            Some(chain) => match chain.split_once(' ')? {
                (name, "- [0:0]") => Some(format!("-N {name}\n")),
                (name, _) => Some(format!("-P {name} ACCEPT\n")),
            },
            None if line == "COMMIT" || line.starts_with('*') => None,
            None => Some(format!("{line}\n")),
        })
        .collect()
}
