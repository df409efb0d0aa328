//! `-j SECMARK`: the security mark of the packet.

use super::extension;
use crate::value::{Required, Unquoted};

extension! {
    /// Sets the security mark of the packet for SELinux.
    ///
    /// For the security and mangle tables. The kernel must know the security context. Kernel
    /// `xt_SECMARK`; iptables `libxt_SECMARK`.
    Secmark<'a> = "SECMARK" {
        /// The security context, up to 255 bytes.
        "--selctx" => selctx: Required<Unquoted<'a, 255>>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -j SECMARK --selctx system_u:object_r:ssh_packet_t:s0-s15:c0.c1023 ; =
        -j SECMARK --sel system_u:object_r:ssh_packet_t:s0 ; -j SECMARK --selctx system_u:object_r:ssh_packet_t:s0
        -j SECMARK --selctx a --selctx b ; REFUSED
        -j SECMARK ! --selctx a ; REFUSED
        -j SECMARK --selctx ; REFUSED
        -j SECMARK ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
        let long = "x".repeat(255);
        let cut = format!("-j SECMARK --selctx {long}y ; -j SECMARK --selctx {long}");
        lines::check(&cut);
    }
}
