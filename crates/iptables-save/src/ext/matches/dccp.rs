//! `-m dccp`: the ports, type and options of a DCCP packet.

use super::extension;
use crate::value::{Bounded, Invertible, PortRange, flags};

extension! {
    /// Matches packets of the Datagram Congestion Control Protocol (DCCP) by their header.
    /// Requires `-p dccp`, which also loads this match.
    ///
    /// Kernel `xt_dccp`; iptables `libxt_dccp`.
    Dccp = "dccp" {
        /// The source port, or a range of ports.
        "--sport" | "--source-port" => sport: Option<Invertible<PortRange>>,
        /// The destination port, or a range of ports.
        "--dport" | "--destination-port" => dport: Option<Invertible<PortRange>>,
        /// The type of the packet, one or more of these.
        "--dccp-types" => types: Option<Invertible<DccpTypes>>,
        /// The number of a DCCP option in the header.
        "--dccp-option" => option: Option<Invertible<Bounded<1, 255>>>,
    }
}

flags! {
    /// Types of DCCP packets.
    ///
    /// iptables also accepts an empty list, but iptables-save prints it as a different rule. Here
    /// an empty list is written as an empty word.
    DccpTypes: u16, "TYPE,…", gaps {
        /// Requests a connection.
        REQUEST = "REQUEST": 0x0001,
        /// Responds to a request.
        RESPONSE = "RESPONSE": 0x0002,
        /// Carries data.
        DATA = "DATA": 0x0004,
        /// Acknowledges packets.
        ACK = "ACK": 0x0008,
        /// Carries data and acknowledges packets.
        DATAACK = "DATAACK": 0x0010,
        /// Asks the client to close the connection.
        CLOSEREQ = "CLOSEREQ": 0x0020,
        /// Closes the connection.
        CLOSE = "CLOSE": 0x0040,
        /// Resets the connection.
        RESET = "RESET": 0x0080,
        /// Synchronizes sequence numbers.
        SYNC = "SYNC": 0x0100,
        /// Acknowledges a `SYNC`.
        SYNCACK = "SYNCACK": 0x0200,
        /// One of the reserved types.
        INVALID = "INVALID": 0xfc00,
    }
    none "\"\""
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -p dccp -m dccp --sport 1 --dport 65535 ; =
        -p dccp -m dccp ! --sport 1:1023 ! --dport 5 ! --dccp-types DATA ! --dccp-option 255 ; =
        -p dccp --dport 80 ; -p dccp -m dccp --dport 80
        -p 33 ! --dccp-o 0x10 --source-port 1024: ; -p dccp -m dccp --sport 1024:65535 ! --dccp-option 16
        -p dccp --sport 65536 --dport http ; -p dccp -m dccp --sport 0 --dport 80
        -p DCCP --sp :5 --destination-p 7:7 ; -p dccp -m dccp --sport 0:5 --dport 7
        -p dccp -m dccp --sport : ! --dport 0:65535 ; -p dccp -m dccp --sport 0:65535 ! --dport 0:65535
        -p dccp -m dccp --sport 9:5 ; =
        -p dccp -m dccp --dccp-types REQUEST,RESPONSE,DATA,ACK,DATAACK,CLOSEREQ,CLOSE,RESET,SYNC,SYNCACK,INVALID ; =
        -p dccp --dccp-t sync,Reset,sync ; -p dccp -m dccp --dccp-types RESET,SYNC
        -p dccp -m dccp --dccp-types ,ACK,,INVALID, ; -p dccp -m dccp --dccp-types ACK,INVALID
        -p dccp -m dccp ! --dccp-types "" ; =
        -p dccp -m dccp --dccp-types , ; -p dccp -m dccp --dccp-types ""
        -p dccp -m dccp ; =
        -m dccp --dport 5 ; =
        -p dccp -m dccp --dccp-types REQ ; REFUSED
        -p dccp -m dccp --dccp-types "ACK ,SYNC" ; REFUSED
        -p dccp -m dccp --dccp-option 0 ; REFUSED
        -p dccp -m dccp --dccp-option 256 ; REFUSED
        -p dccp -m dccp --sport -1 ; REFUSED
        -p dccp -m dccp --sport 1:2:3 ; REFUSED
        -p dccp -m dccp --sport 1 --source-port 2 ; REFUSED
        -p dccp --dc 5 ; REFUSED
        --dport 80 -p dccp ; REFUSED
    "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
