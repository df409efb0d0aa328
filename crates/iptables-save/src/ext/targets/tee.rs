//! `-j TEE`: a copy of the packet.

use super::extension;
use crate::value::{Host, Required, Unquoted};

extension! {
    /// Sends a copy of the packet to another host on a local network, and continues with the next
    /// rule.
    ///
    /// Kernel `xt_TEE`; iptables `libxt_TEE`.
    Tee<'a> = "TEE" {
        /// The address of the host that receives the copy.
        "--gateway" => gateway: Required<Host>,
        /// The output interface of the copy. Truncated to 15 bytes.
        "--oif" => oif: Option<Unquoted<'a, 15>>,
    }
    omit oif when |name| name.0.is_empty();
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -j TEE --gateway 192.0.2.1 ; =
            -j TEE --oif lo --gateway 192.0.2.1 ; -j TEE --gateway 192.0.2.1 --oif lo
            -j TEE --ga 10.1 --oi eth0+ ; -j TEE --gateway 10.0.0.1 --oif eth0+
            -j TEE --gateway 192.0.2.1 --oif 1234567890123456 ; -j TEE --gateway 192.0.2.1 --oif 123456789012345
            -j TEE --gateway 192.0.2.1 --oif "" ; -j TEE --gateway 192.0.2.1
            -j TEE --gateway 192.0.2.1 --oif "a b" ; UNREADABLE -j TEE --gateway 192.0.2.1 --oif a b
            -j TEE --gateway 192.0.2.1/32 ; REFUSED
            -j TEE --gateway 192.0.2.1-192.0.2.2 ; REFUSED
            -j TEE --gateway 192.0.2.1:80 ; REFUSED
            -j TEE --gateway "" ; REFUSED
            -j TEE --gateway 2001:db8::1 ; REFUSED
            -j TEE --gateway 192.0.2.1 --gateway 192.0.2.1 ; REFUSED
            -j TEE --gateway 192.0.2.1 ! --oif lo ; REFUSED
            -j TEE ! --gateway 192.0.2.1 ; REFUSED
            -j TEE --oif lo ; REFUSED
            -j TEE ; REFUSED
            "#,
        );
        lines::check_v6(
            "
            -j TEE --gateway 2001:db8::1 ; =
            -j TEE --gateway 2001:DB8:0::1 --oif lo ; -j TEE --gateway 2001:db8::1 --oif lo
            -j TEE --gateway ::ffff:192.0.2.1 ; =
            -j TEE --gateway [2001:db8::1] ; REFUSED
            -j TEE --gateway 192.0.2.1 ; REFUSED
            ",
        );
    }
}
