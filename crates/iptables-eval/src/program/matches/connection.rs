//! What conntrack knows of a packet's connection.

use iptables_save::{
    Match,
    matches::Conntrack,
    value::{Invertible, Network},
};

use super::{
    is_tracked, port_range,
    unknown::{of_packet, without_inversion},
};
use crate::{condition::Condition, field::Field};

/// `-m conntrack`, as the kernel's `conntrack_mt` decides it: of a packet without an entry
/// it looks at the state alone, and if no state is asked for it does not match.
pub(super) fn of_conntrack(conntrack: &Conntrack) -> Condition {
    let of_entry = Condition::all([is_tracked(), Condition::all(of_connection(conntrack))]);
    let Some(Invertible { inverted, value }) = conntrack.ctstate else {
        return of_entry;
    };
    let mut states = vec![Condition::one_of(Field::State, (value.0 & 0x1f).into())];
    for (bit, field) in [(0x20, Field::Snat), (0x40, Field::Dnat)] {
        if value.0 & bit != 0 {
            states.push(Condition::all([is_tracked(), Condition::is(field, 1)]));
        }
    }
    let is_untracked = is_tracked().inverted(true);
    let state = Condition::any(states).inverted(inverted);
    if of_connection(conntrack).is_empty() {
        state
    } else {
        Condition::all([state, Condition::any([is_untracked, of_entry])])
    }
}

/// What `-m conntrack` asks about the entry.
fn of_connection(conntrack: &Conntrack) -> Vec<Condition> {
    let mut all = Vec::new();
    let addresses = [
        (Field::OriginalSource, conntrack.ctorigsrc),
        (Field::OriginalDestination, conntrack.ctorigdst),
        (Field::ReplySource, conntrack.ctreplsrc),
        (Field::ReplyDestination, conntrack.ctrepldst),
    ];
    for (field, address) in addresses {
        if let Some(Invertible {
            inverted,
            value: Network(network),
        }) = address
        {
            all.push(Condition::network(field, network).inverted(inverted));
        }
    }
    let ports = [
        (Field::OriginalSourcePort, conntrack.ctorigsrcport),
        (Field::OriginalDestinationPort, conntrack.ctorigdstport),
        (Field::ReplySourcePort, conntrack.ctreplsrcport),
        (Field::ReplyDestinationPort, conntrack.ctrepldstport),
    ];
    for (field, ports) in ports {
        if let Some(Invertible { inverted, value }) = ports {
            all.push(port_range(field, value).inverted(inverted));
        }
    }
    if let Some(direction) = conntrack.ctdir {
        let reply = direction == iptables_save::matches::CtDirection::Reply;
        all.push(Condition::is(Field::Reply, reply.into()));
    }
    let of_entry = [
        Conntrack {
            ctproto: conntrack.ctproto,
            ..Conntrack::default()
        },
        Conntrack {
            ctstatus: conntrack.ctstatus,
            ..Conntrack::default()
        },
        Conntrack {
            ctexpire: conntrack.ctexpire,
            ..Conntrack::default()
        },
    ];
    for part in of_entry
        .into_iter()
        .filter(|part| *part != Conntrack::default())
    {
        let (text, inverted) = without_inversion(&Match::Conntrack(Box::new(part)));
        all.push(of_packet(text, &[]).inverted(inverted));
    }
    all
}
