//! `-j CONNMARK`: puts a mark on the connection, or carries it to and from the packet.

use super::extension;
use crate::{
    ext::Unfit,
    value::{Context, Hex, MarkMask, Within, Xmark},
};

extension! {
    /// Changes the mark that conntrack keeps for the connection, copies the packet's
    /// mark to it, or copies it to the packet's.
    ///
    /// Kernel `xt_connmark`; iptables `libxt_CONNMARK`.
    Connmark = "CONNMARK" {
        /// Clears the mask's bits of the connection's mark and flips those of the value.
        "--set-xmark" => set_xmark: Option<Xmark>,
        /// Copies the packet's mark to the connection.
        "--save-mark" => save_mark: bool,
        /// Copies the connection's mark to the packet.
        "--restore-mark" => restore_mark: bool,
        /// The bits of the packet's mark that are copied from or cleared.
        "--nfmask" => nfmask: Option<Hex>,
        /// The bits of the connection's mark that are copied from or cleared.
        "--ctmask" => ctmask: Option<Hex>,
        /// Shifts the mark up by so many bits when it is copied.
        "--left-shift-mark" => left_shift_mark: Option<Within<0, 32>>,
        /// Shifts the mark down by so many bits when it is copied.
        "--right-shift-mark" => right_shift_mark: Option<Within<0, 32>>,
    }
    reads {
        /// Makes the mask's bits of the connection's mark those of the value.
        "--set-mark" as "--set-xmark" => |it, value: MarkMask| {
            it.set_xmark = Some(Xmark::set(value));
        },
        /// Keeps only these bits of the connection's mark.
        "--and-mark" as "--set-xmark" => |it, value: u32| it.set_xmark = Some(Xmark::and(value)),
        /// Sets these bits of the connection's mark.
        "--or-mark" as "--set-xmark" => |it, value: u32| it.set_xmark = Some(Xmark::or(value)),
        /// Flips these bits of the connection's mark.
        "--xor-mark" as "--set-xmark" => |it, value: u32| it.set_xmark = Some(Xmark::xor(value)),
        /// The same as `--nfmask` and `--ctmask`, both with this value.
        "--mask" as "--ctmask" => |it, value: Hex| {
            it.nfmask = Some(value);
            it.ctmask = Some(value);
        },
    }
    one of [
        "--set-xmark", "--set-mark", "--and-mark", "--or-mark", "--xor-mark", "--save-mark",
        "--restore-mark"
    ], ["--mask", "--ctmask"], ["--mask", "--nfmask"], ["--left-shift-mark", "--right-shift-mark"];
    finish = finish;
}

fn finish(it: &mut Connmark, _: &Context) -> Result<(), Unfit> {
    let no_shift = |shift: &Within<0, 32>| shift.get() != 0;
    it.left_shift_mark = it.left_shift_mark.filter(no_shift);
    it.right_shift_mark = it.right_shift_mark.filter(no_shift);
    if let Some(mark) = &mut it.set_xmark {
        // The kernel has one mask for both uses, and the later option wins.
        if let Some(Hex(mask)) = it.ctmask.take() {
            mark.mask = mask;
        }
        it.nfmask = None;
        return Ok(());
    }
    if !it.save_mark && !it.restore_mark {
        return Err(
            "`CONNMARK` needs one of `--set-xmark`, `--save-mark`, `--restore-mark`".into(),
        );
    }
    it.nfmask.get_or_insert(Hex(u32::MAX));
    it.ctmask.get_or_insert(Hex(u32::MAX));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -j CONNMARK --set-xmark 0x1/0xff ; =
            -j CONNMARK --set-mark 1 ; -j CONNMARK --set-xmark 0x1/0xffffffff
            -j CONNMARK --and-mark 0xff ; -j CONNMARK --set-xmark 0x0/0xffffff00
            -j CONNMARK --or-mark 1 ; -j CONNMARK --set-xmark 0x1/0x1
            -j CONNMARK --xor-mark 1 ; -j CONNMARK --set-xmark 0x1/0x0
            -j CONNMARK --save-mark ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff
            -j CONNMARK --restore-mark --mask 0xff ; -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff
            -j CONNMARK --restore-mark --ctmask 0xf0 ; -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xf0
            -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff00 ; =
            -j CONNMARK --save-mark --left-shift-mark 8 ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff --left-shift-mark 8
            -j CONNMARK --set-xmark 0x1/0xff --right-shift-mark 2 ; =
            -j CONNMARK --set-xmark 0x1/0xff --left-shift-mark 0 ; -j CONNMARK --set-xmark 0x1/0xff
            -j CONNMARK --set-mark 1 --mask 0xff ; -j CONNMARK --set-xmark 0x1/0xff
            -j CONNMARK ; REFUSED
            -j CONNMARK --mask 1 ; REFUSED
            -j CONNMARK --save-mark --restore-mark ; REFUSED
            -j CONNMARK --save-mark --mask 1 --nfmask 1 ; REFUSED
            -j CONNMARK --save-mark --left-shift-mark 33 ; REFUSED
            ",
        );
    }
}
