//! `-m connmark`: the mark of the connection.

use super::extension;
use crate::value::{Invertible, MarkMask, Required};

extension! {
    /// Matches packets by the mark of their connection.
    ///
    /// Kernel `xt_connmark`; iptables `libxt_connmark`.
    Connmark = "connmark" {
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
            r#"
            -m connmark --mark 0x1 ; =
            -m connmark ! --mark 16/0xf0 ; -m connmark ! --mark 0x10/0xf0
            -m connmark --mark 1/0xffffffff ; -m connmark --mark 0x1
            -m connmark --mark 0xffffffff/0 ; -m connmark --mark 0xffffffff/0x0
            -m connmark --mar " 010/ 010" ; -m connmark --mark 0x8/0x8
            -m connmark --mark 0xfffffffff ; REFUSED
            -m connmark --mark 1/4294967296 ; REFUSED
            -m connmark --mark -1 ; REFUSED
            -m connmark --mark /1 ; REFUSED
            -m connmark --mark 1/2/3 ; REFUSED
            -m connmark --mark "1 /2" ; REFUSED
            -m connmark --mark "" ; REFUSED
            -m connmark --ma 1 ; REFUSED
            -m connmark --mark 1 --mark 1 ; REFUSED
            -m connmark --mark 1/ ; REFUSED
            -m connmark ; REFUSED
            "#,
        );
    }
}
