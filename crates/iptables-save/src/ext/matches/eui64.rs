//! `-m eui64`: addresses that were made from the sender's hardware address.

use super::extension;

extension! {
    /// Matches packets whose source address ends in the sender's hardware address, as
    /// hosts make it that set their address themselves.
    ///
    /// The kernel has it in PREROUTING, INPUT and FORWARD. Kernel `ip6t_eui64`; iptables
    /// `libip6t_eui64`.
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
