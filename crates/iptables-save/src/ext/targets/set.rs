//! `-j SET`: puts addresses into an ipset, or takes them out.

use super::extension;
use crate::{
    ext::Unfit,
    value::{Context, SetEntry, Within},
};

extension! {
    /// Puts the packet's addresses, ports or other parts into an ipset or takes them out,
    /// and goes on to the next rule.
    ///
    /// The sets must be there when the rule is loaded: `ipset` keeps them.
    /// Kernel `xt_set`; iptables `libxt_SET`.
    Set<'a> = "SET" {
        /// Puts an entry into this set: for each of its dimensions, which end of the
        /// packet to take.
        "--add-set" => add_set: Option<SetEntry<'a>>,
        /// Begins the time of an entry again that the set holds already.
        "--exist" => exist: bool,
        /// The seconds after which the new entry is forgotten.
        "--timeout" => timeout: Option<Within<0, { u32::MAX - 1 }>>,
        /// Takes an entry out of this set.
        "--del-set" => del_set: Option<SetEntry<'a>>,
        /// Looks the packet up in this set, for what the entry says of it.
        "--map-set" => map_set: Option<SetEntry<'a>>,
        /// Puts the entry's mark on the packet.
        "--map-mark" => map_mark: bool,
        /// Gives the packet the entry's class of traffic control.
        "--map-prio" => map_prio: bool,
        /// Puts the packet into the entry's queue of the network card.
        "--map-queue" => map_queue: bool,
    }
    needs "--add-set" beside "--exist", "--add-set" beside "--timeout",
        "--map-set" beside "--map-mark", "--map-set" beside "--map-prio",
        "--map-set" beside "--map-queue";
    finish = finish;
}

fn finish(it: &mut Set<'_>, _: &Context) -> Result<(), Unfit> {
    if it.add_set.is_none() && it.del_set.is_none() && it.map_set.is_none() {
        return Err("`SET` needs one of `--add-set`, `--del-set`, `--map-set`".into());
    }
    if it.map_set.is_some() && !(it.map_mark || it.map_prio || it.map_queue) {
        return Err("`--map-set` needs one of `--map-mark`, `--map-prio`, `--map-queue`".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -j SET --add-set hosts src ; =
            -j SET --del-set pairs src,dst,src ; =
            -j SET --timeout 60 --del-set hosts dst --exist --add-set hosts src ; -j SET --add-set hosts src --exist --timeout 60 --del-set hosts dst
            -j SET ; REFUSED
            -j SET --exist --del-set hosts src ; REFUSED
            -j SET --add-set hosts ; REFUSED
            -j SET --add-set hosts src --map-mark ; REFUSED
            -j SET --map-set hosts src ; REFUSED
            ! -j SET --add-set hosts src ; REFUSED
            ",
        );
    }

    /// In the mangle table.
    #[test]
    fn maps() {
        lines::check("-j SET --map-set marks src --map-mark --map-prio --map-queue ; =");
    }
}
