//! `-m multiport`: up to fifteen ports at once.

use super::extension;
use crate::value::{Not, Ports};

extension! {
    /// Matches packets whose ports are among up to fifteen; a range counts for two.
    ///
    /// Needs `-p tcp`, `udp`, `udplite`, `dccp` or `sctp`. Kernel `xt_multiport`;
    /// iptables `libxt_multiport`.
    Multiport = "multiport" {
        /// The source port is one of these.
        "--sports" | "--source-ports" => sports: Option<Not<Ports>>,
        /// The destination port is one of these.
        "--dports" | "--destination-ports" => dports: Option<Not<Ports>>,
        /// The source or the destination port is one of these.
        "--ports" => ports: Option<Not<Ports>>,
    }
    one of ["--sports", "--dports", "--ports"];
}
