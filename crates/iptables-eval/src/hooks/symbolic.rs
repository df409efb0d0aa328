//! The way through the host for a set of packets.

use super::{
    ARRIVING, FROM_THE_HOST, Host, Journey, LEAVING, Origin, Stage, Step, THROUGH, expires,
    translation::{conntrack, translation},
};
use crate::{
    bdd::Set,
    condition::Condition,
    example::Undecided,
    field::{Field, kind, state},
    hook::{BaseChain, Hook, Table},
    known::Known,
    program::{Change, End, Program, Update},
    version::{Changed, State, Version},
    walk::{self, Walk, always, is_first},
    world::World,
};

/// What is known of a set of packets.
pub(crate) struct Facts<'f> {
    pub(crate) host: &'f Host,
    pub(crate) origin: Origin,
    pub(crate) known: Known,
}

/// Sends a set of packets through the host.
pub(crate) fn journey<'r>(
    program: &mut Program<'r>,
    world: &mut World,
    mut facts: Facts<'_>,
    packets: Set,
) -> Result<Journey<'r>, Undecided> {
    let mut state = State::new(facts.origin == Origin::Network, Hook::Forward);
    let enter = facts.known.assume(world, &mut state, packets);
    let came = state.version(Field::State);
    let mut symbolic = Symbolic {
        program,
        world,
        facts,
        state,
        came,
        stages: Vec::new(),
        expired: Set::NONE,
    };
    let (delivered, sent) = symbolic.run(enter);
    let Symbolic {
        mut stages,
        expired,
        world,
        ..
    } = symbolic;
    for stage in &mut stages {
        stage.entered = world.bdd.and(stage.entered, packets);
        stage.outcome.restrict(world, packets);
    }
    stages.retain(|stage| !stage.entered.is_none());
    let [expired, delivered, sent] =
        [expired, delivered, sent].map(|set| world.bdd.and(set, packets));
    world.decided(Journey {
        stages,
        expired,
        delivered,
        sent,
    })
}

struct Symbolic<'a, 'r> {
    program: &'a mut Program<'r>,
    world: &'a mut World,
    facts: Facts<'a>,
    state: State,
    /// The connection state as conntrack has it.
    came: Version,
    stages: Vec<Stage<'r>>,
    expired: Set,
}

impl Symbolic<'_, '_> {
    /// Returns the packets that come to this host, and those that leave it.
    fn run(&mut self, packets: Set) -> (Set, Set) {
        if self.facts.origin == Origin::Host {
            let leaving = self.steps(FROM_THE_HOST, packets);
            return (Set::NONE, self.steps(LEAVING, leaving));
        }
        let arrived = self.steps(ARRIVING, packets);
        let path = self.world.paths.base("routing");
        let is_local = Condition::is(Field::DestinationKind, kind::LOCAL);
        let is_local = self.world.set(&is_local, &self.state, path);
        let to_host = self.world.bdd.and(arrived, is_local);
        let through = self.world.bdd.minus(arrived, is_local);
        let before = self.state.clone();
        let delivered = self.steps(self.facts.host.input(), to_host);
        self.state = before;
        let leaving = self.steps(THROUGH, through);
        (delivered, self.steps(LEAVING, leaving))
    }

    fn steps(&mut self, steps: &[Step], packets: Set) -> Set {
        let mut alive = packets;
        for step in steps {
            if alive.is_none() {
                break;
            }
            alive = match step {
                Step::Chain(base) => self.chain(*base, alive),
                Step::Conntrack => {
                    self.restore(alive);
                    self.changes(&conntrack(), alive);
                    alive
                }
                Step::Forward => {
                    let path = self.world.paths.base("routing");
                    let expires = self.world.set(&expires(), &self.state, path);
                    let expired = self.world.bdd.and(alive, expires);
                    self.expired = self.world.bdd.or(self.expired, expired);
                    self.changes(&[always(Field::Ttl, Update::Add(-1))], alive);
                    self.world.bdd.minus(alive, expired)
                }
            };
        }
        alive
    }

    fn chain(&mut self, base: BaseChain, packets: Set) -> Set {
        // The nat table is asked for the first packet of a connection only. An unknown target
        // may change the state afterwards.
        let mut alive = Set::NONE;
        if base.table == Table::Nat {
            let path = self.world.paths.base("routing");
            let first = self.world.set(&is_first(), &self.state, path);
            alive = self.world.bdd.minus(packets, first);
        }
        let mut state = self.state.clone();
        state.has_in_interface =
            self.facts.origin == Origin::Network && base.hook.has_in_interface();
        state.has_out_interface = base.hook.has_out_interface();
        let mut walk = Walk::new(self.program, self.world, state);
        walk.records = true;
        walk.known = self.facts.known.clone();
        let outcome = walk.base_chain(base, packets);
        self.state = outcome.state.clone();
        for (end, set) in &outcome.ends {
            match end {
                End::Accept => alive = self.world.bdd.or(alive, *set),
                End::Translate(nat) => {
                    let changes = translation(nat, base.hook, self.facts.host, self.world.family);
                    self.changes(&changes, *set);
                    alive = self.world.bdd.or(alive, *set);
                }
                _ => {}
            }
        }
        self.stages.push(Stage {
            chain: base,
            entered: packets,
            outcome,
        });
        alive
    }

    fn changes(&mut self, changes: &[Change], packets: Set) {
        let path = self.world.paths.base("translation");
        for change in changes {
            walk::apply(self.world, &mut self.state, change, packets, path);
        }
    }

    /// Conntrack says what it knows of the packets, unless a rule kept it away.
    fn restore(&mut self, packets: Set) {
        let path = self.world.paths.base("conntrack");
        let untracked = Condition::is(Field::State, state::UNTRACKED);
        let untracked = self.world.set(&untracked, &self.state, path);
        let condition = self.world.bdd.minus(packets, untracked);
        let version = self.world.versions.change(Changed {
            field: Field::State,
            before: self.state.version(Field::State),
            condition,
            update: Update::copy(Field::State),
            source: self.came,
            path,
        });
        self.state.set(Field::State, version);
    }
}
