//! `-m hl`: the hop limit of the packet.

use super::extension;
use crate::value::Invertible;

extension! {
    /// Matches packets by their hop limit.
    ///
    /// Kernel `xt_hl`; iptables `libip6t_hl`.
    Hl = "hl" (V6) {
        /// The hop limit equals this number.
        "--hl-eq" | "--hl" => hl_eq: Option<Invertible<u8>>,
        /// The hop limit is less than this number.
        "--hl-lt" => hl_lt: Option<u8>,
        /// The hop limit is greater than this number.
        "--hl-gt" => hl_gt: Option<u8>,
    }
    one of ["--hl-eq", "--hl-lt", "--hl-gt"];
    at_least one of [];
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check_v6(
            "
            -m hl --hl-eq 64 ; =
            -m hl ! --hl-eq 255 ; =
            -m hl ! --hl 0x40 ; -m hl ! --hl-eq 64
            -m hl --hl-e 64 ; -m hl --hl-eq 64
            -m hl --hl-lt 0 ; =
            -m hl --hl-gt 255 ; =
            -m hl ! --hl-lt 5 ; REFUSED
            -m hl ! --hl-gt 5 ; REFUSED
            -m hl --hl-gt 256 ; REFUSED
            -m hl --hl-gt 1 --hl-lt 9 ; REFUSED
            -m hl --hl 1 --hl-eq 1 ; REFUSED
            -m hl --hl- 5 ; REFUSED
            -m hl --h 5 ; REFUSED
            -m hl --hl-gt ; REFUSED
            -m hl ; REFUSED
            ",
        );
        lines::check(
            "
            -m hl --hl-eq 64 ; REFUSED
            ",
        );
    }
}
