//! `-j CT`: how conntrack is to treat the packet's connection.

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
    /// Tells conntrack how to treat a connection before it sees the first packet.
    ///
    /// For the raw table. Kernel `xt_CT`; iptables `libxt_CT`.
    Ct<'a> = "CT" {
        /// Keeps conntrack away from the packet.
        "--notrack" => notrack: bool,
        /// The helper that looks for connections that this one announces, such as `ftp`.
        "--helper" => helper: Option<Unquoted<'a, 15>>,
        /// The policy that says when the connection is forgotten.
        "--timeout" => timeout: Option<Unquoted<'a, 31>>,
        /// What programs that listen to conntrack are told of the connection.
        "--ctevents" => ctevents: Option<CtEvents>,
        /// What they are told of connections that this one announces.
        "--expevents" => expevents: Option<ExpectationEvents>,
        /// The zone that the connection is kept in, for hosts with networks whose
        /// addresses overlap. There is one zone: of several the last counts, `mark` before
        /// a number.
        "--zone" => zone: Option<Zone> => |it| it.one_zone(it.zone),
        /// The zone for the direction of the first packet alone.
        "--zone-orig" => zone_orig: Option<Zone> => |it| it.one_zone(it.zone_orig),
        /// The zone for the direction of answers alone. Together with `--zone-orig` it is
        /// the zone of both.
        "--zone-reply" => zone_reply: Option<Zone> => |it| it.one_zone(it.zone_reply),
    }
    normalize = normalize;
    omit helper when |name| name.0.is_empty();
    omit timeout when |name| name.0.is_empty();
}

flags! {
    /// What can happen to a connection.
    CtEvents: u16, "EVENT,…", exact {
        /// It begins.
        NEW = "new": 0x001,
        /// It begins, and another one announced it.
        RELATED = "related": 0x002,
        /// It is forgotten.
        DESTROY = "destroy": 0x004,
        /// The first answer is there.
        REPLY = "reply": 0x008,
        /// It has proved to be more than an attempt.
        ASSURED = "assured": 0x010,
        /// What the protocol knows of it has changed.
        PROTOINFO = "protoinfo": 0x020,
        /// A helper looks after it.
        HELPER = "helper": 0x040,
        /// Its mark has changed.
        MARK = "mark": 0x080,
        /// Its sequence numbers are shifted.
        NATSEQINFO = "natseqinfo": 0x100,
        /// Its security mark has changed.
        SECMARK = "secmark": 0x200,
    }
}

flags! {
    /// What can happen to a connection that another one announced.
    ExpectationEvents: u8, "EVENT", exact {
        /// It was announced.
        NEW = "new": 0x01,
    }
}

/// A zone of conntrack: `NUMBER`, or `mark` for the number that is the packet's mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zone {
    /// The zone with this number.
    Number(u16),
    /// The zone whose number is the packet's mark.
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
    /// Puts a zone that was just read wherever there is one: the kernel's structure has
    /// room for one, and for the directions.
    fn one_zone(&mut self, newest: Option<Zone>) {
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
