//! `-m rpfilter`: the reverse path filter.

use super::extension;

extension! {
    /// Matches packets that pass the reverse path filter: a reply would leave through the
    /// interface on which the packet arrived.
    ///
    /// For PREROUTING of the raw and mangle tables. Kernel `ipt_rpfilter` and `ip6t_rpfilter`;
    /// iptables `libxt_rpfilter`.
    Rpfilter = "rpfilter" {
        /// Accepts replies through any interface.
        "--loose" => loose: bool,
        /// Uses the mark of the packet in the route lookup.
        "--validmark" => validmark: bool,
        /// Matches packets whose source address is an address of this host.
        "--accept-local" => accept_local: bool,
        /// Matches packets that fail the reverse path filter.
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
