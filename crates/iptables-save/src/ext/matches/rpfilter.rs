//! `-m rpfilter`: whether an answer would leave by the interface the packet came in by.

use super::extension;

extension! {
    /// Matches packets whose answers would leave by the interface that they came in by.
    ///
    /// For PREROUTING of the raw and mangle tables. Kernel `ipt_rpfilter` and
    /// `ip6t_rpfilter`; iptables `libxt_rpfilter`.
    Rpfilter = "rpfilter" {
        /// Answers may leave by any interface.
        "--loose" => loose: bool,
        /// Looks the route up with the packet's mark.
        "--validmark" => validmark: bool,
        /// Matches packets whose source address is one of this host.
        "--accept-local" => accept_local: bool,
        /// Matches packets that fail the test instead.
        "--invert" => invert: bool,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m rpfilter ; =
            -m rpfilter --invert ; =
            -m rpfilter --invert --accept-local --validmark --loose ; -m rpfilter --loose --validmark --accept-local --invert
            -m rpfilter --lo --val --acc --inv ; -m rpfilter --loose --validmark --accept-local --invert
            -m rpfilter --in ; REFUSED
            -m rpfilter --loose --loose ; REFUSED
            -m rpfilter --validmark=1 ; REFUSED
            -m rpfilter ! --invert ; REFUSED
            ",
        );
    }
}
