//! `-j CT`: the parameters of connection tracking.

use nom::{
    branch::alt,
    bytes::complete::tag_no_case,
    combinator::{map, value},
};

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Unquoted, Value, ValueError, complete, flags, integer},
};

extension! {
    /// Sets parameters of connection tracking before conntrack sees the packet.
    ///
    /// For the raw table. Kernel `xt_CT`; iptables `libxt_CT`.
    Ct<'a> = "CT" {
        /// Disables connection tracking for the packet.
        "--notrack" => notrack: bool,
        /// The conntrack helper of the connection, such as `ftp`.
        "--helper" => helper: Option<Unquoted<'a, 15>>,
        /// The timeout policy of the connection.
        "--timeout" => timeout: Option<Unquoted<'a, 31>>,
        /// The conntrack events to report.
        "--ctevents" => ctevents: Option<CtEvents>,
        /// The expectation events to report.
        "--expevents" => expevents: Option<ExpectationEvents>,
        /// The conntrack zone, for networks with overlapping addresses. There is only one zone:
        /// of several options the last applies, but `mark` takes precedence over a number.
        "--zone" => zone: Option<Zone> => |ct| ct.share_zone(ct.zone),
        /// The conntrack zone in the original direction only.
        "--zone-orig" => zone_orig: Option<Zone> => |ct| ct.share_zone(ct.zone_orig),
        /// The conntrack zone in the reply direction only. Together with `--zone-orig` it applies
        /// to both directions.
        "--zone-reply" => zone_reply: Option<Zone> => |ct| ct.share_zone(ct.zone_reply),
    }
    normalize = normalize;
    omit helper when |name| name.0.is_empty();
    omit timeout when |name| name.0.is_empty();
}

flags! {
    /// Conntrack events.
    CtEvents: u16, "EVENT,…", exact {
        /// The connection is created.
        NEW = "new": 0x001,
        /// A connection that another one expected is created.
        RELATED = "related": 0x002,
        /// The connection is destroyed.
        DESTROY = "destroy": 0x004,
        /// The first reply is seen.
        REPLY = "reply": 0x008,
        /// The connection becomes assured.
        ASSURED = "assured": 0x010,
        /// The state of the protocol changes.
        PROTOINFO = "protoinfo": 0x020,
        /// A helper is assigned.
        HELPER = "helper": 0x040,
        /// The mark changes.
        MARK = "mark": 0x080,
        /// The adjustment of sequence numbers changes.
        NATSEQINFO = "natseqinfo": 0x100,
        /// The security mark changes.
        SECMARK = "secmark": 0x200,
    }
}

flags! {
    /// Expectation events.
    ExpectationEvents: u8, "EVENT", exact {
        /// The expectation is created.
        NEW = "new": 0x01,
    }
}

/// A conntrack zone: `NUMBER`, or `mark` for the zone whose number is the mark of the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zone {
    /// The zone with this number.
    Number(u16),
    /// The zone whose number is the mark of the packet.
    Mark,
}

impl<'a> Value<'a> for Zone {
    const ARGS: &'static [&'static str] = &["NUMBER|mark"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let mark = value(Self::Mark, tag_no_case("mark"));
        complete(alt((mark, map(integer, Self::Number))), &args[0].text)
            .ok_or(ValueError::new("a number from 0 to 65535, or `mark`"))
    }

    fn write(&self, out: &mut Writer<'_>) {
        match self {
            Self::Number(number) => out.number(*number),
            Self::Mark => out.word(b"mark"),
        }
    }
}

impl Ct<'_> {
    /// Sets the newest zone for all zone options that are present: the kernel's structure holds
    /// one zone and the directions it applies to.
    fn share_zone(&mut self, newest: Option<Zone>) {
        let mut zones = [&mut self.zone, &mut self.zone_orig, &mut self.zone_reply];
        let is_mark = zones.iter().any(|zone| **zone == Some(Zone::Mark));
        for zone in zones.iter_mut().filter(|zone| zone.is_some()) {
            **zone = if is_mark { Some(Zone::Mark) } else { newest };
        }
    }
}

fn normalize(ct: &mut Ct<'_>, _: &Context) {
    let zone = ct.zone.or(ct.zone_orig).or(ct.zone_reply);
    // Zone 0 is the default.
    let zone = zone.filter(|zone| *zone != Zone::Number(0));
    let (orig, reply) = (ct.zone_orig.is_some(), ct.zone_reply.is_some());
    ct.zone = zone.filter(|_| orig == reply);
    ct.zone_orig = zone.filter(|_| orig && !reply);
    ct.zone_reply = zone.filter(|_| reply && !orig);
}

crate::value::owned!(CtEvents, ExpectationEvents, Zone);

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -j CT ; =
        -j CT --notrack ; =
        -j CT --zone 65535 ; =
        -j CT --zone-orig MARK ; -j CT --zone-orig mark
        -j CT --zone-reply 0x10 ; -j CT --zone-reply 16
        -j CT --zone 0 ; -j CT
        -j CT --zone-orig 5 --zone-reply 0 ; -j CT
        -j CT --zone-orig 1 --zone-reply 2 ; -j CT --zone 2
        -j CT --zone-reply 2 --zone-orig 1 ; -j CT --zone 1
        -j CT --zone 5 --zone-orig 1 ; -j CT --zone-orig 1
        -j CT --zone-reply 1 --zone 5 ; -j CT --zone-reply 5
        -j CT --zone-orig mark --zone 5 ; -j CT --zone-orig mark
        -j CT --zone 5 --zone-reply mark ; -j CT --zone-reply mark
        -j CT --zone-orig mark --zone-reply 0 ; -j CT --zone mark
        -j CT --ctevents mark,new,destroy --expevents new ; -j CT --ctevents new,destroy,mark --expevents new
        -j CT --ctevents new,related,destroy,reply,assured,protoinfo,helper,mark,natseqinfo,secmark ; =
        -j CT --ctev new,new --ex new,new --noth ; REFUSED
        -j CT --ctev new,new --ex new,new --no ; REFUSED
        -j CT --ctev new,new --exp new,new --not --zone 1 ; -j CT --notrack --ctevents new --expevents new --zone 1
        -j CT --helper "" --timeout "" ; -j CT
        -j CT --zone 65536 ; REFUSED
        -j CT --zone -1 ; REFUSED
        -j CT --zone m ; REFUSED
        -j CT --zone 1 --zone 1 ; REFUSED
        -j CT --ctevents new,born ; REFUSED
        -j CT --ctevents NEW ; REFUSED
        -j CT --ctevents new, ; REFUSED
        -j CT --ctevents "" ; REFUSED
        -j CT --expevents destroy ; REFUSED
        -j CT --helper ; REFUSED
        -j CT --notrack --notrack ; REFUSED
        -j CT ! --notrack ; REFUSED
        "#;

    /// The kernel must know the helper and the policy.
    const HELPERS: &str = "
        -p tcp -m tcp --dport 21 -j CT --helper ftp ; =
        -p tcp -j CT --zone 1 --timeout short --helper ftp ; -p tcp -j CT --helper ftp --timeout short --zone 1
        -p tcp -j CT --helper 1234567890123456 ; -p tcp -j CT --helper 123456789012345
        -p tcp -j CT --timeout 12345678901234567890123456789012 ; -p tcp -j CT --timeout 1234567890123456789012345678901
        ";

    #[test]
    fn lines() {
        for table in [LINES, HELPERS] {
            lines::check(table);
            lines::check_v6(table);
        }
    }
}
