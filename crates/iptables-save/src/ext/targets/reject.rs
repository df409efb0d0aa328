//! `-j REJECT`: packets answered with an error.

use super::extension;
use crate::{
    Family, Word, Writer,
    value::{Context, Value, ValueError, is_word},
};

extension! {
    /// Drops the packet and sends an error to its source.
    ///
    /// For INPUT, FORWARD and OUTPUT. Kernel `ipt_REJECT` and `ip6t_REJECT`; iptables
    /// `libipt_REJECT` and `libip6t_REJECT`.
    Reject = "REJECT" {
        /// The error to send: by default port unreachable. Those that begin with `icmp6` are for
        /// IPv6, those that begin with `icmp-` for IPv4, and `tcp-reset` for both, with `-p tcp`.
        "--reject-with" => reject_with: Option<RejectWith>,
    }
    default reject_with from context = match context.family_or_v4() {
        Family::V4 => RejectWith::PortUnreachable,
        Family::V6 => RejectWith::PortUnreachable6,
    };
}

/// Errors that reject a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RejectWith {
    /// ICMP network unreachable.
    NetUnreachable,
    /// ICMP host unreachable.
    HostUnreachable,
    /// ICMP protocol unreachable.
    ProtoUnreachable,
    /// ICMP port unreachable.
    PortUnreachable,
    /// ICMP network prohibited.
    NetProhibited,
    /// ICMP host prohibited.
    HostProhibited,
    /// ICMP administratively prohibited.
    AdminProhibited,
    /// A TCP RST packet, for `-p tcp`.
    TcpReset,
    /// ICMPv6 no route to destination.
    NoRoute6,
    /// ICMPv6 administratively prohibited.
    AdmProhibited6,
    /// ICMPv6 address unreachable.
    AddrUnreachable6,
    /// ICMPv6 port unreachable.
    PortUnreachable6,
    /// ICMPv6 source address failed the policy.
    PolicyFail6,
    /// ICMPv6 reject route to destination.
    RejectRoute6,
}

/// The name of an error, its older name, and the error.
type Named = (&'static str, &'static str, RejectWith);

/// The names for IPv4, in the order in which iptables tries abbreviations.
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

/// The names for IPv6, in the order in which iptables tries abbreviations.
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

/// The names of both families; `tcp-reset`, which both have, occurs once.
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
    /// Returns the name that iptables-save prints.
    #[must_use]
    pub fn name(self) -> &'static str {
        V4.iter()
            .chain(&V6)
            .find(|(.., error)| *error == self)
            .map_or("", |(name, ..)| name)
    }

    /// Returns the family of the error; `None` if it is for both.
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
                .map(|(.., error)| *error)
        };
        let error = match context.family {
            Some(Family::V4) => find(&V4),
            Some(Family::V6) => find(&V6),
            None => find(&V4).or_else(|| find(&V6)),
        };
        error.ok_or_else(|| {
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
