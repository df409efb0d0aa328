//! `-m conntrack`: what conntrack knows of the packet's connection.

use super::extension;
use crate::value::{
    Context, Invertible, Network, PortRange, ProtocolNumber, Range, ValueError, flags, keywords,
};

extension! {
    /// Matches packets by their connection. All options given must hold.
    ///
    /// Addresses and ports may be those of the first packet (`orig`) or those that
    /// answers bear (`repl`), which differ where addresses are translated.
    ///
    /// Kernel `xt_conntrack`; iptables `libxt_conntrack`.
    Conntrack = "conntrack" {
        /// The packet is in one of these states.
        "--ctstate" => ctstate: Option<Invertible<CtStates>>,
        /// The connection's protocol, by name or number.
        "--ctproto" => ctproto: Option<Invertible<ProtocolNumber>> => |it| it.can_match(),
        /// The source address of the first packet.
        "--ctorigsrc" => ctorigsrc: Option<Invertible<Network>>,
        /// The destination address of the first packet.
        "--ctorigdst" => ctorigdst: Option<Invertible<Network>>,
        /// The source address of answers.
        "--ctreplsrc" => ctreplsrc: Option<Invertible<Network>>,
        /// The destination address of answers.
        "--ctrepldst" => ctrepldst: Option<Invertible<Network>>,
        /// The source port of the first packet.
        "--ctorigsrcport" => ctorigsrcport: Option<Invertible<PortRange>>,
        /// The destination port of the first packet.
        "--ctorigdstport" => ctorigdstport: Option<Invertible<PortRange>>,
        /// The source port of answers.
        "--ctreplsrcport" => ctreplsrcport: Option<Invertible<PortRange>>,
        /// The destination port of answers.
        "--ctrepldstport" => ctrepldstport: Option<Invertible<PortRange>>,
        /// What has happened on the connection: one of these.
        "--ctstatus" => ctstatus: Option<Invertible<CtStatus>>,
        /// The seconds until the connection is forgotten, from the first to the last.
        "--ctexpire" => ctexpire: Option<Invertible<Range<u32>>>,
        /// The direction that the packet goes in.
        "--ctdir" => ctdir: Option<CtDirection>,
    }
    at_least one of [];
    normalize = normalize;
}

impl Conntrack {
    /// iptables looks for `! --ctproto 0`, and sees `! --ctstatus` in its place.
    fn can_match(&self) -> Result<(), ValueError> {
        let is_zero = self.ctproto.is_some_and(|it| it.value.0 == 0);
        match is_zero && self.ctstatus.is_some_and(|it| it.inverted) {
            true => Err(ValueError::new(
                "a protocol other than 0 after `! --ctstatus`",
            )),
            false => Ok(()),
        }
    }
}

flags! {
    /// How a packet may belong to a connection.
    CtStates: u8, "STATE,…", abbreviated {
        /// To none that makes sense.
        INVALID = "INVALID": 0x01,
        /// To one that begins, or that was seen in one direction only.
        NEW = "NEW": 0x02,
        /// To a new one that another one announced, or an error about another one.
        RELATED = "RELATED": 0x04,
        /// To one that was seen in both directions.
        ESTABLISHED = "ESTABLISHED": 0x08,
        /// To none, because conntrack was told to leave it alone.
        UNTRACKED = "UNTRACKED": 0x10,
        /// To one whose source address is translated.
        SNAT = "SNAT": 0x20,
        /// To one whose destination address is translated.
        DNAT = "DNAT": 0x40,
    }
}

flags! {
    /// What has happened on a connection.
    CtStatus: u8, "STATUS,…", abbreviated {
        /// Another one announced it.
        EXPECTED = "EXPECTED": 0x01,
        /// It was seen in both directions.
        SEEN_REPLY = "SEEN_REPLY": 0x02,
        /// It is not dropped early when the table is full.
        ASSURED = "ASSURED": 0x04,
        /// Its first packet has left the host.
        CONFIRMED = "CONFIRMED": 0x08,
    }
    read { "NONE": 0, }
    none "NONE"
}

keywords! {
    /// The direction of a packet on its connection.
    CtDirection("ORIGINAL|REPLY") {
        /// That of the first packet.
        Original = "ORIGINAL",
        /// That of answers.
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
        // iptables takes a last port of 0 for an absent one (`libxt_conntrack.c`).
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
