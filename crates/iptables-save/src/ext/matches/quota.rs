//! `-m quota`: a quota of bytes.

use super::extension;
use crate::value::{Invertible, Required};

extension! {
    /// Matches packets until a quota of bytes is used up, and none after that.
    ///
    /// Kernel `xt_quota`; iptables `libxt_quota`.
    Quota = "quota" {
        /// The quota in bytes.
        "--quota" => quota: Required<Invertible<u64>>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m quota --quota 0 ; =
            -m quota ! --quota 18446744073709551615 ; =
            -m quota --quo=0x10 ; -m quota --quota 16
            -m quota --quota 18446744073709551616 ; REFUSED
            -m quota --quota -1 ; REFUSED
            -m quota --quota 1 --quota 1 ; REFUSED
            -m quota --quota 1k ; REFUSED
            -m quota ; REFUSED
            ",
        );
    }
}
