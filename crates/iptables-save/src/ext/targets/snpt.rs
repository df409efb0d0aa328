//! `-j SNPT`: prefix translation of source addresses.

use super::extension;
use crate::value::{NptPrefix, Required};

extension! {
    /// Replaces the prefix of source addresses, one to one and without connection tracking.
    /// Replies require `DNPT` with both prefixes exchanged.
    ///
    /// For POSTROUTING and INPUT of the mangle table. Kernel `ip6t_NPT`; iptables `libip6t_SNPT`.
    Snpt = "SNPT" (V6) {
        /// The prefix to replace, up to 64 bits.
        "--src-pfx" => src_pfx: Required<NptPrefix>,
        /// The new prefix, up to 64 bits.
        "--dst-pfx" => dst_pfx: Required<NptPrefix>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check_v6(
            "
            -j SNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/64 ; =
            -j SNPT --dst-pfx 2001:db8:1::/64 --src-pfx FD00:1::/ffff:ffff:: ; -j SNPT --src-pfx fd00:1::/32 --dst-pfx 2001:db8:1::/64
            -j SNPT --s ::/3 --d ::/0x10 ; REFUSED
            -j SNPT --src-p ::/3 --dst-p ::/0x10 ; -j SNPT --src-pfx ::/3 --dst-pfx ::/16
            -j SNPT --src-pfx fd00:1:: --dst-pfx 2001:db8:1::1/65 ; -j SNPT --src-pfx fd00:1::/128 --dst-pfx 2001:db8:1::1/65
            -j SNPT --src-pfx fd00:1::/48 --dst-pfx ::/0 ; UNREADABLE -j SNPT --src-pfx fd00:1::/48
            -j SNPT --src-pfx ::1/0 --dst-pfx ::/0 ; UNREADABLE -j SNPT --src-pfx ::1/0
            -j SNPT --src-pfx fd00:1::/129 --dst-pfx 2001:db8:1::/64 ; REFUSED
            -j SNPT --src-pfx 192.0.2.0/24 --dst-pfx 2001:db8:1::/64 ; REFUSED
            -j SNPT --src-pfx fd00:1::/48 ; REFUSED
            -j SNPT --dst-pfx fd00:1::/48 ; REFUSED
            -j SNPT ! --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/64 ; REFUSED
            -j SNPT --src-pfx fd00:1::/48 --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/64 ; REFUSED
            -j SNPT ; REFUSED
            ",
        );
        lines::check("-j SNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/64 ; REFUSED");
    }
}
