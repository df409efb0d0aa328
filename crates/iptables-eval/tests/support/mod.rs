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
