//! `-m owner`: the owner of the packet's socket.

use nom::{
    Parser,
    branch::alt,
    bytes::complete::tag,
    character::complete::one_of,
    combinator::{opt, value, verify},
    sequence::preceded,
};

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Flag, Invertible, Parsed, Value, ValueError, complete, integer},
    writer,
};

extension! {
    /// Matches locally generated packets by the owner of their socket. Forwarded packets have no
    /// socket.
    ///
    /// For OUTPUT and POSTROUTING. Kernel `xt_owner`; iptables `libxt_owner`.
    Owner = "owner" {
        /// Matches if the packet has a socket.
        "--socket-exists" => socket_exists: Option<Invertible<Flag>>,
        /// The user, or a range of user IDs.
        "--uid-owner" => uid_owner: Option<Invertible<IdRange>>,
        /// The group, or a range of group IDs.
        "--gid-owner" => gid_owner: Option<Invertible<IdRange>>,
        /// Also compares `--gid-owner` with the supplementary groups of the process. Must follow
        /// `--gid-owner`.
        "--suppl-groups" => suppl_groups: bool => |owner| match owner.gid_owner {
            Some(_) => Ok(()),
            None => Err(ValueError::new("effect only after `--gid-owner`")),
        },
    }
    at_least one of ["--uid-owner", "--gid-owner", "--socket-exists"];
}

/// The ID of a user or group, or a range of IDs: `ID[-ID]`.
///
/// Names depend on the system. The only one that is read is `root`, which is 0 everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct IdRange {
    /// The lowest ID.
    pub first: u32,
    /// The highest ID; equal to `first` for a single ID.
    pub last: u32,
}

impl IdRange {
    fn numbers(text: &[u8]) -> Parsed<'_, Self> {
        // The highest number is no valid ID.
        let id = |text| verify(integer, |id| *id < u32::MAX).parse_complete(text);
        let last = opt(preceded(one_of("-:"), id));
        let (rest, (first, last)) = (id, last).parse_complete(text)?;
        let last = last.unwrap_or(first);
        Ok((rest, Self { first, last }))
    }
}

impl<'a> Value<'a> for IdRange {
    const ARGS: &'static [&'static str] = &["ID[-ID]"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        complete(
            alt((value(Self::default(), tag("root")), Self::numbers)),
            &args[0].text,
        )
        .ok_or(ValueError::new(
            "an ID or a range of IDs such as `1000-1999`; the only name known is `root`",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.first);
        if self.first != self.last {
            out.more().push(b'-');
            writer::decimal(out.more(), self.last.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = "
        -m owner --uid-owner 0 ; =
        -m owner --gid-owner 100 ! --uid-owner 1000:1999 ; -m owner ! --uid-owner 1000-1999 --gid-owner 100
        -m owner --gid-owner 5-10 --suppl-groups ; =
        -m owner --gid-owner 5 --uid-owner 6 --suppl-groups --socket-exists ; -m owner --socket-exists --uid-owner 6 --gid-owner 5 --suppl-groups
        -m owner --uid-owner root ! --gid-owner root ; -m owner --uid-owner 0 ! --gid-owner 0
        -m owner --uid-owner 7-7 ! --socket-exists ; -m owner ! --socket-exists --uid-owner 7
        -m owner --uid=0x10-020 --so ; REFUSED
        -m owner --uid=0x10-021 --soc ; -m owner --socket-exists --uid-owner 16-17
        -m owner --uid-owner 9-5 ; =
        -m owner --uid-owner 4294967294 ; =
        -m owner --uid-owner 4294967295 ; REFUSED
        -m owner --uid-owner 1-4294967295 ; REFUSED
        -m owner --uid-owner 1- ; REFUSED
        -m owner --uid-owner -1 ; REFUSED
        -m owner --uid-owner 1-2-3 ; REFUSED
        -m owner --uid-owner \"1 -2\" ; REFUSED
        -m owner --uid-owner root-5 ; REFUSED
        -m owner --uid-owner Root ; REFUSED
        -m owner --uid-owner no-such-user ; REFUSED
        -m owner --uid-owner \"\" ; REFUSED
        -m owner --uid-owner 1 --uid-owner 1 ; REFUSED
        -m owner --uid-owner 1 --suppl-groups ; REFUSED
        -m owner --suppl-groups --gid-owner 5 ; REFUSED
        -m owner --suppl-groups ; REFUSED
        -m owner --gid-owner 5 ! --suppl-groups ; REFUSED
        -m owner --pid-owner 5 ; REFUSED
        -m owner ; REFUSED
        ";

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
