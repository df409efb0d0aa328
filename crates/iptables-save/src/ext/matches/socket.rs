//! `-m socket`: local sockets for the packet.

use super::extension;

extension! {
    /// Matches packets for which a local socket is open, even if they are addressed to another
    /// host.
    ///
    /// For PREROUTING and INPUT. Kernel `xt_socket`; iptables `libxt_socket`.
    Socket = "socket" {
        /// Ignores non-transparent sockets.
        "--transparent" => transparent: bool,
        /// Does not ignore sockets bound to any address.
        "--nowildcard" => nowildcard: bool,
        /// Sets the mark of the packet to that of the socket.
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
