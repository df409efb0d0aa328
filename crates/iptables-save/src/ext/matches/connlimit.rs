//! `-m connlimit`: the number of connections of a host or network.

use super::extension;
use crate::value::{Context, Invertible, PrefixLength};

extension! {
    /// Matches packets by the number of connections of their host or network.
    ///
    /// Kernel `xt_connlimit`; iptables `libxt_connlimit`.
    Connlimit = "connlimit" {
        /// Matches if there are at most this many connections.
        "--connlimit-upto" => upto: Option<Invertible<u32>>,
        /// Matches if there are more than this many connections.
        "--connlimit-above" => above: Option<Invertible<u32>>,
        /// The prefix length by which addresses are grouped: by default that of a single host.
        "--connlimit-mask" => mask: Option<PrefixLength>,
        /// Counts the connections of the source address, the default.
        "--connlimit-saddr" => saddr: bool,
        /// Counts the connections of the destination address.
        "--connlimit-daddr" => daddr: bool,
    }
    one of ["--connlimit-upto", "--connlimit-above"], ["--connlimit-saddr", "--connlimit-daddr"];
    at_least one of ["--connlimit-upto", "--connlimit-above"];
    normalize = normalize;
    default mask from context = PrefixLength::full(context.family_or_v4());
}

fn normalize(connlimit: &mut Connlimit, _: &Context) {
    // `! --connlimit-above` is `--connlimit-upto`.
    let Connlimit { upto, above, .. } = connlimit;
    if upto.or(*above).is_some_and(|count| count.inverted) {
        std::mem::swap(upto, above);
    }
    if let Some(count) = upto.as_mut().or(above.as_mut()) {
        count.inverted = false;
    }
    connlimit.saddr = !connlimit.daddr;
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -m connlimit --connlimit-upto 0 --connlimit-mask 32 --connlimit-saddr ; =
            -m connlimit --connlimit-above 10 --connlimit-mask 24 --connlimit-daddr ; =
            -m connlimit ! --connlimit-above 3 ; -m connlimit --connlimit-upto 3 --connlimit-mask 32 --connlimit-saddr
            -m connlimit ! --connlimit-upto 3 --connlimit-mask 255.255.0.0 ; -m connlimit --connlimit-above 3 --connlimit-mask 16 --connlimit-saddr
            -m connlimit --connlimit-above 3 --connlimit-mask 33 ; -m connlimit --connlimit-above 3 --connlimit-mask 32 --connlimit-saddr
            -m connlimit --connlimit-above 4294967295 --connlimit-mask 0 ; -m connlimit --connlimit-above 4294967295 --connlimit-mask 0 --connlimit-saddr
            -m connlimit --connlimit-u 0x10 --connlimit-m 010 --connlimit-d ; -m connlimit --connlimit-upto 16 --connlimit-mask 8 --connlimit-daddr
            -m connlimit --connlimit-above 3 --connlimit-mask 255.0.255.0 ; -m connlimit --connlimit-above 3 --connlimit-mask 32 --connlimit-saddr
            -m connlimit --connlimit-above 4294967296 ; REFUSED
            -m connlimit --connlimit-above -1 ; REFUSED
            -m connlimit --connlimit-above 3 --connlimit-mask "" ; REFUSED
            -m connlimit --connlimit-above 3 --connlimit-mask -1 ; REFUSED
            -m connlimit --connlimit-above 3 --connlimit-mask ffff:: ; REFUSED
            -m connlimit --connlimit-above 3 ! --connlimit-mask 24 ; REFUSED
            -m connlimit --connlimit-above 3 --connlimit-above 3 ; REFUSED
            -m connlimit --connlimit- 3 ; REFUSED
            -m connlimit --connlimit-saddr ; REFUSED
            -m connlimit --connlimit-above 3 --connlimit-upto 3 ; REFUSED
            -m connlimit --connlimit-above 3 --connlimit-saddr --connlimit-daddr ; REFUSED
            -m connlimit ; REFUSED
            "#,
        );
        lines::check_v6(
            "
            -m connlimit --connlimit-above 3 ; -m connlimit --connlimit-above 3 --connlimit-mask 128 --connlimit-saddr
            -m connlimit --connlimit-above 3 --connlimit-mask ffff:ff00:: ; -m connlimit --connlimit-above 3 --connlimit-mask 24 --connlimit-saddr
            -m connlimit --connlimit-above 3 --connlimit-mask 129 ; REFUSED
            -m connlimit --connlimit-above 3 --connlimit-mask 255.255.0.0 ; REFUSED
            ",
        );
    }
}
