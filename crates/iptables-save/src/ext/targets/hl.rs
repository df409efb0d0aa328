//! `-j HL`: how many routers the packet may still cross.

use super::extension;
use crate::value::Bounded;

extension! {
    /// Changes how many routers the packet may still cross (hop limit).
    ///
    /// For IPv4 there is `TTL`. One of the options must stand. For the mangle table. Kernel
    /// `xt_HL`; iptables `libip6t_HL`.
    Hl = "HL" (V6) {
        /// Makes it this.
        "--hl-set" => hl_set: Option<u8>,
        /// Takes this from it.
        "--hl-dec" => hl_dec: Option<Bounded<1, 255>>,
        /// Adds this to it. Packets that go in circles stay for ever.
        "--hl-inc" => hl_inc: Option<Bounded<1, 255>>,
    }
    one of ["--hl-set", "--hl-dec", "--hl-inc"];
    at_least one of [];
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check_v6(
            "
            -j HL --hl-set 64 ; =
            -j HL --hl-set 0 ; =
            -j HL --hl-dec 1 ; =
            -j HL --hl-inc 255 ; =
            -j HL --hl-s 0xff ; -j HL --hl-set 255
            -j HL --hl-set=010 ; -j HL --hl-set 8
            -j HL --hl-set 256 ; REFUSED
            -j HL --hl-dec 0 ; REFUSED
            -j HL --hl-inc 0 ; REFUSED
            -j HL --hl-inc 256 ; REFUSED
            -j HL --hl-dec 1 --hl-inc 1 ; REFUSED
            -j HL --hl-set 1 --hl-set 1 ; REFUSED
            -j HL --hl-set --hl-inc 1 ; REFUSED
            -j HL ! --hl-set 1 ; REFUSED
            -j HL --hl 1 ; REFUSED
            -j HL ; REFUSED
            ",
        );
        lines::check("-j HL --hl-set 64 ; REFUSED");
    }
}
