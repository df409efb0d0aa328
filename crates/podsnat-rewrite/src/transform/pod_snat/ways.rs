//! Which packets from pods to pods come to a rule, by all ways that lead there from
//! POSTROUTING, and whether somebody sends them there on purpose.
//!
//! The chains that POSTROUTING reaches are evaluated without their translations: an earlier
//! MASQUERADE or SNAT may be about to exempt pods, whose packets then come to later rules.

use std::collections::{HashMap, VecDeque};

use ipnetwork::IpNetwork;
use iptables_eval::{BaseChain, Condition, Evaluator, Field, Hook, Outcome, Set, Undecided, kind};
use iptables_save::{Chain, Document, LineId, Reader, RuleRef, Ruleset, Target};

use super::{decide::Judge, reach::Reached};

/// Which packets from pods to pods come to a rule that translates, and match it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coming {
    /// None.
    Nobody,
    /// Only those that somebody selects on purpose: marked ones, after DNAT and so on.
    OnPurpose,
    /// By one jump those that it selects on purpose, by another one all others.
    Both {
        /// The jump that selects on purpose.
        purpose: LineId,
        /// The other one.
        plain: LineId,
    },
    /// Any.
    Plain,
    /// It takes too much memory to say.
    Unknown,
}

/// What comes to each rule that translates, by its line.
pub(super) fn coming(
    ruleset: &Ruleset<'_>,
    reached: &[Reached<'_>],
    judge: &Judge<'_>,
) -> HashMap<LineId, Coming> {
    let chains = reached.iter().filter(|reached| reached.source.is_some());
    let chains: Vec<Chain<'_>> = chains.map(|reached| reached.chain).collect();
    let copy = Copy::of(ruleset, &chains, judge);
    let document = Document::read(&copy.text);
    let copied = Ruleset::new(&document, Some(judge.family));
    let translating = || copy.translating.iter().map(|(line, _)| *line);
    match Evaluated::new(&copied, judge).and_then(|mut all| copy.coming(&copied, &mut all)) {
        Ok(coming) => coming,
        Err(Undecided { .. }) => translating().map(|line| (line, Coming::Unknown)).collect(),
    }
}

/// The chains that POSTROUTING reaches, as a ruleset of their own.
#[derive(Default)]
struct Copy {
    text: Vec<u8>,
    /// The lines of rules that translate, and the names of their chains.
    translating: Vec<(LineId, Vec<u8>)>,
    jumps: Vec<Jump>,
    /// The line of the copy, from 0, for each line of the ruleset.
    lines: HashMap<LineId, usize>,
}

/// A rule that jumps.
struct Jump {
    line: LineId,
    from: Vec<u8>,
    to: Vec<u8>,
    /// Whether its own words select packets on purpose.
    is_deliberate: bool,
}

impl Copy {
    fn of(ruleset: &Ruleset<'_>, chains: &[Chain<'_>], judge: &Judge<'_>) -> Self {
        let mut copy = Self {
            text: b"*nat\n".to_vec(),
            ..Self::default()
        };
        let mut count = 1;
        for chain in chains {
            let policy: &[u8] = match chain.name() {
                b"POSTROUTING" => b"ACCEPT",
                _ => b"-",
            };
            let parts = [b":", chain.name(), b" ", policy, b" [0:0]\n"];
            copy.text.extend(parts.concat());
            count += 1;
        }
        let mut reader = Reader::for_family(judge.family);
        for chain in chains {
            for at in chain.lines() {
                copy.lines.insert(at.line, count);
                copy.add_rule(ruleset, *chain, at, &mut reader, judge);
                count += 1;
            }
        }
        copy.text.extend(b"COMMIT\n");
        copy
    }

    fn add_rule<'d>(
        &mut self,
        ruleset: &Ruleset<'d>,
        chain: Chain<'_>,
        at: RuleRef,
        reader: &mut Reader<'d>,
        judge: &Judge<'_>,
    ) {
        self.text.extend([b"-A ", chain.name()].concat());
        let document = ruleset.document();
        let Ok(rule_line) = reader.read(document, at.line) else {
            // It cannot be parsed here, either, and so it may do anything.
            self.text.push(b' ');
            self.text.extend(document.line(at.line).content());
            self.text.push(b'\n');
            return;
        };
        let mut rule = rule_line.rule.clone();
        match &rule.target {
            Some(Target::Masquerade(_) | Target::Snat(_)) => {
                self.translating.push((at.line, chain.name().to_vec()));
                rule.target = None;
            }
            Some(target) => {
                let called = target.chain().and_then(|name| chain.table().jump(at, name));
                if let Some(called) = called {
                    self.jumps.push(Jump {
                        line: at.line,
                        from: chain.name().to_vec(),
                        to: called.name().to_vec(),
                        is_deliberate: judge.selects_on_purpose(&rule),
                    });
                    // A chain may have another name at the end.
                    let name = called.name().to_vec().into();
                    rule.target = Some(match target {
                        Target::Goto(_) => Target::Goto(name),
                        _ => Target::Jump(name),
                    });
                }
            }
            None => {}
        }
        self.text.push(b' ');
        self.text.extend(super::print(&rule));
        self.text.push(b'\n');
    }

    fn coming(
        &self,
        copied: &Ruleset<'_>,
        all: &mut Evaluated<'_>,
    ) -> Result<HashMap<LineId, Coming>, Undecided> {
        let taken = self.taken(copied, all)?;
        let ways = self.ways(all, &taken)?;
        let mut coming = HashMap::new();
        for (line, chain) in &self.translating {
            let is_plain = all.is_plain(taken[&self.lines[line]])?;
            let ways = ways.get(chain).copied().unwrap_or_default();
            let answer = match (is_plain, ways) {
                (None, _) => Coming::Nobody,
                (Some(false), _)
                | (
                    _,
                    Ways {
                        purpose: Some(_),
                        plain: None,
                        is_start: false,
                    },
                ) => Coming::OnPurpose,
                (
                    _,
                    Ways {
                        purpose: Some(purpose),
                        plain: Some(plain),
                        ..
                    },
                ) => Coming::Both { purpose, plain },
                _ => Coming::Plain,
            };
            coming.insert(*line, answer);
        }
        Ok(coming)
    }

    /// The packets that each line of the copy takes.
    fn taken(
        &self,
        copied: &Ruleset<'_>,
        all: &mut Evaluated<'_>,
    ) -> Result<HashMap<usize, Set>, Undecided> {
        let mut taken: HashMap<usize, Set> =
            self.lines.values().map(|line| (*line, Set::NONE)).collect();
        for chain in copied.tables().flat_map(iptables_save::Table::chains) {
            for rule in chain.rules() {
                let visit = all.outcome.visit(chain, rule.number);
                if let Some(set) = taken.get_mut(&rule.line.index()) {
                    *set = all.evaluator.or(*set, visit.taken)?;
                }
            }
        }
        Ok(taken)
    }

    /// How packets from pods to pods come to each chain.
    fn ways(
        &self,
        all: &mut Evaluated<'_>,
        taken: &HashMap<usize, Set>,
    ) -> Result<HashMap<Vec<u8>, Ways>, Undecided> {
        let mut jumps: HashMap<&[u8], Vec<(&Jump, bool)>> = HashMap::new();
        for jump in &self.jumps {
            if let Some(is_plain) = all.is_plain(taken[&self.lines[&jump.line]])? {
                let is_deliberate = jump.is_deliberate || !is_plain;
                jumps
                    .entry(&jump.from)
                    .or_default()
                    .push((jump, is_deliberate));
            }
        }
        let start = Ways {
            is_start: true,
            ..Ways::default()
        };
        let mut ways = HashMap::from([(b"POSTROUTING".to_vec(), start)]);
        let mut todo = VecDeque::from([b"POSTROUTING".to_vec()]);
        while let Some(chain) = todo.pop_front() {
            let from = ways[&chain];
            for (jump, is_deliberate) in jumps.get(&chain[..]).into_iter().flatten() {
                let to = ways.entry(jump.to.clone()).or_default();
                if to.add(from, jump.line, *is_deliberate) {
                    todo.push_back(jump.to.clone());
                }
            }
        }
        Ok(ways)
    }
}

/// How packets from pods to pods come to a chain.
#[derive(Clone, Copy, Debug, Default)]
struct Ways {
    /// A jump that selects them on purpose, or that comes after such a jump.
    purpose: Option<LineId>,
    /// A jump by which all others come.
    plain: Option<LineId>,
    /// Whether it is POSTROUTING itself.
    is_start: bool,
}

impl Ways {
    /// Adds a jump from a chain with these ways. Returns whether that is a new way.
    fn add(&mut self, from: Self, jump: LineId, is_deliberate: bool) -> bool {
        let before = (self.purpose.is_some(), self.plain.is_some());
        if is_deliberate || from.purpose.is_some() {
            self.purpose.get_or_insert(jump);
        }
        if !is_deliberate && (from.plain.is_some() || from.is_start) {
            self.plain.get_or_insert(jump);
        }
        before != (self.purpose.is_some(), self.plain.is_some())
    }
}

/// The copy, evaluated for packets from pods to pods.
struct Evaluated<'c> {
    evaluator: Evaluator<'c>,
    outcome: Outcome<'c>,
    plain: Set,
}

impl<'c> Evaluated<'c> {
    fn new(copied: &'c Ruleset<'c>, judge: &Judge<'_>) -> Result<Self, Undecided> {
        let mut evaluator = Evaluator::new(copied, judge.family);
        let pods = between_pods(judge.networks());
        let postrouting = BaseChain::new(iptables_eval::Table::Nat, Hook::Postrouting);
        let outcome = evaluator.chain(postrouting, &pods)?;
        let plain = evaluator.set(&plain(judge.networks()))?;
        Ok(Self {
            evaluator,
            outcome,
            plain,
        })
    }

    /// Returns whether there are plain packets in a set; `None` if it is empty.
    fn is_plain(&mut self, set: Set) -> Result<Option<bool>, Undecided> {
        if !self.evaluator.is_possible(set)? {
            return Ok(None);
        }
        let plain = self.evaluator.and(set, self.plain)?;
        self.evaluator.is_possible(plain).map(Some)
    }
}

/// Returns the condition that packets go from pods to pods.
pub(crate) fn between_pods(networks: &[IpNetwork]) -> Condition {
    Condition::all([Field::Source, Field::Destination].map(|field| is_pod(field, networks)))
}

fn is_pod(field: Field, networks: &[IpNetwork]) -> Condition {
    Condition::any(
        networks
            .iter()
            .map(|network| Condition::network(field, *network)),
    )
}

/// Returns the condition that nobody has marked or redirected the packets, and that they
/// are not the node's own.
fn plain(networks: &[IpNetwork]) -> Condition {
    let unset = [Field::Mark, Field::Connmark, Field::Dnat].map(|field| Condition::is(field, 0));
    let not_local = Condition::is(Field::SourceKind, kind::LOCAL).inverted(true);
    Condition::all(
        unset
            .into_iter()
            .chain([is_pod(Field::OriginalDestination, networks), not_local]),
    )
}
