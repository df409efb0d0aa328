//! `-m cgroup`: the control group of the packet's socket.

use super::extension;
use crate::value::{Invertible, Quoted};

extension! {
    /// Matches packets whose socket belongs to a control group (cgroup).
    ///
    /// The kernel requires exactly one of the options. Kernel `xt_cgroup`; iptables
    /// `libxt_cgroup`.
    Cgroup<'a> = "cgroup" {
        /// The path of the cgroup, or of an ancestor, in the cgroup v2 hierarchy. Truncated to
        /// 511 bytes, as iptables does.
        "--path" => path: Option<Invertible<Quoted<'a, 511>>>,
        /// The class of the cgroup, as in `net_cls.classid` of cgroup v1.
        "--cgroup" => class: Option<Invertible<u32>>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -m cgroup --cgroup 1 ; =
        -m cgroup ! --cgroup 0x10001 ; -m cgroup ! --cgroup 65537
        -m cgroup --cg 4294967295 ; -m cgroup --cgroup 4294967295
        -m cgroup --path "/" ; =
        -m cgroup ! --pa system ; -m cgroup ! --path system
        -m cgroup --path system.slice/ssh.service ; -m cgroup --path "system.slice/ssh.service"
        -m cgroup --path "" ; =
        -m cgroup --cgroup 1 ! --path a ; -m cgroup ! --path a --cgroup 1
        -m cgroup ; =
        -m cgroup --cgroup 4294967296 ; REFUSED
        -m cgroup --cgroup -1 ; REFUSED
        -m cgroup --cgroup 1 --cgroup 1 ; REFUSED
        -m cgroup --c 1 ; REFUSED
        -m cgroup --p / ; REFUSED
    "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
