//! `-m mark`: the mark of the packet.

use super::extension;
use crate::value::{Invertible, MarkMask, Required};

extension! {
    /// Matches packets by their mark.
    ///
    /// Kernel `xt_mark`; iptables `libxt_mark`.
    Mark = "mark" {
        /// The mark after AND with the mask.
        "--mark" => mark: Required<Invertible<MarkMask>>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m mark --mark 0x4000/0x4000 ; =
            -m mark ! --mark 010 ; -m mark ! --mark 0x8
            -m mark --mark 1/0xffffffff ; -m mark --mark 0x1
            -m mark --mark 0x0/0x0 ; =
            -m mark --mar=4294967295 ; -m mark --mark 0xffffffff
            -m mark --mark 0x1/0x2 ; =
            -m mark --mark 4294967296 ; REFUSED
            -m mark --mark 1/4294967296 ; REFUSED
            -m mark --mark -1 ; REFUSED
            -m mark --mark 1/2/3 ; REFUSED
            -m mark --mark /1 ; REFUSED
            -m mark --mark 1 --mark 1 ; REFUSED
            -m mark --mark 1/ ; REFUSED
            -m mark --mark x ; REFUSED
            -m mark ; REFUSED
            ",
        );
    }
}
