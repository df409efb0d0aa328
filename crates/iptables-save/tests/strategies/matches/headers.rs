//! Matches on headers other than those of `packet.rs`, and on what rules keep count of.

use iptables_save::{Family, Match, matches::*, value::*};
use proptest::prelude::*;

use crate::strategies::values::*;

/// These matches, of a family.
pub(super) fn all(_family: Family) -> Vec<BoxedStrategy<Match<'static>>> {
    vec![
        not(tos_mask())
            .prop_map(|it| Match::Tos(Tos { tos: Must(it) }))
            .boxed(),
    ]
}
