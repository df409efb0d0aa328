//! `-j AUDIT`: audit records.

use super::extension;
use crate::value::{Required, keywords};

extension! {
    /// Creates an audit record for the packet and continues with the next rule.
    ///
    /// Kernel `xt_AUDIT`; iptables `libxt_AUDIT`.
    Audit = "AUDIT" {
        /// The record type, which names what happens to the packet. The target itself does not
        /// accept, drop or reject it.
        "--type" => kind: Required<AuditType>,
    }
}

keywords! {
    /// Types of audit records.
    AuditType("TYPE") {
        /// The packet is accepted.
        Accept = "accept",
        /// The packet is dropped.
        Drop = "drop",
        /// The packet is rejected.
        Reject = "reject",
    }
    default Accept
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -j AUDIT --type accept ; =
        -j AUDIT --type drop ; =
        -j AUDIT --type reject ; =
        -j AUDIT --type=DROP ; -j AUDIT --type drop
        -j AUDIT --ty Reject ; -j AUDIT --type reject
        -j AUDIT --t drop ; REFUSED
        -j AUDIT --type rej ; REFUSED
        -j AUDIT --type drop --type drop ; REFUSED
        -j AUDIT ! --type drop ; REFUSED
        -j AUDIT --type ; REFUSED
        -j AUDIT ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
