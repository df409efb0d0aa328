//! `-m physdev`: the ports of a bridge.

use super::extension;
use crate::{
    Text, Word, Writer,
    value::{Context, Flag, Invertible, Value, ValueError},
};

extension! {
    /// Matches bridged packets by the ports of the bridge they come and go by, which
    /// `-i` and `-o` do not see.
    ///
    /// Kernel `xt_physdev`, and `br_netfilter`; iptables `libxt_physdev`.
    Physdev<'a> = "physdev" {
        /// The packet came in by a port of a bridge.
        "--physdev-is-in" => physdev_is_in: Option<Invertible<Flag>>,
        /// The port that the packet came in by.
        "--physdev-in" => physdev_in: Option<Invertible<BridgePort<'a>>>,
        /// The packet leaves by a port of a bridge.
        "--physdev-is-out" => physdev_is_out: Option<Invertible<Flag>>,
        /// The port that the packet leaves by.
        "--physdev-out" => physdev_out: Option<Invertible<BridgePort<'a>>>,
        /// The packet is bridged, not routed.
        "--physdev-is-bridged" => physdev_is_bridged: Option<Invertible<Flag>>,
    }
    at_least one of [];
}

/// The name of a bridge's port, of up to 15 bytes; a `+` at the end stands for any ending,
/// and no name for any port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BridgePort<'a>(pub Text<'a>);

impl<'a> Value<'a> for BridgePort<'a> {
    const ARGS: &'static [&'static str] = &["INTERFACE[+]"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        match args[0].text.len() {
            0..=15 => Ok(Self(args[0].text.clone())),
            _ => Err(ValueError::new("an interface's name of up to 15 bytes")),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.name(&self.0);
    }
}

crate::value::owned!(text BridgePort);

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -m physdev --physdev-is-bridged ; =
        -m physdev ! --physdev-is-bridged --physdev-out veth+ ! --physdev-in veth0 ; -m physdev ! --physdev-in veth0 --physdev-out veth+ ! --physdev-is-bridged
        -m physdev --physdev-in veth0 ! --physdev-is-in ; -m physdev ! --physdev-is-in --physdev-in veth0
        -m physdev --physdev-is-in --physdev-is-bridged ; =
        -m physdev --physdev-in=+ --physdev-is-b ; -m physdev --physdev-in + --physdev-is-bridged
        -m physdev --physdev-in a/name-of-15-by ; =
        -m physdev --physdev-in \"\" --physdev-is-bridged ; UNREADABLE -m physdev --physdev-in  --physdev-is-bridged
        -m physdev --physdev-out \"veth 0\" --physdev-is-bridged ; UNREADABLE -m physdev --physdev-out veth 0 --physdev-is-bridged
        -m physdev --physdev-in a-name-of-16-byt ; REFUSED
        -m physdev --physdev-in a --physdev-in a ; REFUSED
        -m physdev --physdev-is-in --physdev-is-in ; REFUSED
        -m physdev --physdev-is a ; REFUSED
        -m physdev --physdev-in ; REFUSED
        -m physdev ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }

    /// The legacy tables refuse these where no bridge can have seen the packet.
    #[test]
    fn packets_that_leave_by_a_bridge() {
        lines::check("-m physdev ! --physdev-is-out --physdev-out veth0 ; =");
    }
}
