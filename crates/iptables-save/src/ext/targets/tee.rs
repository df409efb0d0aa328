//! `-j TEE`: sends a copy of the packet to another host.

use super::extension;
use crate::value::{Host, Interface, Must};

extension! {
    /// Sends a copy of the packet to another host of a local network, and goes on to the
    /// next rule.
    ///
    /// Kernel `xt_TEE`; iptables `libxt_TEE`.
    Tee<'a> = "TEE" {
        /// The host to send the copy to.
        "--gateway" => gateway: Must<Host>,
        /// The interface to send the copy by.
        "--oif" => oif: Option<Interface<'a>>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -j TEE --gateway 192.0.2.1 ; =
            -j TEE --oif lo --gateway 192.0.2.1 ; -j TEE --gateway 192.0.2.1 --oif lo
            -j TEE --gateway 2001:db8::1 ; REFUSED
            -j TEE --oif lo ; REFUSED
            ",
        );
        lines::check_v6("-j TEE --gateway 2001:db8::1 ; =");
    }
}
