//! What the tests share: rulesets and packets made by chance from a seed.

#![allow(dead_code, reason = "each test uses a part of this")]

pub(crate) mod packets;
pub(crate) mod rulesets;
pub(crate) mod words;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use iptables_eval::Question;

/// An oracle that answers by chance, the same question always alike.
pub(crate) fn oracle(seed: u64) -> impl FnMut(&Question) -> bool {
    move |question: &Question| {
        let mut hasher = DefaultHasher::new();
        (seed, question).hash(&mut hasher);
        hasher.finish() & 1 == 1
    }
}

/// Returns a configuration with the same inputs in every run, unless `PROPTEST_RNG_SEED` says
/// otherwise. Seeds do not become simpler by shrinking.
#[allow(dead_code, reason = "each test uses a part of this")]
pub(crate) fn config() -> proptest::prelude::ProptestConfig {
    let mut config = proptest::prelude::ProptestConfig {
        max_shrink_iters: 0,
        failure_persistence: None,
        cases: 100,
        ..proptest::prelude::ProptestConfig::default()
    };
    if config.rng_seed == proptest::test_runner::RngSeed::Random {
        config.rng_seed = proptest::test_runner::RngSeed::Fixed(0x1_7ab1e5);
    }
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 48;
    }
    config
}
