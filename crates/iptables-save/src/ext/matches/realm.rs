//! `-m realm`: the routing realms of the packet.

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Invertible, MarkMask, Required, Value, ValueError},
};

extension! {
    /// Matches packets by the realms of their route: the source realm in the upper 16 bits, the
    /// destination realm in the lower 16 bits.
    ///
    /// Kernel `xt_realm`; iptables `libipt_realm`.
    Realm = "realm" (V4) {
        /// The realms after AND with the mask.
        "--realm" => realm: Required<Invertible<RealmMask>>,
    }
}

/// Realms to compare with, `VALUE[/MASK]`, or the name of a realm.
///
/// Names are those of `/etc/iproute2/rt_realms`. As iproute2 installs it, the file has one name,
/// `cosmos`, which is the only one known here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RealmMask(pub MarkMask);

/// The realm of routes without a realm.
const COSMOS: MarkMask = MarkMask {
    value: 0,
    mask: u32::MAX,
};

impl<'a> Value<'a> for RealmMask {
    const ARGS: &'static [&'static str] = &["VALUE[/MASK]|NAME"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        match &*args[0].text {
            b"cosmos" => Ok(Self(COSMOS)),
            _ => MarkMask::read(args, context)
                .map(Self)
                .map_err(|_| ValueError::new("a realm such as `0x2a`, `0x1/0xff` or `cosmos`")),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        if self.0 == COSMOS {
            out.word(b"cosmos");
        } else {
            self.0.write(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m realm --realm 0x2a ; =
            -m realm ! --realm 0x1/0x2a ; =
            -m realm --realm 10/0xff ; -m realm --realm 0xa/0xff
            -m realm --rea=020 ; -m realm --realm 0x10
            -m realm --realm 0xffff0000/4294967295 ; -m realm --realm 0xffff0000
            -m realm --realm cosmos ; =
            -m realm ! --realm 0 ; -m realm ! --realm cosmos
            -m realm --realm 0/0xffffffff ; -m realm --realm cosmos
            -m realm --realm 0/0xffff ; -m realm --realm 0x0/0xffff
            -m realm --realm 5/0 ; -m realm --realm 0x5/0x0
            -m realm --realm Cosmos ; REFUSED
            -m realm --realm cosmos/0xff ; REFUSED
            -m realm --realm no-such-realm ; REFUSED
            -m realm --realm 4294967296 ; REFUSED
            -m realm --realm 1/4294967296 ; REFUSED
            -m realm --realm 1/ ; REFUSED
            -m realm --realm -1 ; REFUSED
            -m realm --realm \"\" ; REFUSED
            -m realm --realm 1 --realm 2 ; REFUSED
            -m realm --realm ; REFUSED
            -m realm ; REFUSED
            ",
        );
        lines::check_v6("-m realm --realm 1 ; REFUSED");
    }
}
