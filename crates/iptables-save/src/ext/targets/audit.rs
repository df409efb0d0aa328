//! `-j AUDIT`: writes a record for the audit daemon.

use super::extension;
use crate::value::{Required, keywords};

extension! {
    /// Writes a record about the packet for the audit daemon, and goes on to the next rule.
    ///
    /// Kernel `xt_AUDIT`; iptables `libxt_AUDIT`.
    Audit = "AUDIT" {
        /// What the record says becomes of the packet. Nothing is done about it.
        "--type" => kind: Required<AuditType>,
    }
}

keywords! {
    /// What an audit record says becomes of a packet.
    AuditType("TYPE") {
        /// It is let through.
        Accept = "accept",
        /// It is discarded.
        Drop = "drop",
        /// It is answered with an error.
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
