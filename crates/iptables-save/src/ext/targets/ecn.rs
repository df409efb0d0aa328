//! `-j ECN`: the ECN bits of the IP and TCP headers.

use super::extension;
use crate::value::{Bounded, Context};

extension! {
    /// Changes the bits for explicit congestion notification (ECN), for connections through
    /// routers that do not support it.
    ///
    /// For the mangle table; the TCP options require `-p tcp`. Kernel `ipt_ECN`; iptables
    /// `libipt_ECN`.
    Ecn = "ECN" (V4) {
        /// Clears the ECE and CWR bits of the TCP header, so that the connection does not use
        /// ECN. An `--ecn-ip-ect` before this option is discarded.
        "--ecn-tcp-remove" => ecn_tcp_remove: bool => |ecn| ecn.ecn_ip_ect = None,
        /// Sets the ECE bit of the TCP header to this value.
        "--ecn-tcp-ece" => ecn_tcp_ece: Option<Bounded<0, 1>>,
        /// Sets the CWR bit of the TCP header to this value.
        "--ecn-tcp-cwr" => ecn_tcp_cwr: Option<Bounded<0, 1>>,
        /// Sets the ECN field of the IP header to this value.
        "--ecn-ip-ect" => ecn_ip_ect: Option<Bounded<0, 3>>,
    }
    one of ["--ecn-tcp-remove", "--ecn-tcp-ece"], ["--ecn-tcp-remove", "--ecn-tcp-cwr"];
    at_least one of [];
    normalize = normalize;
}

fn normalize(ecn: &mut Ecn, _: &Context) {
    // The kernel has a mask of the bits to change, and their new values.
    let cleared = Bounded::new(0);
    if ecn.ecn_tcp_remove {
        (ecn.ecn_tcp_ece, ecn.ecn_tcp_cwr) = (cleared, cleared);
    }
    ecn.ecn_tcp_remove =
        ecn.ecn_tcp_ece == cleared && ecn.ecn_tcp_cwr == cleared && ecn.ecn_ip_ect.is_none();
    if ecn.ecn_tcp_remove {
        (ecn.ecn_tcp_ece, ecn.ecn_tcp_cwr) = (None, None);
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -p tcp -j ECN --ecn-tcp-remove ; =
            -p tcp -j ECN --ecn-tcp-ece 1 --ecn-tcp-cwr 0 --ecn-ip-ect 3 ; =
            -p tcp -j ECN --ecn-tcp-cwr 1 --ecn-tcp-ece 0 ; -p tcp -j ECN --ecn-tcp-ece 0 --ecn-tcp-cwr 1
            -p tcp -j ECN --ecn-tcp-ece 0 ; =
            -p tcp -j ECN --ecn-tcp-cwr 0 ; =
            -j ECN --ecn-ip-ect 0 ; =
            -j ECN --ecn-ip-ect 0x2 ; -j ECN --ecn-ip-ect 2
            -p tcp -j ECN --ecn-tcp-cwr 0 --ecn-tcp-ece 0 ; -p tcp -j ECN --ecn-tcp-remove
            -p tcp -j ECN --ecn-ip-ect 3 --ecn-tcp-remove ; -p tcp -j ECN --ecn-tcp-remove
            -p tcp -j ECN --ecn-tcp-remove --ecn-ip-ect 3 ; -p tcp -j ECN --ecn-tcp-ece 0 --ecn-tcp-cwr 0 --ecn-ip-ect 3
            -p tcp -j ECN --ecn-tcp-r ; -p tcp -j ECN --ecn-tcp-remove
            -p tcp -j ECN --ecn-tcp-remove --ecn-tcp-ece 0 ; REFUSED
            -p tcp -j ECN --ecn-tcp-cwr 0 --ecn-tcp-remove ; REFUSED
            -p tcp -j ECN --ecn-tcp-ece 2 ; REFUSED
            -p tcp -j ECN --ecn-tcp-cwr 2 ; REFUSED
            -j ECN --ecn-ip-ect 4 ; REFUSED
            -p tcp -j ECN --ecn-tcp ; REFUSED
            -p tcp -j ECN ! --ecn-tcp-remove ; REFUSED
            -p tcp -j ECN ; REFUSED
            ",
        );
        lines::check_v6("-j ECN --ecn-ip-ect 0 ; REFUSED");
    }
}
