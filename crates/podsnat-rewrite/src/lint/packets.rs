//! The packets that findings ask about, and the rules that they meet.

use ipnetwork::IpNetwork;
use iptables_eval::{BaseChain, Condition, Evaluator, Field, Outcome, Set, Undecided, kind, state};
use iptables_save::{Family, LineId, Rule, Ruleset, Target};

use super::excerpt::Excerpt;

/// The budget for one chain. Beyond it podsnat says that it could not decide.
const MOST_NODES: usize = 1 << 18;

/// An evaluator with a budget that does not slow the filter down.
pub(super) fn evaluator<'r>(ruleset: &'r Ruleset<'r>, family: Family) -> Evaluator<'r> {
    Evaluator::with_budget(ruleset, family, MOST_NODES)
}

/// First packets of connections from pods to pods.
pub(super) fn between(pods: &[IpNetwork]) -> Condition {
    Condition::all([
        among(Field::Source, pods),
        among(Field::Destination, pods),
        Condition::is(Field::State, state::NEW),
        Condition::is(Field::DestinationKind, kind::UNICAST),
    ])
}

/// Packets with an address in one of the networks.
pub(super) fn among(field: Field, networks: &[IpNetwork]) -> Condition {
    let networks = networks.iter().copied();
    Condition::any(networks.map(|network| Condition::network(field, network)))
}

/// The ports of packets that no rule is about.
pub(super) const SOURCE_PORT: u128 = 47_113;
pub(super) const DESTINATION_PORT: u128 = 28_357;

/// Packets of TCP that ask for a connection, which no rule has marked or translated.
pub(super) fn ordinary() -> Condition {
    let values = [
        (Field::SourceKind, kind::UNICAST),
        (Field::Mark, 0),
        (Field::Connmark, 0),
        (Field::Dnat, 0),
        (Field::Snat, 0),
        (Field::Reply, 0),
        (Field::Fragment, 0),
        (Field::Protocol, 6),
        (Field::SourcePort, SOURCE_PORT),
        (Field::DestinationPort, DESTINATION_PORT),
        (Field::TcpFlags, 2),
        (Field::PacketType, 0),
        (Field::Tos, 0),
        (Field::Length, 60),
        (Field::Ttl, 63),
    ];
    Condition::all(values.map(|(field, value)| Condition::is(field, value)))
}

/// A rule that matched packets.
#[derive(Clone, Debug)]
pub(super) struct Taken<'d> {
    /// The line of the input that it comes from.
    pub(super) line: LineId,
    /// The name of its chain.
    pub(super) chain: Vec<u8>,
    pub(super) rule: Rule<'d>,
    /// The packets, as they came to the built-in chain.
    pub(super) packets: Set,
}

/// Walks a built-in chain of an excerpt, and returns the rules with certain targets that
/// packets can come to, in the order of the text.
pub(super) fn taken<'r>(
    excerpt: &Excerpt,
    evaluator: &mut Evaluator<'r>,
    outcome: &Outcome<'r>,
    is_wanted: impl Fn(&Target<'_>) -> bool,
) -> Result<Vec<Taken<'r>>, Undecided> {
    let document = evaluator.program().ruleset().document();
    let mut found: Vec<Taken<'r>> = Vec::new();
    for (chain, visits) in outcome.visits() {
        for (at, visit) in chain.rules().into_iter().zip(visits) {
            if visit.taken.is_none() {
                continue;
            }
            let (Ok(read), Some(line)) = (document.rule_line(at.line), excerpt.origin(at.line))
            else {
                continue;
            };
            if !read.rule.target.as_ref().is_some_and(&is_wanted)
                || !evaluator.is_possible(visit.taken)?
            {
                continue;
            }
            match found.last_mut() {
                Some(last) if last.line == line => {
                    last.packets = evaluator.or(last.packets, visit.taken)?;
                }
                _ => found.push(Taken {
                    line,
                    chain: chain.name().to_vec(),
                    rule: read.rule,
                    packets: visit.taken,
                }),
            }
        }
    }
    Ok(found)
}

/// nat's POSTROUTING.
pub(super) const POSTROUTING: BaseChain =
    BaseChain::new(iptables_eval::Table::Nat, iptables_eval::Hook::Postrouting);
