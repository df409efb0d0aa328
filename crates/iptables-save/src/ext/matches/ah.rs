//! `-m ah`: the IPsec Authentication Header.

use super::extension;
use crate::value::{Invertible, Range};

extension! {
    /// Matches packets with an IPsec Authentication Header (AH). Requires `-p ah`, which also
    /// loads this match.
    ///
    /// Kernel `ipt_ah` and `ip6t_ah`; iptables `libipt_ah` and `libip6t_ah`.
    Ah = "ah" {
        /// The SPI of the security association, or a range of SPIs.
        "--ahspi" => ahspi: Option<Invertible<Range<u32>>>,
        /// The length of the header in bytes.
        "--ahlen" (V6) => ahlen: Option<Invertible<u32>>,
        /// Matches if the reserved field is zero.
        "--ahres" (V6) => ahres: bool,
    }
    normalize = |ah, _| Range::forget_all(&mut ah.ahspi);
    omit ahlen when |length| *length == Invertible::is(0);
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -p ah -m ah --ahspi 32 ; =
            -p ah ! --ahspi 0:32 ; -p ah -m ah ! --ahspi 0:32
            -p ah -m ah --ahspi :4294967295 ; -p ah -m ah
            -p 51 --ahspi 0x10:010 ; -p ah -m ah --ahspi 16:8
            -p AH --ahs "" ; -p ah -m ah --ahspi 0
            -p ah -m ah ! --ahspi 5:5 ; -p ah -m ah ! --ahspi 5
            -p ah -m ah ; =
            -m ah ; =
            -p ah -m ah --ahspi -1 ; REFUSED
            -p ah -m ah --ahspi 4294967296 ; REFUSED
            -p ah -m ah --ahspi 1:2:3 ; REFUSED
            -p ah -m ah --ahspi 1:x ; REFUSED
            -p ah -m ah --ahspi ; REFUSED
            -p ah -m ah --ahspi 1 --ahspi 1 ; REFUSED
            -p ah -m ah --ah 5 ; -p ah -m ah --ahspi 5
            -p ah -m ah --ahlen 5 ; REFUSED
            -p ah -m ah --ahres ; REFUSED
            -p ah --ahlen 5 ; REFUSED
            "#,
        );
        lines::check_v6(
            "
            -m ah ! --ahlen 5 --ahres --ahspi 1:2 ; -m ah --ahspi 1:2 ! --ahlen 5 --ahres
            -p ah -m ah ! --ahlen 0 ; =
            -m ah --ahl 0x10 --ahr ; -m ah --ahlen 16 --ahres
            -m ah --ah 5 ; REFUSED
            -m ah ! --ahres ; REFUSED
            -m ah --ahlen 1:2 ; REFUSED
            -m ah --ahlen 0 ; -m ah
            ",
        );
    }
}
