//! Intended differences, each with its reason.

use super::programs::Outcome;
use super::rewrites::{
    around, at_most, cut_prefix, merged, replaced, with_interface, without, without_bare_match,
    without_flags_of_none, without_impossible_ranges, without_value,
};
use super::rules::Sample;
use crate::support::iptables::{Backend, Family, Iptables};

/// An intended difference.
pub(crate) struct Known {
    pub(crate) why: &'static str,
    /// Where it shows: family, table, chain (or one of its own), rule.
    pub(crate) example: &'static str,
    /// The backend that differs; none for both.
    backend: Option<Backend>,
    kind: Kind,
}

enum Kind {
    /// podsnat takes what the program refuses, with such words, such rules.
    Refused(&'static str, fn(&Sample, &str) -> bool),
    /// podsnat refuses, with these words, what the program takes: such rules.
    Taken(&'static str, fn(&Sample) -> bool),
    /// podsnat refuses, with these words, what every kernel refuses and the program does not look at.
    LeftToKernel(&'static str),
    /// What the program prints for a rule, given as podsnat prints it.
    Printed(fn(&str, &Sample) -> Option<String>),
}

use Kind::{LeftToKernel, Printed, Refused, Taken};

/// All of them.
pub(crate) const KNOWN: &[Known] = &[
    // The version.
    both(
        "1.8.8 and 1.8.9 take all of `-pX` and `--protocol=X` for the value of -p, and so of -s, -d, -i, -o and -j",
        "4 filter chain -ptcp",
        Refused("", |sample, said| {
            let value = glued(sample).map(|word| word.split(['/', ',']).next().unwrap_or(word));
            value.is_some_and(|value| said.to_lowercase().contains(&value.to_lowercase()))
        }),
    ),
    both(
        "1.8.8 and 1.8.9 take all of `-iX` and `--in-interface=X` for the interface, and so of -o",
        "4 filter chain -ilo",
        Printed(|line, sample| {
            let word = glued(sample)?;
            let value = match word.strip_prefix("--") {
                Some(long) => long.split_once('=')?.1,
                None => &word[2..],
            };
            let flag = if word.trim_start_matches('-').starts_with('i') {
                "-i"
            } else {
                "-o"
            };
            Some(match value {
                "+" => with_interface(line, flag, word),
                value => line.replacen(&format!("{flag} {value}"), &format!("{flag} {word}"), 1),
            })
        }),
    ),
    both(
        "up to 1.8.10 a test for a range that nothing is in is not printed, and everything passes when it is read again",
        "4 filter chain -p esp -m esp ! --espspi :",
        Printed(without_impossible_ranges),
    ),
    legacy(
        "up to 1.8.10 a test for an interface that none is is not printed, and all pass when it is read again",
        "4 filter chain ! -i +",
        Printed(|line, _| without(line, &["! -i +", "! -o +"])),
    ),
    // What is not there to be asked.
    both(
        "users and groups are not looked up but for root, which is 0 everywhere",
        "4 filter chain -m owner --uid-owner daemon",
        Taken("the only name known is `root`", |_| true),
    ),
    both(
        "whether there is an interface of the name after `%` in an address only the machine knows",
        "6 filter chain -s fe80::1%nosuch",
        Refused("", |sample, said| {
            let is_looked_up =
                said.contains("Name or service not known") || said.contains("not found");
            is_looked_up && sample.rule.contains('%')
        }),
    ),
    // Rules that would be read again as others.
    both(
        "iptables-restore ends with 0 at --help and --version, and does nothing of what the text asks for",
        "4 filter chain --help",
        Taken(
            "cannot be used in the input of iptables-restore",
            asks_for_help,
        ),
    ),
    both(
        "iptables-restore ends with 0 at `! --help`, too",
        "4 filter chain ! --help",
        Taken("cannot be inverted", asks_for_help),
    ),
    both(
        "no types of -m dccp are printed as no word, which is refused when it is read again",
        "4 filter chain -p dccp -m dccp --dccp-types \"\"",
        Printed(|line, _| Some(line.replace(" --dccp-types \"\"", " --dccp-types "))),
    ),
    // What is refused sooner.
    both(
        "no kernel takes a match in a rule that is not of its protocol",
        "4 filter chain -p tcp -m esp --espspi 5",
        LeftToKernel("the kernel accepts `"),
    ),
    both(
        "no kernel takes -m rateest without something to compare, and something to compare it with",
        "4 filter chain -m rateest --rateest-gt",
        LeftToKernel("`rateest` needs one of `"),
    ),
    both(
        "no kernel has other ways to search than bm and kmp",
        "4 filter chain -m string --string a --algo ac",
        LeftToKernel("`--algo` takes "),
    ),
    both(
        "no kernel keeps a list without a name",
        "4 filter chain -m recent --update --seconds 5 --name=",
        LeftToKernel("the name of a list must not be empty"),
    ),
    both(
        "no kernel searches for nothing",
        "4 filter chain -m string --string \"\" --algo bm",
        LeftToKernel("`--string` takes 1 to 128 bytes"),
    ),
    both(
        "no kernel hashes by ports and by the number of a security association",
        "4 mangle chain -j HMARK --hmark-spi 1 --hmark-sport 1 --hmark-mod 1 --hmark-rnd 1",
        LeftToKernel("`--hmark-spi` excludes `--hmark-sport` and `--hmark-dport`"),
    ),
    both(
        "no kernel spreads packets over as many queues as there are",
        "4 filter chain -j NFQUEUE --queue-balance : --queue-cpu-fanout",
        LeftToKernel("`--queue-balance` takes at most 65535 queues"),
    ),
    both(
        "no kernel counts so fast",
        "4 filter chain -m hashlimit --hashlimit-upto 1083586939/day --hashlimit-rate-match --hashlimit-name a",
        LeftToKernel("the rate is too high for `--hashlimit-rate-match`"),
    ),
    // Abbreviations.
    nft(
        "ip6tables-nft knows --fragments, and refuses it and what could be its beginning",
        "6 filter chain -m string --string a --algo bm --fr 5",
        Refused("unknown option \"--fr", |_, _| true),
    ),
    // The kernel.
    both(
        "Linux gives only the first four bytes of the name of a timeout of -j CT back",
        "4 raw chain -p tcp -j CT --notrack --timeout established",
        Printed(|line, _| {
            let (_, target) = line.split_once("-j CT ")?;
            target.contains("--timeout ").then_some(())?;
            replaced(line, "--timeout", |name| Some(name.get(..4)?.to_owned()))
        }),
    ),
    both(
        "Linux has hash tables of up to 1048576 lists since 5.6",
        "4 filter chain -m hashlimit --hashlimit-upto 5/s --hashlimit-name a --hashlimit-htable-size 2000000",
        Printed(|line, _| at_most(line, "--hashlimit-htable-size", 1 << 20)),
    ),
    both(
        "Linux has hash tables of up to 1048576 counts since 5.6",
        "4 filter chain -m hashlimit --hashlimit-upto 5/s --hashlimit-name a --hashlimit-htable-max 2000000",
        Printed(|line, _| at_most(line, "--hashlimit-htable-max", 1 << 20)),
    ),
    // Legacy.
    legacy(
        "legacy tables keep 63 bytes of the prefix of -j NFLOG, nft 127",
        "4 filter chain -j NFLOG --nflog-prefix a-prefix-for-the-log-that-is-longer-than-sixty-three-bytes-and-so-cut-off",
        Printed(cut_prefix),
    ),
    legacy(
        "legacy programs look for the target of a line that they skip as of the other family",
        "6 filter chain -j nosuch -4",
        Refused("Couldn't load target `", |sample, _| {
            sample.words.iter().any(|word| word == "-4" || word == "-6")
        }),
    ),
    // nft.
    nft(
        "nft has no --nflog-range",
        "4 filter chain -j NFLOG --nflog-range 5",
        Printed(|line, _| without_value(line, "--nflog-range")),
    ),
    nft(
        "nft keeps `! --sport 0:9` as `--sport 10:65535`",
        "4 filter chain -p tcp -m tcp ! --sport 0:9",
        Printed(|line, _| around(line, "--sport")),
    ),
    nft(
        "nft keeps `! --dport 0:9` as `--dport 10:65535`",
        "4 filter chain -p udp -m udp ! --dport 0:9",
        Printed(|line, _| around(line, "--dport")),
    ),
    nft(
        "nft makes its own tests of -m tcp and -m udp: of two in one rule, the options of the later count",
        "4 filter chain -p tcp -m tcp --dport 5 --syn -m tcp --dport 6",
        Printed(merged),
    ),
    nft(
        "nft makes no test of TCP's flags when none is looked at, whatever has to be set",
        "4 filter chain -p tcp -m tcp --dport 5 ! --tcp-flags NONE SYN",
        Printed(|line, _| without_flags_of_none(line)),
    ),
    nft(
        "nft makes its own tests of -m tcp and -m udp, and none when there is nothing to test",
        "4 filter chain -p tcp -m tcp --tcp-flags NONE SYN",
        Printed(|line, _| without_bare_match(line)),
    ),
    nft(
        "nft takes tests of ports in a rule with `! -p`",
        "4 filter chain ! -p tcp -m tcp --dport 5",
        Taken("the kernel accepts `-m ", |sample| {
            let is_protocol = |word: &str| word == "-p" || word.starts_with("--p");
            let mut pairs = sample.words.windows(2);
            pairs.any(|two| two[0] == "!" && is_protocol(&two[1]))
        }),
    ),
    nft(
        "nft takes a burst of 0 for the usual one",
        "4 filter chain -m limit --limit-burst 0",
        Printed(|line, _| Some(line.replacen(" --limit-burst 0", "", 1))),
    ),
    nft(
        "nft keeps protocols in a byte: of mptcp's 262 it leaves 6",
        "4 filter chain -p mptcp",
        Printed(|line, _| Some(line.replace("-p mptcp", "-p tcp"))),
    ),
];

const fn both(why: &'static str, example: &'static str, kind: Kind) -> Known {
    Known {
        why,
        example,
        backend: None,
        kind,
    }
}

const fn legacy(why: &'static str, example: &'static str, kind: Kind) -> Known {
    Known {
        why,
        example,
        backend: Some(Backend::Legacy),
        kind,
    }
}

const fn nft(why: &'static str, example: &'static str, kind: Kind) -> Known {
    Known {
        why,
        example,
        backend: Some(Backend::Nft),
        kind,
    }
}

/// The word with an option and its value of a kind that 1.8.9 takes amiss.
fn glued(sample: &Sample) -> Option<&str> {
    sample.words.iter().map(String::as_str).find(|word| {
        let mut letters = word.bytes();
        match (letters.next(), letters.next()) {
            (Some(b'-'), Some(b'p' | b's' | b'd' | b'j' | b'i' | b'o')) => word.len() > 2,
            (Some(b'-'), Some(b'-')) => {
                const LONG: [&str; 8] = [
                    "--protocol",
                    "--source",
                    "--src",
                    "--destination",
                    "--dst",
                    "--in-interface",
                    "--out-interface",
                    "--jump",
                ];
                let name = word.split_once('=').map(|(name, _)| name);
                name.is_some_and(|name| {
                    name.len() > 2 && LONG.iter().any(|it| it.starts_with(name))
                })
            }
            _ => false,
        }
    })
}

fn asks_for_help(sample: &Sample) -> bool {
    let is_such = |word: &str| {
        let word = word.split('=').next().unwrap_or(word);
        ["--help", "--version"]
            .iter()
            .any(|it| word.len() > 2 && it.starts_with(word))
    };
    sample.words.iter().any(|word| is_such(word))
}

/// How a program's answer compares with podsnat's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// Both refuse.
    Refused,
    /// Both take it, and print the same.
    Printed,
    /// The kernel had a say.
    Unjudged,
    /// They differ, as they are meant to: the places in [`KNOWN`].
    Known(Vec<usize>),
    Wrong,
}

pub(crate) fn judge(
    iptables: Iptables,
    sample: &Sample,
    ours: &Result<Vec<String>, String>,
    theirs: &Outcome,
) -> Judgement {
    let explained = match (ours, theirs) {
        (Err(_), Outcome::Refused(_)) => return Judgement::Refused,
        (_, Outcome::Lacking(_)) | (Ok(_), Outcome::RefusedByKernel(_)) => {
            return Judgement::Unjudged;
        }
        (Ok(ours), Outcome::Saved(theirs)) if ours == theirs => return Judgement::Printed,
        (Ok(ours), Outcome::Saved(theirs)) => texts(iptables, sample, ours, theirs),
        _ => verdicts(iptables, sample, ours, theirs).map(|nth| vec![nth]),
    };
    explained.map_or(Judgement::Wrong, Judgement::Known)
}

/// The place of what explains a difference in the verdict.
fn verdicts(
    iptables: Iptables,
    sample: &Sample,
    ours: &Result<Vec<String>, String>,
    theirs: &Outcome,
) -> Option<usize> {
    KNOWN.iter().position(|known| {
        let applies = match (&known.kind, ours, theirs) {
            (Refused(words, is_such), Ok(_), Outcome::Refused(said)) => {
                said.contains(words) && is_such(sample, said)
            }
            (Taken(words, is_such), Err(said), Outcome::Saved(_) | Outcome::RefusedByKernel(_)) => {
                said.contains(words) && is_such(sample)
            }
            (LeftToKernel(words), Err(said), Outcome::RefusedByKernel(_)) => said.contains(words),
            _ => false,
        };
        applies && known.is_of(iptables)
    })
}

/// The places of what explains that a program prints other lines.
fn texts(
    iptables: Iptables,
    sample: &Sample,
    ours: &[String],
    theirs: &[String],
) -> Option<Vec<usize>> {
    if ours.len() != theirs.len() {
        return None;
    }
    let mut used = vec![];
    for (ours, theirs) in ours.iter().zip(theirs) {
        // Each that applies may or may not be at work.
        let mut could_be = vec![(ours.clone(), vec![])];
        for (nth, known) in KNOWN.iter().enumerate() {
            let Printed(printed) = known.kind else {
                continue;
            };
            if !known.is_of(iptables) {
                continue;
            }
            for (text, places) in could_be.clone() {
                if let Some(other) = printed(&text, sample).filter(|other| *other != text) {
                    could_be.push((other, places.into_iter().chain([nth]).collect()));
                }
            }
        }
        let (_, places) = could_be.into_iter().find(|(text, _)| text == theirs)?;
        used.extend(places);
    }
    Some(used)
}

impl Known {
    /// The example, if the program is of its family and of a backend that differs.
    pub(crate) fn sample(&self, iptables: Iptables) -> Option<Sample> {
        let mut parts = self.example.splitn(4, ' ');
        let mut part = || parts.next().expect("family, table, chain and rule");
        let family = if part() == "4" {
            Family::V4
        } else {
            Family::V6
        };
        let sample = Sample::given(part(), part(), part());
        (iptables.family == family && self.is_of(iptables)).then_some(sample)
    }

    fn is_of(&self, iptables: Iptables) -> bool {
        self.backend.is_none_or(|it| it == iptables.backend)
    }
}
