//! `-m addrtype`: the types of the packet's addresses.

use super::extension;
use crate::value::{Invertible, flags};

extension! {
    /// Matches packets by the types that the routing tables give to their addresses.
    ///
    /// Kernel `xt_addrtype`; iptables `libxt_addrtype`.
    Addrtype = "addrtype" {
        /// The type of the source address, one or more of these.
        "--src-type" => src_type: Option<Invertible<AddressTypes>>,
        /// The type of the destination address, one or more of these.
        "--dst-type" => dst_type: Option<Invertible<AddressTypes>>,
        /// Checks the type on the input interface only. For PREROUTING, INPUT and FORWARD.
        "--limit-iface-in" => limit_iface_in: bool,
        /// Checks the type on the output interface only. For FORWARD, OUTPUT and POSTROUTING.
        "--limit-iface-out" => limit_iface_out: bool,
    }
    one of ["--limit-iface-in", "--limit-iface-out"];
    at_least one of ["--src-type", "--dst-type"];
}

flags! {
    /// Address types of the routing tables.
    AddressTypes: u16, "ADDRTYPE,…", abbreviated {
        /// The unspecified address, such as `0.0.0.0`.
        UNSPEC = "UNSPEC": 0x001,
        /// A unicast address.
        UNICAST = "UNICAST": 0x002,
        /// An address of this host.
        LOCAL = "LOCAL": 0x004,
        /// A broadcast address.
        BROADCAST = "BROADCAST": 0x008,
        /// An anycast address.
        ANYCAST = "ANYCAST": 0x010,
        /// A multicast address.
        MULTICAST = "MULTICAST": 0x020,
        /// A blackhole address, whose packets are discarded silently.
        BLACKHOLE = "BLACKHOLE": 0x040,
        /// An unreachable address, whose packets are answered with an error.
        UNREACHABLE = "UNREACHABLE": 0x080,
        /// A prohibited address, whose packets are answered with an error.
        PROHIBIT = "PROHIBIT": 0x100,
        /// An address that is looked up in the next routing table.
        THROW = "THROW": 0x200,
        /// Not used.
        NAT = "NAT": 0x400,
        /// Not used.
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
