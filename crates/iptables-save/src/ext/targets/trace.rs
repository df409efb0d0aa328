//! `-j TRACE`: a log of the rules that the packet matches.

use super::extension;

extension! {
    /// Marks the packet so that the kernel logs each rule that it matches from here on.
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
