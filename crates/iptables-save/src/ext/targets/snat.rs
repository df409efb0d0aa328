//! `-j SNAT`: source NAT.

use super::extension;
use crate::value::{NatRange, Required};

extension! {
    /// Replaces the source address, the source port or both in the packets of a connection.
    ///
    /// For POSTROUTING and INPUT of the nat table. Kernel `xt_nat`; iptables `libxt_NAT`.
    Snat = "SNAT" {
        /// The new source: an address or a range of addresses, and optionally ports.
        "--to-source" => to_source: Required<NatRange>,
        /// Randomizes source ports.
        "--random" => random: bool,
        /// Randomizes source ports fully, so that they cannot be predicted.
        "--random-fully" => random_fully: bool,
        /// Gives a client the same address for each connection.
        "--persistent" => persistent: bool,
    }
    normalize = |snat, _| snat.to_source.0.base = snat.to_source.0.base.and(Some(0));
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -j SNAT --to-source 192.0.2.1 ; =
            -p tcp -j SNAT --to-source 192.0.2.1:1024-65535 ; =
            -j SNAT --to-source 192.0.2.1-192.0.2.9 --persistent --random-fully --random ; -j SNAT --to-source 192.0.2.1-192.0.2.9 --random --random-fully --persistent
            -p udp -j SNAT --to-source :1024-65535 --random ; =
            -j SNAT --random-f --to 192.0.2.1-192.0.2.1 --pe ; -j SNAT --to-source 192.0.2.1 --random-fully --persistent
            -p tcp -j SNAT --to-source "192.0.2.1: 5-0x10" ; -p tcp -j SNAT --to-source 192.0.2.1:5-16
            -p udp -j SNAT --to-source 192.0.2.1:ntp ; -p udp -j SNAT --to-source 192.0.2.1:123
            -p tcp -j SNAT --to-source 192.0.2.1:1024-1024/9 ; UNREADABLE -p tcp -j SNAT --to-source 192.0.2.1:1024/0
            -p tcp -j SNAT --to-source 192.0.2.1:1024-2048/9 ; UNREADABLE -p tcp -j SNAT --to-source 192.0.2.1:1024-2048/0
            -j SNAT --to-source 192.0.2.1:80 ; REFUSED
            -j SNAT --to-source 192.0.2.1:80 -p tcp ; REFUSED
            -p tcp -j SNAT --to-source 192.0.2.1:80- ; REFUSED
            -p tcp -j SNAT --to-source 192.0.2.1:-80 ; REFUSED
            -p tcp -j SNAT --to-source 192.0.2.1:65536 ; REFUSED
            -j SNAT --to-source 192.0.2.1- ; REFUSED
            -j SNAT --to-source -192.0.2.1 ; REFUSED
            -j SNAT --to-source 192.0.2.1-192.0.2.2-192.0.2.3 ; REFUSED
            -j SNAT --to-source 192.0.2.0/24 ; REFUSED
            -j SNAT --to-source 192.0.2.01 ; REFUSED
            -j SNAT --to-source "" ; REFUSED
            -j SNAT --to-source [192.0.2.1] ; REFUSED
            -j SNAT --to-source 2001:db8::1 ; REFUSED
            -j SNAT --random ; REFUSED
            -j SNAT --to-source ; REFUSED
            -j SNAT --to-source 192.0.2.1 --rando ; REFUSED
            -j SNAT --to-source 192.0.2.1 --to-source 192.0.2.2 ; REFUSED
            -j SNAT ! --to-source 192.0.2.1 ; REFUSED
            -j SNAT ; REFUSED
            "#,
        );
        lines::check_v6(
            "
            -j SNAT --to-source 2001:db8::1-2001:db8::9 --persistent ; =
            -p udp -j SNAT --to-source [2001:db8::1]:1024-65535 ; =
            -p udp -j SNAT --to-source [2001:db8::1-2001:db8::9]:53 ; =
            -p udp -j SNAT --to-source :53 ; =
            -j SNAT --to-source [2001:DB8::1] ; -j SNAT --to-source 2001:db8::1
            -p tcp -j SNAT --to-source [2001:db8::1]:80-90/5 ; UNREADABLE -p tcp -j SNAT --to-source [2001:db8::1]:80-90/0
            -j SNAT --to-source [2001:db8::1]:80 ; REFUSED
            -p tcp -j SNAT --to-source [2001:db8::1 ; REFUSED
            -p tcp -j SNAT --to-source [2001:db8::1]-[2001:db8::9] ; REFUSED
            -p tcp -j SNAT --to-source [2001:db8::1]:80:90 ; REFUSED
            -j SNAT --to-source fe80::1%2 ; REFUSED
            -j SNAT --to-source 192.0.2.1 ; REFUSED
            ",
        );
    }
}
