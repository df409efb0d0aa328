//! `-j DSCP`: the DSCP field of the IP header.

use super::extension;
use crate::value::{Dscp, DscpClass, Required};

extension! {
    /// Sets the DSCP field of the IP header.
    ///
    /// For the mangle table. Kernel `xt_DSCP`; iptables `libxt_DSCP`.
    DscpTarget = "DSCP" {
        /// The DSCP value, a number.
        "--set-dscp" => set_dscp: Required<Dscp>,
    }
    reads {
        /// The DSCP class, by name.
        "--set-dscp-class" as "--set-dscp" => |dscp, class: DscpClass| {
            dscp.set_dscp = Required(class.0);
        },
    }
    one of ["--set-dscp", "--set-dscp-class"];
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -j DSCP --set-dscp 0x00 ; =
        -j DSCP --set-dscp 0x3f ; =
        -j DSCP --set-dscp 63 ; -j DSCP --set-dscp 0x3f
        -j DSCP --set-dscp-class cs7 ; -j DSCP --set-dscp 0x38
        -j DSCP --set-dscp-class BE ; -j DSCP --set-dscp 0x00
        -j DSCP --set-dscp-class ef ; -j DSCP --set-dscp 0x2e
        -j DSCP --set-dscp-class Af43 ; -j DSCP --set-dscp 0x26
        -j DSCP --set-dscp-class af113 ; -j DSCP --set-dscp 0x0a
        -j DSCP --set-dscp-c EFoo ; -j DSCP --set-dscp 0x2e
        -j DSCP --set-dscp 64 ; REFUSED
        -j DSCP --set-dscp -1 ; REFUSED
        -j DSCP --set-dscp EF ; REFUSED
        -j DSCP --set-dscp-class AF1 ; REFUSED
        -j DSCP --set-dscp-class CS8 ; REFUSED
        -j DSCP --set-dscp-class 8 ; REFUSED
        -j DSCP --set-dscp-class "" ; REFUSED
        -j DSCP --set-dscp 0 --set-dscp-class BE ; REFUSED
        -j DSCP --set-d 0 ; REFUSED
        -j DSCP ! --set-dscp 0 ; REFUSED
        -j DSCP ; REFUSED
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
