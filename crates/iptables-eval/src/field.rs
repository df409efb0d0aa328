//! The fields of a packet: their width, their order, and one packet's values.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use iptables_save::Family;

/// Declares the fields in the order in which decision diagrams decide them.
macro_rules! fields {
    ($( $(#[doc = $doc:literal])* $name:ident = $word:literal: $width:expr, )*) => {
        /// Something that a packet, its connection or its addresses have, as a number.
        ///
        /// Ports come before addresses: the other way round a ruleset with node ports takes
        /// a diagram that is larger by far.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Field {
            $( $(#[doc = $doc])* $name, )*
        }

        impl Field {
            /// Every field.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// How many bits the field has in packets of a family.
            #[must_use]
            pub const fn width(self, family: Family) -> u32 {
                let address = match family {
                    Family::V4 => 32,
                    Family::V6 => 128,
                };
                match self {
                    $( Self::$name => match $width {
                        ADDRESS => address,
                        width => width,
                    }, )*
                }
            }

            /// What the field is called.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Self::$name => $word, )* }
            }
        }
    };
}

/// The width of an address.
const ADDRESS: u32 = 0;

fields! {
    /// The number of the outgoing interface, which means nothing by itself:
    /// [`Condition::interface`](crate::Condition::interface) asks for names.
    OutInterface = "outgoing interface": 12,
    /// The number of the incoming interface.
    InInterface = "incoming interface": 12,
    /// The connection state: a number of [`state`].
    State = "connection state": 3,
    /// Whether the connection's destination is translated (`--ctstate DNAT`).
    Dnat = "destination is translated": 1,
    /// Whether the connection's source is translated (`--ctstate SNAT`).
    Snat = "source is translated": 1,
    /// Whether the packet goes in the reply direction of its connection.
    Reply = "reply direction": 1,
    /// Whether this is a second or further fragment. Those that conntrack keeps an entry
    /// for are put together before any rule is asked.
    Fragment = "further fragment": 1,
    /// The protocol.
    Protocol = "protocol": 8,
    /// The destination port of tcp, udp, udplite, dccp and sctp.
    DestinationPort = "destination port": 16,
    /// The source port.
    SourcePort = "source port": 16,
    /// The type of ICMP or ICMPv6.
    IcmpType = "ICMP type": 8,
    /// The code of ICMP or ICMPv6.
    IcmpCode = "ICMP code": 8,
    /// The flags of a TCP header, the bits 0x40 and 0x80 being those of ECN.
    TcpFlags = "TCP flags": 8,
    /// The type of a DCCP packet.
    DccpType = "DCCP type": 4,
    /// The kind of the destination address: a number of [`kind`].
    DestinationKind = "kind of destination": 4,
    /// The kind of the source address.
    SourceKind = "kind of source": 4,
    /// The destination address.
    Destination = "destination": ADDRESS,
    /// The source address.
    Source = "source": ADDRESS,
    /// The length that `-m length` looks at.
    Length = "length": 16,
    /// The time to live or the hop limit.
    Ttl = "TTL": 8,
    /// The type of service or the traffic class.
    Tos = "TOS": 8,
    /// How the packet was addressed on the link: 0 unicast, 1 broadcast, 2 multicast, 3 to
    /// another host.
    PacketType = "packet type": 2,
    /// The packet's mark.
    Mark = "mark": 32,
    /// The connection's mark.
    Connmark = "connmark": 32,
    /// The destination of the connection's first packet (`--ctorigdst`).
    OriginalDestination = "original destination": ADDRESS,
    /// The source of the connection's first packet.
    OriginalSource = "original source": ADDRESS,
    /// The destination of replies (`--ctrepldst`).
    ReplyDestination = "destination of replies": ADDRESS,
    /// The source of replies.
    ReplySource = "source of replies": ADDRESS,
    /// The destination port of the connection's first packet.
    OriginalDestinationPort = "original destination port": 16,
    /// The source port of the connection's first packet.
    OriginalSourcePort = "original source port": 16,
    /// The destination port of replies.
    ReplyDestinationPort = "destination port of replies": 16,
    /// The source port of replies.
    ReplySourcePort = "source port of replies": 16,
}

/// Values of [`Field::State`]: the number of the bit that iptables keeps for it.
pub mod state {
    /// To no connection that makes sense, or not known to conntrack yet.
    pub const INVALID: u128 = 0;
    /// Of a connection that begins.
    pub const NEW: u128 = 1;
    /// Of a new connection that another one announced, or an error about another one.
    pub const RELATED: u128 = 2;
    /// Of a connection that was seen in both directions.
    pub const ESTABLISHED: u128 = 3;
    /// Left alone by conntrack.
    pub const UNTRACKED: u128 = 4;
}

/// Values of [`Field::SourceKind`] and [`Field::DestinationKind`] that are asked for most:
/// the number of the bit that iptables keeps for it in `addrtype`.
pub mod kind {
    /// An address of one host.
    pub const UNICAST: u128 = 1;
    /// An address of this host.
    pub const LOCAL: u128 = 2;
    /// All hosts of a network.
    pub const BROADCAST: u128 = 3;
    /// A group of hosts.
    pub const MULTICAST: u128 = 5;
    /// The highest number there is.
    pub const LAST: u128 = 11;
}

impl Field {
    /// How many there are.
    pub(crate) const COUNT: usize = Self::ALL.len();

    /// The greatest value, all bits set.
    #[must_use]
    pub const fn greatest(self, family: Family) -> u128 {
        u128::MAX >> (128 - self.width(family))
    }

    /// Whether the field holds an address.
    #[must_use]
    pub const fn is_address(self) -> bool {
        matches!(
            self,
            Self::Source
                | Self::Destination
                | Self::OriginalSource
                | Self::OriginalDestination
                | Self::ReplySource
                | Self::ReplyDestination
        )
    }

    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// One packet with what the host knows of it: a number for each [`Field`], and the names of
/// its interfaces.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Packet {
    /// The family, which says how wide addresses are.
    pub family: Family,
    /// The interface the packet came in by; empty for a packet from this host.
    pub in_interface: Vec<u8>,
    /// The interface it leaves by; empty for a packet to this host.
    pub out_interface: Vec<u8>,
    values: [u128; Field::COUNT],
}

impl Packet {
    /// Makes a packet with every field 0, which is new to conntrack.
    #[must_use]
    pub fn new(family: Family) -> Self {
        let packet = Self {
            family,
            in_interface: Vec::new(),
            out_interface: Vec::new(),
            values: [0; Field::COUNT],
        };
        packet
            .with(Field::State, state::NEW)
            .with(Field::SourceKind, kind::UNICAST)
            .with(Field::DestinationKind, kind::UNICAST)
    }

    /// The value of a field. Those of the interfaces mean nothing here.
    #[must_use]
    pub const fn get(&self, field: Field) -> u128 {
        self.values[field.index()]
    }

    /// Sets a field, of which only the bits that it has are kept.
    pub const fn set(&mut self, field: Field, value: u128) {
        self.values[field.index()] = value & field.greatest(self.family);
    }

    /// The same packet with another value in a field.
    #[must_use]
    pub const fn with(mut self, field: Field, value: u128) -> Self {
        self.set(field, value);
        self
    }

    /// The address in a field.
    #[must_use]
    pub fn address(&self, field: Field) -> IpAddr {
        address(self.get(field), self.family)
    }
}

/// The address that a number represents.
#[must_use]
pub fn address(number: u128, family: Family) -> IpAddr {
    match family {
        Family::V4 => Ipv4Addr::from_bits((number & u128::from(u32::MAX)) as u32).into(),
        Family::V6 => Ipv6Addr::from_bits(number).into(),
    }
}

/// The number that an address is kept as.
#[must_use]
pub fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// Shows what differs from a packet of zeros.
impl std::fmt::Display for Packet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [source, destination] =
            [Field::Source, Field::Destination].map(|field| self.address(field));
        write!(f, "{source} → {destination}")?;
        for (word, name) in [
            ("in by", &self.in_interface),
            ("out by", &self.out_interface),
        ] {
            if !name.is_empty() {
                write!(f, ", {word} {}", String::from_utf8_lossy(name))?;
            }
        }
        let plain = Self::new(self.family);
        for field in Field::ALL.iter().copied() {
            let value = self.get(field);
            let is_shown = matches!(field, Field::Source | Field::Destination);
            if is_shown || value == plain.get(field) {
                continue;
            }
            match field {
                _ if field.is_address() => write!(f, ", {} {}", field.name(), self.address(field))?,
                Field::State => write!(f, ", {}", state_name(value))?,
                Field::Dnat | Field::Snat | Field::Reply | Field::Fragment => {
                    write!(f, ", {}", field.name())?;
                }
                Field::Mark | Field::Connmark | Field::Tos | Field::TcpFlags => {
                    write!(f, ", {} {value:#x}", field.name())?;
                }
                Field::InInterface | Field::OutInterface => {}
                _ => write!(f, ", {} {value}", field.name())?,
            }
        }
        Ok(())
    }
}

/// The name of a connection state.
#[must_use]
pub const fn state_name(state: u128) -> &'static str {
    match state {
        state::INVALID => "INVALID",
        state::NEW => "NEW",
        state::RELATED => "RELATED",
        state::ESTABLISHED => "ESTABLISHED",
        _ => "UNTRACKED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_come_before_addresses() {
        assert!(Field::DestinationPort < Field::Destination);
        assert!(Field::OutInterface < Field::Protocol);
    }

    #[test]
    fn a_field_keeps_the_bits_that_it_has() {
        let packet = Packet::new(Family::V4).with(Field::Protocol, 0x106);
        assert_eq!(packet.get(Field::Protocol), 6);
        assert_eq!(Field::Source.greatest(Family::V6), u128::MAX);
        assert_eq!(Field::Dnat.greatest(Family::V4), 1);
    }

    #[test]
    fn a_packet_is_shown_by_what_it_has() {
        let packet = Packet::new(Family::V4)
            .with(Field::Source, number("192.0.2.1".parse().unwrap()))
            .with(Field::Destination, number("198.51.100.7".parse().unwrap()))
            .with(Field::Protocol, 6)
            .with(Field::Mark, 0x4000);
        assert_eq!(
            packet.to_string(),
            "192.0.2.1 → 198.51.100.7, protocol 6, mark 0x4000"
        );
    }
}
