//! `-m icmp`: the type and code of an ICMP packet.

use super::extension;
use crate::value::{Context, IcmpType, Invertible, Required};

extension! {
    /// Matches ICMP packets by their type and code. Requires `-p icmp`, which also loads this
    /// match.
    ///
    /// Kernel `ip_tables`; iptables `libipt_icmp`.
    Icmp = "icmp" (V4) {
        /// The ICMP type, by number or name, optionally with a code or a range of codes.
        "--icmp-type" => icmp_type: Required<Invertible<IcmpType>>,
    }
    normalize = normalize;
}

fn normalize(icmp: &mut Icmp, _: &Context) {
    let kind = &mut icmp.icmp_type.0.value;
    // Type 255 represents any type, and the kernel ignores its code (`icmp_type_code_match`).
    if kind.kind == 255 {
        kind.code = None;
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -p icmp -m icmp --icmp-type 8 ; =
            -p icmp --icmp-type echo-request ; -p icmp -m icmp --icmp-type 8
            -p icmp ! --icmp-type 3/4 ; -p icmp -m icmp ! --icmp-type 3/4
            -p icmp --icmp-type any ; -p icmp -m icmp --icmp-type any
            -p icmp --icmp-type 255 ; -p icmp -m icmp --icmp-type any
            -p icmp --icmp-type 255/1 ; -p icmp -m icmp --icmp-type any
            -p icmp --icmp-type TOS-host-redirect ; -p icmp -m icmp --icmp-type 5/3
            -p icmp --icmp-type fragmentation ; -p icmp -m icmp --icmp-type 3/4
            -p icmp --icmp-type 3/0:255 ; -p icmp -m icmp --icmp-type 3
            -p 1 --icmp-type 0x8 ; -p icmp -m icmp --icmp-type 8
            -p icmp --icmp-type 9:011/0x2 ; -p icmp -m icmp --icmp-type 9/2
            -p icmp --icmp-type " 9" ; -p icmp -m icmp --icmp-type 9
            -p icmp --icmp-type 8:9 ; REFUSED
            -p icmp --icmp-type 8: ; REFUSED
            -p icmp --icmp-type 8/3: ; REFUSED
            -p icmp --icmp-type 8/256 ; REFUSED
            -p icmp --icmp-type -1 ; REFUSED
            -p icmp --icmp-type "" ; REFUSED
            -p icmp --icmp-type "8 " ; REFUSED
            -p icmp --icmp-type echo ; REFUSED
            -p icmp --icmp-type 256 ; REFUSED
            -p icmp --icmp-type 8/ ; REFUSED
            -p icmp -m icmp ; REFUSED
            -p icmp -m icmp --icmp-type 8 --icmp-type 0 ; REFUSED
            "#,
        );
        lines::check_v6(
            "
            -m icmp --icmp-type 8 ; REFUSED
            ",
        );
    }

    /// iptables-save prints `3/0`, which is a different rule.
    #[test]
    fn a_range_of_codes_is_kept() {
        lines::check("-p icmp -m icmp --icmp-type 3/0:5 ; =");
    }
}
