//! `-m comment`: words for people.

use super::extension;
use crate::value::{Must, Quoted};

extension! {
    /// Carries up to 255 bytes of text and matches every packet.
    ///
    /// Kernel `xt_comment`; iptables `libxt_comment`.
    Comment<'a> = "comment" {
        /// The text. What is longer is cut off after 255 bytes, as iptables does.
        "--comment" => comment: Must<Quoted<'a, 255>>,
    }
}
