//! `-j REDIRECT`: sends a connection to this host.

use super::extension;
use crate::value::ToPorts;

extension! {
    /// Puts an address of this host in place of the destination: that of the interface
    /// the packet came in by, or the loopback's for packets from here.
    ///
    /// For the nat table's PREROUTING and OUTPUT. Kernel `xt_REDIRECT`; iptables
    /// `libxt_NAT`.
    Redirect = "REDIRECT" {
        /// The ports to choose from; without this the port stays.
        "--to-ports" => to_ports: Option<ToPorts>,
        /// Chooses ports at random.
        "--random" => random: bool,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -j REDIRECT ; =
            -j REDIRECT --random ; =
            -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128 ; =
            -p udp -j REDIRECT --to-port 1000-2000 --random ; -p udp -j REDIRECT --to-ports 1000-2000 --random
            -j REDIRECT --to-ports 3128 ; REFUSED
            -p tcp -j REDIRECT --to-ports 1000-2000/30 ; REFUSED
            -p tcp -j REDIRECT --to-ports 2000-1000 ; REFUSED
            -p tcp -j REDIRECT --to-ports 80:90 ; REFUSED
            ",
        );
        lines::check_v6(
            "
            -p tcp -j REDIRECT --to-ports 3128 ; =
            ",
        );
    }
}
