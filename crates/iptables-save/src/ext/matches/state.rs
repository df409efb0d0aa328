//! `-m state`: the state of the packet's connection, an older match.

use super::extension;
use crate::value::{Invertible, Required, flags};

extension! {
    /// Matches packets by the state of their connection, a subset of the conntrack match.
    ///
    /// Kernel `xt_conntrack`; iptables `libxt_conntrack`.
    State = "state" {
        /// The state of the connection, one or more of these.
        "--state" => state: Required<Invertible<States>>,
    }
}

flags! {
    /// States of a connection.
    States: u8, "STATE,…", abbreviated {
        /// The packet belongs to no known connection.
        INVALID = "INVALID": 0x01,
        /// The packet starts a connection, or one that has seen packets in one direction only.
        NEW = "NEW": 0x02,
        /// The packet starts a connection that another one expects, or is an ICMP error about
        /// another one.
        RELATED = "RELATED": 0x04,
        /// The connection has seen packets in both directions.
        ESTABLISHED = "ESTABLISHED": 0x08,
        /// The packet is exempt from connection tracking.
        UNTRACKED = "UNTRACKED": 0x10,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m state --state NEW ; =
            -m state --state ESTABLISHED,related,New ; -m state --state NEW,RELATED,ESTABLISHED
            -m state ! --state INVALID,UNTRACKED ; =
            -m state --state E,R ; -m state --state RELATED,ESTABLISHED
            -m state --sta=u,i,n,e,r,rel ; -m state --state INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED
            -m state --state NEW,,RELATED ; REFUSED
            -m state --state \"\" ; REFUSED
            -m state --state NEW --state NEW ; REFUSED
            -m state wrong ; REFUSED
            -m state --state SNAT ; REFUSED
            -m state --state NEW, ; REFUSED
            -m state --state ,NEW ; REFUSED
            -m state --state NEWER ; REFUSED
            -m state ; REFUSED
            ",
        );
    }
}
