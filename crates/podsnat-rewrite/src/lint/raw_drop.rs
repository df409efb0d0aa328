//! Rules of the raw table that drop what comes for a pod from elsewhere, as docker has them
//! since version 28.
//!
//! The raw table comes before conntrack, so replies are dropped, too. As long as a pod is
//! hidden, its replies come for the node's address and pass.

use ipnetwork::IpNetwork;
use iptables_eval::{BaseChain, Condition, Field, Hook, Set, Table as EvalTable, Undecided};
use iptables_save::{LineId, Ruleset, Target, value::Invertible};

use super::{
    Lint,
    excerpt::Excerpt,
    packets::{self, POSTROUTING, Taken},
};
use crate::{Finding, FindingKind, Operation, ranges::covering, transform::pod_snat};

const PREROUTING: BaseChain = BaseChain::new(EvalTable::Raw, Hook::Prerouting);

/// Reports the rules that drop the replies to pods which a change stops hiding, all of them
/// as one finding.
pub(super) fn find(lint: &Lint<'_, '_>) -> Result<Option<Finding>, Undecided> {
    let Some(chain) = lint
        .ruleset
        .table(b"raw")
        .and_then(|raw| raw.chain(b"PREROUTING"))
    else {
        return Ok(None);
    };
    let is_rewritten = |change: &crate::Change<'_>| {
        change.transform == pod_snat::NAME && matches!(change.operation, Operation::Replace(_))
    };
    if !lint.plan.changes().iter().any(is_rewritten) {
        return Ok(None);
    }
    let excerpt = Excerpt::new(lint.ruleset, "raw", chain, None);
    let dropping = dropping(&excerpt, lint)?;
    if dropping.is_empty() {
        return Ok(None);
    }
    let hit = of_rewritten(&dropping, lint)?;
    Ok(hit.first().map(|first| drops_replies(*first, hit.len())))
}

/// Returns the rules that drop replies of pods elsewhere, with the pods that they name.
fn dropping(
    excerpt: &Excerpt,
    lint: &Lint<'_, '_>,
) -> Result<Vec<(LineId, Vec<IpNetwork>)>, Undecided> {
    let document = excerpt.document();
    let ruleset = Ruleset::new(&document, Some(lint.family));
    let mut evaluator = packets::evaluator(&ruleset, lint.family);
    // They come by an interface that no rule names.
    let replies = Condition::all([
        packets::among(Field::Source, lint.pods),
        packets::among(Field::Destination, lint.pods),
        Condition::interface(false, b"uplink"),
        Condition::is(Field::Protocol, 6),
        Condition::is(Field::SourcePort, packets::DESTINATION_PORT),
        Condition::is(Field::DestinationPort, packets::SOURCE_PORT),
        Condition::is(Field::Fragment, 0),
    ]);
    let outcome = evaluator.chain(PREROUTING, &replies)?;
    let drops = |target: &Target<'_>| *target == Target::Drop;
    let taken = packets::taken(excerpt, &mut evaluator, &outcome, drops)?;
    let certain = |taken: &&Taken<'_>| evaluator.questions_of(taken.packets).is_empty();
    let named = taken.iter().filter(certain).filter_map(|taken| {
        let Some(Invertible {
            inverted: false,
            value,
        }) = &taken.rule.destination
        else {
            return None;
        };
        Some((taken.line, value.as_slice().iter().map(covering).collect()))
    });
    Ok(named.collect())
}

/// Returns the rules whose pods a rewritten rule has hidden.
fn of_rewritten(
    dropping: &[(LineId, Vec<IpNetwork>)],
    lint: &Lint<'_, '_>,
) -> Result<Vec<LineId>, Undecided> {
    let Some(postrouting) = lint.postrouting() else {
        return Ok(Vec::new());
    };
    let excerpt = Excerpt::new(lint.ruleset, "nat", postrouting, None);
    let document = excerpt.document();
    let ruleset = Ruleset::new(&document, Some(lint.family));
    let mut evaluator = packets::evaluator(&ruleset, lint.family);
    let outcome = evaluator.chain(POSTROUTING, &packets::between(lint.pods))?;
    let translates =
        |target: &Target<'_>| matches!(target, Target::Masquerade(_) | Target::Snat(_));
    let taken = packets::taken(&excerpt, &mut evaluator, &outcome, translates)?;
    let mut hidden = Set::NONE;
    for rule in taken.iter().filter(|rule| lint.is_changed(rule.line)) {
        hidden = evaluator.or(hidden, rule.packets)?;
    }
    let others: Vec<Field> = Field::ALL
        .iter()
        .copied()
        .filter(|field| *field != Field::Source)
        .collect();
    let hidden = evaluator.forget(hidden, &others)?;
    let mut hit = Vec::new();
    for (line, networks) in dropping {
        let from = evaluator.set(&packets::among(Field::Source, networks))?;
        let pods = evaluator.and(hidden, from)?;
        if evaluator.is_possible(pods)? {
            hit.push(*line);
        }
    }
    Ok(hit)
}

fn drops_replies(line: LineId, count: usize) -> Finding {
    let message = match count {
        1 => "this rule of the raw table drops everything that comes for a pod from elsewhere: \
              once the pod is no longer hidden, its calls to pods on other nodes get no answer \
              and fail"
            .to_owned(),
        count => format!(
            "this rule of the raw table and {} more drop everything that comes for pods from \
             elsewhere: once the pods are no longer hidden, their calls to pods on other nodes \
             get no answer and fail",
            count - 1
        ),
    };
    Finding {
        kind: FindingKind::DropsReplies,
        line: Some(line),
        span: None,
        message,
        advice: Some(
            "before loading the new ruleset, create docker's network anew with \
             `com.docker.network.bridge.gateway_mode_ipv4=nat-unprotected` or `routed` (for \
             IPv6 `gateway_mode_ipv6`)"
                .to_owned(),
        ),
    }
}
