//! `-m ipvs`: the properties of an IPVS connection.

use super::extension;
use crate::{
    ext::OptionConflict,
    value::{Context, Flag, Invertible, Network, Port, ProtocolNumber, keywords},
};

extension! {
    /// Matches packets of connections that IPVS balances.
    ///
    /// Every option other than `--ipvs` implies it, even if inverted. Kernel `xt_ipvs`; iptables
    /// `libxt_ipvs`.
    Ipvs = "ipvs" {
        /// Matches packets of IPVS connections.
        "--ipvs" => ipvs: Option<Invertible<Flag>>,
        /// The protocol of the virtual service.
        "--vproto" => vproto: Option<Invertible<ProtocolNumber>>,
        /// The address of the virtual service.
        "--vaddr" => vaddr: Option<Invertible<Network>>,
        /// The port of the virtual service.
        "--vport" => vport: Option<Invertible<Port>>,
        /// The direction of the packet.
        "--vdir" => vdir: Option<IpvsDirection>,
        /// The method by which IPVS forwards the packet.
        "--vmethod" => vmethod: Option<Invertible<IpvsMethod>>,
        /// The port of the virtual service in the controlling connection, such as 21 for FTP.
        "--vportctl" => vportctl: Option<Invertible<Port>>,
    }
    at_least one of [];
    validate = validate;
    normalize = normalize;
}

keywords! {
    /// The direction of a packet in its connection.
    IpvsDirection("ORIGINAL|REPLY") {
        /// The original direction.
        Original = "ORIGINAL",
        /// The reply direction.
        Reply = "REPLY",
    }
}

keywords! {
    /// The method by which IPVS forwards a packet.
    IpvsMethod("GATE|IPIP|MASQ") {
        /// Direct routing.
        Gate = "GATE",
        /// An IPIP tunnel.
        Ipip = "IPIP",
        /// NAT of the destination address.
        Masq = "MASQ",
    }
}

fn validate(ipvs: &Ipvs, _: &Context) -> Result<(), OptionConflict> {
    let is_inverted = ipvs.ipvs.is_some_and(|flag| flag.inverted);
    if is_inverted && has_other_options(ipvs) {
        return Err("`! --ipvs` excludes all other options".into());
    }
    Ok(())
}

fn normalize(ipvs: &mut Ipvs, _: &Context) {
    if has_other_options(ipvs) {
        ipvs.ipvs = None;
    }
}

/// Returns whether an option other than `--ipvs` is given, which implies `--ipvs`.
fn has_other_options(ipvs: &Ipvs) -> bool {
    let alone = Ipvs {
        ipvs: ipvs.ipvs,
        ..Ipvs::default()
    };
    *ipvs != alone
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -m ipvs --ipvs ; =
            -m ipvs ! --ipvs ; =
            -m ipvs --ipvs --vproto tcp ; -m ipvs --vproto 6
            -m ipvs ! --vproto 17 --vaddr 192.0.2.1/24 ! --vport 80 --vdir REPLY ! --vmethod GATE --vportctl 21 ; =
            -m ipvs --vmethod masq --vdir original ; -m ipvs --vdir ORIGINAL --vmethod MASQ
            -m ipvs ! --vaddr 192.0.2.1/255.255.0.0 ; -m ipvs ! --vaddr 192.0.2.1/16
            -m ipvs --vm ipip --vd Reply ; -m ipvs --vdir REPLY --vmethod IPIP
            -m ipvs --vproto 0 --vport 0 ; =
            -m ipvs --vproto udp --vport ftp ! --vportctl 010 ; -m ipvs --vproto 17 --vport 21 ! --vportctl 10
            -m ipvs --vaddr 192.0.2.1/32 ; -m ipvs --vaddr 192.0.2.1
            -m ipvs --vproto 256 ; REFUSED
            -m ipvs --vaddr 2001:db8::1 ; REFUSED
            -m ipvs --vdir "" ; REFUSED
            -m ipvs --vmethod GAT ; REFUSED
            -m ipvs --vp 80 ; REFUSED
            -m ipvs --vport 80 --vport 80 ; REFUSED
            -m ipvs ! --ipvs --vport 80 ; REFUSED
            -m ipvs --vmethod NAT ; REFUSED
            -m ipvs --vport 80:90 ; REFUSED
            -m ipvs ! --vdir REPLY ; REFUSED
            -m ipvs ; REFUSED
            "#,
        );
        lines::check_v6(
            "
            -m ipvs --vaddr 2001:db8::1 --vport 80 ; =
            ",
        );
    }
}
