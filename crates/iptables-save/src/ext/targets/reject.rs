//! `-j REJECT`: discards the packet and tells the sender.

use super::extension;
use crate::{
    Family, Word, Writer,
    value::{Context, Value, ValueError, is_word},
};

extension! {
    /// Discards the packet and sends an error back.
    ///
    /// For INPUT, FORWARD and OUTPUT. Kernel `ipt_REJECT` and `ip6t_REJECT`; iptables
    /// `libipt_REJECT` and `libip6t_REJECT`.
    Reject = "REJECT" {
        /// The error to send: by default that the port is unreachable. Those of ICMPv6 are
        /// for IPv6, the others for IPv4, and `tcp-reset` with `-p tcp` for both.
        "--reject-with" => reject_with: Option<RejectWith>,
    }
    default reject_with from context = match context.family_or_v4() {
        Family::V4 => RejectWith::PortUnreachable,
        Family::V6 => RejectWith::PortUnreachable6,
    };
}

/// The error that is sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RejectWith {
    /// ICMP: the network cannot be reached.
    NetUnreachable,
    /// ICMP: the host cannot be reached.
    HostUnreachable,
    /// ICMP: the host does not speak the protocol.
    ProtoUnreachable,
    /// ICMP: nobody listens on the port.
    PortUnreachable,
    /// ICMP: the network may not be reached.
    NetProhibited,
    /// ICMP: the host may not be reached.
    HostProhibited,
    /// ICMP: a filter forbids it.
    AdminProhibited,
    /// A TCP segment that ends the connection, for `-p tcp`.
    TcpReset,
    /// ICMPv6: there is no route.
    NoRoute6,
    /// ICMPv6: a filter forbids it.
    AdmProhibited6,
    /// ICMPv6: the address cannot be reached.
    AddrUnreachable6,
    /// ICMPv6: nobody listens on the port.
    PortUnreachable6,
    /// ICMPv6: the policy forbids the source address.
    PolicyFail6,
    /// ICMPv6: the route to the destination is one that rejects.
    RejectRoute6,
}

/// An error's name, its old one, and the error.
type Named = (&'static str, &'static str, RejectWith);

/// In the order in which iptables tries abbreviations.
const V4: [Named; 8] = [
    (
        "icmp-net-unreachable",
        "net-unreach",
        RejectWith::NetUnreachable,
    ),
    (
        "icmp-host-unreachable",
        "host-unreach",
        RejectWith::HostUnreachable,
    ),
    (
        "icmp-proto-unreachable",
        "proto-unreach",
        RejectWith::ProtoUnreachable,
    ),
    (
        "icmp-port-unreachable",
        "port-unreach",
        RejectWith::PortUnreachable,
    ),
    (
        "icmp-net-prohibited",
        "net-prohib",
        RejectWith::NetProhibited,
    ),
    (
        "icmp-host-prohibited",
        "host-prohib",
        RejectWith::HostProhibited,
    ),
    ("tcp-reset", "tcp-rst", RejectWith::TcpReset),
    (
        "icmp-admin-prohibited",
        "admin-prohib",
        RejectWith::AdminProhibited,
    ),
];

const V6: [Named; 7] = [
    ("icmp6-no-route", "no-route", RejectWith::NoRoute6),
    (
        "icmp6-adm-prohibited",
        "adm-prohibited",
        RejectWith::AdmProhibited6,
    ),
    (
        "icmp6-addr-unreachable",
        "addr-unreach",
        RejectWith::AddrUnreachable6,
    ),
    (
        "icmp6-port-unreachable",
        "port-unreach",
        RejectWith::PortUnreachable6,
    ),
    ("tcp-reset", "tcp-reset", RejectWith::TcpReset),
    ("icmp6-policy-fail", "policy-fail", RejectWith::PolicyFail6),
    (
        "icmp6-reject-route",
        "reject-route",
        RejectWith::RejectRoute6,
    ),
];

/// The names for both families; what both have is named once.
const NAMES: [&str; V4.len() + V6.len() - 1] = {
    let mut names = [""; V4.len() + V6.len() - 1];
    let (mut at, mut from) = (0, 0);
    while at < V4.len() {
        names[at] = V4[at].0;
        at += 1;
    }
    while from < V6.len() {
        if !matches!(V6[from].2, RejectWith::TcpReset) {
            names[at] = V6[from].0;
            at += 1;
        }
        from += 1;
    }
    names
};

impl RejectWith {
    /// The name as iptables-save writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        V4.iter()
            .chain(&V6)
            .find(|(.., it)| *it == self)
            .map_or("", |(name, ..)| name)
    }

    /// The family whose packets can be answered so; none for both.
    #[must_use]
    pub fn family(self) -> Option<Family> {
        match self {
            Self::TcpReset => None,
            _ if self.name().starts_with("icmp6") => Some(Family::V6),
            _ => Some(Family::V4),
        }
    }
}

impl<'a> Value<'a> for RejectWith {
    const ARGS: &'static [&'static str] = &["ERROR"];
    const CHOICES: &'static [&'static str] = &NAMES;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let find = |names: &[Named]| {
            let text = &args[0].text;
            names
                .iter()
                .find(|(name, old, _)| is_word(text, name, true) || is_word(text, old, true))
                .map(|(.., it)| *it)
        };
        let found = match context.family {
            Some(Family::V4) => find(&V4),
            Some(Family::V6) => find(&V6),
            None => find(&V4).or_else(|| find(&V6)),
        };
        found.ok_or_else(|| {
            let names: &[Named] = match context.family_or_v4() {
                Family::V4 => &V4,
                Family::V6 => &V6,
            };
            let names: Vec<_> = names.iter().map(|(name, ..)| *name).collect();
            ValueError::of(format!("one of {}", names.join(", ")))
        })
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.word(self.name().as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -j REJECT ; -j REJECT --reject-with icmp-port-unreachable
            -j REJECT --reject-with icmp-net-unreachable ; =
            -j REJECT --reject-with icmp-host-unreachable ; =
            -j REJECT --reject-with icmp-proto-unreachable ; =
            -j REJECT --reject-with icmp-port-unreachable ; =
            -j REJECT --reject-with icmp-net-prohibited ; =
            -j REJECT --reject-with icmp-host-prohibited ; =
            -j REJECT --reject-with icmp-admin-prohibited ; =
            -p tcp -j REJECT --reject-with tcp-reset ; =
            -p tcp -j REJECT --reject-with TCP-RST ; -p tcp -j REJECT --reject-with tcp-reset
            -j REJECT --reject-with port-unr ; -j REJECT --reject-with icmp-port-unreachable
            -j REJECT --reject-with icmp-p ; -j REJECT --reject-with icmp-proto-unreachable
            -j REJECT --reject-with host-prohib ; -j REJECT --reject-with icmp-host-prohibited
            -j REJECT --reject-with ICMP-A ; -j REJECT --reject-with icmp-admin-prohibited
            -j REJECT --rej net-p ; -j REJECT --reject-with icmp-net-prohibited
            -j REJECT --reject-with net-unreach ; -j REJECT --reject-with icmp-net-unreachable
            -j REJECT --reject-with "" ; -j REJECT --reject-with icmp-net-unreachable
            -j REJECT --reject-with net-unreachable ; REFUSED
            -j REJECT --reject-with icmp-port-unreachable2 ; REFUSED
            -j REJECT --reject-with 3 ; REFUSED
            -j REJECT --reject-with i --reject-with i ; REFUSED
            -j REJECT ! --reject-with i ; REFUSED
            -j REJECT --reject-with icmp6-no-route ; REFUSED
            -j REJECT --reject-with echo-reply ; REFUSED
            -j REJECT --reject-with ; REFUSED
            "#,
        );
        lines::check_v6(
            r#"
            -j REJECT ; -j REJECT --reject-with icmp6-port-unreachable
            -j REJECT --reject-with icmp6-no-route ; =
            -j REJECT --reject-with icmp6-adm-prohibited ; =
            -j REJECT --reject-with icmp6-addr-unreachable ; =
            -j REJECT --reject-with icmp6-policy-fail ; =
            -j REJECT --reject-with icmp6-reject-route ; =
            -p tcp -j REJECT --reject-with tcp-reset ; =
            -j REJECT --reject-with "" ; -j REJECT --reject-with icmp6-no-route
            -j REJECT --reject-with icmp6-a ; -j REJECT --reject-with icmp6-adm-prohibited
            -j REJECT --reject-with r ; -j REJECT --reject-with icmp6-reject-route
            -p tcp -j REJECT --reject-with tcp-rst ; REFUSED
            -j REJECT --reject-with adm ; -j REJECT --reject-with icmp6-adm-prohibited
            -j REJECT --reject-with icmp-port-unreachable ; REFUSED
            "#,
        );
    }
}
