//! `-j TOS`: the type of service.

use super::extension;
use crate::value::{Required, TosMask};

extension! {
    /// Sets the type of service (TOS), the byte of the IP header that now holds DSCP and ECN.
    ///
    /// For the mangle table. Kernel `xt_DSCP`; iptables `libxt_TOS`.
    Tos = "TOS" {
        /// Clears the bits of the mask, then XORs the byte with the value.
        "--set-tos" => set_tos: Required<TosMask>,
    }
    reads {
        /// ANDs the byte with these bits.
        "--and-tos" as "--set-tos" => |tos, and_tos: u8| {
            tos.set_tos = Required(TosMask { value: 0, mask: !and_tos });
        },
        /// ORs the byte with these bits.
        "--or-tos" as "--set-tos" => |tos, or_tos: u8| {
            tos.set_tos = Required(TosMask { value: or_tos, mask: or_tos });
        },
        /// XORs the byte with these bits.
        "--xor-tos" as "--set-tos" => |tos, xor_tos: u8| {
            tos.set_tos = Required(TosMask { value: xor_tos, mask: 0 });
        },
    }
    one of ["--set-tos", "--and-tos", "--or-tos", "--xor-tos"];
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -j TOS --set-tos 0x10/0x3f ; =
        -j TOS --set-tos 0xff/0x00 ; =
        -j TOS --set-tos 255 ; -j TOS --set-tos 0xff/0xff
        -j TOS --set-tos 0x1f/7 ; -j TOS --set-tos 0x1f/0x07
        -j TOS --set-tos Minimize-Delay ; -j TOS --set-tos 0x10/0x3f
        -j TOS --set-tos maximize-throughput ; -j TOS --set-tos 0x08/0x3f
        -j TOS --set-tos Maximize-Reliability ; -j TOS --set-tos 0x04/0x3f
        -j TOS --set-tos Minimize-Cost ; -j TOS --set-tos 0x02/0x3f
        -j TOS --set-tos Normal-Service ; -j TOS --set-tos 0x00/0x3f
        -j TOS --and-tos 0x12 ; -j TOS --set-tos 0x00/0xed
        -j TOS --or-tos 0x12 ; -j TOS --set-tos 0x12/0x12
        -j TOS --x 0x12 ; -j TOS --set-tos 0x12/0x00
        -j TOS --set-tos 256 ; REFUSED
        -j TOS --set-tos 1/256 ; REFUSED
        -j TOS --set-tos Normal ; REFUSED
        -j TOS --and-tos 1/2 ; REFUSED
        -j TOS --or-tos 256 ; REFUSED
        -j TOS --or-tos Minimize-Cost ; REFUSED
        -j TOS --set-tos 1 --or-tos 2 ; REFUSED
        -j TOS --set-tos 1 --set-tos 1 ; REFUSED
        -j TOS ! --set-tos 1 ; REFUSED
        -j TOS ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
