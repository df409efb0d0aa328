//! Mutations by words: few changes to bytes make an option that an extension has.

use iptables_save::{Description, Match, Target};

/// Values that options take, and some that they should not.
const VALUES: &[&str] = &[
    "0",
    "1",
    "010",
    "0x10",
    "-1",
    "+1",
    "31",
    "32",
    "63",
    "64",
    "128",
    "255",
    "256",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "1.5",
    ".5",
    "1e9",
    "inf",
    "nan",
    "0:1",
    "1:",
    ":1",
    ":",
    "5:5",
    "9:1",
    "1-2",
    "1-2/3",
    "1,2",
    "0xff/0x0f",
    "1/2",
    "1/sec",
    "10/minute",
    "1/day",
    "15b/s",
    "512kb/s",
    "1mb",
    "250ms",
    "8s",
    "10.0.0.1",
    "10.1",
    "10.0.0.0/8",
    "10.0.0.1-10.0.0.9",
    "10.0.0.1:80-90",
    "0.0.0.0/0",
    "::",
    "::1",
    "2001:db8::/32",
    "[2001:db8::1]:80",
    "::ffff:1.2.3.4",
    "tcp",
    "udp",
    "icmp",
    "ipv6-icmp",
    "sctp",
    "dccp",
    "gre",
    "all",
    "ACCEPT",
    "DROP",
    "RETURN",
    "INPUT",
    "LOG",
    "eth0",
    "eth+",
    "+",
    "00:11:22:33:44:55",
    "12:30",
    "12:30:59",
    "Mon,Tue",
    "1,31",
    "2026-01-01T00:00:00",
    "SYN,ACK",
    "ALL",
    "NONE",
    "NEW",
    "any",
    "none",
    "both",
    "src,dst",
    "ssh",
    "a",
    "a,b",
    "\"\"",
    "\"a b\"",
    "\"it's \\\"so\\\" \\\\\"",
    "!",
    "-",
    "--",
    "=",
    "|61 62|",
    "0&0xff=1",
    "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0",
];

/// Changes words of `data`, of which `size` bytes are used and `most` may be. Returns how
/// many are used then.
pub(crate) fn mutate(data: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    let mut random = Random(seed | 1);
    let mut words: Vec<Vec<u8>> = data[..size]
        .split_inclusive(|byte| matches!(byte, b' ' | b'\n'))
        .map(<[u8]>::to_vec)
        .collect();
    for _ in 0..=random.below(3) {
        let at = random.below(words.len() + 1);
        let other = random.below(words.len() + 1);
        let is_there = at.max(other) < words.len();
        match random.below(8) {
            0 if is_there => drop(words.remove(at)),
            1 if is_there => words.swap(at, other),
            2 if is_there => words.insert(at, words[other].clone()),
            3 | 4 if is_there => words[at] = with_blank(random.pick::<&str>(VALUES)),
            5 => words.insert(at, b"! ".to_vec()),
            _ => words.insert(at, option(&mut random)),
        }
    }
    let mut words = words.concat();
    words.truncate(most.min(data.len()));
    data[..words.len()].copy_from_slice(&words);
    words.len()
}

/// Some option with values, and often the extension before it.
fn option(random: &mut Random) -> Vec<u8> {
    let (flag, described): (_, &Description) = match random.below(3) {
        0 => ("-j ", random.pick(Target::DESCRIPTIONS)),
        _ => ("-m ", random.pick(Match::DESCRIPTIONS)),
    };
    let mut out = Vec::new();
    if random.below(2) == 0 {
        out.extend_from_slice(flag.as_bytes());
        out.extend_from_slice(&with_blank(described.name));
    }
    if !described.options.is_empty() {
        let option = random.pick(described.options);
        out.extend_from_slice(&with_blank(option.flag));
        for _ in option.args {
            out.extend_from_slice(&with_blank(random.pick::<&str>(VALUES)));
        }
    }
    out
}

fn with_blank(word: &str) -> Vec<u8> {
    [word.as_bytes(), b" "].concat()
}

/// Numbers from a seed other than 0: Marsaglia's xorshift.
struct Random(u32);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % bound
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }
}
