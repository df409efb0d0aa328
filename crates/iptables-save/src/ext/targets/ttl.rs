//! `-j TTL`: the TTL of the packet.

use super::extension;
use crate::value::Bounded;

extension! {
    /// Changes the time to live (TTL) of the packet.
    ///
    /// For the mangle table; `HL` is the target for IPv6. Kernel `xt_HL`; iptables `libipt_TTL`.
    Ttl = "TTL" (V4) {
        /// Sets the TTL to this number.
        "--ttl-set" => ttl_set: Option<u8>,
        /// Decrements the TTL by this number.
        "--ttl-dec" => ttl_dec: Option<Bounded<1, 255>>,
        /// Increments the TTL by this number. Packets in a routing loop may then never expire.
        "--ttl-inc" => ttl_inc: Option<Bounded<1, 255>>,
    }
    one of ["--ttl-set", "--ttl-dec", "--ttl-inc"];
    at_least one of [];
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -j TTL --ttl-set 64 ; =
            -j TTL --ttl-set 0 ; =
            -j TTL --ttl-dec 1 ; =
            -j TTL --ttl-inc 255 ; =
            -j TTL --ttl-s 0xff ; -j TTL --ttl-set 255
            -j TTL --ttl-set=010 ; -j TTL --ttl-set 8
            -j TTL --ttl-set 256 ; REFUSED
            -j TTL --ttl-dec 0 ; REFUSED
            -j TTL --ttl-inc 0 ; REFUSED
            -j TTL --ttl-inc 256 ; REFUSED
            -j TTL --ttl-dec 1 --ttl-inc 1 ; REFUSED
            -j TTL --ttl-set 1 --ttl-set 1 ; REFUSED
            -j TTL --ttl-set --ttl-inc 1 ; REFUSED
            -j TTL ! --ttl-set 1 ; REFUSED
            -j TTL --ttl 1 ; REFUSED
            -j TTL ; REFUSED
            ",
        );
        lines::check_v6("-j TTL --ttl-set 64 ; REFUSED");
    }
}
