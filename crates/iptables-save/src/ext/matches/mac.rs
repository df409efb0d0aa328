//! `-m mac`: the source MAC address.

use super::extension;
use crate::value::{Invertible, Mac, Required};

extension! {
    /// Matches packets by their source MAC address. Only packets from Ethernet interfaces match.
    ///
    /// For PREROUTING, INPUT and FORWARD. Kernel `xt_mac`; iptables `libxt_mac`.
    MacSource = "mac" {
        /// The source MAC address.
        "--mac-source" => mac_source: Required<Invertible<Mac>>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -m mac --mac-source 02:00:5e:10:00:01 ; =
            -m mac ! --mac-source 2:0:5E:10:0:1 ; -m mac ! --mac-source 02:00:5e:10:00:01
            -m mac --mac-source 02:00:5e:10:00 ; REFUSED
            -m mac --mac-source 02:00:5e:10:00:01:02 ; REFUSED
            -m mac --mac-source 02:00:5e:10:00:0x1 ; REFUSED
            -m mac --mac-source -1:+2:: 3: ; REFUSED
            -m mac --mac=-1:+2:::3: ; -m mac --mac-source ff:02:00:00:03:00
            -m mac --mac-source 2-0-5e-10-0-1 ; REFUSED
            -m mac --mac-source 2:0:5e:10:0:001 ; REFUSED
            -m mac --mac-source 2:0:5e:10:0:g ; REFUSED
            -m mac --mac-source 2:0:5e:10:0:1 --mac-source 2:0:5e:10:0:1 ; REFUSED
            -m mac ; REFUSED
            ",
        );
    }
}
