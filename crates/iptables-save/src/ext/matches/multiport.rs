//! `-m multiport`: up to fifteen ports at once.

use super::extension;
use crate::{
    ext::Unfit,
    value::{Context, Not, Ports, Protocol},
};

extension! {
    /// Matches packets whose ports are among up to fifteen; a range counts for two.
    ///
    /// Needs `-p tcp`, `udp`, `udplite`, `dccp` or `sctp`. Kernel `xt_multiport`;
    /// iptables `libxt_multiport`.
    Multiport = "multiport" {
        /// The source port is one of these.
        "--sports" | "--source-ports" => sports: Option<Not<Ports>>,
        /// The destination port is one of these.
        "--dports" | "--destination-ports" => dports: Option<Not<Ports>>,
        /// The source or the destination port is one of these.
        "--ports" => ports: Option<Not<Ports>>,
    }
    one of ["--sports", "--dports", "--ports"];
    finish = finish;
}

fn finish(it: &mut Multiport, context: &Context) -> Result<(), Unfit> {
    if it.sports.or(it.dports).or(it.ports).is_none() {
        return Err("`multiport` needs one of `--sports`, `--dports`, `--ports`".into());
    }
    match context.protocol {
        Some(Protocol(6 | 17 | 33 | 132 | 136)) => Ok(()),
        _ => Err("`multiport` needs `-p tcp`, `udp`, `udplite`, `dccp` or `sctp`".into()),
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -p tcp -m multiport --dports 22,80:81,443 ; =
            -p udp -m multiport ! --sports 1,1 ; =
            -p tcp -m multiport --ports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 ; =
            -p tcp -m multiport --source-ports 5:0x10 ; -p tcp -m multiport --sports 5:16
            -p tcp -m multiport --dport 80 ; -p tcp -m multiport --dports 80
            -p tcp -m multiport --ports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 ; REFUSED
            -p tcp -m multiport --ports 1:2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 ; REFUSED
            -p tcp -m multiport --dports 80:70 ; REFUSED
            -p tcp -m multiport --dports 80:80 ; REFUSED
            -p tcp -m multiport --dports 80: ; REFUSED
            -p tcp -m multiport --dports 80, ; REFUSED
            -p tcp -m multiport --dports 80 --sports 90 ; REFUSED
            -p tcp -m multiport ; REFUSED
            -m multiport --dports 80 ; REFUSED
            -p icmp -m multiport --dports 80 ; REFUSED
            ",
        );
    }
}
