//! `-m state`: how the packet belongs to a connection, by its older name.

use super::extension;
use crate::value::{Invertible, Required, flags};

extension! {
    /// Matches packets by how they belong to a connection. The conntrack match does the
    /// same and more.
    ///
    /// Kernel `xt_conntrack`; iptables `libxt_conntrack`.
    State = "state" {
        /// The packet is in one of these states.
        "--state" => state: Required<Invertible<States>>,
    }
}

flags! {
    /// How a packet may belong to a connection.
    States: u8, "STATE,…", abbreviated {
        /// To none that makes sense.
        INVALID = "INVALID": 0x01,
        /// To one that begins, or that was seen in one direction only.
        NEW = "NEW": 0x02,
        /// To a new one that another one announced, or an error about another one.
        RELATED = "RELATED": 0x04,
        /// To one that was seen in both directions.
        ESTABLISHED = "ESTABLISHED": 0x08,
        /// To none, because conntrack was told to leave it alone.
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
