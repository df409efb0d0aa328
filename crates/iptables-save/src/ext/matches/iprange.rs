//! `-m iprange`: ranges of addresses.

use super::extension;
use crate::value::{AddressRange, Invertible};

extension! {
    /// Matches packets whose addresses are in a range, both ends included.
    ///
    /// Kernel `xt_iprange`; iptables `libxt_iprange`.
    Iprange = "iprange" {
        /// The range of the source address.
        "--src-range" => src_range: Option<Invertible<AddressRange>>,
        /// The range of the destination address.
        "--dst-range" => dst_range: Option<Invertible<AddressRange>>,
    }
    at_least one of ["--src-range", "--dst-range"];
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -m iprange --src-range 192.0.2.1-192.0.2.9 ; =
            -m iprange ! --dst-range 192.0.2.1 ; -m iprange ! --dst-range 192.0.2.1-192.0.2.1
            -m iprange --dst-range 192.0.2.9-192.0.2.1 ! --src-range 10.1-10.2 ; -m iprange ! --src-range 10.1.0.0-10.2.0.0 --dst-range 192.0.2.9-192.0.2.1
            -m iprange ! --dst-r 192.0.2.1-192.0.2.2 --src-r 10 ; -m iprange --src-range 10.0.0.0-10.0.0.0 ! --dst-range 192.0.2.1-192.0.2.2
            -m iprange --src-range "010.1.2.3- 0x10.1" ; -m iprange --src-range 8.1.2.3-16.1.0.0
            -m iprange --src-range -192.0.2.1 ; REFUSED
            -m iprange --src-range "192.0.2.1 -192.0.2.2" ; REFUSED
            -m iprange --src-range 192.0.2.1-192.0.2.2-192.0.2.3 ; REFUSED
            -m iprange --src-range 192.0.2.256 ; REFUSED
            -m iprange --src-range 1.2.3.4.5 ; REFUSED
            -m iprange --src-range "" ; REFUSED
            -m iprange --src-range 192.0.2.1 --src-range 192.0.2.1 ; REFUSED
            -m iprange --src-range 192.0.2.1-2001:db8::1 ; REFUSED
            -m iprange --src-range 192.0.2.1- ; REFUSED
            -m iprange --src-range 192.0.2.0/24 ; REFUSED
            -m iprange ; REFUSED
            "#,
        );
        lines::check_v6(
            "
            -m iprange --src-range 2001:db8::1-2001:DB8::9 ; -m iprange --src-range 2001:db8::1-2001:db8::9
            -m iprange --src-range 2001:db8::9-2001:db8::1 ! --dst-range ::1 ; -m iprange --src-range 2001:db8::9-2001:db8::1 ! --dst-range ::1-::1
            -m iprange --src-range 192.0.2.1-192.0.2.9 ; REFUSED
            -m iprange --src-range fe80::1%1 ; REFUSED
            -m iprange --src-range 2001:db8::/32 ; REFUSED
            ",
        );
    }
}
