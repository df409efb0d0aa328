//! `-m mark`: the packet's mark.

use super::extension;
use crate::value::{MarkMask, Must, Not};

extension! {
    /// Matches packets by the mark that other rules have put on them.
    ///
    /// Kernel `xt_mark`; iptables `libxt_mark`.
    Mark = "mark" {
        /// The mark, after AND with the mask.
        "--mark" => mark: Must<Not<MarkMask>>,
    }
}
