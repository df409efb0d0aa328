//! `-m cgroup`: which group of processes the packet's socket belongs to.

use super::extension;
use crate::value::{Invertible, Quoted};

extension! {
    /// Matches packets of sockets that a control group of processes has opened.
    ///
    /// The kernel wants one of the two options. Kernel `xt_cgroup`; iptables `libxt_cgroup`.
    Cgroup<'a> = "cgroup" {
        /// The group's path in the file system of version 2, or that of a group above it.
        /// What is longer is cut off after 511 bytes, as iptables does.
        "--path" => path: Option<Invertible<Quoted<'a, 511>>>,
        /// The group's class, as `net_cls.classid` of version 1 gives it.
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
