//! What conntrack and the targets of nat change.

use std::net::IpAddr;

use iptables_save::Family;

use super::Host;
use crate::{
    condition::Condition,
    field::{Field, kind, number, state},
    hook::Hook,
    program::{Change, Copied, Nat, NatKind, Update},
    walk::always,
};

/// The entry that conntrack makes of the first packet of a connection.
pub(super) fn conntrack() -> Vec<Change> {
    let pairs = [
        (Field::OriginalSource, Field::Source),
        (Field::OriginalDestination, Field::Destination),
        (Field::ReplySource, Field::Destination),
        (Field::ReplyDestination, Field::Source),
        (Field::OriginalSourcePort, Field::SourcePort),
        (Field::OriginalDestinationPort, Field::DestinationPort),
        (Field::ReplySourcePort, Field::DestinationPort),
        (Field::ReplyDestinationPort, Field::SourcePort),
    ];
    let copies = pairs.map(|(to, from)| (to, Update::copy(from)));
    let cleared = [Field::Dnat, Field::Snat].map(|field| (field, Update::set(0)));
    let all = copies.into_iter().chain(cleared);
    all.map(|(field, update)| Change {
        field,
        update,
        condition: Condition::is(Field::State, state::NEW),
    })
    .collect()
}

/// The fields of one end of a packet.
struct Side {
    address: Field,
    port: Field,
    kind: Field,
    translated: Field,
    reply_address: Field,
    reply_port: Field,
}

const DESTINATION: Side = Side {
    address: Field::Destination,
    port: Field::DestinationPort,
    kind: Field::DestinationKind,
    translated: Field::Dnat,
    reply_address: Field::ReplySource,
    reply_port: Field::ReplySourcePort,
};
const SOURCE: Side = Side {
    address: Field::Source,
    port: Field::SourcePort,
    kind: Field::SourceKind,
    translated: Field::Snat,
    reply_address: Field::ReplyDestination,
    reply_port: Field::ReplyDestinationPort,
};

/// What a target of nat changes. A connection counts as translated if something does change
/// (kernel `nf_nat_setup_info`).
pub(super) fn translation(nat: &Nat, hook: Hook, host: &Host, family: Family) -> Vec<Change> {
    let side = match hook {
        Hook::Prerouting | Hook::Output => DESTINATION,
        _ => SOURCE,
    };
    let greatest = side.address.greatest(family);
    let choose = |first, last| Update::Choose {
        first,
        last,
        text: nat.text.clone(),
    };
    let masked = |mask, value| Condition::Masked {
        field: side.address,
        mask,
        value,
    };
    // What the address becomes, and whether it is that already.
    let address = match (nat.kind, nat.addresses) {
        (NatKind::Netmap { mask }, Some((address, _))) => {
            let update = Update::Rewrite {
                keep: !mask,
                flip: address,
                copied: None::<Copied>,
                shift: 0,
            };
            Some((update, masked(mask, address)))
        }
        (_, Some((first, last))) if first == last => {
            Some((Update::set(first), masked(greatest, first)))
        }
        (_, Some((first, last))) => Some((choose(first, last), Condition::never())),
        (NatKind::Masquerade | NatKind::Redirect, None) => {
            Some((choose(0, greatest), Condition::never()))
        }
        (_, None) => None,
    };
    let port = nat.ports.map(|(first, last)| {
        let [first, last] = [first, last].map(u128::from);
        let in_range = Condition::Range {
            field: side.port,
            first,
            last,
        };
        let update = if first == last {
            Update::set(first)
        } else {
            choose(first, last)
        };
        (update, in_range)
    });
    let change = |field, update, unless: &Condition| Change {
        field,
        update,
        condition: unless.clone().inverted(true),
    };
    let both = [&address, &port].map(|one| one.as_ref().map(|(_, is_so)| is_so.clone()));
    let is_so = Condition::all(both.into_iter().flatten());
    let mut changes = vec![change(side.translated, Update::set(1), &is_so)];
    if let Some((update, is_so)) = address {
        changes.extend(kinds(nat, &side, host, &is_so));
        changes.push(change(side.address, update, &is_so));
        changes.push(always(side.reply_address, Update::copy(side.address)));
    }
    if let Some((update, is_so)) = port {
        changes.push(change(side.port, update, &is_so));
        changes.push(always(side.reply_port, Update::copy(side.port)));
    }
    changes
}

/// What kind of address it is now, unless it stays.
fn kinds(nat: &Nat, side: &Side, host: &Host, is_so: &Condition) -> Vec<Change> {
    let change = |update| Change {
        field: side.kind,
        update,
        condition: is_so.clone().inverted(true),
    };
    let is_local = |addresses: &Vec<IpAddr>| {
        let (first, last) = nat.addresses?;
        let range = first..=last;
        let within = addresses
            .iter()
            .filter(|address| range.contains(&number(**address)))
            .count();
        let all = last.checked_sub(first)?.checked_add(1)?;
        match within as u128 {
            0 => Some(kind::UNICAST),
            count if count == all => Some(kind::LOCAL),
            _ => None,
        }
    };
    let known = match nat.kind {
        NatKind::Masquerade | NatKind::Redirect => Some(kind::LOCAL),
        NatKind::Netmap { .. } => None,
        _ => host.local.as_ref().and_then(is_local),
    };
    vec![change(match known {
        Some(kind) => Update::set(kind),
        None => Update::Choose {
            first: 0,
            last: kind::LAST,
            text: nat.text.clone(),
        },
    })]
}
