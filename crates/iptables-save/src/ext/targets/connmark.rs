//! `-j CONNMARK`: the mark of the connection.

use super::extension;
use crate::value::{Bounded, Context, Hex, MarkMask, Xmark};

extension! {
    /// Sets the mark of the connection, copies the mark of the packet to it, or copies it to the
    /// packet.
    ///
    /// Kernel `xt_connmark`; iptables `libxt_CONNMARK`.
    Connmark = "CONNMARK" {
        /// Clears the bits of the mask in the mark of the connection, then XORs it with the
        /// value.
        "--set-xmark" => set_xmark: Option<Xmark> => |connmark| connmark.ctmask = None,
        /// Copies the mark of the packet to the connection.
        "--save-mark" => save_mark: bool,
        /// Copies the mark of the connection to the packet.
        "--restore-mark" => restore_mark: bool,
        /// The bits of the packet mark that are copied or cleared.
        "--nfmask" => nfmask: Option<Hex>,
        /// The bits of the connection mark that are copied or cleared.
        "--ctmask" => ctmask: Option<Hex>,
        /// Shifts the mark left by this many bits. Of the two shifts the last one applies.
        "--left-shift-mark" => left_shift_mark: Option<Bounded<0, 32>>
            => |connmark| connmark.right_shift_mark = None,
        /// Shifts the mark right by this many bits.
        "--right-shift-mark" => right_shift_mark: Option<Bounded<0, 32>>
            => |connmark| connmark.left_shift_mark = None,
    }
    reads {
        /// Clears the bits of the mask in the mark of the connection, then ORs it with the value.
        "--set-mark" as "--set-xmark" => |connmark, set_mark: MarkMask| {
            connmark.put(Xmark::set(set_mark));
        },
        /// ANDs the mark of the connection with these bits.
        "--and-mark" as "--set-xmark" => |connmark, and_mark: u32| {
            connmark.put(Xmark::and(and_mark));
        },
        /// ORs the mark of the connection with these bits.
        "--or-mark" as "--set-xmark" => |connmark, or_mark: u32| {
            connmark.put(Xmark::or(or_mark));
        },
        /// XORs the mark of the connection with these bits.
        "--xor-mark" as "--set-xmark" => |connmark, xor_mark: u32| {
            connmark.put(Xmark::xor(xor_mark));
        },
        /// Sets both `--nfmask` and `--ctmask` to this value.
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
    /// Sets the mark and discards an earlier `--ctmask`: the kernel has one mask for both uses.
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
