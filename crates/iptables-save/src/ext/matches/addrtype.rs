//! `-m addrtype`: what kind of address it is to this host.

use super::extension;
use crate::value::{Invertible, flags};

extension! {
    /// Matches packets by what the routing tables say of their addresses.
    ///
    /// Kernel `xt_addrtype`; iptables `libxt_addrtype`.
    Addrtype = "addrtype" {
        /// The source address is of one of these kinds.
        "--src-type" => src_type: Option<Invertible<AddressTypes>>,
        /// The destination address is of one of these kinds.
        "--dst-type" => dst_type: Option<Invertible<AddressTypes>>,
        /// Asks about the interface that the packet came in by, not about the host.
        "--limit-iface-in" => limit_iface_in: bool,
        /// Asks about the interface that the packet leaves by, not about the host.
        "--limit-iface-out" => limit_iface_out: bool,
    }
    one of ["--limit-iface-in", "--limit-iface-out"];
    at_least one of ["--src-type", "--dst-type"];
}

flags! {
    /// Kinds of addresses, as the routing tables know them.
    AddressTypes: u16, "KIND,…", abbreviated {
        /// The zero address.
        UNSPEC = "UNSPEC": 0x001,
        /// That of one host.
        UNICAST = "UNICAST": 0x002,
        /// That of this host.
        LOCAL = "LOCAL": 0x004,
        /// That of all hosts of a network.
        BROADCAST = "BROADCAST": 0x008,
        /// That of any one of several hosts.
        ANYCAST = "ANYCAST": 0x010,
        /// That of a group of hosts.
        MULTICAST = "MULTICAST": 0x020,
        /// One whose packets are discarded without a word.
        BLACKHOLE = "BLACKHOLE": 0x040,
        /// One that is answered to be unreachable.
        UNREACHABLE = "UNREACHABLE": 0x080,
        /// One that is answered to be forbidden.
        PROHIBIT = "PROHIBIT": 0x100,
        /// One that the next routing table is asked about.
        THROW = "THROW": 0x200,
        /// Not in use.
        NAT = "NAT": 0x400,
        /// Not in use.
        XRESOLVE = "XRESOLVE": 0x800,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -m addrtype --dst-type LOCAL ; =
            -m addrtype --dst-type local --src-type UNICAST ; -m addrtype --src-type UNICAST --dst-type LOCAL
            -m addrtype ! --src-type LOCAL ! --dst-type LOCAL ; =
            -m addrtype --dst-type XRESOLVE,un,b,mul ; -m addrtype --dst-type UNSPEC,BROADCAST,MULTICAST,XRESOLVE
            -m addrtype --dst-type LOCAL --limit-iface-in ; =
            -m addrtype --src-type LOCAL --limit-iface-out ; =
            -m addrtype --src-t l,T,na,x --limit-iface-o ; -m addrtype --src-type LOCAL,THROW,NAT,XRESOLVE --limit-iface-out
            -m addrtype --dst-type u ; -m addrtype --dst-type UNSPEC
            -m addrtype --dst-type "" ; REFUSED
            -m addrtype --dst-type LOCAL, ; REFUSED
            -m addrtype --dst-type "LOCAL " ; REFUSED
            -m addrtype --dst-type LOCAL --dst-type LOCAL ; REFUSED
            -m addrtype --src-type LOCAL ! --limit-iface-in ; REFUSED
            -m addrtype --src-type LOCAL --limit-iface ; REFUSED
            -m addrtype --limit-iface-in ; REFUSED
            -m addrtype --src-type LOCAL --limit-iface-out --limit-iface-in ; REFUSED
            -m addrtype --src-type LOCAL,,NAT ; REFUSED
            -m addrtype --src-type LOCALHOST ; REFUSED
            -m addrtype ; REFUSED
            "#,
        );
    }
}
