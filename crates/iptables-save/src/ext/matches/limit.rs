//! `-m limit`: a limited rate of packets.

use super::extension;
use crate::value::{Bounded, Rate};

extension! {
    /// Matches packets at a limited rate, with a token bucket that all packets of the rule share.
    ///
    /// Kernel `xt_limit`; iptables `libxt_limit`.
    Limit = "limit" {
        /// The average rate of matching packets: by default `3/hour`. The unit is second (also if
        /// omitted), minute, hour or day.
        "--limit" => limit: Option<Rate>,
        /// The number of packets that match before the rate applies: by default 5.
        "--limit-burst" => limit_burst: Option<Bounded<0, 10000>>,
    }
    default limit = Rate::default();
    omit limit_burst when |burst| burst.get() == 5;
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m limit ; -m limit --limit 3/hour
            -m limit --limit 5 ; -m limit --limit 5/sec
            -m limit --limit 3/m --limit-burst 10 ; -m limit --limit 3/min --limit-burst 10
            -m limit --limit 60/MINUTE --limit-burst 5 ; -m limit --limit 1/sec
            -m limit --limit 24/day ; -m limit --limit 1/hour
            -m limit --limit 10000/sec ; =
            -m limit --limit 7/hour ; =
            -m limit --limit 1000/min ; =
            -m limit --limit 86401/day ; UNREADABLE -m limit --limit 1/sec
            -m limit --limit 61/h ; -m limit --limit 61/hour
            -m limit --limit 3333/s ; -m limit --limit 3333/sec
            -m limit --limit 6667/s ; -m limit --limit 10000/sec
            -m limit --limit 864000000/day ; -m limit --limit 10000/sec
            -m limit --limit=1.5/Sec --limit-b 0x10 ; -m limit --limit 1/sec --limit-burst 16
            -m limit --limit \" +5 apples/s\" ; -m limit --limit 5/sec
            -m limit --limit 010 ; -m limit --limit 10/sec
            -m limit --limit 4294967301 ; -m limit --limit 5/sec
            -m limit --limit -4294967295 ; -m limit --limit 1/sec
            -m limit --limit 0x10 ; REFUSED
            -m limit --limit -1 ; REFUSED
            -m limit --limit 4294967296 ; REFUSED
            -m limit --limit 9223372036854775813 ; REFUSED
            -m limit --limit 864000001/day ; REFUSED
            -m limit --limit 1/seconds ; REFUSED
            -m limit --limit 1/s/s ; REFUSED
            -m limit --limit /s ; REFUSED
            -m limit --limit \"\" ; REFUSED
            -m limit --limit 1 --limit 1 ; REFUSED
            -m limit ! --limit-burst 1 ; REFUSED
            -m limit --limit-burst -1 ; REFUSED
            -m limit --limit 1/sec --limit-burst 10001 ; REFUSED
            -m limit --limit 10001/sec ; REFUSED
            -m limit --limit 0/sec ; REFUSED
            -m limit --limit 1/week ; REFUSED
            -m limit --limit 1/ ; REFUSED
            -m limit ! --limit 1/sec ; REFUSED
            ",
        );
    }
}
