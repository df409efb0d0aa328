//! Addresses, masks, networks and ranges of them, mostly of the family at hand.

use super::dice::Dice;
use super::values;
use super::words::of_list;
use crate::support::iptables::Family;

/// The family, or now and then the other one.
fn mostly(dice: &mut Dice, family: Family) -> Family {
    match (dice.percent(4), family) {
        (false, family) => family,
        (true, Family::V4) => Family::V6,
        (true, Family::V6) => Family::V4,
    }
}

pub(crate) fn address(dice: &mut Dice, family: Family) -> String {
    match mostly(dice, family) {
        Family::V4 => v4(dice),
        Family::V6 => v6(dice),
    }
}

fn v4(dice: &mut Dice) -> String {
    match dice.below(100) {
        0..50 => dotted(dice),
        50..80 => dice.word("10.0.0.1 192.168.5.138 255.255.255.255 0.0.0.0 127.0.0.1 224.0.0.1 172.5.0.0").to_owned(),
        _ => dice.piece("10.1¦10¦010.0.0.1¦0x7f.0.0.1¦1.2.3.256¦1.2.3.4.5¦1.2.3.¦1..2.3¦ 1.2.3.4¦1.2.3.4 ¦¦loopback¦link-local¦default¦any¦no.such.host¦1.2.3¦0¦1.2.3.4x¦01.02.03.04¦1.2.3.08¦0x0a000001¦167772161¦1.2.3.0x4¦+1.2.3.4¦1.256¦1.65536¦256¦.¦1. 2.3.4").to_owned(),
    }
}

fn dotted(dice: &mut Dice) -> String {
    let parts = [(); 4].map(|()| dice.one(&[0, 1, 8, 64, 127, 128, 192, 254, 255, 10, 172]));
    parts.map(|part: u8| part.to_string()).join(".")
}

fn v6(dice: &mut Dice) -> String {
    match dice.below(100) {
        0..45 => {
            let groups = [(); 8].map(|()| if dice.percent(45) { 0 } else { dice.up_to(0xffff) });
            let text = groups.map(|group| format!("{group:x}")).join(":");
            if dice.percent(50) { text } else { shortened(dice, &groups) }
        }
        45..80 => dice.word(":: ::1 fe80::1 2001:db8::1 2001:db8:: ff02::1 ::ffff:1.2.3.4 ::1.2.3.4 fd00:5::").to_owned(),
        _ => dice.piece("2001:DB8:0:0::1¦1:2:3:4:5:6:7:8:9¦1:2:3:4:5:6:7¦::1.2.3¦fe80::1%lo¦[::1]¦g::1¦1::2::3¦:1¦1:¦:::¦::12345¦::1.2.3.256¦::01.2.3.4¦1:2:3:4:5:6:7::¦::2:3:4:5:6:7:8¦1:2:3:4:5:6:1.2.3.4¦2001:0db8::0001¦¦ip6-localhost.¦no.such.host¦::ffff:0:0¦::0:0¦64:ff9b::1.2.3.4¦0::0¦ ::1¦::1 ¦1¦0").to_owned(),
    }
}

/// An address with `::` for some groups, zeros or not.
fn shortened(dice: &mut Dice, groups: &[u64; 8]) -> String {
    let from = dice.below(8);
    let to = from + 1 + dice.below(8 - from);
    let text = |groups: &[u64]| {
        groups
            .iter()
            .map(|group| format!("{group:x}"))
            .collect::<Vec<_>>()
            .join(":")
    };
    format!("{}::{}", text(&groups[..from]), text(&groups[to..]))
}

pub(crate) fn mask(dice: &mut Dice, family: Family) -> String {
    match mostly(dice, family) {
        Family::V4 => match dice.below(100) {
            0..60 => dice.up_to(32).to_string(),
            60..75 => dice.word("255.255.255.0 255.0.0.0 255.255.255.255 0.0.0.0 255.255.240.0").to_owned(),
            75..85 => dotted(dice),
            _ => dice.piece("33¦¦-1¦024¦+8¦0x10¦255.255¦24x¦255.255.255.256¦ 8¦8 ¦0¦32¦0xffffff00¦255¦255.255.255.0.0¦4294967295").to_owned(),
        },
        Family::V6 => match dice.below(100) {
            0..60 => dice.up_to(128).to_string(),
            60..70 => dice.word("ffff:: ffff:ffff:: :: ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").to_owned(),
            70..85 => v6(dice),
            _ => dice.piece("129¦¦-1¦064¦+8¦0x40¦64x¦ffff¦ 8¦8 ¦0¦128¦255.255.255.0").to_owned(),
        },
    }
}

pub(crate) fn masked(dice: &mut Dice, family: Family) -> String {
    let address = address(dice, family);
    if dice.percent(55) {
        let mask = mask(dice, family);
        format!("{address}/{mask}")
    } else {
        address
    }
}

pub(crate) fn list(dice: &mut Dice, family: Family) -> String {
    let count = dice.one(&[1, 1, 1, 1, 1, 1, 1, 2, 3]);
    of_list(dice, count, |dice| masked(dice, family))
}

pub(crate) fn range(dice: &mut Dice, family: Family) -> String {
    let first = address(dice, family);
    match dice.below(100) {
        0..30 => first,
        30..60 => {
            let second = address(dice, family);
            format!("{first}-{second}")
        }
        // The bytes give the order.
        60..90 if first.len() == 8 => format!("{first}-{first}"),
        60..90 => match family {
            Family::V4 => "10.0.0.1-10.0.0.9".to_owned(),
            Family::V6 => "2001:db8::1-2001:db8::9".to_owned(),
        },
        90..93 => format!("{first}-"),
        93..96 => format!("-{first}"),
        _ => format!("{first}/24"),
    }
}

/// Where nat translates to.
pub(crate) fn translation(dice: &mut Dice, family: Family) -> String {
    let range = range(dice, family);
    let address = match family {
        Family::V6 if dice.percent(60) => format!("[{range}]"),
        _ => range,
    };
    let first = values::port(dice);
    let ports = match dice.below(10) {
        0..5 => first,
        5..8 => {
            let second = values::port(dice);
            format!("{first}-{second}")
        }
        8 => format!("{first}-65535"),
        _ => {
            let second = values::port(dice);
            format!("{first}-65535/{second}")
        }
    };
    match dice.below(10) {
        0..4 => address,
        4..8 => format!("{address}:{ports}"),
        8 => format!(":{ports}"),
        _ => format!("{address}:"),
    }
}
