//! The condition that a rule's base options and matches ask for.

use std::rc::Rc;

use iptables_save::{
    Family, Match, Rule,
    matches::{Dccp, Ecn, Icmp, Icmp6, Iprange, Multiport, PacketType, Sctp, Tcp, Udp},
    value::{AddressRange, Interface, Invertible, PortRange, Ports, Protocol},
};

use crate::{
    condition::Condition,
    field::{Field, number, state},
};

use self::{
    connection::of_conntrack,
    unknown::{of_addrtype, of_packet, text_of, unknown},
};

mod connection;
mod unknown;

/// Counts the rules of the chain that had a text before.
type Count<'c> = &'c mut dyn FnMut(&Rc<str>) -> u32;

/// What a match may look at that rules can change.
const ADDRESSES: &[Field] = &[
    Field::Source,
    Field::Destination,
    Field::SourcePort,
    Field::DestinationPort,
    Field::Mark,
];
/// Everything that rules can change.
pub(crate) const CHANGEABLE: &[Field] = &[
    Field::State,
    Field::Dnat,
    Field::DestinationPort,
    Field::SourcePort,
    Field::TcpFlags,
    Field::Destination,
    Field::Source,
    Field::Ttl,
    Field::Tos,
    Field::Mark,
    Field::Connmark,
];

/// The conditions of `-s -d -i -o -p -f`, of a rule with one address each.
pub(super) fn base(rule: &Rule<'_>) -> Vec<Condition> {
    let mut all = Vec::with_capacity(rule.matches.len() + 4);
    let addresses = [
        (Field::Source, &rule.source),
        (Field::Destination, &rule.destination),
    ];
    for (field, list) in addresses {
        if let Some(list) = list {
            let one = list.value.as_slice().first().copied().unwrap_or_default();
            all.push(Condition::address(field, one).inverted(list.inverted));
        }
    }
    for (is_out, interface) in [(false, &rule.in_interface), (true, &rule.out_interface)] {
        if let Some(Invertible {
            inverted,
            value: Interface(name),
        }) = interface
        {
            all.push(Condition::interface(is_out, name).inverted(*inverted));
        }
    }
    match rule.protocol {
        Some(protocol) if protocol.value != Protocol::ALL => {
            let number = u128::from(protocol.value.0);
            all.push(Condition::is(Field::Protocol, number).inverted(protocol.inverted));
        }
        // Kernel `ip_packet_match`: 0 is not looked at.
        _ => {}
    }
    if let Some(fragment) = rule.fragment {
        all.push(Condition::is(Field::Fragment, 1).inverted(fragment.inverted));
    }
    all
}

/// The condition of a match.
pub(super) fn condition(one: &Match<'_>, family: Family, count: Count<'_>) -> Condition {
    use Field::{Connmark, Length, Mark, Tos};
    match one {
        Match::Comment(_) => Condition::Always,
        Match::Tcp(tcp) => of_tcp(tcp),
        Match::Udp(Udp { sport, dport }) => transport(ports(*sport, *dport)),
        Match::Dccp(dccp) => of_dccp(dccp),
        Match::Sctp(sctp) => of_sctp(sctp),
        Match::Multiport(multiport) => of_multiport(multiport),
        Match::Iprange(Iprange {
            src_range,
            dst_range,
        }) => Condition::all([
            address_range(Field::Source, *src_range),
            address_range(Field::Destination, *dst_range),
        ]),
        Match::Icmp(Icmp { icmp_type }) => {
            let Invertible { inverted, value } = icmp_type.0;
            let any = value.kind == 255;
            icmp(value.kind, value.code, any, inverted)
        }
        Match::Icmp6(Icmp6 { icmpv6_type }) => {
            let Invertible { inverted, value } = icmpv6_type.0;
            icmp(value.kind, value.code, false, inverted)
        }
        Match::Length(length) => {
            let Invertible { inverted, value } = length.length.0;
            range(Length, value.first.into(), value.last.into()).inverted(inverted)
        }
        Match::Ttl(ttl) => lifetime(ttl.ttl_eq, ttl.ttl_lt, ttl.ttl_gt),
        Match::Hl(hl) => lifetime(hl.hl_eq, hl.hl_lt, hl.hl_gt),
        Match::Tos(tos) => {
            let Invertible { inverted, value } = tos.tos.0;
            masked(Tos, value.mask.into(), value.value.into()).inverted(inverted)
        }
        Match::Dscp(dscp) => {
            let Invertible { inverted, value } = dscp.dscp.0;
            masked(Tos, 0xfc, u128::from(value.get()) << 2).inverted(inverted)
        }
        Match::Ecn(ecn) => of_ecn(ecn),
        Match::Pkttype(packet) => {
            let Invertible { inverted, value } = packet.pkt_type.0;
            let kind = match value {
                PacketType::Unicast => 0,
                PacketType::Broadcast => 1,
                PacketType::Multicast => 2,
                PacketType::Otherhost => 3,
            };
            Condition::is(Field::PacketType, kind).inverted(inverted)
        }
        Match::Mark(mark) => {
            let Invertible { inverted, value } = mark.mark.0;
            masked(Mark, value.mask.into(), value.value.into()).inverted(inverted)
        }
        Match::Connmark(mark) => {
            let Invertible { inverted, value } = mark.mark.0;
            let mark = masked(Connmark, value.mask.into(), value.value.into());
            Condition::all([is_tracked(), mark.inverted(inverted)])
        }
        Match::State(states) => {
            let Invertible { inverted, value } = states.state.0;
            Condition::one_of(Field::State, value.0.into()).inverted(inverted)
        }
        Match::Conntrack(conntrack) => of_conntrack(conntrack),
        Match::Addrtype(addrtype) => of_addrtype(addrtype, one, family),
        _ => unknown(one, count),
    }
}

/// The connection states in which conntrack has an entry for the packet.
pub(crate) fn is_tracked() -> Condition {
    range(Field::State, state::NEW, state::ESTABLISHED)
}

const fn range(field: Field, first: u128, last: u128) -> Condition {
    Condition::Range { field, first, last }
}

const fn masked(field: Field, mask: u128, value: u128) -> Condition {
    Condition::Masked { field, mask, value }
}

/// What looks at a transport header matches no further fragment, inverted or not.
fn transport(conditions: Vec<Condition>) -> Condition {
    let first = [Condition::is(Field::Fragment, 0)];
    Condition::all(first.into_iter().chain(conditions))
}

fn port_range(field: Field, ports: PortRange) -> Condition {
    range(field, ports.first.into(), ports.last.into())
}

fn ports<P: Into<RangeOfPorts>>(
    sport: Option<Invertible<P>>,
    dport: Option<Invertible<P>>,
) -> Vec<Condition> {
    let of = |field: Field, ports: Option<Invertible<P>>| {
        let Invertible { inverted, value } = ports?;
        Some(port_range(field, value.into().0).inverted(inverted))
    };
    let both = [
        of(Field::SourcePort, sport),
        of(Field::DestinationPort, dport),
    ];
    both.into_iter().flatten().collect()
}

/// The ports of any extension.
struct RangeOfPorts(PortRange);

impl From<PortRange> for RangeOfPorts {
    fn from(ports: PortRange) -> Self {
        Self(ports)
    }
}

impl<const PROTOCOL: u16> From<iptables_save::value::PortsOf<PROTOCOL>> for RangeOfPorts {
    fn from(ports: iptables_save::value::PortsOf<PROTOCOL>) -> Self {
        Self(ports.0)
    }
}

fn of_tcp(tcp: &Tcp) -> Condition {
    let mut all = ports(tcp.sport, tcp.dport);
    if let Some(Invertible { inverted, value }) = tcp.tcp_flags {
        let (mask, set) = (value.mask.0.into(), value.set.0.into());
        all.push(masked(Field::TcpFlags, mask, set).inverted(inverted));
    }
    if let Some(Invertible { inverted, value }) = tcp.tcp_option {
        let text = format!("-m tcp --tcp-option {}", value.get());
        all.push(of_packet(text.into(), &[]).inverted(inverted));
    }
    transport(all)
}

fn of_dccp(dccp: &Dccp) -> Condition {
    let mut all = ports(dccp.sport, dccp.dport);
    if let Some(Invertible { inverted, value }) = dccp.types {
        all.push(Condition::one_of(Field::DccpType, value.0.into()).inverted(inverted));
    }
    if let Some(Invertible { inverted, value }) = dccp.option {
        let text = format!("-m dccp --dccp-option {}", value.get());
        all.push(of_packet(text.into(), &[]).inverted(inverted));
    }
    transport(all)
}

fn of_sctp(sctp: &Sctp) -> Condition {
    let mut all = ports(sctp.sport, sctp.dport);
    if let Some(Invertible { inverted, value }) = &sctp.chunk_types {
        let chunks = Sctp {
            chunk_types: Some(Invertible::is(value.clone())),
            ..Sctp::default()
        };
        let text = text_of(&Match::Sctp(chunks));
        all.push(of_packet(text, &[]).inverted(*inverted));
    }
    transport(all)
}

fn of_multiport(multiport: &Multiport) -> Condition {
    let Multiport {
        sports,
        dports,
        ports,
    } = multiport;
    let list = |fields: &[Field], ports: &Option<Invertible<Ports>>| {
        let Invertible { inverted, value } = (*ports)?;
        let ranges = value.as_slice().iter().copied();
        let any =
            ranges.flat_map(|ports| fields.iter().map(move |field| port_range(*field, ports)));
        Some(Condition::any(any).inverted(inverted))
    };
    let all = [
        list(&[Field::SourcePort], sports),
        list(&[Field::DestinationPort], dports),
        list(&[Field::SourcePort, Field::DestinationPort], ports),
    ];
    transport(all.into_iter().flatten().collect())
}

fn address_range(field: Field, addresses: Option<Invertible<AddressRange>>) -> Condition {
    match addresses {
        None => Condition::Always,
        Some(Invertible { inverted, value }) => {
            range(field, number(value.first.0), number(value.last.0)).inverted(inverted)
        }
    }
}

fn icmp(kind: u8, code: Option<(u8, u8)>, is_any: bool, inverted: bool) -> Condition {
    let test = if is_any {
        Condition::Always
    } else {
        Condition::all([
            Condition::is(Field::IcmpType, kind.into()),
            code.map_or(Condition::Always, |(first, last)| {
                range(Field::IcmpCode, first.into(), last.into())
            }),
        ])
    };
    transport(vec![test.inverted(inverted)])
}

fn lifetime(eq: Option<Invertible<u8>>, lt: Option<u8>, gt: Option<u8>) -> Condition {
    let eq = eq.map(|eq| Condition::is(Field::Ttl, eq.value.into()).inverted(eq.inverted));
    let lt = lt.map(|lt| match lt.checked_sub(1) {
        Some(last) => range(Field::Ttl, 0, last.into()),
        None => Condition::never(),
    });
    let gt = gt.map(|gt| range(Field::Ttl, u128::from(gt) + 1, 255));
    Condition::all([eq, lt, gt].into_iter().flatten())
}

fn of_ecn(ecn: &Ecn) -> Condition {
    let mut all = Vec::new();
    for (flag, bit) in [(ecn.tcp_ece, 0x40), (ecn.tcp_cwr, 0x80)] {
        if let Some(Invertible { inverted, .. }) = flag {
            all.push(masked(Field::TcpFlags, bit, bit).inverted(inverted));
        }
    }
    let mut all = if all.is_empty() {
        all
    } else {
        vec![transport(all)]
    };
    if let Some(Invertible { inverted, value }) = ecn.ip_ect {
        all.push(masked(Field::Tos, 3, value.get().into()).inverted(inverted));
    }
    Condition::all(all)
}
