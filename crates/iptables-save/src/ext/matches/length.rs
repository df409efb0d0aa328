//! `-m length`: the length of the packet.

use super::extension;
use crate::value::{Invertible, Range, Required};

extension! {
    /// Matches packets by their length in bytes, including the IP header.
    ///
    /// Kernel `xt_length`; iptables `libxt_length`.
    Length = "length" {
        /// The length, or a range of lengths.
        "--length" => length: Required<Invertible<Range<u16>>>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m length --length 1500 ; =
            -m length ! --length 0x40:1500 ; -m length ! --length 64:1500
            -m length --length 400: ; -m length --length 400:65535
            -m length --length :400 ; -m length --length 0:400
            -m length --length : ; -m length --length 0:65535
            -m length ! --length 0:65535 ; =
            -m length --length 5:5 ; -m length --length 5
            -m length --length 400:300 ; =
            -m length --len=\"\" ; -m length --length 0
            -m length --length 65536 ; REFUSED
            -m length --length -1:65535 ; REFUSED
            -m length --length 1:2:3 ; REFUSED
            -m length --length 1-2 ; REFUSED
            -m length --length 1 --length 2 ; REFUSED
            -m length ; REFUSED
            ",
        );
    }
}
