//! `-m ipvs`: connections that IPVS balances.

use super::extension;
use crate::{
    ext::OptionConflict,
    value::{Context, Flag, Invertible, Network, Port, ProtocolNumber, keywords},
};

extension! {
    /// Matches packets of connections that IPVS spreads over several servers.
    ///
    /// Every option but `--ipvs` says that the packet is of such a connection, even
    /// with a `!`. Kernel `xt_ipvs`; iptables `libxt_ipvs`.
    Ipvs = "ipvs" {
        /// The packet is of such a connection.
        "--ipvs" => ipvs: Option<Invertible<Flag>>,
        /// The protocol of the service.
        "--vproto" => vproto: Option<Invertible<ProtocolNumber>>,
        /// The address of the service.
        "--vaddr" => vaddr: Option<Invertible<Network>>,
        /// The port of the service.
        "--vport" => vport: Option<Invertible<Port>>,
        /// The direction that the packet goes in.
        "--vdir" => vdir: Option<IpvsDirection>,
        /// How the packet gets to its server.
        "--vmethod" => vmethod: Option<Invertible<IpvsMethod>>,
        /// The service's port of the connection that controls this one, such as 21 for
        /// FTP.
        "--vportctl" => vportctl: Option<Invertible<Port>>,
    }
    at_least one of [];
    validate = validate;
    normalize = normalize;
}

keywords! {
    /// The direction of a packet on its connection.
    IpvsDirection("ORIGINAL|REPLY") {
        /// That of the first packet.
        Original = "ORIGINAL",
        /// That of answers.
        Reply = "REPLY",
    }
}

keywords! {
    /// How IPVS gets a packet to a server.
    IpvsMethod("GATE|IPIP|MASQ") {
        /// By the route, unchanged.
        Gate = "GATE",
        /// In a tunnel.
        Ipip = "IPIP",
        /// By translating the destination address.
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

/// Returns whether there is an option other than `--ipvs`, which implies that one.
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
