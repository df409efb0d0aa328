//! `-j CONNMARK`: puts a mark on the connection, or carries it to and from the packet.

use super::extension;
use crate::value::{Bounded, Context, Hex, MarkMask, Xmark};

extension! {
    /// Changes the mark that conntrack keeps for the connection, copies the packet's
    /// mark to it, or copies it to the packet's.
    ///
    /// One of `--set-xmark`, `--save-mark` and `--restore-mark` must stand, or an option that
    /// is read as one. Kernel `xt_connmark`; iptables `libxt_CONNMARK`.
    Connmark = "CONNMARK" {
        /// Clears the mask's bits of the connection's mark and flips those of the value.
        "--set-xmark" => set_xmark: Option<Xmark> => |connmark| connmark.ctmask = None,
        /// Copies the packet's mark to the connection.
        "--save-mark" => save_mark: bool,
        /// Copies the connection's mark to the packet.
        "--restore-mark" => restore_mark: bool,
        /// The bits of the packet's mark that are copied from or cleared.
        "--nfmask" => nfmask: Option<Hex>,
        /// The bits of the connection's mark that are copied from or cleared.
        "--ctmask" => ctmask: Option<Hex>,
        /// Shifts the mark up by so many bits. Of the two shifts the later one counts.
        "--left-shift-mark" => left_shift_mark: Option<Bounded<0, 32>>
            => |connmark| connmark.right_shift_mark = None,
        /// Shifts the mark down by so many bits.
        "--right-shift-mark" => right_shift_mark: Option<Bounded<0, 32>>
            => |connmark| connmark.left_shift_mark = None,
    }
    reads {
        /// Makes the mask's bits of the connection's mark those of the value.
        "--set-mark" as "--set-xmark" => |connmark, set_mark: MarkMask| {
            connmark.put(Xmark::set(set_mark));
        },
        /// Keeps only these bits of the connection's mark.
        "--and-mark" as "--set-xmark" => |connmark, and_mark: u32| {
            connmark.put(Xmark::and(and_mark));
        },
        /// Sets these bits of the connection's mark.
        "--or-mark" as "--set-xmark" => |connmark, or_mark: u32| {
            connmark.put(Xmark::or(or_mark));
        },
        /// Flips these bits of the connection's mark.
        "--xor-mark" as "--set-xmark" => |connmark, xor_mark: u32| {
            connmark.put(Xmark::xor(xor_mark));
        },
        /// The same as `--nfmask` and `--ctmask`, both with this value.
        "--mask" as "--ctmask" => |connmark, mask: Hex| {
            connmark.nfmask = Some(mask);
            connmark.ctmask = Some(mask);
        },
    }
    one of [
        "--set-xmark", "--set-mark", "--and-mark", "--or-mark", "--xor-mark", "--save-mark",
        "--restore-mark"
    ], ["--mask", "--ctmask"], ["--mask", "--nfmask"];
    at_least one of ["--set-xmark", "--save-mark", "--restore-mark"];
    normalize = normalize;
    omit left_shift_mark when |shift| shift.get() == 0;
    omit right_shift_mark when |shift| shift.get() == 0;
}

impl Connmark {
    /// The kernel has one mask for both uses: what `--ctmask` said before is forgotten.
    fn put(&mut self, mark: Xmark) {
        self.set_xmark = Some(mark);
        self.ctmask = None;
    }
}

fn normalize(connmark: &mut Connmark, _: &Context) {
    if let Some(mark) = &mut connmark.set_xmark {
        if let Some(Hex(mask)) = connmark.ctmask.take() {
            mark.mask = mask;
        }
        connmark.nfmask = None;
        return;
    }
    connmark.nfmask.get_or_insert(Hex(u32::MAX));
    connmark.ctmask.get_or_insert(Hex(u32::MAX));
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -j CONNMARK --set-xmark 0x1/0xff ; =
        -j CONNMARK --set-xmark 1 ; -j CONNMARK --set-xmark 0x1/0xffffffff
        -j CONNMARK --set-mark 1 ; -j CONNMARK --set-xmark 0x1/0xffffffff
        -j CONNMARK --set-mark 0x1/0xfe ; -j CONNMARK --set-xmark 0x1/0xff
        -j CONNMARK --and-mark 0xff ; -j CONNMARK --set-xmark 0x0/0xffffff00
        -j CONNMARK --or-mark 1 ; -j CONNMARK --set-xmark 0x1/0x1
        -j CONNMARK --xo 1 ; -j CONNMARK --set-xmark 0x1/0x0
        -j CONNMARK --save-mark ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff
        -j CONNMARK --restore-mark --mask 0xff ; -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff
        -j CONNMARK --mask 0xff --rest ; -j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff
        -j CONNMARK --restore-mark --ctmask 0xf0 ; -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xf0
        -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff00 ; =
        -j CONNMARK --save-mark --left-shift-mark 8 ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff --left-shift-mark 8
        -j CONNMARK --set-xmark 0x1/0xff --right-shift-mark 2 ; =
        -j CONNMARK --set-xmark 0x1/0xff --left-shift-mark 0 ; -j CONNMARK --set-xmark 0x1/0xff
        -j CONNMARK --set-xmark 0x1/0xff --left-shift-mark 3 --right-shift-mark 4 ; -j CONNMARK --set-xmark 0x1/0xff --right-shift-mark 4
        -j CONNMARK --set-xmark 0x1/0xff --right-shift-mark 4 --left-shift-mark 3 ; -j CONNMARK --set-xmark 0x1/0xff --left-shift-mark 3
        -j CONNMARK --set-xmark 0x1/0xff --right-shift-mark 4 --left-shift-mark 0 ; -j CONNMARK --set-xmark 0x1/0xff
        -j CONNMARK --set-mark 1 --mask 0xff ; -j CONNMARK --set-xmark 0x1/0xff
        -j CONNMARK --mask 0xff --set-mark 1 ; -j CONNMARK --set-xmark 0x1/0xffffffff
        -j CONNMARK --set-xmark 1/2 --ctmask 4 --nfmask 8 ; -j CONNMARK --set-xmark 0x1/0x4
        -j CONNMARK --ctmask 4 --set-xmark 1/2 ; -j CONNMARK --set-xmark 0x1/0x2
        -j CONNMARK ; REFUSED
        -j CONNMARK --mask 1 ; REFUSED
        -j CONNMARK --left-shift-mark 1 ; REFUSED
        -j CONNMARK --save-mark --restore-mark ; REFUSED
        -j CONNMARK --set-mark 1 --set-mark 1 ; REFUSED
        -j CONNMARK --set-mark 1 --or-mark 1 ; REFUSED
        -j CONNMARK --set-xmark 1 --save-mark ; REFUSED
        -j CONNMARK --and-mark 1/2 ; REFUSED
        -j CONNMARK --set-mark 0x100000000 ; REFUSED
        -j CONNMARK --save-mark --mask 1 --nfmask 1 ; REFUSED
        -j CONNMARK --save-mark --ctmask 1 --mask 1 ; REFUSED
        -j CONNMARK --save-mark --ctmask 1/2 ; REFUSED
        -j CONNMARK --save-mark --left-shift-mark 33 ; REFUSED
        -j CONNMARK ! --save-mark ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
