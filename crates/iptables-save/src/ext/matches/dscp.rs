//! `-m dscp`: the DSCP field of the IP header.

use super::extension;
use crate::value::{Dscp, DscpClass, Invertible, Required};

extension! {
    /// Matches packets by the DSCP field of their IP header.
    ///
    /// Kernel `xt_dscp`; iptables `libxt_dscp`.
    DscpMatch = "dscp" {
        /// The DSCP value, a number.
        "--dscp" => dscp: Required<Invertible<Dscp>>,
    }
    reads {
        /// The DSCP class, by name.
        "--dscp-class" as "--dscp" => |dscp, class: Invertible<DscpClass>| {
            dscp.dscp = Required(Invertible {
                inverted: class.inverted,
                value: class.value.0,
            });
        },
    }
    one of ["--dscp", "--dscp-class"];
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -m dscp --dscp 0x00 ; =
            -m dscp ! --dscp 63 ; -m dscp ! --dscp 0x3f
            -m dscp --dscp-class ef ; -m dscp --dscp 0x2e
            -m dscp ! --dscp-class AF41 ; -m dscp ! --dscp 0x22
            -m dscp --dscp-class EFfect ; -m dscp --dscp 0x2e
            -m dscp --dscp-class beef ; -m dscp --dscp 0x00
            -m dscp --dscp 0100 ; REFUSED
            -m dscp --dscp -1 ; REFUSED
            -m dscp --dscp-class AF1 ; REFUSED
            -m dscp --dscp-class "" ; REFUSED
            -m dscp --dscp 64 ; REFUSED
            -m dscp --dscp-class AF44 ; REFUSED
            -m dscp --dscp 1 --dscp-class EF ; REFUSED
            -m dscp ; REFUSED
            "#,
        );
    }
}
