//! `-j REDIRECT`: destination NAT to this host.

use super::extension;
use crate::value::ToPorts;

extension! {
    /// Replaces the destination address with an address of this host: that of the input
    /// interface, or the loopback address for locally generated packets.
    ///
    /// For PREROUTING and OUTPUT of the nat table. Kernel `xt_REDIRECT`; iptables `libxt_NAT`.
    Redirect = "REDIRECT" {
        /// The range of destination ports to use. Without this option the port does not change.
        "--to-ports" => to_ports: Option<ToPorts>,
        /// Randomizes the mapping of ports.
        "--random" => random: bool,
    }
    validate = |redirect, _| match redirect.to_ports.and_then(|ports| ports.base) {
        Some(_) => Err("only `DNAT` takes a base port after a range of ports".into()),
        None => Ok(()),
    };
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r"
        -j REDIRECT ; =
        -j REDIRECT --random ; =
        -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 3128 ; =
        -p udp -j REDIRECT --to-port 1000-2000 --r ; REFUSED
        -p udp -j REDIRECT --ran --to-port 1000-2000 ; -p udp -j REDIRECT --to-ports 1000-2000 --random
        -p udp -j REDIRECT --to-ports 0-0 ; -p udp -j REDIRECT --to-ports 0
        -p tcp -j REDIRECT --to-ports ftp-data ; -p tcp -j REDIRECT --to-ports 20
        -p tcp -j REDIRECT --to-ports tftp ; -p tcp -j REDIRECT --to-ports 69
        -p tcp -j REDIRECT --to-ports 010-020 ; -p tcp -j REDIRECT --to-ports 8-16
        -p tcp -j REDIRECT --to-ports ssh-http ; REFUSED
        -p tcp -j REDIRECT --to-ports 10-ssh ; REFUSED
        -j REDIRECT --to-ports 3128 ; REFUSED
        -p gre -j REDIRECT --to-ports 3128 ; REFUSED
        -p tcp -j REDIRECT --to-ports 1000-2000/30 ; REFUSED
        -p tcp -j REDIRECT --to-ports 2000-1000 ; REFUSED
        -p tcp -j REDIRECT --to-ports 80:90 ; REFUSED
        -p tcp -j REDIRECT --to-ports 65536 ; REFUSED
        -p tcp -j REDIRECT --to-ports 1 --to-ports 1 ; REFUSED
        -j REDIRECT ! --random ; REFUSED
        -j REDIRECT --random-fully ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
