//! `-m hbh`: the IPv6 Hop-by-Hop Options header.

use super::extension;
use crate::value::{HeaderOptions, Invertible};

extension! {
    /// Matches packets with a Hop-by-Hop Options header.
    ///
    /// Kernel `ip6t_hbh`; iptables `libip6t_hbh`.
    Hbh = "hbh" (V6) {
        /// The length of the header in bytes.
        "--hbh-len" => len: Option<Invertible<u32>>,
        /// The options in the header, in order, each optionally with its length.
        "--hbh-opts" => opts: Option<HeaderOptions>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check_v6(
            r"
            -m hbh ; =
            -m hbh --hbh-len 8 ; =
            -m hbh ! --hbh-len 0 --hbh-opts 5:2,0,1,1 ; =
            -m hbh --hbh-o 201 ! --hbh-l 0x10 ; -m hbh ! --hbh-len 16 --hbh-opts 201
            -m hbh ! --hbh-opts 5 ; REFUSED
            -m hbh --hbh-opts 5: ; REFUSED
            -m hbh --hbh-len 4294967296 ; REFUSED
            -m hbh --hbh-opts 5 --hbh-opts 5 ; REFUSED
            -m hbh --hbh 8 ; REFUSED
            ",
        );
        lines::check(
            "
            -m hbh ; REFUSED
            ",
        );
    }
}
