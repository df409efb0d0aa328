//! `-m eui64`: IPv6 addresses derived from MAC addresses.

use super::extension;

extension! {
    /// Matches packets whose source address ends in the EUI-64 of their source MAC address, as
    /// stateless autoconfiguration makes it.
    ///
    /// For PREROUTING, INPUT and FORWARD. Kernel `ip6t_eui64`; iptables `libip6t_eui64`.
    Eui64 = "eui64" (V6) {}
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check_v6(
            "
            -m eui64 ; =
            -m eui64 -j ACCEPT ; =
            ! -m eui64 ; REFUSED
            -m eui64 --eui64 ; REFUSED
            ",
        );
        lines::check(
            "
            -m eui64 ; REFUSED
            ",
        );
    }
}
