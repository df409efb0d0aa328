//! `-m ecn`: whether routers on the packet's way were busy.

use super::extension;
use crate::value::{Bounded, Flag, Invertible};

extension! {
    /// Matches on explicit congestion notification, by which routers say that they are
    /// busy. What is said in a TCP header needs `-p tcp`.
    ///
    /// Kernel `xt_ecn`; iptables `libxt_ecn`.
    Ecn = "ecn" {
        /// The receiver has been told that routers were busy, and says so (TCP).
        "--ecn-tcp-ece" => tcp_ece: Option<Invertible<Flag>>,
        /// The sender has heard that, and sends less (TCP).
        "--ecn-tcp-cwr" => tcp_cwr: Option<Invertible<Flag>>,
        /// What the IP header says: 0 that nobody listens, 1 or 2 that somebody does,
        /// 3 that a router was busy.
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
