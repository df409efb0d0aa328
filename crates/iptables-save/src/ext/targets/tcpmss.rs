//! `-j TCPMSS`: changes the segment size that a TCP connection asks for.

use super::extension;
use crate::{
    Family,
    ext::Unfit,
    value::{Context, Within},
};

extension! {
    /// Changes the greatest segment size in TCP segments that open a connection, for
    /// paths that lose large packets without a word.
    ///
    /// Needs `-p tcp` with `--syn`. Kernel `xt_TCPMSS`; iptables `libxt_TCPMSS`.
    Tcpmss = "TCPMSS" {
        /// The greatest segment size in bytes.
        "--set-mss" => set_mss: Option<Within<0, 65515>>,
        /// What fits through the path as far as this host knows it.
        "--clamp-mss-to-pmtu" => clamp_mss_to_pmtu: bool,
    }
    one of ["--set-mss", "--clamp-mss-to-pmtu"];
    finish = finish;
}

fn finish(it: &mut Tcpmss, context: &Context) -> Result<(), Unfit> {
    match it.set_mss {
        None if !it.clamp_mss_to_pmtu => {
            Err("`TCPMSS` needs `--set-mss` or `--clamp-mss-to-pmtu`".into())
        }
        // The header of IPv6 takes 20 bytes more.
        Some(size) if context.family == Some(Family::V6) && size.get() > 65495 => {
            Err("a segment of IPv6 has 65495 bytes at most".into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu ; =
            -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1400 ; =
            -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 65516 ; REFUSED
            -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS ; REFUSED
            ",
        );
        lines::check_v6(
            "
            -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 65495 ; =
            -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 65496 ; REFUSED
            ",
        );
    }
}
