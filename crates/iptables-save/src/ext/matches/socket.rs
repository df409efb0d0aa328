//! `-m socket`: packets that a socket of this host waits for.

use super::extension;

extension! {
    /// Matches packets that a socket of this host would take, be they addressed to this
    /// host or not.
    ///
    /// For PREROUTING and INPUT. Kernel `xt_socket`; iptables `libxt_socket`.
    Socket = "socket" {
        /// Only sockets that take packets for other hosts.
        "--transparent" => transparent: bool,
        /// Sockets that listen on every address count too.
        "--nowildcard" => nowildcard: bool,
        /// Puts the socket's mark on the packet.
        "--restore-skmark" => restore_skmark: bool,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m socket ; =
            -m socket --restore-skmark --nowildcard --transparent ; -m socket --transparent --nowildcard --restore-skmark
            -m socket --res --now ; -m socket --nowildcard --restore-skmark
            -m socket --nowildcard --nowildcard ; REFUSED
            -m socket --transparent=1 ; REFUSED
            -m socket ! --restore-skmark ; REFUSED
            -m socket ! --transparent ; REFUSED
            ",
        );
    }
}
