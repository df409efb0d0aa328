//! `-j DNAT`: destination NAT.

use super::extension;
use crate::value::{NatRange, Required};

extension! {
    /// Replaces the destination address, the destination port or both in the packets of a
    /// connection.
    ///
    /// For PREROUTING and OUTPUT of the nat table. Kernel `xt_nat`; iptables `libxt_NAT`.
    Dnat = "DNAT" {
        /// The new destination: an address or a range of addresses, and optionally ports. A `/`
        /// after a range of ports gives the base port, which maps to the first port of the range.
        "--to-destination" => to_destination: Required<NatRange>,
        /// Randomizes the mapping of ports.
        "--random" => random: bool,
        /// Gives a client the same address for each connection.
        "--persistent" => persistent: bool,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -j DNAT --to-destination 192.0.2.1 ; =
            -p tcp -m tcp -j DNAT --to-destination 192.0.2.1:8080 ; =
            -p udp -j DNAT --to-destination 192.0.2.1-192.0.2.9:1000-2000 --random --persistent ; =
            -p tcp -j DNAT --persistent --to-destination :80 --random ; -p tcp -j DNAT --to-destination :80 --random --persistent
            -p tcp -j DNAT --to-destination 192.0.2.1:1000-2000/3000 ; =
            -p tcp -j DNAT --to-destination 192.0.2.1:1000-1000/1 ; UNREADABLE -p tcp -j DNAT --to-destination 192.0.2.1:1000/1
            -j DNAT --to-dest 192.0.2.9-192.0.2.1 ; -j DNAT --to-destination 192.0.2.9-192.0.2.1
            -p tcp -j DNAT --to-destination 192.0.2.1:0x50 ; -p tcp -j DNAT --to-destination 192.0.2.1:80
            -p tcp -j DNAT --to-destination 192.0.2.1:ssh ; -p tcp -j DNAT --to-destination 192.0.2.1:22
            -p tcp -j DNAT --to-destination :10-20/ftp-data ; -p tcp -j DNAT --to-destination :10-20/20
            -p tcp -j DNAT --to-destination 192.0.2.1:10-20/30x ; -p tcp -j DNAT --to-destination 192.0.2.1:10-20/30
            -p tcp -j DNAT --to-destination 10:80 ; -p tcp -j DNAT --to-destination :80
            ! -p tcp -j DNAT --to-destination :80 ; =
            -p tcp -j DNAT --to-destination 192.0.2.1:10-ssh ; REFUSED
            -p tcp -j DNAT --to-destination 192.0.2.1: ; REFUSED
            -p tcp -j DNAT --to-destination [192.0.2.1]:80 ; REFUSED
            -j DNAT --to-destination 192.0.2.1:80 ; REFUSED
            -p gre -j DNAT --to-destination 192.0.2.1:80 ; REFUSED
            -j DNAT --to-destination 10.1 ; REFUSED
            -j DNAT --to-destination 2001:db8::1 ; REFUSED
            -p tcp -j DNAT --to-destination 192.0.2.1:9-8 ; REFUSED
            -p tcp -j DNAT --to-destination 192.0.2.1:1-2/0 ; REFUSED
            -p tcp -j DNAT --to-destination 192.0.2.1:80:90 ; REFUSED
            -j DNAT --random ; REFUSED
            -j DNAT --to-destination 192.0.2.1 --random-fully ; REFUSED
            -j DNAT --to-destination 192.0.2.1 --to-destination 192.0.2.1 ; REFUSED
            -j DNAT ! --to-destination 192.0.2.1 ; REFUSED
            -p tcp -j DNAT --to-destination 192.0.2.1:5/6 ; REFUSED
            -p tcp -j DNAT --to-destination 192.0.2.1:1-2/65536 ; REFUSED
            -p tcp -j DNAT --to-destination 192.0.2.1:1-2x ; REFUSED
            -j DNAT ; REFUSED
            ",
        );
        lines::check_v6(
            "
            -j DNAT --to-destination 2001:DB8::1 ; -j DNAT --to-destination 2001:db8::1
            -p tcp -j DNAT --to-destination [2001:db8::1]:80 ; =
            -p tcp -j DNAT --to-destination [2001:db8::1-2001:db8::9]:80-90 ; =
            -j DNAT --to-destination [2001:db8::1] ; -j DNAT --to-destination 2001:db8::1
            -p tcp -j DNAT --to-destination x[2001:db8::1]y:80 ; -p tcp -j DNAT --to-destination [2001:db8::1]:80
            -p tcp -j DNAT --to-destination []:5 ; -p tcp -j DNAT --to-destination :5
            -p tcp -j DNAT --to-destination [2001:db8::1]:80-90/100 ; =
            -j DNAT --to-destination 192.0.2.1 ; REFUSED
            -p tcp -j DNAT --to-destination 192.0.2.1:80 ; REFUSED
            -p tcp -j DNAT --to-destination [192.0.2.1]:80 ; REFUSED
            ",
        );
    }
}
