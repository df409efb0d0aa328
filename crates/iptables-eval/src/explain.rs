//! What becomes of packets, with the rules that decide it.

use iptables_save::{Chain, Policy, RuleRef};

use crate::{
    bdd::Set,
    example::Undecided,
    hook::BaseChain,
    hooks::{Arrival, Journey},
    program::{Action, End, Program},
    walk::Outcome,
    world::World,
};

/// The maximum number of ways that are distinguished.
pub const MOST_LEAVES: usize = 64;

/// Packets that the same rules decide about, and how they end.
#[derive(Clone, Debug)]
pub struct Leaf<'r> {
    /// The packets.
    pub packets: Set,
    /// What decides, in order, policies that let packets through left out.
    pub decisions: Vec<Decision<'r>>,
    /// Where they arrive.
    pub arrival: Arrival,
}

/// A rule or a policy that ends a built-in chain for packets, or a rule that changes them.
#[derive(Clone, Debug)]
pub struct Decision<'r> {
    /// The built-in chain.
    pub chain: BaseChain,
    /// The rule; `None` for the policy.
    pub rule: Option<(Chain<'r>, RuleRef)>,
    /// How the chain ends by it; `None` for a rule that changes packets, which go on.
    pub end: Option<End>,
}

/// Every way that packets go.
#[derive(Clone, Debug)]
pub struct Explanation<'r> {
    /// The ways, each for other packets.
    pub leaves: Vec<Leaf<'r>>,
    /// Whether these are all. Of more than [`MOST_LEAVES`] the rest is left out.
    pub is_complete: bool,
}

/// Distinguishes packets by what decides about them on their way.
pub(crate) fn explain<'r>(
    program: &mut Program<'r>,
    world: &mut World,
    journey: &Journey<'r>,
    packets: Set,
) -> Result<Explanation<'r>, Undecided> {
    let packets = world.possible(packets);
    let mut leaves = vec![Leaf {
        packets,
        decisions: Vec::new(),
        arrival: Arrival::Ended,
    }];
    let mut is_complete = true;
    for stage in &journey.stages {
        let parts = parts(program, stage.chain, &stage.outcome);
        for (decision, set) in parts {
            leaves = split(world, leaves, &decision, set);
            if leaves.len() > MOST_LEAVES {
                leaves.truncate(MOST_LEAVES);
                is_complete = false;
            }
        }
    }
    let ends = [
        (journey.sent, Arrival::Sent),
        (journey.delivered, Arrival::Delivered),
        (journey.expired, Arrival::Expired),
    ];
    let mut arrived = Vec::new();
    for leaf in leaves {
        let mut rest = leaf.packets;
        for (set, arrival) in ends {
            let both = world.bdd.and(rest, set);
            let both = world.possible(both);
            rest = world.bdd.minus(rest, both);
            if !both.is_none() {
                let packets = both;
                arrived.push(Leaf {
                    packets,
                    arrival,
                    ..leaf.clone()
                });
            }
        }
        if !rest.is_none() {
            arrived.push(Leaf {
                packets: rest,
                ..leaf
            });
        }
    }
    world.decided(Explanation {
        leaves: arrived,
        is_complete,
    })
}

/// What decides in a chain, with its packets.
fn parts<'r>(
    program: &mut Program<'r>,
    base: BaseChain,
    outcome: &Outcome<'r>,
) -> Vec<(Decision<'r>, Set)> {
    let mut parts = Vec::new();
    for (chain, visits) in outcome.visits() {
        let code = program.code(chain);
        for (rule, visit) in code.rules.iter().zip(visits) {
            let end = match &rule.action {
                Action::End(end) => Some(end.clone()),
                Action::Unknown(text) => Some(End::Other(text.clone())),
                Action::Change(_) | Action::ChangeAndEffect(..) => None,
                _ => continue,
            };
            let rule = Some((chain, rule.reference));
            parts.push((
                Decision {
                    chain: base,
                    rule,
                    end,
                },
                visit.taken,
            ));
        }
    }
    if program.policy(base) == Policy::Drop && !outcome.policy.is_none() {
        let end = Some(End::Drop);
        parts.push((
            Decision {
                chain: base,
                rule: None,
                end,
            },
            outcome.policy,
        ));
    }
    parts
}

/// Splits the leaves by whether a rule decided about them.
fn split<'r>(
    world: &mut World,
    leaves: Vec<Leaf<'r>>,
    decision: &Decision<'r>,
    set: Set,
) -> Vec<Leaf<'r>> {
    let mut all = Vec::new();
    for leaf in leaves {
        let both = world.bdd.and(leaf.packets, set);
        let both = world.possible(both);
        if both.is_none() {
            all.push(leaf);
            continue;
        }
        let rest = world.bdd.minus(leaf.packets, both);
        let mut decided = Leaf {
            packets: both,
            ..leaf.clone()
        };
        decided.decisions.push(decision.clone());
        all.push(decided);
        if !rest.is_none() {
            all.push(Leaf {
                packets: rest,
                ..leaf
            });
        }
    }
    all
}
