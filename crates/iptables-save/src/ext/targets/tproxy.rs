//! `-j TPROXY`: transparent proxying.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::extension;
use crate::{
    Family,
    value::{Host, Port, Required, Xmark},
};

extension! {
    /// Redirects the packet to a local socket without changing its header.
    ///
    /// For PREROUTING of the mangle table, with `-p tcp` or `-p udp`. Kernel `xt_TPROXY`;
    /// iptables `libxt_TPROXY`.
    Tproxy = "TPROXY" {
        /// The port of the socket; 0 for the destination port of the packet.
        "--on-port" => on_port: Required<Port>,
        /// The address of the socket: by default that of the input interface.
        "--on-ip" => on_ip: Option<Host>,
        /// Changes the mark of the packet, so that it is routed to this host.
        "--tproxy-mark" => tproxy_mark: Option<Xmark>,
    }
    default on_ip from context = Host(match context.family_or_v4() {
        Family::V4 => Ipv4Addr::UNSPECIFIED.into(),
        Family::V6 => Ipv6Addr::UNSPECIFIED.into(),
    });
    default tproxy_mark = Xmark { value: 0, mask: 0 };
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -p tcp -j TPROXY --on-port 12345 --on-ip 10.0.0.1 --tproxy-mark 0x23/0xff ; =
            -p tcp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x1/0x0 ; =
            -p udp -j TPROXY --on-port 80 ; -p udp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0
            -p udp -j TPROXY --tproxy-mark 1 --on-port 0 ; -p udp -j TPROXY --on-port 0 --on-ip 0.0.0.0 --tproxy-mark 0x1/0xffffffff
            -p udp -j TPROXY --tp 010/3 --on-p http --on-i 10.1 ; -p udp -j TPROXY --on-port 80 --on-ip 10.0.0.1 --tproxy-mark 0x8/0x3
            -p udp -j TPROXY --on-port 70000 ; -p udp -j TPROXY --on-port 4464 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0
            -p udp -j TPROXY --on-port 0x50 ; REFUSED
            -p udp -j TPROXY --on-port 1:2 ; REFUSED
            -p udp -j TPROXY --on-port 1 --on-port 1 ; REFUSED
            -p udp -j TPROXY --on-port 1 --on-ip 2001:db8::1 ; REFUSED
            -p udp -j TPROXY --on-port 1 --on-ip 10.0.0.0/8 ; REFUSED
            -p udp -j TPROXY --on-port 1 --tproxy-mark 1/ ; REFUSED
            -p udp -j TPROXY --on-port 1 --tproxy-mark 0x100000000 ; REFUSED
            -p udp -j TPROXY --on-port 1 ! --on-ip 10.0.0.1 ; REFUSED
            -p udp -j TPROXY --on 1 ; REFUSED
            -p udp -j TPROXY --on-ip 10.0.0.1 ; REFUSED
            -p udp -j TPROXY ; REFUSED
            ",
        );
        lines::check_v6(
            "
            -p tcp -j TPROXY --on-port 80 ; -p tcp -j TPROXY --on-port 80 --on-ip :: --tproxy-mark 0x0/0x0
            -p tcp -j TPROXY --on-port 80 --on-ip 2001:db8::1 --tproxy-mark 0x23/0xff ; =
            -p tcp -j TPROXY --on-port 80 --on-ip 10.0.0.1 ; REFUSED
            ",
        );
    }
}
