//! Packets as bytes.

use std::net::IpAddr;

use iptables_eval::{Field, Packet};
use iptables_save::Family;

/// What the data of each packet begins with; its number follows.
const MAGIC: [u8; 4] = *b"eval";

/// What can be read from a packet that has left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) number: u32,
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    pub(crate) destination_port: u16,
    pub(crate) ttl: u8,
    pub(crate) tos: u8,
}

/// Writes a packet with a number in its data.
pub(crate) fn write(packet: &Packet, number: u32) -> Vec<u8> {
    let protocol = byte(packet.get(Field::Protocol));
    let [source_port, destination_port] = [Field::SourcePort, Field::DestinationPort]
        .map(|field| (packet.get(field) as u16).to_be_bytes());
    let mut segment = Vec::new();
    let checksum = match protocol {
        6 => {
            segment.extend([source_port, destination_port].concat());
            segment.extend([
                0,
                0,
                0,
                1,
                0,
                0,
                0,
                0,
                0x50,
                byte(packet.get(Field::TcpFlags)),
            ]);
            segment.extend([0x20, 0, 0, 0, 0, 0]);
            16
        }
        17 => {
            segment.extend([source_port, destination_port].concat());
            segment.extend([0, 0, 0, 0]);
            6
        }
        _ => {
            segment.extend([
                byte(packet.get(Field::IcmpType)),
                byte(packet.get(Field::IcmpCode)),
                0,
                0,
            ]);
            // The identifier.
            segment.extend(source_port);
            segment.extend([0, 1]);
            2
        }
    };
    let header = if packet.family == Family::V4 { 20 } else { 40 };
    let length = usize::try_from(packet.get(Field::Length)).expect("16 bits");
    segment.resize(length - header - 8, 0);
    segment.extend(MAGIC);
    segment.extend(number.to_be_bytes());
    if protocol == 17 {
        let length = (segment.len() as u16).to_be_bytes();
        segment[4..6].copy_from_slice(&length);
    }
    let pseudo = match protocol {
        1 => Vec::new(),
        _ => [
            octets(packet.address(Field::Source)),
            octets(packet.address(Field::Destination)),
            vec![0, protocol],
            (segment.len() as u16).to_be_bytes().to_vec(),
        ]
        .concat(),
    };
    let sum = match sum(&[&pseudo, &segment]) {
        0 if protocol == 17 => 0xffff,
        sum => sum,
    };
    segment[checksum..checksum + 2].copy_from_slice(&sum.to_be_bytes());
    [ip_header(packet, segment.len()), segment].concat()
}

fn ip_header(packet: &Packet, length: usize) -> Vec<u8> {
    let [protocol, ttl, tos] =
        [Field::Protocol, Field::Ttl, Field::Tos].map(|field| byte(packet.get(field)));
    let [source, destination] =
        [Field::Source, Field::Destination].map(|field| octets(packet.address(field)));
    match packet.family {
        Family::V4 => {
            let length = ((length + 20) as u16).to_be_bytes();
            let mut header = vec![
                0x45, tos, length[0], length[1], 0, 1, 0, 0, ttl, protocol, 0, 0,
            ];
            header.extend(source);
            header.extend(destination);
            let sum = sum(&[&header]).to_be_bytes();
            header[10..12].copy_from_slice(&sum);
            header
        }
        Family::V6 => {
            let length = (length as u16).to_be_bytes();
            let mut header = vec![
                0x60 | tos >> 4,
                tos << 4,
                0,
                0,
                length[0],
                length[1],
                protocol,
                ttl,
            ];
            header.extend(source);
            header.extend(destination);
            header
        }
    }
}

/// Reads a packet that bears a number; `None` for others, such as errors about one.
pub(crate) fn read(bytes: &[u8], family: Family) -> Option<Seen> {
    let (protocol, ttl, tos, header) = match family {
        Family::V4 if bytes.first()? >> 4 == 4 => (bytes[9], bytes[8], bytes[1], 20),
        Family::V6 if bytes.first()? >> 4 == 6 => {
            (bytes[6], bytes[7], bytes[0] << 4 | bytes[1] >> 4, 40)
        }
        _ => return None,
    };
    let address = |from: usize| -> Option<IpAddr> {
        Some(match family {
            Family::V4 => <[u8; 4]>::try_from(bytes.get(from..from + 4)?).ok()?.into(),
            Family::V6 => <[u8; 16]>::try_from(bytes.get(from..from + 16)?)
                .ok()?
                .into(),
        })
    };
    let (source, destination) = match family {
        Family::V4 => (address(12)?, address(16)?),
        Family::V6 => (address(8)?, address(24)?),
    };
    let segment = bytes.get(header..)?;
    let is_error = match protocol {
        1 => matches!(segment.first()?, 3 | 4 | 5 | 11 | 12),
        58 => *segment.first()? < 128,
        _ => false,
    };
    let (rest, number) = segment.split_last_chunk::<4>()?;
    let (_, magic) = rest.split_last_chunk::<4>()?;
    (*magic == MAGIC && !is_error).then(|| Seen {
        number: u32::from_be_bytes(*number),
        source,
        destination,
        destination_port: match protocol {
            6 | 17 => u16::from_be_bytes([segment[2], segment[3]]),
            _ => 0,
        },
        ttl,
        tos,
    })
}

fn byte(value: u128) -> u8 {
    (value & 0xff) as u8
}

fn octets(address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    }
}

/// The checksum of the Internet protocols.
fn sum(parts: &[&[u8]]) -> u16 {
    let mut sum: u32 = 0;
    for part in parts {
        for pair in part.chunks(2) {
            sum += u32::from(pair[0]) << 8 | u32::from(pair.get(1).copied().unwrap_or(0));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
