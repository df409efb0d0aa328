//! `-m dccp`: ports, types and options of a DCCP header.

use super::extension;
use crate::value::{Bounded, Invertible, PortRange, flags};

extension! {
    /// Matches on the header of a packet of DCCP, the Datagram Congestion Control
    /// Protocol. Needs `-p dccp`, which also loads it.
    ///
    /// Kernel `xt_dccp`; iptables `libxt_dccp`.
    Dccp = "dccp" {
        /// The source port, or a range of them.
        "--sport" | "--source-port" => sport: Option<Invertible<PortRange>>,
        /// The destination port, or a range of them.
        "--dport" | "--destination-port" => dport: Option<Invertible<PortRange>>,
        /// The packet is of one of these types.
        "--dccp-types" => types: Option<Invertible<DccpTypes>>,
        /// An option of DCCP with this number is there.
        "--dccp-option" => option: Option<Invertible<Bounded<1, 255>>>,
    }
}

flags! {
    /// Types of packets of DCCP.
    ///
    /// iptables takes none of them too. What it saves then is read as another rule, so
    /// here none is written as an empty word.
    DccpTypes: u16, "TYPE,…", gaps {
        /// Opens a connection.
        REQUEST = "REQUEST": 0x0001,
        /// Answers that.
        RESPONSE = "RESPONSE": 0x0002,
        /// Carries data.
        DATA = "DATA": 0x0004,
        /// Acknowledges packets.
        ACK = "ACK": 0x0008,
        /// Does both.
        DATAACK = "DATAACK": 0x0010,
        /// Asks the other end to close the connection.
        CLOSEREQ = "CLOSEREQ": 0x0020,
        /// Closes it.
        CLOSE = "CLOSE": 0x0040,
        /// Ends it, whether or not there was one.
        RESET = "RESET": 0x0080,
        /// Asks for the other end's sequence number.
        SYNC = "SYNC": 0x0100,
        /// Answers that.
        SYNCACK = "SYNCACK": 0x0200,
        /// One of the types that have no meaning yet.
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
