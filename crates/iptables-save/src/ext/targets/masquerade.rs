//! `-j MASQUERADE`: source NAT to the address of the output interface.

use super::extension;
use crate::value::{Context, ToPorts};

extension! {
    /// Replaces the source address with the address of the output interface.
    ///
    /// For POSTROUTING of the nat table. Kernel `xt_MASQUERADE`; iptables `libxt_MASQUERADE`.
    Masquerade = "MASQUERADE" {
        /// The range of source ports to use.
        "--to-ports" => to_ports: Option<ToPorts>,
        /// Randomizes source ports.
        "--random" => random: bool,
        /// Randomizes source ports fully, so that they cannot be predicted.
        "--random-fully" => random_fully: bool,
    }
    normalize = normalize;
}

fn normalize(masquerade: &mut Masquerade, _: &Context) {
    if let Some(ports) = &mut masquerade.to_ports {
        ports.base = ports.base.and(Some(0));
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -j MASQUERADE ; =
        -j MASQUERADE --random-fully ; =
        -j MASQUERADE --random-f --random ; -j MASQUERADE --random --random-fully
        -p tcp -j MASQUERADE --to-ports 1024-65535 --random ; =
        -p udp -j MASQUERADE --to 53 ; -p udp -j MASQUERADE --to-ports 53
        -p icmp -j MASQUERADE --to-ports 9-10 ; =
        -p sctp -j MASQUERADE --to-ports 0 ; =
        -p tcp -j MASQUERADE --to-ports 7-7 ; -p tcp -j MASQUERADE --to-ports 7
        -p tcp -j MASQUERADE --to-ports "010- 0x10" ; -p tcp -j MASQUERADE --to-ports 8-16
        -p tcp -j MASQUERADE --to-ports https ; -p tcp -j MASQUERADE --to-ports 443
        -p tcp -j MASQUERADE --to-ports 1024-2048/9 ; UNREADABLE -p tcp -j MASQUERADE --to-ports 1024-2048/0
        -j MASQUERADE --to-ports 1024 ; REFUSED
        -j MASQUERADE --to-ports 1024 -p tcp ; REFUSED
        -p gre -j MASQUERADE --to-ports 1024 ; REFUSED
        -p tcp -j MASQUERADE --to-ports 9-8 ; REFUSED
        -p tcp -j MASQUERADE --to-ports 9:10 ; REFUSED
        -p tcp -j MASQUERADE --to-ports 9-https ; REFUSED
        -p tcp -j MASQUERADE --to-ports 9-10/0 ; REFUSED
        -p tcp -j MASQUERADE --to-ports 65536 ; REFUSED
        -p tcp -j MASQUERADE --to-ports -1 ; REFUSED
        -p tcp -j MASQUERADE --to-ports :9 ; REFUSED
        -p tcp -j MASQUERADE --to-ports "" ; REFUSED
        -p tcp -j MASQUERADE --to-ports 9 --to-ports 9 ; REFUSED
        -j MASQUERADE --rand ; REFUSED
        -j MASQUERADE ! --random ; REFUSED
        -j MASQUERADE --random --random ; REFUSED
        -j MASQUERADE --persistent ; REFUSED
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
