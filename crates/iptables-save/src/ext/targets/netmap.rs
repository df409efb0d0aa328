//! `-j NETMAP`: static NAT between networks.

use ipnetwork::IpNetwork;

use super::extension;
use crate::value::{Context, Network, Prefix, Required};

extension! {
    /// Maps the network of an address to another network and keeps the host part. Translates the
    /// destination before routing and the source after it.
    ///
    /// For the nat table. Kernel `xt_NETMAP`; iptables `libipt_NETMAP`, `libip6t_NETMAP`.
    Netmap = "NETMAP" {
        /// The network to map to. A noncontiguous mask counts as one of all bits.
        "--to" => to: Required<Prefix>,
    }
    normalize = normalize;
}

fn normalize(netmap: &mut Netmap, _: &Context) {
    let Prefix(Network(to)) = netmap.to.0;
    if let Ok(network) = IpNetwork::new(to.network(), to.prefix()) {
        netmap.to = Required(Prefix(Network(network)));
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -j NETMAP --to 192.0.2.0/24 ; =
            -j NETMAP --to 192.0.2.1/32 ; =
            -j NETMAP --to 0.0.0.0/0 ; =
            -j NETMAP --to 192.0.2.1 ; -j NETMAP --to 192.0.2.1/32
            -j NETMAP --to 192.0.2.9/24 ; -j NETMAP --to 192.0.2.0/24
            -j NETMAP --to 192.0.2.9/255.255.0.0 ; -j NETMAP --to 192.0.0.0/16
            -j NETMAP --to 192.0.2.9/255.0.255.0 ; -j NETMAP --to 192.0.2.9/32
            -j NETMAP --to 192.0.2.9/030 ; -j NETMAP --to 192.0.2.0/24
            -j NETMAP --to 192.0.2.9/33 ; -j NETMAP --to 192.0.2.9/32
            -j NETMAP --to 10.1/16 ; -j NETMAP --to 10.0.0.0/16
            -j NETMAP --to 0 ; -j NETMAP --to 0.0.0.0/32
            -j NETMAP --t 0 ; REFUSED
            -j NETMAP --to 192.0.2.0/ ; REFUSED
            -j NETMAP --to 192.0.2.0/24/24 ; REFUSED
            -j NETMAP --to 192.0.2.0/24,198.51.100.0/24 ; REFUSED
            -j NETMAP --to 192.0.2.1-192.0.2.9 ; REFUSED
            -j NETMAP --to /24 ; REFUSED
            -j NETMAP --to 2001:db8::/32 ; REFUSED
            -j NETMAP --to 192.0.2.0/24 --to 198.51.100.0/24 ; REFUSED
            -j NETMAP ! --to 192.0.2.0/24 ; REFUSED
            -j NETMAP ; REFUSED
            ",
        );
        lines::check_v6(
            "
            -j NETMAP --to 2001:db8::/32 ; =
            -j NETMAP --to 2001:db8::1 ; -j NETMAP --to 2001:db8::1/128
            -j NETMAP --to 2001:DB8::1/ffff:: ; -j NETMAP --to 2001::/16
            -j NETMAP --to 2001:db8::1/ffff:0:ffff:: ; -j NETMAP --to 2001:db8::1/128
            -j NETMAP --to 2001:db8::1/0 ; -j NETMAP --to ::/0
            -j NETMAP --to ::/129 ; REFUSED
            -j NETMAP --to 192.0.2.0/24 ; REFUSED
            ",
        );
    }
}
