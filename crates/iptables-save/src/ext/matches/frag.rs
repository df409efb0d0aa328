//! `-m frag`: pieces of IPv6 packets.

use super::extension;
use crate::value::{Invertible, Range};

extension! {
    /// Matches pieces of packets that were too long for some network, by the header that
    /// each piece bears.
    ///
    /// Kernel `ip6t_frag`; iptables `libip6t_frag`.
    Frag = "frag" (V6) {
        /// The number that all pieces of a packet bear, or a range of numbers.
        "--fragid" => id: Option<Invertible<Range<u32>>>,
        /// The length of the header. The kernel does not look at it.
        "--fraglen" => len: Option<Invertible<u32>>,
        /// The part of the header that is kept for later is empty.
        "--fragres" => res: bool,
        /// The piece is the packet's first.
        "--fragfirst" => first: bool,
        /// There are more pieces.
        "--fragmore" => more: bool,
        /// The piece is the packet's last.
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

    /// Up to 1.8.10 iptables-save forgets it, and so turns its meaning around.
    #[test]
    fn a_test_that_no_fragment_passes_is_kept() {
        lines::check_v6("-m frag ! --fragid 0: ; -m frag ! --fragid 0:4294967295");
    }
}
