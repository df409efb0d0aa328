//! `-j DNPT`: prefix translation of destination addresses.

use super::extension;
use crate::value::{NptPrefix, Required};

extension! {
    /// Replaces the prefix of destination addresses, one to one and without connection tracking.
    /// Replies require `SNPT` with both prefixes exchanged.
    ///
    /// For PREROUTING of the mangle table. Kernel `ip6t_NPT`; iptables `libip6t_DNPT`.
    Dnpt = "DNPT" (V6) {
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
            -j DNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/64 ; =
            -j DNPT --dst-pfx 2001:db8:1::/64 --src-pfx FD00:1::/ffff:ffff:: ; -j DNPT --src-pfx fd00:1::/32 --dst-pfx 2001:db8:1::/64
            -j DNPT --s ::/3 --d ::/0x10 ; REFUSED
            -j DNPT --src-p ::/3 --dst-p ::/0x10 ; -j DNPT --src-pfx ::/3 --dst-pfx ::/16
            -j DNPT --src-pfx fd00:1:: --dst-pfx 2001:db8:1::1/65 ; -j DNPT --src-pfx fd00:1::/128 --dst-pfx 2001:db8:1::1/65
            -j DNPT --src-pfx fd00:1::/48 --dst-pfx ::/0 ; UNREADABLE -j DNPT --src-pfx fd00:1::/48
            -j DNPT --src-pfx ::1/0 --dst-pfx ::/0 ; UNREADABLE -j DNPT --src-pfx ::1/0
            -j DNPT --src-pfx fd00:1::/129 --dst-pfx 2001:db8:1::/64 ; REFUSED
            -j DNPT --src-pfx 192.0.2.0/24 --dst-pfx 2001:db8:1::/64 ; REFUSED
            -j DNPT --src-pfx fd00:1::/48 ; REFUSED
            -j DNPT --dst-pfx fd00:1::/48 ; REFUSED
            -j DNPT ! --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/64 ; REFUSED
            -j DNPT --src-pfx fd00:1::/48 --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/64 ; REFUSED
            -j DNPT ; REFUSED
            ",
        );
        lines::check("-j DNPT --src-pfx fd00:1::/48 --dst-pfx 2001:db8:1::/64 ; REFUSED");
    }
}
