//! `-j NOTRACK`: keeps conntrack away from the packet.

use super::extension;

extension! {
    /// Keeps conntrack away from the packet. The same as `-j CT --notrack`.
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
