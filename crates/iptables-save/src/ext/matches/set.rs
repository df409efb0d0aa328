//! `-m set`: membership in an IP set.

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Field, Invertible, LastWins, Required, SetEntry, ValueError},
};

extension! {
    /// Matches packets whose addresses, ports or other fields are in an IP set.
    ///
    /// The set must exist when the rule is loaded; `ipset` creates it. Kernel `xt_set`; iptables
    /// `libxt_set`.
    Set<'a> = "set" {
        /// The name of the set, and for each of its dimensions whether to look up the source
        /// (`src`) or the destination (`dst`) of the packet.
        "--match-set" | "--set" => match_set: Required<Invertible<SetEntry<'a>>>,
        /// Matches elements with the `nomatch` flag instead of those without it.
        "--return-nomatch" => return_nomatch: LastWins<bool>,
        /// With `!`: does not update the counters of the matching element.
        "--update-counters" => update_counters: Update,
        /// With `!`: does not update the counters of the matching element in the members of a
        /// list of sets.
        "--update-subcounters" => update_subcounters: Update,
        /// The packet counter of the element equals this number.
        "--packets-eq" => packets_eq: Option<Invertible<u64>>,
        /// The packet counter of the element is less than this number.
        "--packets-lt" => packets_lt: Option<u64>,
        /// The packet counter of the element is greater than this number.
        "--packets-gt" => packets_gt: Option<u64>,
        /// The byte counter of the element equals this number.
        "--bytes-eq" => bytes_eq: Option<Invertible<u64>>,
        /// The byte counter of the element is less than this number.
        "--bytes-lt" => bytes_lt: Option<u64>,
        /// The byte counter of the element is greater than this number.
        "--bytes-gt" => bytes_gt: Option<u64>,
    }
    one of ["--packets-eq", "--packets-lt", "--packets-gt"], ["--bytes-eq", "--bytes-lt", "--bytes-gt"];
}

/// Whether counters are updated, which is the default. Only the inverted option has an effect,
/// and it stays inverted when it is repeated without `!`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Update {
    /// Whether counters are not updated.
    pub is_off: bool,
}

impl<'a> Field<'a> for Update {
    const ARGS: &'static [&'static str] = &[];
    const INVERTIBLE: bool = true;
    const REPEATS: bool = true;

    fn set(&mut self, inverted: bool, _: &[Word<'a>], _: &Context) -> Result<(), ValueError> {
        self.is_off |= inverted;
        Ok(())
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        if self.is_off {
            out.word(b"!");
            out.word(flag.as_bytes());
        }
    }

    fn is_given(&self) -> bool {
        self.is_off
    }
}

crate::value::owned!(Update);

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m set --match-set hosts src ; =
            -m set ! --match-set hosts dst ; =
            -m set --match-set pairs dst,src,dst ; =
            -m set --set hosts src ; -m set --match-set hosts src
            -m set --match-set hosts srcfoo ; -m set --match-set hosts src
            -m set --bytes-gt 10 ! --update-subcounters ! --update-counters --return-nomatch ! --packets-eq 0x5 --match-set hosts src ; -m set --match-set hosts src --return-nomatch ! --update-counters ! --update-subcounters ! --packets-eq 5 --bytes-gt 10
            -m set --match-set hosts src --packets-lt 5 --bytes-eq 7 ; =
            -m set --match-set hosts src --update-counters --update-subcounters ; -m set --match-set hosts src
            -m set --match-set hosts src --return-nomatch --return-nomatch ; -m set --match-set hosts src --return-nomatch
            -m set --match-set hosts src ! --update-counters --update-counters ; -m set --match-set hosts src ! --update-counters
            -m set --match-set hosts src --update-subcounters ! --update-subc ; -m set --match-set hosts src ! --update-subcounters
            -m set --match-set=hosts src,dst,src,dst,src,dst ; -m set --match-set hosts src,dst,src,dst,src,dst
            -m set --mat hosts src ; REFUSED
            -m set --match-set hosts src --packets-gt 18446744073709551615 --bytes-lt 0 ; =
            -m set --match-set hosts src ! --packets-eq 010 ! --bytes-eq=0 ; -m set --match-set hosts src ! --packets-eq 8 ! --bytes-eq 0
            -m set --match-set hosts src,dst,src,dst,src,dst,src ; REFUSED
            -m set --match-set hosts src, ; REFUSED
            -m set --match-set hosts -src ; REFUSED
            -m set --match-set hosts SRC ; REFUSED
            -m set --match-set hosts src --set hosts src ; REFUSED
            -m set --match-set hosts src --packets-eq 5 --packets-eq 5 ; REFUSED
            -m set --match-set hosts src --packets-eq 18446744073709551616 ; REFUSED
            -m set --match-set hosts src ! --packets-gt 5 ; REFUSED
            -m set --match-set hosts src ! --packets-lt 5 ; REFUSED
            -m set --match-set hosts src ! --bytes-gt 5 ; REFUSED
            -m set --match-set hosts src --bytes-eq 5 --bytes-lt 7 ; REFUSED
            -m set --return-nomatch ; REFUSED
            -m set --match-set hosts source ; REFUSED
            -m set --match-set hosts ; REFUSED
            -m set --match-set hosts src --packets-lt 5 --packets-gt 7 ; REFUSED
            -m set --match-set hosts src ! --bytes-lt 5 ; REFUSED
            -m set --match-set hosts src ! --return-nomatch ; REFUSED
            -m set --match-set a-name-that-is-longer-than-31-bytes src ; REFUSED
            -m set ; REFUSED
            ",
        );
    }
}
