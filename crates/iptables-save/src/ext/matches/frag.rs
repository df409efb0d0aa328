//! `-m frag`: IPv6 fragments.

use super::extension;
use crate::value::{Invertible, Range};

extension! {
    /// Matches IPv6 fragments by their Fragment header.
    ///
    /// Kernel `ip6t_frag`; iptables `libip6t_frag`.
    Frag = "frag" (V6) {
        /// The identification of the fragmented packet, or a range.
        "--fragid" => id: Option<Invertible<Range<u32>>>,
        /// The length of the header in bytes. The kernel does not check it.
        "--fraglen" => len: Option<Invertible<u32>>,
        /// Matches if the reserved fields are zero.
        "--fragres" => res: bool,
        /// Matches the first fragment.
        "--fragfirst" => first: bool,
        /// Matches if more fragments follow.
        "--fragmore" => more: bool,
        /// Matches the last fragment.
        "--fraglast" => last: bool,
    }
    one of ["--fragmore", "--fraglast"];
    normalize = |frag, _| Range::forget_all(&mut frag.id);
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check_v6(
            r#"
            -m frag ; =
            -m frag --fragid 1:10 --fraglen 8 --fragres --fragfirst --fragmore ; =
            -m frag ! --fragid 7 ! --fraglen 0 --fraglast ; =
            -m frag --fraglast --fragf --fragr --fragle 0x10 --fragi 7:7 ; -m frag --fragid 7 --fraglen 16 --fragres --fragfirst --fraglast
            -m frag --fragid :5 ; -m frag --fragid 0:5
            -m frag --fragid 5: ; -m frag --fragid 5:4294967295
            -m frag --fragid 5:1 ; =
            -m frag --fragid "" ; -m frag --fragid 0
            -m frag --fragid : ; -m frag
            -m frag --fragmore --fraglast ; REFUSED
            -m frag --fragid 1:2:3 ; REFUSED
            -m frag --fragid 4294967296 ; REFUSED
            -m frag --fraglen 1:2 ; REFUSED
            -m frag ! --fragfirst ; REFUSED
            -m frag --fragres --fragres ; REFUSED
            -m frag --fragl 5 ; REFUSED
            -m frag --frag 5 ; REFUSED
            "#,
        );
        lines::check(
            "
            -m frag --fragfirst ; REFUSED
            ",
        );
    }

    /// iptables-save up to 1.8.10 omits the option, and so inverts the meaning of the rule.
    #[test]
    fn a_condition_that_no_fragment_meets_is_kept() {
        lines::check_v6("-m frag ! --fragid 0: ; -m frag ! --fragid 0:4294967295");
    }
}
