//! `-m devgroup`: the groups of the packet's interfaces.

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Invertible, MarkMask, Value, ValueError},
};

extension! {
    /// Matches packets by the group of their input or output interface, which
    /// `ip link set … group` sets.
    ///
    /// Kernel `xt_devgroup`; iptables `libxt_devgroup`.
    Devgroup = "devgroup" {
        /// The group of the input interface.
        "--src-group" => src_group: Option<Invertible<DeviceGroup>>,
        /// The group of the output interface.
        "--dst-group" => dst_group: Option<Invertible<DeviceGroup>>,
    }
    at_least one of ["--src-group", "--dst-group"];
}

/// A group of interfaces by number or name, or several groups by a mask: `NUMBER[/MASK]`.
///
/// Names are those of `/etc/iproute2/group`. As iproute2 installs it, the file has one name,
/// `default` for 0, which is the only one known here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct DeviceGroup(pub MarkMask);

impl DeviceGroup {
    /// The group of interfaces that are not in another one.
    pub const DEFAULT: Self = Self(MarkMask {
        value: 0,
        mask: u32::MAX,
    });
}

const DEFAULT: &[u8] = b"default";

impl<'a> Value<'a> for DeviceGroup {
    const ARGS: &'static [&'static str] = &["GROUP[/MASK]"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        match &*args[0].text {
            DEFAULT => Ok(Self::DEFAULT),
            _ => MarkMask::read(args, context).map(Self).map_err(|_| {
                ValueError::new(
                    "a group such as `1`, `0x10/0xf0` or `default`; other names are not looked up",
                )
            }),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        if *self == Self::DEFAULT {
            out.word(DEFAULT);
        } else {
            self.0.write(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -m devgroup --src-group 0x1 ; =
        -m devgroup ! --src-group 0x10/0xf0 ! --dst-group default ; =
        -m devgroup --dst-g 010 --src-g 4294967295 ; -m devgroup --src-group 0xffffffff --dst-group 0x8
        -m devgroup --src-group 0 ; -m devgroup --src-group default
        -m devgroup --src-group " 0/0xffffffff" ; -m devgroup --src-group default
        -m devgroup --src-group 0/0xff ; -m devgroup --src-group 0x0/0xff
        -m devgroup --src-group 5/0 ; -m devgroup --src-group 0x5/0x0
        -m devgroup --src-group Default ; REFUSED
        -m devgroup --src-group defaul ; REFUSED
        -m devgroup --src-group default/0xff ; REFUSED
        -m devgroup --src-group 5/ ; REFUSED
        -m devgroup --src-group 5/6/7 ; REFUSED
        -m devgroup --src-group -1 ; REFUSED
        -m devgroup --src-group 4294967296 ; REFUSED
        -m devgroup --src-group "0 " ; REFUSED
        -m devgroup --src-group "" ; REFUSED
        -m devgroup --src-group 1 --src-group 2 ; REFUSED
        -m devgroup --src-group ; REFUSED
        -m devgroup ; REFUSED
    "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
