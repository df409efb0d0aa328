//! `-j NOTRACK`: packets exempt from connection tracking.

use super::extension;

extension! {
    /// Disables connection tracking for the packet, as `-j CT --notrack` does.
    ///
    /// For the raw table. Kernel `xt_CT`; iptables `libxt_CT`.
    Notrack = "NOTRACK" {}
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -j NOTRACK ; =
        -p tcp -m tcp --dport 80 -j NOTRACK ; =
        -j NOTRACK --notrack ; REFUSED
        -j NOTRACK --zone 1 ; REFUSED
        ! -j NOTRACK ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
