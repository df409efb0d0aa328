//! `-j CONNSECMARK`: carries the security mark between packet and connection.

use super::extension;

extension! {
    /// Carries the mark of SELinux from the packet to its connection, or back.
    ///
    /// One of the options must stand. For the mangle and the security table. Kernel `xt_CONNSECMARK`; iptables
    /// `libxt_CONNSECMARK`.
    Connsecmark = "CONNSECMARK" {
        /// Copies the packet's mark to the connection, unless that has one.
        "--save" => save: bool,
        /// Copies the connection's mark to the packet, unless that has one.
        "--restore" => restore: bool,
    }
    one of ["--save", "--restore"];
    at_least one of ["--save", "--restore"];
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -j CONNSECMARK --save ; =
        -j CONNSECMARK --restore ; =
        -j CONNSECMARK --sa ; -j CONNSECMARK --save
        -j CONNSECMARK --save --restore ; REFUSED
        -j CONNSECMARK --save --save ; REFUSED
        -j CONNSECMARK --save=1 ; REFUSED
        -j CONNSECMARK ! --save ; REFUSED
        -j CONNSECMARK --s ; REFUSED
        -j CONNSECMARK ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
