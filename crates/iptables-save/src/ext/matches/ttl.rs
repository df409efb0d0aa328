//! `-m ttl`: the TTL of the packet.

use super::extension;
use crate::value::Invertible;

extension! {
    /// Matches packets by their time to live (TTL).
    ///
    /// Kernel `xt_hl`; iptables `libipt_ttl`.
    Ttl = "ttl" (V4) {
        /// The TTL equals this number.
        "--ttl-eq" | "--ttl" => ttl_eq: Option<Invertible<u8>>,
        /// The TTL is less than this number.
        "--ttl-lt" => ttl_lt: Option<u8>,
        /// The TTL is greater than this number.
        "--ttl-gt" => ttl_gt: Option<u8>,
    }
    one of ["--ttl-eq", "--ttl-lt", "--ttl-gt"];
    at_least one of [];
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m ttl --ttl-eq 64 ; =
            -m ttl ! --ttl-eq 64 ; =
            -m ttl --ttl 64 ; -m ttl --ttl-eq 64
            -m ttl --ttl-lt 5 ; =
            -m ttl --ttl-gt 0 ; =
            -m ttl --ttl=0x10 ; -m ttl --ttl-eq 16
            -m ttl --ttl-l 010 ; -m ttl --ttl-lt 8
            -m ttl --ttl-gt 255 ; =
            -m ttl ! --ttl 64 ; -m ttl ! --ttl-eq 64
            -m ttl --ttl 64 --ttl-eq 64 ; REFUSED
            -m ttl --ttl 64 --ttl 64 ; REFUSED
            -m ttl --ttl 64 --ttl-lt 9 ; REFUSED
            -m ttl --ttl- 64 ; REFUSED
            -m ttl --ttl-eq -1 ; REFUSED
            -m ttl --ttl-eq 1:2 ; REFUSED
            -m ttl ! --ttl-lt 9 ; REFUSED
            -m ttl ! --ttl-gt 0 ; REFUSED
            -m ttl --ttl-gt 256 ; REFUSED
            -m ttl --ttl-gt 1 --ttl-lt 9 ; REFUSED
            -m ttl ; REFUSED
            ",
        );
    }
}
