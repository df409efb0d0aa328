//! `-j CONNSECMARK`: the security mark of the connection.

use super::extension;

extension! {
    /// Copies the security mark (SELinux) from the packet to its connection or back.
    ///
    /// For the mangle and security tables. Kernel `xt_CONNSECMARK`; iptables `libxt_CONNSECMARK`.
    Connsecmark = "CONNSECMARK" {
        /// Copies the mark of the packet to the connection, unless the connection has one.
        "--save" => save: bool,
        /// Copies the mark of the connection to the packet, unless the packet has one.
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
