//! `-j MASQUERADE`: hides the sender behind the address of the outgoing interface.

use super::extension;
use crate::value::ToPorts;

extension! {
    /// Puts the address of the outgoing interface in place of the source address.
    ///
    /// For the nat table's POSTROUTING. Kernel `xt_MASQUERADE`; iptables
    /// `libxt_MASQUERADE`.
    Masquerade = "MASQUERADE" {
        /// The source ports to choose from.
        "--to-ports" => to_ports: Option<ToPorts>,
        /// Chooses source ports at random.
        "--random" => random: bool,
        /// Chooses source ports at random, without any order to guess.
        "--random-fully" => random_fully: bool,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -j MASQUERADE ; =
            -j MASQUERADE --random-fully ; =
            -j MASQUERADE --random-fully --random ; -j MASQUERADE --random --random-fully
            -p tcp -j MASQUERADE --to-ports 1024-65535 --random ; =
            -p udp -j MASQUERADE --to-ports 53 ; =
            -p icmp -j MASQUERADE --to-ports 9-10 ; =
            -j MASQUERADE --to-ports 1024 ; REFUSED
            -p tcp -j MASQUERADE --to-ports 9-8 ; REFUSED
            -p tcp -j MASQUERADE --to-ports 9:10 ; REFUSED
            -j MASQUERADE ! --random ; REFUSED
            -j MASQUERADE --random --random ; REFUSED
            ",
        );
    }
}
