//! `-m conntrack`: the state of the packet's connection.

use super::extension;
use crate::value::{
    Context, Invertible, Network, PortRange, ProtocolNumber, Range, ValueError, flags, keywords,
};

extension! {
    /// Matches packets by the state of their connection. All given options must match.
    ///
    /// Addresses and ports are those of the original direction (`orig`) or of the reply direction
    /// (`repl`). They differ where NAT translates them.
    ///
    /// Kernel `xt_conntrack`; iptables `libxt_conntrack`.
    Conntrack = "conntrack" {
        /// The state of the connection, one or more of these.
        "--ctstate" => ctstate: Option<Invertible<CtStates>>,
        /// The layer 4 protocol of the connection, by name or number.
        "--ctproto" => ctproto: Option<Invertible<ProtocolNumber>>
            => |conntrack| conntrack.check_protocol(),
        /// The source address in the original direction.
        "--ctorigsrc" => ctorigsrc: Option<Invertible<Network>>,
        /// The destination address in the original direction.
        "--ctorigdst" => ctorigdst: Option<Invertible<Network>>,
        /// The source address in the reply direction.
        "--ctreplsrc" => ctreplsrc: Option<Invertible<Network>>,
        /// The destination address in the reply direction.
        "--ctrepldst" => ctrepldst: Option<Invertible<Network>>,
        /// The source port in the original direction, or a range of ports.
        "--ctorigsrcport" => ctorigsrcport: Option<Invertible<PortRange>>,
        /// The destination port in the original direction, or a range of ports.
        "--ctorigdstport" => ctorigdstport: Option<Invertible<PortRange>>,
        /// The source port in the reply direction, or a range of ports.
        "--ctreplsrcport" => ctreplsrcport: Option<Invertible<PortRange>>,
        /// The destination port in the reply direction, or a range of ports.
        "--ctrepldstport" => ctrepldstport: Option<Invertible<PortRange>>,
        /// The status of the connection, one or more of these.
        "--ctstatus" => ctstatus: Option<Invertible<CtStatus>>,
        /// The remaining lifetime of the connection in seconds, or a range.
        "--ctexpire" => ctexpire: Option<Invertible<Range<u32>>>,
        /// The direction of the packet.
        "--ctdir" => ctdir: Option<CtDirection>,
    }
    at_least one of [];
    normalize = normalize;
}

impl Conntrack {
    /// Refuses protocol 0 after `! --ctstatus`: iptables means to refuse `! --ctproto 0`, but
    /// tests the inversion of `--ctstatus` instead.
    fn check_protocol(&self) -> Result<(), ValueError> {
        let is_zero = self.ctproto.is_some_and(|protocol| protocol.value.0 == 0);
        if is_zero && self.ctstatus.is_some_and(|status| status.inverted) {
            return Err(ValueError::new(
                "a protocol other than 0 after `! --ctstatus`",
            ));
        }
        Ok(())
    }
}

flags! {
    /// States of a connection.
    CtStates: u8, "STATE,…", abbreviated {
        /// The packet belongs to no known connection.
        INVALID = "INVALID": 0x01,
        /// The packet starts a connection, or one that has seen packets in one direction only.
        NEW = "NEW": 0x02,
        /// The packet starts a connection that another one expects, or is an ICMP error about
        /// another one.
        RELATED = "RELATED": 0x04,
        /// The connection has seen packets in both directions.
        ESTABLISHED = "ESTABLISHED": 0x08,
        /// The packet is exempt from connection tracking.
        UNTRACKED = "UNTRACKED": 0x10,
        /// The source address of the connection is translated.
        SNAT = "SNAT": 0x20,
        /// The destination address of the connection is translated.
        DNAT = "DNAT": 0x40,
    }
}

flags! {
    /// Statuses of a connection.
    CtStatus: u8, "STATUS,…", abbreviated {
        /// Another connection expected it.
        EXPECTED = "EXPECTED": 0x01,
        /// It has seen packets in both directions.
        SEEN_REPLY = "SEEN_REPLY": 0x02,
        /// It is not dropped early when the conntrack table is full.
        ASSURED = "ASSURED": 0x04,
        /// Its first packet has left the host.
        CONFIRMED = "CONFIRMED": 0x08,
    }
    read { "NONE": 0, }
    none "NONE"
}

keywords! {
    /// The direction of a packet in its connection.
    CtDirection("ORIGINAL|REPLY") {
        /// The original direction.
        Original = "ORIGINAL",
        /// The reply direction.
        Reply = "REPLY",
    }
}

fn normalize(conntrack: &mut Conntrack, _: &Context) {
    for ports in [
        &mut conntrack.ctorigsrcport,
        &mut conntrack.ctorigdstport,
        &mut conntrack.ctreplsrcport,
        &mut conntrack.ctrepldstport,
    ] {
        // iptables reads a last port of 0 as an absent one (`libxt_conntrack.c`).
        if let Some(ports) = ports
            && ports.value.last == 0
        {
            ports.value.last = ports.value.first;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -m conntrack --ctstate RELATED,ESTABLISHED ; =
            -m conntrack ! --ctstate ESTABLISHED,new,SNAT,dn ; -m conntrack ! --ctstate NEW,ESTABLISHED,SNAT,DNAT
            -m conntrack --ctproto TCP ; -m conntrack --ctproto 6
            -m conntrack ! --ctproto 47 ; =
            -m conntrack ! --ctproto 0 ! --ctstatus NONE ; =
            -m conntrack ! --ctstatus NONE --ctproto 47 ; -m conntrack --ctproto 47 ! --ctstatus NONE
            -m conntrack ! --ctstatus NONE ! --ctproto all ; REFUSED
            -m conntrack ! --ctstatus NONE --ctproto 0 ; REFUSED
            -m conntrack --ctorigsrc 192.0.2.1/24 ; =
            -m conntrack --ctorigdst 192.0.2.1/32 ; -m conntrack --ctorigdst 192.0.2.1
            -m conntrack ! --ctreplsrc 10.1/255.255.0.0 ; -m conntrack ! --ctreplsrc 10.0.0.1/16
            -m conntrack --ctrepldst 192.0.2.1/0 ; =
            -m conntrack --ctrepldst 192.0.2.1/255.0.255.0 ; -m conntrack --ctrepldst 192.0.2.1
            -m conntrack --ctorigsrcport 1024: ! --ctorigdstport 80 --ctreplsrcport :5 --ctrepldstport 1:2 ; -m conntrack --ctorigsrcport 1024:65535 ! --ctorigdstport 80 --ctreplsrcport 0:5 --ctrepldstport 1:2
            -m conntrack --ctorigdstport 80:70 ; =
            -m conntrack --ctorigdstport 80:0 ; -m conntrack --ctorigdstport 80
            -m conntrack --ctstatus CONFIRMED,EXPECTED,SEEN_REPLY,ASSURED ; -m conntrack --ctstatus EXPECTED,SEEN_REPLY,ASSURED,CONFIRMED
            -m conntrack --ctstatus none ; -m conntrack --ctstatus NONE
            -m conntrack ! --ctstatus NONE,ASSURED ; -m conntrack ! --ctstatus ASSURED
            -m conntrack --ctexpire 10 ; =
            -m conntrack ! --ctexpire 10: ; -m conntrack ! --ctexpire 10:4294967295
            -m conntrack --ctexpire 10:5 ; =
            -m conntrack --ctdir original ; -m conntrack --ctdir ORIGINAL
            -m conntrack --ctdir REPLY --ctstate DNAT ; -m conntrack --ctstate DNAT --ctdir REPLY
            -m conntrack --ctexpire "" ! --ctproto ALL ; REFUSED
            -m conntrack --ctexpire "" ! --ctproto all ; -m conntrack ! --ctproto 0 --ctexpire 0
            -m conntrack --ctstat e,A --ctsta i ; REFUSED
            -m conntrack --ctstatu e,A --ctstate i ; -m conntrack --ctstate INVALID --ctstatus EXPECTED,ASSURED
            -m conntrack --ctexpire 1:2:3 ; REFUSED
            -m conntrack --ctstate NEW, ; REFUSED
            -m conntrack --ctstate "" ; REFUSED
            -m conntrack --ctdir REP ; REFUSED
            -m conntrack ; REFUSED
            -m conntrack ! --ctdir REPLY ; REFUSED
            -m conntrack --ctstate FOO ; REFUSED
            -m conntrack --ctstate NEW --ctstate NEW ; REFUSED
            -m conntrack --ctorigsrc 2001:db8::1 ; REFUSED
            -m conntrack --ctorigsrc 192.0.2.1/33 ; -m conntrack --ctorigsrc 192.0.2.1
            -m conntrack --ctorigsrc 192.0.2.1/4294901760 ; -m conntrack --ctorigsrc 192.0.2.1/16
            -m conntrack --ctorigsrc 1.2.3.4.5 ; REFUSED
            "#,
        );
        lines::check_v6(
            "
            -m conntrack --ctorigsrc 2001:db8::1/64 --ctorigdst 2001:db8::2/128 ; -m conntrack --ctorigsrc 2001:db8::1/64 --ctorigdst 2001:db8::2
            -m conntrack --ctorigsrc 2001:db8::1/ffff:: ; -m conntrack --ctorigsrc 2001:db8::1/16
            -m conntrack --ctorigsrc 192.0.2.1 ; REFUSED
            ",
        );
    }
}
