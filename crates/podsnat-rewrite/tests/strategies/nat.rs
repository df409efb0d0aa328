//! Nat tables: realistic rules and difficult ones.

use proptest::{
    collection::vec,
    option::{of, weighted},
    prelude::*,
    sample::{Index, select},
};

use super::networks::Six;

/// Which rules to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    /// Those that the evaluator understands, by commands that load.
    Known,
    /// Others too: invalid ones, unknown extensions, commands that may not load.
    Any,
}

/// A chain jumps to those after it only, so there is no loop.
const CHAINS: &[&str] = &[
    "POSTROUTING",
    "custom",
    "KUBE-POSTROUTING",
    "CNI-0a1b2c3d",
    "IP-MASQ-AGENT",
    "last",
];

const MATCHES: &[&str] = &[
    "-m comment --comment \"-j MASQUERADE ! -d 192.0.2.1\"",
    "-m comment --comment \"it's \\\"quoted\\\" \\\\\"",
    "-m comment --comment word",
    "-m mark --mark 0x4000/0x4000",
    "-m mark ! --mark 0x4000/0x4000",
    "-m addrtype --src-type LOCAL",
    "-m addrtype ! --src-type LOCAL",
    "-m addrtype --dst-type LOCAL",
    "-m addrtype ! --dst-type UNICAST,LOCAL",
    "-m conntrack --ctstate DNAT",
    "-m conntrack ! --ctstate DNAT",
    "-m conntrack --ctstate NEW,RELATED",
    "-m set --match-set pods dst",
    "-m set ! --match-set pods dst",
    "-m set ! --match-set pods src",
    "-m set --match-set pairs src,dst",
    "-m ipvs --ipvs",
    "-m policy --dir out --pol none",
    "-m pkttype --pkt-type unicast",
];

const ODD: &[&str] = &[
    "-m nosuch --with words",
    "-m limit --limit 3/sec",
    "--bogus",
    "-m statistic --mode random --probability 0.5",
    "\"\"",
    "-c 5 6",
    "-v",
    "!",
];

/// The options before the matches, the matches, and the target.
fn rule(six: Six, chain: usize, rules: Rules) -> impl Strategy<Value = String> {
    let parts = (
        weighted(0.6, address("-s", six)),
        weighted(0.4, address("-d", six)),
        of(select(
            &[
                "-o docker0",
                "! -o docker0",
                "-o eth+",
                "! -o eth0",
                "-i cni0",
            ][..],
        )),
        weighted(0.2, select(&["-p tcp", "-p udp", "! -p icmp"][..])),
        vec(one_match(six, rules), 0..3),
        target(six, chain),
        any::<[u8; 5]>(),
    );
    parts.prop_map(
        move |(source, destination, interface, protocol, matches, target, order)| {
            // A list is never inverted.
            let is_list = |it: &Option<String>| it.as_ref().is_some_and(|it| it.contains(','));
            let has_list = is_list(&source) || is_list(&destination);
            let fits = |it: &String| !has_list || !it.starts_with('!');
            let (source, destination) = (source.filter(fits), destination.filter(fits));
            // Nothing is said of `-i` in POSTROUTING.
            let interface = interface.filter(|it| chain > 0 || !it.contains("-i"));
            let mut options: Vec<String> = [source, destination].into_iter().flatten().collect();
            options.extend(
                [interface, protocol]
                    .into_iter()
                    .flatten()
                    .map(str::to_owned),
            );
            options.push(matches.join(" "));
            let ports = match (protocol, target.starts_with("-j MASQUERADE")) {
                (Some("-p tcp"), true) => " --to-ports 1024-65535",
                _ => "",
            };
            options.push(target + ports);
            options.retain(|it| !it.is_empty());
            if rules == Rules::Any && order[4] < 30 && !options.is_empty() {
                shuffle(&mut options, order);
            }
            options.join(" ")
        },
    )
}

/// Shuffles the options into an order that nobody prints; the protocol stays before what needs it.
fn shuffle(options: &mut [String], order: [u8; 5]) {
    let fixed = |it: &String| it.starts_with("-p") || it.starts_with("-j MASQUERADE --to");
    for (nth, random) in order.into_iter().enumerate() {
        let (from, to) = (nth % options.len(), usize::from(random) % options.len());
        if !fixed(&options[from]) && !fixed(&options[to]) {
            options.swap(from, to);
        }
    }
}

fn address(option: &'static str, six: Six) -> impl Strategy<Value = String> {
    prop_oneof![
        8 => six.network().prop_map(move |it| format!("{option} {it}")),
        4 => six.pod_network().prop_map(move |it| format!("{option} {it}")),
        4 => six.network().prop_map(move |it| format!("! {option} {it}")),
        1 => (six.network(), six.network()).prop_map(move |(a, b)| format!("{option} {a},{b}")),
    ]
}

fn one_match(six: Six, rules: Rules) -> impl Strategy<Value = String> {
    let not = || select(&["", "! "][..]);
    let src = (not(), six.range()).prop_map(|(not, it)| format!("{not}--src-range {it}"));
    let dst = (not(), six.range()).prop_map(|(not, it)| format!("{not}--dst-range {it}"));
    let both = (src.clone(), dst.clone()).prop_map(|(src, dst)| format!("{src} {dst}"));
    let ranges =
        prop_oneof![2 => src, 2 => dst, 1 => both].prop_map(|it| format!("-m iprange {it}"));
    let odd = u32::from(rules == Rules::Any);
    prop_oneof![
        4 => select(MATCHES).prop_map(str::to_owned),
        2 => ranges,
        odd => select(ODD).prop_map(str::to_owned),
    ]
}

fn target(six: Six, chain: usize) -> impl Strategy<Value = String> {
    let later = &CHAINS[(chain + 1).min(CHAINS.len() - 1)..];
    let jump = select(later).prop_map(move |it| {
        if chain + 1 < CHAINS.len() {
            it
        } else {
            "RETURN"
        }
    });
    let address = match six {
        Six::No => "192.0.2.1",
        Six::Yes => "2001:db8::8",
    };
    prop_oneof![
        8 => Just("-j MASQUERADE".to_owned()),
        1 => Just("-j MASQUERADE --random-fully".to_owned()),
        2 => Just(format!("-j SNAT --to-source {address}")),
        3 => Just("-j RETURN".to_owned()),
        2 => Just("-j ACCEPT".to_owned()),
        4 => jump.clone().prop_map(|it| format!("-j {it}")),
        1 => jump.prop_map(|it| match it {
            "RETURN" => String::new(),
            chain => format!("-g {chain}"),
        }),
        1 => Just("-j LOG".to_owned()),
        1 => Just("-j MARK --set-xmark 0x4000/0x4000".to_owned()),
    ]
}

/// Rules as programs write them.
fn stock(six: Six) -> impl Strategy<Value = String> {
    prop_oneof![
        six.network().prop_map(|it| format!("-s {it} ! -o docker0 -j MASQUERADE")),
        six.network().prop_map(|it| format!("-s {it} -d {it} -j RETURN")),
        six.pod_network().prop_map(|it| format!("-d {it} -j ACCEPT")),
        Just("-m mark ! --mark 0x4000/0x4000 -j RETURN".to_owned()),
        Just("-j MARK --xor-mark 0x4000".to_owned()),
        Just("-m comment --comment \"kubernetes service traffic requiring SNAT\" -j MASQUERADE --random-fully".to_owned()),
    ]
}

/// What a line does to its chain.
#[derive(Clone, Copy, Debug)]
enum Verb {
    Append,
    /// `-I` without a number, or with one.
    InsertFirst,
    Insert,
    Replace,
    DeleteNumber,
    DeleteRule,
    Flush,
    Rename,
    /// Something that is executed otherwise or not at all.
    Odd(&'static str),
}

/// A command of which the number is not known yet.
#[derive(Clone, Debug)]
struct Step {
    chain: usize,
    verb: Verb,
    /// Which of the chain's rules it concerns.
    nth: Index,
    counters: &'static str,
    rule: String,
}

fn step(six: Six, rules: Rules) -> impl Strategy<Value = Step> {
    // Most rules are of POSTROUTING.
    let chain = prop_oneof![3 => Just(0), 4 => 0..CHAINS.len()];
    let odd = u32::from(rules == Rules::Any);
    let verb = prop_oneof![
        24 => Just(Verb::Append),
        2 => Just(Verb::InsertFirst),
        2 => Just(Verb::Insert),
        5 => select(&[
            Verb::Replace,
            Verb::DeleteNumber,
            Verb::DeleteRule,
            Verb::Flush,
            Verb::Rename,
        ][..]),
        4 * odd => select(&[
            Verb::Odd("--append CHAIN RULE"),
            Verb::Odd("-I CHAIN 2 RULE"),
            Verb::Odd("-D CHAIN RULE"),
            Verb::Odd("-R CHAIN 1 RULE"),
        ][..]),
    ];
    let counters = prop_oneof![4 => Just(""), 1 => Just("[12:3456] ")];
    (chain, verb, any::<Index>(), counters).prop_flat_map(move |(chain, verb, nth, counters)| {
        let rule = prop_oneof![3 => rule(six, chain, rules).boxed(), 1 => stock(six).boxed()];
        rule.prop_map(move |rule| Step {
            chain,
            verb,
            nth,
            counters,
            rule,
        })
    })
}

/// A nat section with some commands twice.
pub(crate) fn section(six: Six, rules: Rules) -> impl Strategy<Value = String> {
    let steps = vec(step(six, rules), 1..14);
    let again = vec((any::<Index>(), any::<Index>()), 0..3);
    (steps, again).prop_map(move |(mut steps, again)| {
        for (from, to) in again {
            let step = steps[from.index(steps.len())].clone();
            steps.insert(to.index(steps.len() + 1), step);
        }
        Section::new().with(&steps)
    })
}

/// A section being written, and the rules that its chains have so far.
struct Section {
    names: Vec<String>,
    rules: Vec<Vec<String>>,
    text: String,
}

impl Section {
    fn new() -> Self {
        let declared = CHAINS.iter().map(|chain| match *chain {
            "POSTROUTING" => ":POSTROUTING ACCEPT [0:0]\n".to_owned(),
            chain => format!(":{chain} - [0:0]\n"),
        });
        Self {
            names: CHAINS.iter().map(ToString::to_string).collect(),
            rules: vec![Vec::new(); CHAINS.len()],
            text: format!("*nat\n{}", declared.collect::<String>()),
        }
    }

    fn with(mut self, steps: &[Step]) -> String {
        for step in steps {
            let name = self.names[step.chain].clone();
            if let Some(line) = self.line(step, &name) {
                let counters = if line.contains(&step.rule) {
                    step.counters
                } else {
                    ""
                };
                self.text += &format!("{counters}{line}\n");
            }
        }
        self.text + "COMMIT\n"
    }

    /// Executes a command, and returns its line; `None` where the chain has no rule for it.
    fn line(&mut self, step: &Step, name: &str) -> Option<String> {
        let rule = self.renamed(&step.rule);
        let rules = &mut self.rules[step.chain];
        let (count, copies) = (rules.len(), copies(&rule));
        let added = std::iter::repeat_n(rule.clone(), copies);
        let nth = |count| step.nth.index(count);
        match step.verb {
            Verb::Append => {
                rules.extend(added);
                Some(format!("-A {name} {rule}"))
            }
            Verb::InsertFirst => {
                rules.splice(0..0, added);
                Some(format!("-I {name} {rule}"))
            }
            Verb::Insert => {
                let at = nth(count + 1);
                rules.splice(at..at, added);
                Some(format!("-I {name} {} {rule}", at + 1))
            }
            Verb::Replace if count > 0 && copies == 1 => {
                let at = nth(count);
                rules[at].clone_from(&rule);
                Some(format!("-R {name} {} {rule}", at + 1))
            }
            Verb::DeleteNumber if count > 0 => {
                let at = nth(count);
                rules.remove(at);
                Some(format!("-D {name} {}", at + 1))
            }
            Verb::DeleteRule if count > 0 => {
                let rule = rules[nth(count)].clone();
                if self::copies(&rule) > 1 {
                    return None;
                }
                let first = rules.iter().position(|other| *other == rule);
                rules.remove(first.expect("it is one of them"));
                Some(format!("-D {name} {rule}"))
            }
            Verb::Flush => {
                rules.clear();
                Some(format!("-F {name}"))
            }
            Verb::Rename if step.chain > 0 => {
                let new = format!("{name}2");
                for rule in self.rules.iter_mut().flatten() {
                    *rule = with_name(rule, name, &new);
                }
                self.names[step.chain].clone_from(&new);
                Some(format!("-E {name} {new}"))
            }
            Verb::Odd(command) => Some(command.replace("CHAIN", name).replace("RULE", &rule)),
            _ => None,
        }
    }

    /// The rule with the names that chains have by now.
    fn renamed(&self, rule: &str) -> String {
        let names = CHAINS.iter().zip(&self.names);
        names.fold(rule.to_owned(), |rule, (old, new)| {
            with_name(&rule, old, new)
        })
    }
}

fn with_name(rule: &str, old: &str, new: &str) -> String {
    for jump in ["-j ", "-g "] {
        if let Some(rest) = rule.strip_suffix(&format!("{jump}{old}")) {
            return format!("{rest}{jump}{new}");
        }
    }
    rule.to_owned()
}

/// Returns how many rules iptables makes from one command.
fn copies(rule: &str) -> usize {
    let words: Vec<&str> = rule.split(' ').collect();
    let lists = words
        .windows(2)
        .filter(|pair| matches!(pair[0], "-s" | "-d"));
    lists.map(|pair| pair[1].matches(',').count() + 1).product()
}
