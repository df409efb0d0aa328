//! `-j TRACE`: logs every rule that the packet meets.

use super::extension;

extension! {
    /// Marks the packet, so that every rule it meets from here on is logged.
    ///
    /// For the raw table. Kernel `xt_TRACE`; iptables `libxt_TRACE`.
    Trace = "TRACE" {}
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -j TRACE ; =
        -p tcp -m tcp --dport 80 -j TRACE ; =
        -j "TRACE" ; -j TRACE
        -j TRACE --trace ; REFUSED
        ! -j TRACE ; REFUSED
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
