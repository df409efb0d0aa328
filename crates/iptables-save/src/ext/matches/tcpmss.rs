//! `-m tcpmss`: the maximum segment size of a TCP connection.

use super::extension;
use crate::value::{Invertible, Range, Required};

extension! {
    /// Matches TCP SYN packets by their maximum segment size (MSS). Requires `-p tcp`.
    ///
    /// Kernel `xt_tcpmss`; iptables `libxt_tcpmss`.
    Tcpmss = "tcpmss" {
        /// The maximum segment size in bytes, or a range of sizes.
        "--mss" => mss: Required<Invertible<Range<u16>>>,
    }
    validate = |tcpmss, _| {
        let sizes = tcpmss.mss.0.value;
        if sizes.first > sizes.last {
            return Err("the first size of a range must not be greater than the last".into());
        }
        Ok(())
    };
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -p tcp -m tcpmss --mss 1460 ; =
            -p tcp -m tcpmss ! --mss 1401: ; -p tcp -m tcpmss ! --mss 1401:65535
            -p tcp -m tcpmss --mss :536 ; -p tcp -m tcpmss --mss 0:536
            -p tcp -m tcpmss --ms=0x10:16 ; -p tcp -m tcpmss --mss 16
            -p tcp -m tcpmss --mss : ; -p tcp -m tcpmss --mss 0:65535
            -p tcp -m tcpmss --mss \"\" ; -p tcp -m tcpmss --mss 0
            -p tcp -m tcpmss --mss 1 --mss 1 ; REFUSED
            -p tcp -m tcpmss --mss -1 ; REFUSED
            -p tcp -m tcpmss --mss 9:8 ; REFUSED
            -p tcp -m tcpmss --mss 65536 ; REFUSED
            -p tcp -m tcpmss --mss 1:2:3 ; REFUSED
            -p tcp -m tcpmss ; REFUSED
            ",
        );
    }
}
