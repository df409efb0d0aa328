//! `-j SECMARK`: gives the packet a security mark.

use super::extension;
use crate::value::{Required, Unquoted};

extension! {
    /// Gives the packet a mark of SELinux, whose policy then says who may have the packet.
    ///
    /// For the security and the mangle table. The kernel has to know the context. Kernel
    /// `xt_SECMARK`; iptables `libxt_SECMARK`.
    Secmark<'a> = "SECMARK" {
        /// The security context, of up to 255 bytes.
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
