//! `-m osf`: passive operating system fingerprinting.

use super::extension;
use crate::value::{Bounded, Invertible, Required, Unquoted};

extension! {
    /// Matches TCP SYN packets by the operating system of the sender, which fingerprints
    /// identify. Requires `-p tcp`, and fingerprints loaded with `nfnl_osf`.
    ///
    /// Kernel `xt_osf`; iptables `libxt_osf`.
    Osf<'a> = "osf" (V4) {
        /// The name of the operating system in the fingerprints, such as `Linux`.
        "--genre" => genre: Required<Invertible<Unquoted<'a, 31>>>,
        /// How to compare the TTL with that of the fingerprint: 0 requires the same, 1 accepts
        /// any lower one as well, 2 does not compare.
        "--ttl" => ttl: Option<Bounded<0, 2>>,
        /// What to log: 0 all matching fingerprints and all unknown packets, 1 the first matching
        /// fingerprint, 2 all matching fingerprints.
        "--log" => log: Option<Bounded<0, 2>>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -p tcp -m osf --genre Linux --ttl 0 --log 2 ; =
            -p tcp -m osf ! --genre Windows ; =
            -p tcp -m osf --log 0x1 --tt=01 --gen linux ; -p tcp -m osf --genre linux --ttl 1 --log 1
            -p tcp -m osf --genre 0123456789012345678901234567890x ; -p tcp -m osf --genre 0123456789012345678901234567890
            -p tcp -m osf --genre \"\" --ttl 0 ; UNREADABLE -p tcp -m osf --genre  --ttl 0
            -p tcp -m osf --genre \"FreeBSD 9\" ; UNREADABLE -p tcp -m osf --genre FreeBSD 9
            -p tcp -m osf --genre Linux --ttl 3 ; REFUSED
            -p tcp -m osf --genre Linux --log 3 ; REFUSED
            -p tcp -m osf --genre Linux ! --ttl 0 ; REFUSED
            -p tcp -m osf --genre Linux ! --log 0 ; REFUSED
            -p tcp -m osf --genre Linux --genre Linux ; REFUSED
            -p tcp -m osf --genre ; REFUSED
            -p tcp -m osf --ttl 0 ; REFUSED
            -p tcp -m osf ; REFUSED
            ",
        );
        lines::check_v6("-p tcp -m osf --genre Linux ; REFUSED");
    }
}
