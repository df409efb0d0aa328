//! `-j MARK`: the mark of the packet.

use super::extension;
use crate::value::{MarkMask, Required, Xmark};

extension! {
    /// Sets the mark of the packet, for policy routing and other rules.
    ///
    /// Kernel `xt_mark`; iptables `libxt_MARK`.
    Mark = "MARK" {
        /// Clears the bits of the mask, then XORs the mark with the value.
        "--set-xmark" => set_xmark: Required<Xmark>,
    }
    reads {
        /// Clears the bits of the mask, then ORs the mark with the value.
        "--set-mark" as "--set-xmark" => |mark, set_mark: MarkMask| {
            mark.set_xmark = Required(Xmark::set(set_mark));
        },
        /// ANDs the mark with these bits.
        "--and-mark" as "--set-xmark" => |mark, and_mark: u32| {
            mark.set_xmark = Required(Xmark::and(and_mark));
        },
        /// ORs the mark with these bits.
        "--or-mark" as "--set-xmark" => |mark, or_mark: u32| {
            mark.set_xmark = Required(Xmark::or(or_mark));
        },
        /// XORs the mark with these bits.
        "--xor-mark" as "--set-xmark" => |mark, xor_mark: u32| {
            mark.set_xmark = Required(Xmark::xor(xor_mark));
        },
    }
    one of ["--set-xmark", "--set-mark", "--and-mark", "--or-mark", "--xor-mark"];
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -j MARK --set-xmark 0x4000/0x4000 ; =
        -j MARK --set-xmark 0x1/0x0 ; =
        -j MARK --set-xmark 0x4000 ; -j MARK --set-xmark 0x4000/0xffffffff
        -j MARK --set-xmark 4294967295/0 ; -j MARK --set-xmark 0xffffffff/0x0
        -j MARK --set-mark 1 ; -j MARK --set-xmark 0x1/0xffffffff
        -j MARK --set-mark 010 ; -j MARK --set-xmark 0x8/0xffffffff
        -j MARK --set-mark 0x1/0xfe ; -j MARK --set-xmark 0x1/0xff
        -j MARK --and-mark 0xff ; -j MARK --set-xmark 0x0/0xffffff00
        -j MARK --or-mark 0x4000 ; -j MARK --set-xmark 0x4000/0x4000
        -j MARK --xor-mark 0x4000 ; -j MARK --set-xmark 0x4000/0x0
        -j MARK --an 1 ; -j MARK --set-xmark 0x0/0xfffffffe
        -j MARK ; REFUSED
        -j MARK --set-mark 1 --or-mark 2 ; REFUSED
        -j MARK --set-mark 1 --set-xmark 2 ; REFUSED
        -j MARK --set-mark 1 --set-mark 1 ; REFUSED
        -j MARK --or-mark 1/2 ; REFUSED
        -j MARK --set-mark 1/ ; REFUSED
        -j MARK --set-mark /1 ; REFUSED
        -j MARK --set-mark 1/2/3 ; REFUSED
        -j MARK --set-mark 0x100000000 ; REFUSED
        -j MARK --set-mark 1/0x100000000 ; REFUSED
        -j MARK --set-xmark -1 ; REFUSED
        -j MARK --set-x ; REFUSED
        -j MARK --set 1 ; REFUSED
        -j MARK ! --set-mark 1 ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
