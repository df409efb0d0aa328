//! `-m dst`: the IPv6 Destination Options header.

use super::extension;
use crate::value::{HeaderOptions, Invertible};

extension! {
    /// Matches packets with a Destination Options header.
    ///
    /// Kernel `ip6t_hbh`; iptables `libip6t_dst`.
    Dst = "dst" (V6) {
        /// The length of the header in bytes.
        "--dst-len" => len: Option<Invertible<u32>>,
        /// The options in the header, in order, each optionally with its length.
        "--dst-opts" => opts: Option<HeaderOptions>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check_v6(
            r"
            -m dst ; =
            -m dst --dst-len 8 ; =
            -m dst ! --dst-len 0 --dst-opts 1:2,3,5:0 ; =
            -m dst --dst-o 201 ! --dst-l 0x10 ; -m dst ! --dst-len 16 --dst-opts 201
            -m dst ! --dst-opts 5 ; REFUSED
            -m dst --dst-opts 5, ; REFUSED
            -m dst --dst-len 4294967296 ; REFUSED
            -m dst --dst-len 1:2 ; REFUSED
            -m dst --dst-len 1 --dst-len 1 ; REFUSED
            -m dst --dst- 8 ; REFUSED
            ",
        );
        lines::check(
            "
            -m dst --dst-len 8 ; REFUSED
            ",
        );
    }
}
