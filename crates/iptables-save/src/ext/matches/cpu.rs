//! `-m cpu`: the CPU that handles the packet.

use super::extension;
use crate::value::{Invertible, Required};

extension! {
    /// Matches packets by the CPU that handles them.
    ///
    /// Kernel `xt_cpu`; iptables `libxt_cpu`.
    Cpu = "cpu" {
        /// The number of the CPU, from 0.
        "--cpu" => cpu: Required<Invertible<u32>>,
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -m cpu --cpu 0 ; =
            -m cpu ! --cpu 0x1 ; -m cpu ! --cpu 1
            -m cpu --cpu 4294967295 ; =
            -m cpu --cp 010 ; -m cpu --cpu 8
            -m cpu --cpu 0:1 ; REFUSED
            -m cpu --cpu -1 ; REFUSED
            -m cpu --cpu "" ; REFUSED
            -m cpu --cpu 0 --cpu 1 ; REFUSED
            -m cpu --cpu ; REFUSED
            -m cpu --cpu 4294967296 ; REFUSED
            -m cpu ; REFUSED
            "#,
        );
    }
}
