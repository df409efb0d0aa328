//! `-j CT`: how conntrack is to treat the packet's connection.

use super::extension;
use crate::{
    Word, Writer,
    ext::Unfit,
    value::{Context, Label, Value, ValueError, flags, unsigned},
};

extension! {
    /// Tells conntrack how to treat a connection before it sees the first packet.
    ///
    /// For the raw table. Kernel `xt_CT`; iptables `libxt_CT`.
    Ct<'a> = "CT" {
        /// Keeps conntrack away from the packet.
        "--notrack" => notrack: bool,
        /// The helper that looks for connections that this one announces, such as `ftp`.
        "--helper" => helper: Option<Label<'a, 15>>,
        /// The policy that says when the connection is forgotten.
        "--timeout" => timeout: Option<Label<'a, 31>>,
        /// What programs that listen to conntrack are told of the connection.
        "--ctevents" => ctevents: Option<CtEvents>,
        /// What they are told of connections that this one announces.
        "--expevents" => expevents: Option<ExpectationEvents>,
        /// The zone that the connection is kept in, for hosts with networks whose
        /// addresses overlap.
        "--zone" => zone: Option<Zone>,
        /// The zone for the direction of the first packet alone.
        "--zone-orig" => zone_orig: Option<Zone>,
        /// The zone for the direction of answers alone.
        "--zone-reply" => zone_reply: Option<Zone>,
    }
    one of ["--zone", "--zone-orig", "--zone-reply"];
    finish = finish;
}

flags! {
    /// What can happen to a connection.
    CtEvents: u16, "EVENT,…" {
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
    ExpectationEvents: u8, "EVENT" {
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
        if args[0].text.eq_ignore_ascii_case(b"mark") {
            return Ok(Self::Mark);
        }
        unsigned(&args[0].text)
            .map(Self::Number)
            .ok_or(ValueError::new("a number from 0 to 65535, or `mark`"))
    }

    fn write(&self, out: &mut Writer<'_>) {
        match self {
            Self::Number(number) => out.number(*number),
            Self::Mark => out.word(b"mark"),
        }
    }
}

fn finish(it: &mut Ct<'_>, _: &Context) -> Result<(), Unfit> {
    // Zone 0 is where all connections are anyway.
    for zone in [&mut it.zone, &mut it.zone_orig, &mut it.zone_reply] {
        *zone = zone.filter(|zone| *zone != Zone::Number(0));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            "
            -j CT --notrack ; =
            -j CT --zone 5 ; =
            -j CT --zone-orig MARK ; -j CT --zone-orig mark
            -j CT --zone-reply 0x10 ; -j CT --zone-reply 16
            -j CT --zone 0 ; -j CT
            -j CT --ctevents mark,new,destroy --expevents new ; -j CT --ctevents new,destroy,mark --expevents new
            -j CT --zone 65536 ; REFUSED
            -j CT --ctevents new,born ; REFUSED
            -j CT --helper ; REFUSED
            ",
        );
    }

    /// The kernel must know the helper and the policy.
    #[test]
    fn helpers() {
        lines::check(
            "
            -p tcp -m tcp --dport 21 -j CT --helper ftp ; =
            -p tcp -j CT --zone 1 --timeout short --helper ftp ; -p tcp -j CT --helper ftp --timeout short --zone 1
            ",
        );
    }
}
