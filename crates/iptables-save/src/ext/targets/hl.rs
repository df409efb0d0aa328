//! `-j HL`: the hop limit of the packet.

use super::extension;
use crate::value::Bounded;

extension! {
    /// Changes the hop limit of the packet.
    ///
    /// For the mangle table; `TTL` is the target for IPv4. Kernel `xt_HL`; iptables `libip6t_HL`.
    Hl = "HL" (V6) {
        /// Sets the hop limit to this number.
        "--hl-set" => hl_set: Option<u8>,
        /// Decrements the hop limit by this number.
        "--hl-dec" => hl_dec: Option<Bounded<1, 255>>,
        /// Increments the hop limit by this number. Packets in a routing loop may then never
        /// expire.
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
