//! `-m set`: what an ipset holds.

use super::extension;
use crate::{
    ext::Unfit,
    value::{Context, Flag, Must, Not, SetEntry},
};

extension! {
    /// Matches packets whose addresses, ports or other parts an ipset holds.
    ///
    /// The set must be there when the rule is loaded: `ipset` keeps it.
    /// Kernel `xt_set`; iptables `libxt_set`.
    Set<'a> = "set" {
        /// The set's name, and for each of its dimensions which end of the packet to
        /// look up: `src` or `dst`.
        "--match-set" | "--set" => match_set: Must<Not<SetEntry<'a>>>,
        /// Does not match entries that the set holds with `nomatch`.
        "--return-nomatch" => return_nomatch: bool,
        /// With `!`: does not count the packet in the set.
        "--update-counters" => update_counters: Option<Not<Flag>>,
        /// With `!`: does not count the packet in sets that a list of sets holds.
        "--update-subcounters" => update_subcounters: Option<Not<Flag>>,
        /// The entry has counted so many packets.
        "--packets-eq" => packets_eq: Option<Not<u64>>,
        /// The entry has counted fewer packets.
        "--packets-lt" => packets_lt: Option<u64>,
        /// The entry has counted more packets.
        "--packets-gt" => packets_gt: Option<u64>,
        /// The entry has counted so many bytes.
        "--bytes-eq" => bytes_eq: Option<Not<u64>>,
        /// The entry has counted fewer bytes.
        "--bytes-lt" => bytes_lt: Option<u64>,
        /// The entry has counted more bytes.
        "--bytes-gt" => bytes_gt: Option<u64>,
    }
    one of ["--packets-eq", "--packets-lt", "--packets-gt"], ["--bytes-eq", "--bytes-lt", "--bytes-gt"];
    finish = finish;
}

fn finish(it: &mut Set<'_>, _: &Context) -> Result<(), Unfit> {
    // Counting is what happens anyway.
    it.update_counters = it.update_counters.filter(|it| it.negated);
    it.update_subcounters = it.update_subcounters.filter(|it| it.negated);
    Ok(())
}

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
            -m set --match-set hosts src,dst,src,dst,src,dst,src ; REFUSED
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
