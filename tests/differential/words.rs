//! Words and numbers with a grammar of their own: days, flags, rates, types.

use super::dice::Dice;
use crate::support::iptables::Family;

/// A list with commas, and now and then a comma too many.
pub(crate) fn of_list(
    dice: &mut Dice,
    count: usize,
    mut one: impl FnMut(&mut Dice) -> String,
) -> String {
    let mut text = (0..count).map(|_| one(dice)).collect::<Vec<_>>().join(",");
    if count > 1 || dice.percent(10) {
        match dice.below(40) {
            0 => text.push(','),
            1 => text.insert(0, ','),
            2 => text = text.replacen(',', ",,", 1),
            3 => text = text.replacen(',', ", ", 1),
            _ => {}
        }
    }
    text
}

/// A word of a closed list, now and then in other letters, or only its beginning.
pub(crate) fn keyword(dice: &mut Dice, words: &str) -> String {
    let word = dice.word(words);
    match dice.below(100) {
        0..84 => word.to_owned(),
        84..88 => word.to_ascii_uppercase(),
        88..92 => word.to_ascii_lowercase(),
        92..98 => word[..=dice.below(word.len())].to_owned(),
        _ => format!("{word}x"),
    }
}

fn keywords(dice: &mut Dice, words: &str) -> String {
    let count = dice.one(&[1, 1, 2, 3, 4]);
    of_list(dice, count, |dice| keyword(dice, words))
}

pub(crate) fn states(dice: &mut Dice) -> String {
    keywords(dice, "NEW ESTABLISHED RELATED INVALID UNTRACKED SNAT DNAT")
}

pub(crate) fn statuses(dice: &mut Dice) -> String {
    keywords(dice, "NONE EXPECTED SEEN_REPLY ASSURED CONFIRMED")
}

pub(crate) fn kinds(dice: &mut Dice) -> String {
    const KINDS: &str = "UNSPEC UNICAST LOCAL BROADCAST ANYCAST MULTICAST BLACKHOLE UNREACHABLE PROHIBIT THROW NAT XRESOLVE";
    keywords(dice, KINDS)
}

pub(crate) fn events(dice: &mut Dice) -> String {
    if dice.percent(40) {
        "new".to_owned()
    } else {
        keywords(
            dice,
            "new related destroy reply assured protoinfo helper mark natseqinfo secmark",
        )
    }
}

pub(crate) fn hash_mode(dice: &mut Dice) -> String {
    keywords(dice, "srcip srcport dstip dstport")
}

pub(crate) fn tuple(dice: &mut Dice) -> String {
    const PARTS: &str = "src dst sport dport spi ct source destination src-port proto ctorig s d";
    keywords(dice, PARTS)
}

pub(crate) fn tcp_flags(dice: &mut Dice) -> String {
    if dice.percent(15) {
        dice.word("ALL NONE ALL,SYN SYN,NONE").to_owned()
    } else {
        keywords(dice, "FIN SYN RST PSH ACK URG")
    }
}

pub(crate) fn headers(dice: &mut Dice) -> String {
    const HEADERS: &str = "hop dst route frag auth esp none prot hop-by-hop ipv6-opts ipv6-route ipv6-frag ah ipv6-nonxt protocol 0 60 43 44 51 50 59 255 256 tcp 6";
    keywords(dice, HEADERS)
}

pub(crate) fn dccp_types(dice: &mut Dice) -> String {
    const TYPES: &str =
        "REQUEST RESPONSE DATA ACK DATAACK CLOSEREQ CLOSE RESET SYNC SYNCACK INVALID";
    keywords(dice, TYPES)
}

pub(crate) fn tcp_options(dice: &mut Dice) -> String {
    const OPTIONS: &str =
        "wscale mss sack-permitted sack timestamp md5 0 1 5 19 254 255 256 0x10 mptcp";
    keywords(dice, OPTIONS)
}

pub(crate) fn chunks(dice: &mut Dice) -> String {
    const CHUNKS: &str = "DATA INIT INIT_ACK SACK HEARTBEAT HEARTBEAT_ACK ABORT SHUTDOWN SHUTDOWN_ACK ERROR COOKIE_ECHO COOKIE_ACK ECN_ECNE ECN_CWR SHUTDOWN_COMPLETE I_DATA RE_CONFIG PAD ASCONF ASCONF_ACK FORWARD_TSN I_FORWARD_TSN DATA:Be DATA:bE DATA:IUBE ABORT:T ABORT:t SHUTDOWN_COMPLETE:T DATA:x DATA: INIT:T DATA:UB DATA:uUb";
    if dice.percent(10) {
        dice.word("ALL NONE all none ALL,DATA").to_owned()
    } else {
        keywords(dice, CHUNKS)
    }
}

pub(crate) fn days(dice: &mut Dice) -> String {
    if dice.percent(50) {
        const DAYS: &str = "Mon Tue Wed Thu Fri Sat Sun Monday Mo M su Foo MONDAY";
        keywords(dice, DAYS)
    } else {
        let count = dice.one(&[1, 1, 2, 3, 7]);
        let most = dice.one(&[7, 31, 32]);
        of_list(dice, count, |dice| dice.up_to(most).to_string())
    }
}

pub(crate) fn time_of_day(dice: &mut Dice) -> String {
    let (hour, minute, second) = (dice.up_to(24), dice.up_to(60), dice.up_to(60));
    match dice.below(10) {
        0..4 => format!("{hour:02}:{minute:02}"),
        4..7 => format!("{hour:02}:{minute:02}:{second:02}"),
        7 => format!("{hour}:{minute}:{second}"),
        _ => dice
            .word("00:00 23:59:59 24:00 0:0 12 12: :30 1:2:3:4 012:08 +1:30 1:2:")
            .to_owned(),
    }
}

pub(crate) fn date(dice: &mut Dice) -> String {
    let year = dice.one(&[
        1969, 1970, 1971, 1999, 2000, 2020, 2024, 2026, 2037, 2038, 2039, 2106,
    ]);
    let (month, day) = (dice.up_to(13), dice.up_to(32));
    let (hour, minute, second) = (dice.up_to(24), dice.up_to(60), dice.up_to(60));
    match dice.below(20) {
        0..3 => format!("{year}"),
        3..5 => format!("{year}-{month:02}"),
        5..9 => format!("{year}-{month:02}-{day:02}"),
        9..11 => format!("{year}-{month:02}-{day:02}T{hour:02}"),
        11..13 => format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}"),
        13..17 => format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"),
        17 => format!("{year}-{month}-{day}T{hour}:{minute}:{second}"),
        _ => dice.word("2038-01-19T03:14:07 2038-01-19T03:14:08 1970-01-01 1970-01-01T00:00:00 2020-02-30 2020-1-1 20").to_owned(),
    }
}

/// A rate of packets, or with `bytes` also of bytes.
pub(crate) fn rate(dice: &mut Dice, bytes: bool) -> String {
    let number = amount(dice);
    match dice.below(10) {
        0..2 => number,
        2..5 if bytes => format!(
            "{number}{}",
            dice.word("b/s kb/s mb/s b/m kb gb/s B/s KB/s")
        ),
        5..8 => format!("{number}/{}", dice.word("second minute hour day")),
        _ => format!(
            "{number}/{}",
            dice.piece("s¦sec¦m¦min¦h¦hou¦d¦¦week¦SECOND¦Min¦seconds¦b")
        ),
    }
}

pub(crate) fn burst(dice: &mut Dice) -> String {
    let number = amount(dice);
    if dice.percent(60) {
        number
    } else {
        format!("{number}{}", dice.word("b kb mb k m gb B KB"))
    }
}

fn amount(dice: &mut Dice) -> String {
    let most = dice.one(&[3, 10, 100, 10_000, 2_000_000, 0xffff_ffff]);
    if dice.percent(90) {
        dice.up_to(most).to_string()
    } else {
        dice.piece("0¦0x10¦010¦-1¦+5¦1.5¦¦10001¦864000001¦4294967296¦1000000¦15¦16¦17")
            .to_owned()
    }
}

/// A rate of bits, as rateest has them.
pub(crate) fn bits(dice: &mut Dice) -> String {
    let number = amount(dice);
    let unit = dice.piece("¦bit¦kbit¦Mbit¦mbit¦gbit¦bps¦kbps¦mbps¦gbps¦kibit¦Kibit¦tbit¦tbps¦KBps¦bits¦k¦Kbit¦MiBps¦mibps");
    if dice.percent(15) {
        format!("{number}.5{unit}")
    } else {
        format!("{number}{unit}")
    }
}

/// An interval as the target RATEEST has it.
pub(crate) fn interval(dice: &mut Dice) -> String {
    let number = if dice.percent(70) {
        dice.word("250 500 1 2 4 8 0.25 0.5 1.5 16 32").to_owned()
    } else {
        amount(dice)
    };
    let unit = dice.piece("ms¦ms¦s¦s¦us¦¦sec¦msec¦usec¦secs¦msecs¦usecs¦S¦m");
    format!("{number}{unit}")
}

pub(crate) fn chance(dice: &mut Dice) -> String {
    if dice.percent(60) {
        format!("0.{}", dice.up_to(999_999))
    } else {
        dice.piece("0¦1¦0.5¦1.0¦1.1¦-0.1¦.5¦5.¦1e-3¦0x1p-2¦nan¦inf¦0.00000000001¦0.99999999999¦¦0,5¦0.1x¦1.0000000001¦-0¦+0.25¦ 0.5").to_owned()
    }
}

pub(crate) fn class(dice: &mut Dice) -> String {
    const CLASSES: &str = "CS0 CS1 CS2 CS3 CS4 CS5 CS6 CS7 BE AF11 AF12 AF13 AF21 AF22 AF23 AF31 AF32 AF33 AF41 AF42 AF43 EF AF44 CS8";
    keyword(dice, CLASSES)
}

pub(crate) fn level(dice: &mut Dice) -> String {
    const LEVELS: &str = "emerg panic alert crit error err warning warn notice info debug";
    keyword(dice, LEVELS)
}

pub(crate) fn tos(dice: &mut Dice) -> String {
    const NAMES: &str = "Minimize-Delay Maximize-Throughput Maximize-Reliability Minimize-Cost Normal-Service cosmos default";
    keyword(dice, NAMES)
}

pub(crate) fn mode(dice: &mut Dice) -> String {
    const MODES: &str = "random nth random nth random nth sourceip sourceip-sourceport sourceip-sourceport-destport";
    keyword(dice, MODES)
}

pub(crate) fn class_id(dice: &mut Dice) -> String {
    let (major, minor) = (dice.up_to(0x1_0000), dice.up_to(0x1_0000));
    if dice.percent(75) {
        format!("{major:x}:{minor:x}")
    } else {
        dice.piece("1:¦:1¦1¦0x1:0x2¦ffff:ffff¦FFFF:A¦10000:1¦1:2:3¦¦-1:1¦ 1:1¦1: 1¦g:1")
            .to_owned()
    }
}

pub(crate) fn mac(dice: &mut Dice) -> String {
    let groups = [(); 6].map(|()| dice.up_to(0xff));
    match dice.below(10) {
        0..5 => groups.map(|group| format!("{group:02x}")).join(":"),
        5..7 => groups.map(|group| format!("{group:02X}")).join(":"),
        7 => groups.map(|group| format!("{group:x}")).join(":"),
        _ => dice.piece("01:00:5e:00:00:20¦00:00:00:00:00¦00:00:00:00:00:00:00¦00-00-00-00-00-00¦000000000000¦0:0:0:0:0:0¦00:00:00:00:00:0g¦¦100:00:00:00:00:00¦00:00:00:00:00:¦00:00:00:00:00:+1¦00:00:00:00:00:000").to_owned(),
    }
}

pub(crate) fn interface(dice: &mut Dice) -> String {
    if dice.percent(75) {
        dice.word("lo eth0 docker0 eth+ wlan0 br-1234567890ab veth+ eth0.1")
            .to_owned()
    } else {
        dice.piece("+¦a+b¦fifteencharacte¦sixteencharacter¦fourteenletter+¦fifteenletters0+¦¦eth 0¦eth/0¦eth:0¦-i¦!¦++¦e\"h¦ü¦any¦*").to_owned()
    }
}

pub(crate) fn icmp(dice: &mut Dice, family: Family) -> String {
    const V4: &str = "any echo-reply pong destination-unreachable network-unreachable host-unreachable port-unreachable fragmentation-needed source-quench redirect host-redirect TOS-network-redirect echo-request ping router-advertisement time-exceeded ttl-exceeded ttl-zero-during-transit parameter-problem ip-header-bad timestamp-request timestamp-reply address-mask-request TOS-host-unreachable precedence-cutoff required-option-missing";
    const V6: &str = "destination-unreachable no-route communication-prohibited beyond-scope address-unreachable port-unreachable failed-policy reject-route packet-too-big time-exceeded ttl-exceeded ttl-zero-during-transit ttl-zero-during-reassembly parameter-problem bad-header unknown-header-type unknown-option echo-request ping echo-reply pong router-solicitation router-advertisement neighbour-solicitation neighbor-advertisement redirect mld-listener-query any";
    if dice.percent(50) {
        keyword(dice, if family == Family::V4 { V4 } else { V6 })
    } else {
        let (kind, code) = (dice.up_to(256), dice.up_to(256));
        match dice.below(10) {
            0..5 => format!("{kind}"),
            5..9 => format!("{kind}/{code}"),
            _ => dice
                .piece("255¦255/255¦8/¦/8¦8/0/0¦echo-request/0¦0x8¦010¦8/0x10¦¦-1")
                .to_owned(),
        }
    }
}

pub(crate) fn mobility(dice: &mut Dice) -> String {
    const TYPES: &str = "brr hoti coti hot cot bu ba be binding-refresh-request home-test-init careof-test-init home-test careof-test binding-update binding-acknowledgement binding-error 0 1 5 7 8 255 256";
    let first = keyword(dice, TYPES);
    match dice.below(10) {
        0..6 => first,
        6..9 => {
            let second = keyword(dice, TYPES);
            format!("{first}:{second}")
        }
        _ => format!("{first}:"),
    }
}

pub(crate) fn reject(dice: &mut Dice, family: Family) -> String {
    const V4: &str = "icmp-net-unreachable icmp-host-unreachable icmp-proto-unreachable icmp-port-unreachable icmp-net-prohibited icmp-host-prohibited tcp-reset icmp-admin-prohibited net-unreach host-unreach proto-unreach port-unreach net-prohib host-prohib tcp-rst admin-prohib tcp icmp icmp6-no-route echoreply";
    const V6: &str = "icmp6-no-route no-route icmp6-adm-prohibited adm-prohibited icmp6-addr-unreachable addr-unreach icmp6-port-unreachable port-unreach tcp-reset icmp6-policy-fail policy-fail icmp6-reject-route reject-route icmp-net-unreachable icmp6 not-neighbour";
    keyword(dice, if family == Family::V4 { V4 } else { V6 })
}

pub(crate) fn program(dice: &mut Dice) -> String {
    dice.piece("4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0¦1,6 0 0 1¦2,6 0 0 1,6 0 0 0¦1,6 0 0 4294967295¦1,6 0 0 4294967296¦1,6 0 0 1,¦1, 6 0 0 1¦2,6 0 0 1¦1,6 0 0¦1,6 0 0 1 1¦0,¦0¦¦65,6 0 0 1¦1,65536 0 0 1¦1,6 256 0 1¦1,6 0 0 -1¦01,06 0 0 1¦1,0x6 0 0 1¦4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0,6 0 0 0¦1 ,6 0 0 1¦x").to_owned()
}

pub(crate) fn u32_tests(dice: &mut Dice) -> String {
    dice.piece("0&0xFFFF=0x100:0xFFFF¦6&0xFF=0,2:5,0x1¦6&0xFF=1&&4&0x3FFF=0&&0>>22&0x3C@0>>24=3¦0>>22&0x3C@12>>26&0x3C@0>>24=0x52¦12=0x0a000001¦0=0¦0¦0=¦=0¦0&&1¦0=0&&¦ 0 = 0 ¦0=0:¦0=:1¦0=2:1¦0=1,2,3,4,5,6,7,8,9,10¦0=1,2,3,4,5,6,7,8,9,10,11¦0&1=1&&0&1=1&&0&1=1&&0&1=1&&0&1=1&&0&1=1&&0&1=1&&0&1=1&&0&1=1&&0&1=1¦0&1=1&&0&1=1&&0&1=1&&0&1=1&&0&1=1&&0&1=1&&0&1=1&&0&1=1&&0&1=1&&0&1=1&&0&1=1¦4294967295=0¦4294967296=0¦0<<2=0¦0@0@0=0¦0&0x1f>>3=010¦x¦¦-1=0¦0&1 =1 && 2 = 3").to_owned()
}

/// What people write into comments, prefixes and patterns.
pub(crate) fn text(dice: &mut Dice) -> String {
    match dice.below(10) {
        0..3 => dice.word("a web GET a-b_c 0 dropped: cali:1 /user.slice user").to_owned(),
        3..6 => dice.piece("¦a b¦ ¦a'b¦a\"b¦a\\b¦a\\¦ü¦a\tb¦--dport¦-j¦!¦\"¦\\\\¦GET / HTTP/1.1¦#x¦%s¦it\u{7f}¦a\u{1}b¦a/../b¦x ¦'¦`").to_owned(),
        6..8 => dice.piece("|61 62|¦|0d0a|¦a|62|c¦|6|¦|61 6|¦|zz|¦||¦|61¦\\|61|¦|00|¦|ff fe|¦a|20|b¦|5c|¦|22|¦|7c|¦|61|62|63|¦|0x61|¦|6 1|¦| 61|¦|61 |¦a\\|b¦|c3 bc|¦\\x¦|41|\\¦|61  62|").to_owned(),
        _ => "t".repeat(dice.one(&[
            15, 16, 28, 29, 30, 31, 32, 33, 63, 64, 65, 127, 128, 129, 254, 255, 256, 257, 511, 512, 513, 1022, 1023, 1024,
        ])),
    }
}
