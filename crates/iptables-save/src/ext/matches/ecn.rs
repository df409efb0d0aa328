//! `-m ecn`: the ECN bits of the IP and TCP headers.

use super::extension;
use crate::value::{Bounded, Flag, Invertible};

extension! {
    /// Matches packets by the bits for explicit congestion notification (ECN) in the IP and TCP
    /// headers. The TCP options require `-p tcp`.
    ///
    /// Kernel `xt_ecn`; iptables `libxt_ecn`.
    Ecn = "ecn" {
        /// Matches if the ECE bit (ECN-Echo) is set in the TCP header.
        "--ecn-tcp-ece" => tcp_ece: Option<Invertible<Flag>>,
        /// Matches if the CWR bit (Congestion Window Reduced) is set in the TCP header.
        "--ecn-tcp-cwr" => tcp_cwr: Option<Invertible<Flag>>,
        /// The ECN field of the IP header: 0 without ECN, 1 or 2 if the transport supports ECN, 3
        /// if a router was congested.
        "--ecn-ip-ect" => ip_ect: Option<Invertible<Bounded<0, 3>>>,
    }
    at_least one of [];
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -m ecn --ecn-ip-ect 0 ; =
        -m ecn ! --ecn-i 0x3 ; -m ecn ! --ecn-ip-ect 3
        -p tcp -m ecn --ecn-tcp-cwr ; =
        -p tcp -m ecn ! --ecn-ip-ect 1 ! --ecn-tcp-c ! --ecn-tcp-e ; -p tcp -m ecn ! --ecn-tcp-ece ! --ecn-tcp-cwr ! --ecn-ip-ect 1
        -m ecn --ecn-tcp-ece --ecn-tcp-cwr ; =
        -m ecn --ecn-ip-ect 4 ; REFUSED
        -m ecn --ecn-ip-ect -1 ; REFUSED
        -m ecn --ecn-tcp-cwr 1 ; REFUSED
        -m ecn --ecn-tcp-cwr --ecn-tcp-cwr ; REFUSED
        -m ecn --ecn-tcp ; REFUSED
        -m ecn ; REFUSED
    ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
