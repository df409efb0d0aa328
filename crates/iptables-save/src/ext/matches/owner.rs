//! `-m owner`: whose process sent the packet.

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
    /// Matches packets of this host by the user and the group that their socket belongs
    /// to. Forwarded packets have no socket.
    ///
    /// For OUTPUT and POSTROUTING. Kernel `xt_owner`; iptables `libxt_owner`.
    Owner = "owner" {
        /// The packet has a socket.
        "--socket-exists" => socket_exists: Option<Invertible<Flag>>,
        /// The user, or a range of users by number.
        "--uid-owner" => uid_owner: Option<Invertible<IdRange>>,
        /// The group, or a range of groups by number.
        "--gid-owner" => gid_owner: Option<Invertible<IdRange>>,
        /// Looks for `--gid-owner` among all groups of the process. Stands after it.
        "--suppl-groups" => suppl_groups: bool => |it| match it.gid_owner {
            Some(_) => Ok(()),
            None => Err(ValueError::new("its place after `--gid-owner`")),
        },
    }
    at_least one of ["--uid-owner", "--gid-owner", "--socket-exists"];
}

/// A user or a group, or all from one to another: `ID[-ID]`.
///
/// They are known by their numbers. Which names they have only a system knows; the one name
/// that is read is `root`, which is 0 everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct IdRange {
    /// The lowest.
    pub first: u32,
    /// The highest; the same as `first` for one.
    pub last: u32,
}

impl IdRange {
    fn numbers(text: &[u8]) -> Parsed<'_, Self> {
        // The highest number stands for nobody.
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
            "a number or a range such as `1000-1999`; of names only `root` is known",
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
