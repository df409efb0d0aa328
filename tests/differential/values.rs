//! Texts for the values of options, by metavariable: what a person may write there, what is just within a limit and
//! just beyond, and what is no value at all.

use super::addresses;
use super::dice::Dice;
use super::words::{self, of_list};
use crate::support::iptables::Family;

/// Texts for one metavariable.
type Texts = fn(&mut Dice, Family) -> String;

/// What each metavariable means. Those of closed words, such as `in|out`, need no line here.
const METAVARIABLES: &[(&str, Texts)] = &[
    ("ADDRESS", |dice, family| addresses::address(dice, family)),
    ("ADDRESS[-ADDRESS]", |dice, family| {
        addresses::range(dice, family)
    }),
    ("ADDRESS[/MASK]", |dice, family| {
        addresses::masked(dice, family)
    }),
    ("ADDRESS[/MASK][,…]", |dice, family| {
        addresses::list(dice, family)
    }),
    ("ADDRESS[,…]", |dice, family| {
        let count = dice.one(&[1, 1, 2, 3, 16, 17]);
        of_list(dice, count, |dice| addresses::address(dice, family))
    }),
    ("[ADDRESS[-ADDRESS]][:PORT[-PORT]]", |dice, family| {
        addresses::translation(dice, family)
    }),
    ("PROBABILITY", |dice, _| words::chance(dice)),
    ("CHUNK[:FLAGS],…|ALL|NONE", |dice, _| words::chunks(dice)),
    ("CLASS", |dice, _| words::class(dice)),
    ("DAY,…", |dice, _| words::days(dice)),
    ("ERROR", |dice, family| words::reject(dice, family)),
    ("EVENT", |dice, _| words::events(dice)),
    ("EVENT,…", |dice, _| words::events(dice)),
    ("FLAGS", |dice, _| words::tcp_flags(dice)),
    ("GROUP[/MASK]", |dice, _| {
        if dice.percent(20) {
            dice.word("default 0 nosuch").to_owned()
        } else {
            mark(dice)
        }
    }),
    ("HEADER,…", |dice, _| words::headers(dice)),
    ("HH:MM[:SS]", |dice, _| words::time_of_day(dice)),
    ("ID[-ID]", |dice, _| {
        if dice.percent(20) {
            dice.word("root daemon nobody root-daemon nosuch 0-root")
                .to_owned()
        } else {
            range(dice, '-')
        }
    }),
    ("INTERFACE[+]", |dice, _| words::interface(dice)),
    ("ADDRTYPE,…", |dice, _| words::kinds(dice)),
    ("LABEL", |dice, _| {
        if dice.percent(15) {
            name(dice)
        } else {
            number(dice)
        }
    }),
    ("FROM[:[TO]]", |dice, _| range(dice, ':')),
    ("LENGTH", |dice, family| {
        if dice.percent(40) {
            addresses::mask(dice, family)
        } else {
            dice.up_to(if family == Family::V4 { 33 } else { 129 })
                .to_string()
        }
    }),
    ("LEVEL", |dice, _| {
        if dice.percent(50) {
            words::level(dice)
        } else {
            dice.up_to(8).to_string()
        }
    }),
    ("MAJOR:MINOR", |dice, _| words::class_id(dice)),
    ("MASK", |dice, family| {
        if dice.percent(75) {
            words::tcp_flags(dice)
        } else {
            value("NUMBER", dice, family)
        }
    }),
    ("MILLISECONDS|inf", |dice, _| {
        if dice.percent(20) {
            dice.piece("inf¦INF¦inf ").to_owned()
        } else {
            number(dice)
        }
    }),
    ("MODE", |dice, _| words::mode(dice)),
    ("NAME", |dice, _| name(dice)),
    ("NUMBER", |dice, _| number(dice)),
    ("NUMBER[:NUMBER]", |dice, _| range(dice, ':')),
    ("NUMBER|mark", |dice, _| {
        if dice.percent(20) {
            dice.word("mark MARK mar").to_owned()
        } else {
            number(dice)
        }
    }),
    ("OPTION,…", |dice, _| words::tcp_options(dice)),
    ("PACKETS|BYTES[k|m]b", |dice, _| words::burst(dice)),
    ("FIELD,…", |dice, _| words::tuple(dice)),
    ("PORT", |dice, _| port(dice)),
    ("PORT[-PORT]", |dice, _| ports(dice, '-')),
    ("PORT[:PORT]", |dice, _| ports(dice, ':')),
    ("PORT[:PORT],…", |dice, _| {
        let count = dice.one(&[1, 1, 2, 2, 3, 8, 15, 16]);
        of_list(dice, count, |dice| ports(dice, ':'))
    }),
    ("PROGRAM", |dice, _| words::program(dice)),
    ("PROTOCOL", |dice, _| protocol(dice)),
    ("SECONDS", |dice, _| number(dice)),
    ("PACKETS", |dice, _| number(dice)),
    ("srcip,srcport,dstip,dstport", |dice, _| {
        words::hash_mode(dice)
    }),
    ("RATE", |dice, _| words::bits(dice)),
    ("RATE[/UNIT]|BYTES[k|m]b/s", |dice, _| {
        words::rate(dice, true)
    }),
    ("RATE[/second|/minute|/hour|/day]", |dice, _| {
        words::rate(dice, false)
    }),
    ("SET", |dice, _| words::tcp_flags(dice)),
    ("STATE,…", |dice, _| words::states(dice)),
    ("STATUS,…", |dice, _| words::statuses(dice)),
    ("TESTS", |dice, _| words::u32_tests(dice)),
    ("TEXT", |dice, _| words::text(dice)),
    ("TIME", |dice, _| words::interval(dice)),
    ("TYPE", |dice, _| {
        dice.word("accept drop reject ACCEPT Drop acc accepted")
            .to_owned()
    }),
    ("TYPE,…", |dice, _| words::dccp_types(dice)),
    ("TYPE[/CODE]", |dice, family| words::icmp(dice, family)),
    ("TYPE[:LENGTH],…", |dice, _| {
        let count = dice.one(&[1, 1, 2, 3, 16, 17]);
        of_list(dice, count, |dice| range(dice, ':'))
    }),
    ("TYPE[:TYPE]", |dice, _| words::mobility(dice)),
    ("VALUE[/MASK]", |dice, _| mark(dice)),
    ("VALUE[/MASK]|NAME", |dice, _| {
        if dice.percent(25) {
            words::tos(dice)
        } else {
            mark(dice)
        }
    }),
    ("XX:XX:XX:XX:XX:XX", |dice, _| words::mac(dice)),
    ("YYYY[-MM[-DD[Thh[:mm[:ss]]]]]", |dice, _| words::date(dice)),
    ("src|dst[,…]", |dice, _| {
        let count = dice.one(&[1, 1, 1, 2, 3, 6, 7]);
        of_list(dice, count, |dice| {
            dice.word("src dst src dst SRC source sr").to_owned()
        })
    }),
];

/// The ipsets that are there when rules are loaded.
pub(crate) const SETS: [&str; 3] = ["hosts", "pairs", "a-name-of-thirty-one-characters"];

/// The words of a value, for the metavariables of an option.
pub(crate) fn of(args: &[&str], dice: &mut Dice, family: Family) -> Vec<String> {
    if let ["NAME", directions] = args {
        let set = if dice.percent(90) {
            dice.one(&SETS).to_owned()
        } else {
            name(dice)
        };
        return vec![set, value(directions, dice, family)];
    }
    let words = args.iter().filter_map(|arg| match optional(arg) {
        Some(_) if dice.percent(40) => None,
        Some(arg) => Some(value(arg, dice, family)),
        None => Some(value(arg, dice, family)),
    });
    words.collect()
}

/// Returns what is between brackets: a word that may be left out.
fn optional(metavariable: &str) -> Option<&str> {
    let inner = metavariable.strip_prefix('[')?.strip_suffix(']')?;
    (!inner.contains(['[', ']'])).then_some(inner)
}

/// One word for a metavariable.
pub(crate) fn value(metavariable: &str, dice: &mut Dice, family: Family) -> String {
    let text = if dice.percent(2) {
        let other = dice.below(METAVARIABLES.len());
        METAVARIABLES[other].1(dice, family)
    } else {
        match texts(metavariable) {
            Some(texts) => texts(dice, family),
            None => words::keyword(dice, &metavariable.replace('|', " ")),
        }
    };
    if dice.percent(5) {
        amiss(dice, text)
    } else {
        text
    }
}

/// Whether texts for a metavariable are known.
pub(crate) fn is_known(metavariable: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_closed = || metavariable.contains('|') && metavariable.split('|').all(is_word);
    texts(optional(metavariable).unwrap_or(metavariable)).is_some() || is_closed()
}

fn texts(metavariable: &str) -> Option<Texts> {
    METAVARIABLES
        .iter()
        .find(|(name, _)| *name == metavariable)
        .map(|(_, texts)| *texts)
}

/// Returns a value that is invalid, or at least unusual.
fn amiss(dice: &mut Dice, mut text: String) -> String {
    match dice.below(9) {
        0 => {
            text.pop();
        }
        1 => text.push_str(dice.piece("x¦ ¦,¦/¦0¦:¦-¦b¦%¦.")),
        2 => text.insert_str(0, dice.piece(" ¦+¦-¦0¦0x¦,¦!¦:¦/¦\t")),
        3 => text.make_ascii_uppercase(),
        4 => text.make_ascii_lowercase(),
        5 => {
            let end = char_boundary(&text, dice);
            text.truncate(end);
        }
        6 => text = text.repeat(2),
        7 => {
            let separator = dice.word(", : / -");
            text = format!("{text}{separator}{text}");
        }
        _ => {
            let end = char_boundary(&text, dice);
            text.insert_str(end, dice.piece(" ¦0¦x¦,¦/¦:¦-¦ü¦'¦\\"));
        }
    }
    text
}

/// Returns a place in a text where no character is cut in two.
fn char_boundary(text: &str, dice: &mut Dice) -> usize {
    let end = dice.below(text.len() + 1);
    // `str::floor_char_boundary` needs Rust 1.91.
    (0..=end)
        .rev()
        .find(|&end| text.is_char_boundary(end))
        .unwrap_or(0)
}

/// Where numbers end, and one beyond.
const LIMITS: [u64; 26] = [
    15,
    16,
    31,
    32,
    33,
    63,
    64,
    65,
    100,
    127,
    128,
    129,
    255,
    256,
    257,
    1023,
    1024,
    10_000,
    32_767,
    65_535,
    65_536,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    u64::MAX,
];

fn number(dice: &mut Dice) -> String {
    let number = match dice.below(10) {
        0..2 => dice.one(&LIMITS),
        2 => dice.up_to(u64::MAX),
        _ => dice.up_to(dice.most),
    };
    match dice.below(100) {
        0..76 => number.to_string(),
        76..86 => format!("{number:#x}"),
        86..90 => format!("0{number:o}"),
        90..92 => format!("+{number}"),
        92..94 => format!(" {number}"),
        _ => dice
            .piece("¦-1¦0x¦08¦1e3¦1.5¦0X1F¦x¦--5¦18446744073709551616¦5x¦0x1g¦-0")
            .to_owned(),
    }
}

fn range(dice: &mut Dice, separator: char) -> String {
    pair(dice, separator, number)
}

fn ports(dice: &mut Dice, separator: char) -> String {
    pair(dice, separator, port)
}

/// One of two, both, in order or not, or neither.
fn pair(dice: &mut Dice, separator: char, mut one: impl FnMut(&mut Dice) -> String) -> String {
    let (mut first, mut second) = (one(dice), one(dice));
    if let (Ok(low), Ok(high)) = (first.parse::<u64>(), second.parse::<u64>())
        && low > high
        && dice.percent(80)
    {
        std::mem::swap(&mut first, &mut second);
    }
    match dice.below(100) {
        0..40 => first,
        40..80 => format!("{first}{separator}{second}"),
        80..86 => format!("{first}{separator}"),
        86..92 => format!("{separator}{first}"),
        92..94 => format!("{first}{separator}{first}"),
        94..96 => separator.to_string(),
        96..97 => format!("{first}{separator}{second}{separator}{first}"),
        97..98 => String::new(),
        _ => {
            let other = dice.one(&['-', ':', ',', '/']);
            format!("{first}{other}{second}")
        }
    }
}

pub(crate) fn port(dice: &mut Dice) -> String {
    match dice.below(100) {
        0..60 => dice.up_to(65_535).to_string(),
        60..70 => number(dice),
        70..80 => dice.word("0 1 65535 65536").to_owned(),
        _ => dice.piece("ssh¦http¦https¦domain¦tftp¦ntp¦ftp-data¦iso-tsap¦bgp¦www¦SSH¦nosuch¦sip¦syslog¦shell¦10-ssh¦ssh ¦discard¦ipp¦x11").to_owned(),
    }
}

fn mark(dice: &mut Dice) -> String {
    if dice.percent(45) {
        number(dice)
    } else {
        let (value, mask) = (number(dice), number(dice));
        format!("{value}/{mask}")
    }
}

pub(crate) fn protocol(dice: &mut Dice) -> String {
    match dice.below(100) {
        0..20 => dice.word("tcp udp icmp ipv6-icmp icmpv6").to_owned(),
        20..70 => dice.word("sctp dccp udplite esp ah ipcomp mh ipv6-mh mobility-header gre igmp ipv6 ospf vrrp ip all hopopt ipv6-route ipv6-frag ipv6-nonxt ipv6-opts TCP Udp ipencap ipip l2tp eigrp rsvp nosuch ICMP ethernet mptcp ALL").to_owned(),
        70..90 => dice.up_to(256).to_string(),
        _ => number(dice),
    }
}

fn name(dice: &mut Dice) -> String {
    match dice.below(100) {
        0..45 => {
            let number = dice.up_to(999);
            format!("{}{number}", dice.word("web a DEFAULT ssh- x_ linux"))
        }
        45..65 => dice.word("ftp web Linux Windows linux:2.6 system_u:object_r:x_t:s0 a.b a/b /a default 5 0 -a --name -j ! ü #a A nosuch").to_owned(),
        65..85 => {
            let length = dice.one(&[
                1, 14, 15, 16, 17, 22, 23, 27, 28, 29, 30, 31, 32, 33, 63, 64, 65, 127, 128, 199, 200, 201, 253, 254, 255, 256, 257, 511, 512,
                513,
            ]);
            "n".repeat(length)
        }
        _ => dice.piece("¦a b¦ ¦a\"b¦a\\b¦a'b¦a\tb¦a*b¦*¦.¦..¦a\u{1}").to_owned(),
    }
}
