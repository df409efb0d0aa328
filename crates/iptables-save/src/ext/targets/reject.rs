//! `-j REJECT`: discards the packet and tells the sender.

use super::extension;
use crate::{
    Family, Word, Writer,
    ext::Unfit,
    value::{Context, Value, ValueError, is_word},
};

extension! {
    /// Discards the packet and sends an error back.
    ///
    /// For INPUT, FORWARD and OUTPUT. Kernel `ipt_REJECT` and `ip6t_REJECT`; iptables
    /// `libipt_REJECT` and `libip6t_REJECT`.
    Reject = "REJECT" {
        /// The error to send: by default that the port is unreachable.
        "--reject-with" => reject_with: Option<RejectWith>,
    }
    finish = finish;
}

fn finish(it: &mut Reject, context: &Context) -> Result<(), Unfit> {
    it.reject_with.get_or_insert(match context.family_or_v4() {
        Family::V4 => RejectWith::PortUnreachable,
        Family::V6 => RejectWith::PortUnreachable6,
    });
    Ok(())
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

/// An error with its name and its old one.
type Named = (RejectWith, &'static str, &'static str);

/// In the order in which iptables tries abbreviations.
const V4: [Named; 8] = [
    (
        RejectWith::NetUnreachable,
        "icmp-net-unreachable",
        "net-unreach",
    ),
    (
        RejectWith::HostUnreachable,
        "icmp-host-unreachable",
        "host-unreach",
    ),
    (
        RejectWith::ProtoUnreachable,
        "icmp-proto-unreachable",
        "proto-unreach",
    ),
    (
        RejectWith::PortUnreachable,
        "icmp-port-unreachable",
        "port-unreach",
    ),
    (
        RejectWith::NetProhibited,
        "icmp-net-prohibited",
        "net-prohib",
    ),
    (
        RejectWith::HostProhibited,
        "icmp-host-prohibited",
        "host-prohib",
    ),
    (RejectWith::TcpReset, "tcp-reset", "tcp-rst"),
    (
        RejectWith::AdminProhibited,
        "icmp-admin-prohibited",
        "admin-prohib",
    ),
];

const V6: [Named; 7] = [
    (RejectWith::NoRoute6, "icmp6-no-route", "no-route"),
    (
        RejectWith::AdmProhibited6,
        "icmp6-adm-prohibited",
        "adm-prohibited",
    ),
    (
        RejectWith::AddrUnreachable6,
        "icmp6-addr-unreachable",
        "addr-unreach",
    ),
    (
        RejectWith::PortUnreachable6,
        "icmp6-port-unreachable",
        "port-unreach",
    ),
    (RejectWith::TcpReset, "tcp-reset", "tcp-reset"),
    (RejectWith::PolicyFail6, "icmp6-policy-fail", "policy-fail"),
    (
        RejectWith::RejectRoute6,
        "icmp6-reject-route",
        "reject-route",
    ),
];

impl RejectWith {
    /// The name as iptables-save writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        V4.iter()
            .chain(&V6)
            .find(|(it, ..)| *it == self)
            .map_or("", |(_, name, _)| name)
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

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        let find = |names: &[Named]| {
            let text = &args[0].text;
            names
                .iter()
                .find(|(_, name, old)| is_word(text, name, true) || is_word(text, old, true))
                .map(|(it, ..)| *it)
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
            let names: Vec<_> = names.iter().map(|(_, name, _)| *name).collect();
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
