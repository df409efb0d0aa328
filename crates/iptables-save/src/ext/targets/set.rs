//! `-j SET`: the entries of IP sets.

use super::extension;
use crate::{
    Word, Writer,
    ext::OptionConflict,
    value::{Bounded, Context, Field, IntoOwned, LastWins, SetEntry, ValueError},
};

extension! {
    /// Adds the addresses, ports or other fields of the packet to an IP set or deletes them from
    /// one, and continues with the next rule.
    ///
    /// `--map-set` requires one of the options `--map-mark`, `--map-prio` and `--map-queue`. The
    /// sets must exist when the rule is loaded; `ipset` creates them. A `!` before an option is
    /// accepted and has no effect.
    ///
    /// Kernel `xt_set`; iptables `libxt_SET`.
    Set<'a> = "SET" {
        /// Adds an entry to this set: for each of its dimensions, the source (`src`) or the
        /// destination (`dst`) of the packet.
        "--add-set" => add_set: InversionIgnored<Option<SetEntry<'a>>>,
        /// Resets the timeout of an entry that is already in the set.
        "--exist" => exist: InversionIgnored<LastWins<bool>>,
        /// The timeout of the new entry in seconds.
        "--timeout" => timeout: InversionIgnored<LastWins<Option<Bounded<0, { u32::MAX - 1 }>>>>,
        /// Deletes an entry from this set.
        "--del-set" => del_set: InversionIgnored<Option<SetEntry<'a>>>,
        /// Looks up the packet in this set, and applies properties of the entry to it.
        "--map-set" => map_set: InversionIgnored<Option<SetEntry<'a>>>,
        /// Sets the mark of the packet to that of the entry.
        "--map-mark" => map_mark: InversionIgnored<LastWins<bool>>,
        /// Sets the traffic control class of the packet to that of the entry.
        "--map-prio" => map_prio: InversionIgnored<LastWins<bool>>,
        /// Sets the hardware queue of the packet to that of the entry.
        "--map-queue" => map_queue: InversionIgnored<LastWins<bool>>,
    }
    at_least one of ["--add-set", "--del-set", "--map-set"];
    needs "--add-set" with "--exist", "--add-set" with "--timeout",
        "--map-set" with "--map-mark", "--map-set" with "--map-prio",
        "--map-set" with "--map-queue";
    validate = validate;
}

fn validate(set: &Set<'_>, _: &Context) -> Result<(), OptionConflict> {
    if set.map_set.0.is_some() && !(set.map_mark.0.0 || set.map_prio.0.0 || set.map_queue.0.0) {
        return Err("`--map-set` needs one of `--map-mark`, `--map-prio`, `--map-queue`".into());
    }
    Ok(())
}

/// An option that ignores a `!` before it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct InversionIgnored<T>(pub T);

impl<'a, T: Field<'a>> Field<'a> for InversionIgnored<T> {
    const ARGS: &'static [&'static str] = T::ARGS;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const INVERTIBLE: bool = true;
    const REPEATS: bool = T::REPEATS;

    fn set(&mut self, _: bool, args: &[Word<'a>], context: &Context) -> Result<(), ValueError> {
        self.0.set(false, args, context)
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        self.0.write(flag, out);
    }

    fn is_given(&self) -> bool {
        self.0.is_given()
    }
}

impl<T: IntoOwned> IntoOwned for InversionIgnored<T> {
    type Owned = InversionIgnored<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        InversionIgnored(self.0.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -j SET --add-set hosts src ; =
        -j SET --add-set=hosts src ; -j SET --add-set hosts src
        -j SET --del-set pairs src,dst,src ; =
        -j SET --add-set pairs src,dst,src,dst,src,dst ; =
        -j SET --add-set pairs srcx,dsty ; -j SET --add-set pairs src,dst
        -j SET --timeout 60 --del-set hosts dst --exist --add-set hosts src ; -j SET --add-set hosts src --exist --timeout 60 --del-set hosts dst
        -j SET --add-set hosts src --timeout 4294967294 ; =
        -j SET --add-set hosts src --exist --timeout 5 --exist --timeout 0 ; -j SET --add-set hosts src --exist --timeout 0
        -j SET ! --add hosts src ! --exi ! --ti 1 ; -j SET --add-set hosts src --exist --timeout 1
        -j SET ; REFUSED
        -j SET --exist ; REFUSED
        -j SET --exist --del-set hosts src ; REFUSED
        -j SET --timeout 1 --map-set hosts src --map-mark ; REFUSED
        -j SET --add-set hosts src --timeout 4294967295 ; REFUSED
        -j SET --add-set hosts src --add-set hosts src ; REFUSED
        -j SET --add-set hosts ; REFUSED
        -j SET --add-set hosts ! ; REFUSED
        -j SET --add-set hosts --exist ; REFUSED
        -j SET --add-set hosts source ; REFUSED
        -j SET --add-set hosts src, ; REFUSED
        -j SET --add-set hosts src,dst,src,dst,src,dst,src ; REFUSED
        -j SET --add-set "" src ; REFUSED
        -j SET --add-set a-name-that-is-longer-than-31-bytes src ; REFUSED
        -j SET --add-set hosts src --map-mark ; REFUSED
        -j SET --add-set hosts src --map-prio ; REFUSED
        -j SET --add-set hosts src --map-queue ; REFUSED
        -j SET --map-set hosts src ; REFUSED
        -j SET --a hosts src ; REFUSED
        ! -j SET --add-set hosts src ; REFUSED
        "#;

    /// In the mangle table.
    const MAPS: &str = "
        -j SET --map-set marks src --map-mark --map-prio --map-queue ; =
        -j SET --map-queue --map-mark --map-mark ! --map-prio --map-set marks src --add-set hosts src ; -j SET --add-set hosts src --map-set marks src --map-mark --map-prio --map-queue
        ";

    #[test]
    fn lines() {
        for table in [LINES, MAPS] {
            lines::check(table);
            lines::check_v6(table);
        }
    }
}
