//! Nat tables: realistic rules and nasty ones.

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
    /// Those that the evaluator understands, added with `-A` and `-I`.
    Known,
    /// Others too: unreadable ones, unknown extensions, other commands.
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
            // No `!` stands beside a list.
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

/// An order of words that nobody prints; the protocol stays before what needs it.
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
    let odd = if rules == Rules::Any { 1 } else { 0 };
    prop_oneof![
        4 => select(MATCHES).prop_map(str::to_owned),
        2 => ranges,
        odd => select(ODD).prop_map(str::to_owned),
    ]
}

fn target(six: Six, chain: usize) -> impl Strategy<Value = String> {
    let later = &CHAINS[(chain + 1).min(CHAINS.len() - 1)..];
    let jump = select(later).prop_map(move |it| match chain + 1 < CHAINS.len() {
        true => it,
        false => "RETURN",
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

fn line(six: Six, rules: Rules) -> impl Strategy<Value = String> {
    // Most rules are of POSTROUTING.
    let chain = prop_oneof![3 => Just(0), 4 => 0..CHAINS.len()];
    let odd = if rules == Rules::Any { 1 } else { 0 };
    let command = prop_oneof![
        20 => Just("-A CHAIN"),
        1 => Just("-I CHAIN"),
        odd => Just("-I CHAIN 2"),
        odd => Just("-D CHAIN"),
        odd => Just("--append CHAIN"),
        odd => Just("-R CHAIN 1"),
    ];
    let counters = prop_oneof![4 => Just(""), 1 => Just("[12:3456] ")];
    chain.prop_flat_map(move |chain| {
        let rule = prop_oneof![3 => rule(six, chain, rules).boxed(), 1 => stock(six).boxed()];
        (counters.clone(), command.clone(), rule).prop_map(move |(counters, command, rule)| {
            let command = command.replace("CHAIN", CHAINS[chain]);
            format!("{counters}{command} {rule}\n")
        })
    })
}

/// A nat section with some rules twice.
pub(crate) fn section(six: Six, rules: Rules) -> impl Strategy<Value = String> {
    let chains: String = CHAINS
        .iter()
        .map(|chain| match *chain {
            "POSTROUTING" => ":POSTROUTING ACCEPT [0:0]\n".to_owned(),
            chain => format!(":{chain} - [0:0]\n"),
        })
        .collect();
    let lines = vec(line(six, rules), 1..14);
    let again = vec((any::<Index>(), any::<Index>()), 0..3);
    (lines, again).prop_map(move |(mut lines, again)| {
        for (from, to) in again {
            let line = lines[from.index(lines.len())].clone();
            lines.insert(to.index(lines.len() + 1), line);
        }
        format!("*nat\n{chains}{}COMMIT\n", lines.concat())
    })
}
