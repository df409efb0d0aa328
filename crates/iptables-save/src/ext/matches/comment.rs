//! `-m comment`: a comment in the rule.

use super::extension;
use crate::value::{Quoted, Required};

extension! {
    /// Adds a comment of up to 255 bytes to the rule; matches every packet.
    ///
    /// Kernel `xt_comment`; iptables `libxt_comment`.
    Comment<'a> = "comment" {
        /// The comment. Truncated to 255 bytes, as iptables does.
        "--comment" => comment: Required<Quoted<'a, 255>>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -m comment --comment plain-word_1 ; =
            -m comment --comment "two words" ; =
            -m comment --comment "" ; =
            -m comment --comment a,b ; -m comment --comment "a,b"
            -m comment --comment "it's \"so\" \\ so" ; -m comment --comment "it\'s \"so\" \\ so"
            -m comment --comment a -m comment --comment b ; =
            -m comment --com a ; -m comment --comment a
            -m comment --comment=-j ; -m comment --comment -j
            -m comment --comment "-A INPUT" ; =
            -p tcp -m comment --comment foo -m tcp --dport 22 ; =
            -m comment --comment a --comment b ; REFUSED
            -m comment --comment ; REFUSED
            -m comment --comm ; REFUSED
            -m comment ! --comment a ; REFUSED
            -m comment --comment a b ; REFUSED
            -m comment ; REFUSED
            "#,
        );
    }
}
