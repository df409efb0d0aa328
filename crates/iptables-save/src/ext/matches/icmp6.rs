//! `-m icmp6`: the type and code of an ICMPv6 packet.

use super::extension;
use crate::value::{Icmp6Type, Invertible, Required};

extension! {
    /// Matches ICMPv6 packets by their type and code. Requires `-p icmpv6`, which also loads this
    /// match.
    ///
    /// Kernel `ip6_tables`; iptables `libip6t_icmp6`.
    Icmp6 = "icmp6" | "icmpv6" | "ipv6-icmp" (V6) {
        /// The ICMPv6 type, by number or name, optionally with a code or a range of codes.
        "--icmpv6-type" => icmpv6_type: Required<Invertible<Icmp6Type>>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check_v6(
            r#"
            -p ipv6-icmp -m icmp6 --icmpv6-type 128 ; =
            -p icmpv6 --icmpv6-type echo-request ; -p ipv6-icmp -m icmp6 --icmpv6-type 128
            -p ipv6-icmp -m icmpv6 --icmpv6-type neighbor-solicitation ; -p ipv6-icmp -m icmp6 --icmpv6-type 135
            -p 58 -m ipv6-icmp ! --icmpv6-type 1/4 ; -p ipv6-icmp -m icmp6 ! --icmpv6-type 1/4
            -p icmpv6 --icmpv6-type ttl-zero-during-t ; -p ipv6-icmp -m icmp6 --icmpv6-type 3/0
            -p icmpv6 --icmpv6-type 255 ; -p ipv6-icmp -m icmp6 --icmpv6-type 255
            -p icmpv6 --icmpv6-type 9:011/0x2 ; -p ipv6-icmp -m icmp6 --icmpv6-type 9/2
            -p icmpv6 --icmpv6-type " 9" ; -p ipv6-icmp -m icmp6 --icmpv6-type 9
            -p icmpv6 --icmpv6-type 8:9 ; REFUSED
            -p icmpv6 --icmpv6-type 8: ; REFUSED
            -p icmpv6 --icmpv6-type 8/3: ; REFUSED
            -p icmpv6 --icmpv6-type 8/256 ; REFUSED
            -p icmpv6 --icmpv6-type -1 ; REFUSED
            -p icmpv6 --icmpv6-type "" ; REFUSED
            -p icmpv6 --icmpv6-type "8 " ; REFUSED
            -p icmpv6 --icmpv6-type router ; REFUSED
            -p icmpv6 -m icmp6 ; REFUSED
            "#,
        );
        lines::check(
            "
            -m icmp6 --icmpv6-type 128 ; REFUSED
            -p icmpv6 --icmpv6-type 128 ; REFUSED
            ",
        );
    }
}
