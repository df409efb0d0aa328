//! `-m esp`: the IPsec Encapsulating Security Payload.

use super::extension;
use crate::value::{Invertible, Range};

extension! {
    /// Matches packets with an IPsec Encapsulating Security Payload (ESP). Requires `-p esp`,
    /// which also loads this match.
    ///
    /// Kernel `xt_esp`; iptables `libxt_esp`.
    Esp = "esp" {
        /// The SPI of the security association, or a range of SPIs.
        "--espspi" => espspi: Option<Invertible<Range<u32>>>,
    }
    normalize = |esp, _| Range::forget_all(&mut esp.espspi);
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -p esp -m esp --espspi 32 ; =
            -p esp ! --espspi 0:32 ; -p esp -m esp ! --espspi 0:32
            -p esp -m esp --espspi 5: ; -p esp -m esp --espspi 5:4294967295
            -p esp -m esp --espspi 0:4294967295 ; -p esp -m esp
            -p esp -m esp ; =
            -p 50 --esp 5:5 ; -p esp -m esp --espspi 5
            -p ESP ! --espspi "" ; -p esp -m esp ! --espspi 0
            -p esp -m esp --espspi 4294967295:0 ; =
            -p esp -m esp ! --espspi 0:4294967294 ; =
            -m esp ; =
            -p esp -m esp --espspi -1 ; REFUSED
            -p esp -m esp --espspi 4294967296 ; REFUSED
            -p esp -m esp --espspi x ; REFUSED
            -p esp -m esp --espspi 1 --espspi 1 ; REFUSED
            -p esp -m esp --espspi 1:2:3 ; REFUSED
            "#,
        );
    }
}
