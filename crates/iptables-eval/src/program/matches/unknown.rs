//! Matches that the host or its memory decides.

use std::rc::Rc;

use iptables_save::{Family, Match, Style, Writer, matches::Addrtype, value::Invertible};

use super::{ADDRESSES, CHANGEABLE, Count};
use crate::{
    condition::{Asks, Condition, Unknown},
    field::Field,
};

/// `-m addrtype` by the kinds of the addresses, where these say it. IPv6 looks at several
/// properties of an address, of which one is whether it is this host's.
pub(super) fn of_addrtype(addrtype: &Addrtype, one: &Match<'_>, family: Family) -> Condition {
    let sides = [
        (Field::SourceKind, addrtype.src_type),
        (Field::DestinationKind, addrtype.dst_type),
    ];
    let by_interface = addrtype.limit_iface_in || addrtype.limit_iface_out;
    let is_kind = |kinds: u16| family == Family::V4 || kinds == 1 << crate::field::kind::LOCAL;
    let mut kinds = sides.iter().filter_map(|(_, kinds)| *kinds);
    if by_interface || !kinds.all(|kinds| is_kind(kinds.value.0)) {
        let (text, inverted) = without_inversion(one);
        return of_packet(text, ADDRESSES).inverted(inverted);
    }
    let of_side = |(field, kinds): (Field, Option<Invertible<_>>)| {
        let Invertible { inverted, value } = kinds?;
        let iptables_save::matches::AddressTypes(bits) = value;
        Some(Condition::one_of(field, bits.into()).inverted(inverted))
    };
    Condition::all(sides.into_iter().filter_map(of_side))
}

/// A match that the host or its memory decides.
pub(super) fn unknown(one: &Match<'_>, count: Count<'_>) -> Condition {
    let (text, inverted) = without_inversion(one);
    let asks = match one {
        Match::Set(set) if counts_packets(set) => Asks::Memory(count(&text)),
        Match::Set(_) => Asks::Sets(ADDRESSES),
        Match::Limit(_)
        | Match::Hashlimit(_)
        | Match::Recent(_)
        | Match::Statistic(_)
        | Match::Quota(_)
        | Match::Connlimit(_)
        | Match::Connbytes(_)
        | Match::Connlabel(_)
        | Match::Nfacct(_)
        | Match::Rateest(_) => Asks::Memory(count(&text)),
        Match::Eui64(_) | Match::Rpfilter(_) => Asks::Packet(ADDRESSES),
        Match::Ah(_)
        | Match::Esp(_)
        | Match::Ipcomp(_)
        | Match::Frag(_)
        | Match::Rt(_)
        | Match::Srh(_)
        | Match::Hbh(_)
        | Match::Dst(_)
        | Match::Mh(_)
        | Match::Ipv6header(_)
        | Match::Tcpmss(_)
        | Match::Osf(_)
        | Match::Cgroup(_)
        | Match::Owner(_)
        | Match::Mac(_)
        | Match::Physdev(_)
        | Match::Devgroup(_)
        | Match::Cpu(_)
        | Match::Time(_)
        | Match::Helper(_)
        | Match::Cluster(_) => Asks::Packet(&[]),
        // What looks at any bytes, at the route, or at what is not known here.
        _ => Asks::Packet(CHANGEABLE),
    };
    Condition::Unknown(Unknown { text, asks }).inverted(inverted)
}

pub(super) fn of_packet(text: Rc<str>, fields: &'static [Field]) -> Condition {
    Condition::Unknown(Unknown {
        text,
        asks: Asks::Packet(fields),
    })
}

/// Whether a match of a set asks how often the entry was found.
fn counts_packets(set: &iptables_save::matches::Set<'_>) -> bool {
    let packets = [set.packets_lt, set.packets_gt, set.bytes_lt, set.bytes_gt];
    packets.iter().any(Option::is_some) || set.packets_eq.is_some() || set.bytes_eq.is_some()
}

/// The match as iptables-save prints it.
pub(super) fn text_of(one: &Match<'_>) -> Rc<str> {
    let mut out = Vec::new();
    one.write(&mut Writer::new(&mut out, Style::default()));
    String::from_utf8_lossy(&out).into()
}

/// The match without a `!`, and whether there was one: where it has one option only, and
/// of a set where it turns the whole match around.
pub(super) fn without_inversion(one: &Match<'_>) -> (Rc<str>, bool) {
    let text = text_of(one);
    let name = String::from_utf8_lossy(one.name());
    let Some(rest) = text.strip_prefix(&format!("-m {name} ! ")) else {
        return (text, false);
    };
    let is_only = !rest.contains(" --") && !rest.contains(" ! ");
    let is_whole = matches!(one, Match::Set(set) if !counts_packets(set));
    if is_only || is_whole {
        (format!("-m {name} {rest}").into(), true)
    } else {
        (text, false)
    }
}
