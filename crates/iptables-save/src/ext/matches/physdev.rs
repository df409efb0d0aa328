//! `-m physdev`: the bridge ports of the packet.

use super::extension;
use crate::{
    Text, Word, Writer,
    value::{Context, Flag, Invertible, Value, ValueError},
};

extension! {
    /// Matches bridged packets by their bridge ports, which `-i` and `-o` do not match.
    ///
    /// Kernel `xt_physdev`, and `br_netfilter`; iptables `libxt_physdev`.
    Physdev<'a> = "physdev" {
        /// Matches if the packet arrived through a bridge port.
        "--physdev-is-in" => physdev_is_in: Option<Invertible<Flag>>,
        /// The bridge port through which the packet arrived.
        "--physdev-in" => physdev_in: Option<Invertible<BridgePort<'a>>>,
        /// Matches if the packet leaves through a bridge port.
        "--physdev-is-out" => physdev_is_out: Option<Invertible<Flag>>,
        /// The bridge port through which the packet leaves.
        "--physdev-out" => physdev_out: Option<Invertible<BridgePort<'a>>>,
        /// Matches if the packet is bridged and not routed.
        "--physdev-is-bridged" => physdev_is_bridged: Option<Invertible<Flag>>,
    }
    at_least one of [];
}

/// The name of a bridge port, up to 15 bytes. A `+` at the end matches any suffix, and an empty
/// name matches any port.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct BridgePort<'a>(pub Text<'a>);

impl<'a> Value<'a> for BridgePort<'a> {
    const ARGS: &'static [&'static str] = &["INTERFACE[+]"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        match args[0].text.len() {
            0..=15 => Ok(Self(args[0].text.clone())),
            _ => Err(ValueError::new("an interface name of up to 15 bytes")),
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

    /// The legacy tables refuse these in chains that see no bridged packets.
    #[test]
    fn packets_that_leave_through_a_bridge() {
        lines::check("-m physdev ! --physdev-is-out --physdev-out veth0 ; =");
    }
}
