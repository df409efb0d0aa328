//! `-j CHECKSUM`: packets without a checksum.

use super::extension;
use crate::value::{Flag, Required};

extension! {
    /// Fills in the checksum of packets that lack one because of checksum offloading, for old
    /// DHCP clients in virtual machines.
    ///
    /// For the mangle table. Kernel `xt_CHECKSUM`; iptables `libxt_CHECKSUM`.
    Checksum = "CHECKSUM" {
        /// Computes the checksum and fills it in.
        "--checksum-fill" => checksum_fill: Required<Flag>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -p udp -m udp --dport 68 -j CHECKSUM --checksum-fill ; =
        -p udp -j CHECKSUM --checks ; -p udp -j CHECKSUM --checksum-fill
        -j CHECKSUM --checksum-fill --checksum-fill ; REFUSED
        -j CHECKSUM --checksum-fill=1 ; REFUSED
        -j CHECKSUM ! --checksum-fill ; REFUSED
        -j CHECKSUM ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
