//! `-m physdev`: the ports of a bridge.

use super::extension;
use crate::{
    ext::Unfit,
    value::{Context, Flag, Interface, Not},
};

extension! {
    /// Matches bridged packets by the ports of the bridge they come and go by, which
    /// `-i` and `-o` do not see.
    ///
    /// Kernel `xt_physdev`, and `br_netfilter`; iptables `libxt_physdev`.
    Physdev<'a> = "physdev" {
        /// The packet came in by a port of a bridge.
        "--physdev-is-in" => physdev_is_in: Option<Not<Flag>>,
        /// The port that the packet came in by.
        "--physdev-in" => physdev_in: Option<Not<Interface<'a>>>,
        /// The packet leaves by a port of a bridge.
        "--physdev-is-out" => physdev_is_out: Option<Not<Flag>>,
        /// The port that the packet leaves by.
        "--physdev-out" => physdev_out: Option<Not<Interface<'a>>>,
        /// The packet is bridged, not routed.
        "--physdev-is-bridged" => physdev_is_bridged: Option<Not<Flag>>,
    }
    finish = finish;
}

fn finish(it: &mut Physdev<'_>, _: &Context) -> Result<(), Unfit> {
    match it == &Physdev::default() {
        true => Err("`physdev` needs an option".into()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m physdev --physdev-is-bridged ; =
            -m physdev ! --physdev-is-bridged --physdev-out veth+ ! --physdev-in veth0 ; -m physdev ! --physdev-in veth0 --physdev-out veth+ ! --physdev-is-bridged
            -m physdev --physdev-in veth0 ! --physdev-is-in ; -m physdev ! --physdev-is-in --physdev-in veth0
            -m physdev --physdev-is-in --physdev-is-bridged ; =
            -m physdev --physdev-in a-name-of-16-byt ; REFUSED
            -m physdev ; REFUSED
            ",
        );
    }

    /// The legacy tables refuse these where no bridge can have seen the packet.
    #[test]
    fn packets_that_leave_by_a_bridge() {
        lines::check("-m physdev ! --physdev-is-out --physdev-out veth0 ; =");
    }
}
