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
    validate = |redirect, _| match redirect.to_ports.and_then(|ports| ports.base) {
        Some(_) => Err("only `DNAT` shifts a range of ports".into()),
        None => Ok(()),
    };
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
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
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
