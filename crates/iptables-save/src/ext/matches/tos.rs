//! `-m tos`: the type of service.

use super::extension;
use crate::value::{Invertible, Required, TosMask};

extension! {
    /// Matches packets by the type of service (TOS), the byte of the IP header that now holds
    /// DSCP and ECN.
    ///
    /// Kernel `xt_dscp`; iptables `libxt_tos`.
    Tos = "tos" {
        /// The byte after AND with the mask.
        "--tos" => tos: Required<Invertible<TosMask>>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -m tos --tos 0x10/0x3f ; =
        -m tos ! --tos 0x04/0xff ; =
        -m tos --tos 16 ; -m tos --tos 0x10/0xff
        -m tos --tos 020/+15 ; -m tos --tos 0x10/0x0f
        -m tos --tos 255/0 ; -m tos --tos 0xff/0x00
        -m tos --tos=0XfF ; -m tos --tos 0xff/0xff
        -m tos --to 1 ; -m tos --tos 0x01/0xff
        -m tos --tos Minimize-Delay ; -m tos --tos 0x10/0x3f
        -m tos ! --tos Maximize-Throughput ; -m tos ! --tos 0x08/0x3f
        -m tos --tos maximize-reliability ; -m tos --tos 0x04/0x3f
        -m tos --tos MINIMIZE-COST ; -m tos --tos 0x02/0x3f
        -m tos --tos Normal-Service ; -m tos --tos 0x00/0x3f
        -m tos --tos Normal ; REFUSED
        -m tos --tos Normal-Service/0x3f ; REFUSED
        -m tos --tos 256 ; REFUSED
        -m tos --tos 1/256 ; REFUSED
        -m tos --tos 1/ ; REFUSED
        -m tos --tos /1 ; REFUSED
        -m tos --tos 1/2/3 ; REFUSED
        -m tos --tos -1 ; REFUSED
        -m tos --tos 0x10x ; REFUSED
        -m tos --tos 1 --tos 2 ; REFUSED
        -m tos --tos ; REFUSED
        -m tos ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
