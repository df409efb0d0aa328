//! `-m mh`: the type of a Mobile IPv6 message.

use nom::{Parser, branch::alt};

use super::extension;
use crate::{
    Word, Writer,
    value::{
        Context, Invertible, Parsed, Value, ValueError, before, complete, integer, is_word, names,
        open_range, word,
    },
    writer,
};

extension! {
    /// Matches packets by the type in their Mobility Header (MH) of Mobile IPv6. Requires
    /// `-p mh`, which also loads this match.
    ///
    /// Kernel `ip6t_mh`; iptables `libip6t_mh`.
    Mh = "mh" (V6) {
        /// The MH type, by number or name, or a range of types.
        "--mh-type" => mh_type: Option<Invertible<MhTypes>>,
    }
    // As in 1.8.11. Earlier versions of iptables-save also omit `! --mh-type 0:255`.
    omit mh_type when |types| *types == Invertible::is(MhTypes::ALL);
}

/// A range of MH types, `TYPE[:TYPE]`, written as numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MhTypes {
    first: u8,
    last: u8,
}

/// The names of the types, which are only read.
const NAMES: [(&str, u8); 16] = [
    ("binding-refresh-request", 0),
    ("brr", 0),
    ("home-test-init", 1),
    ("hoti", 1),
    ("careof-test-init", 2),
    ("coti", 2),
    ("home-test", 3),
    ("hot", 3),
    ("careof-test", 4),
    ("cot", 4),
    ("binding-update", 5),
    ("bu", 5),
    ("binding-acknowledgement", 6),
    ("ba", 6),
    ("binding-error", 7),
    ("be", 7),
];

impl MhTypes {
    /// All types.
    pub const ALL: Self = Self {
        first: 0,
        last: u8::MAX,
    };

    /// Creates a range of types; `None` if the first is greater than the last.
    #[must_use]
    pub const fn new(first: u8, last: u8) -> Option<Self> {
        if first > last {
            return None;
        }
        Some(Self { first, last })
    }

    /// Returns the lowest type.
    #[must_use]
    pub const fn first(self) -> u8 {
        self.first
    }

    /// Returns the highest type.
    #[must_use]
    pub const fn last(self) -> u8 {
        self.last
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let (first, last) = complete(open_range(0, kind, u8::MAX), text)?;
        Self::new(first, last)
    }
}

/// Parses one type: a name, the beginning of one, or a number. The beginning of several names
/// represents the first, and an empty token is the beginning of all.
fn kind(text: &[u8]) -> Parsed<'_, u8> {
    let named = |abbreviated| {
        word(move |text| {
            let mut names = NAMES.iter();
            let (_, kind) = names.find(|(name, _)| is_word(text, name, abbreviated))?;
            Some(*kind)
        })
    };
    before(b':', alt((named(false), named(true), integer))).parse_complete(text)
}

impl<'a> Value<'a> for MhTypes {
    const ARGS: &'static [&'static str] = &["TYPE[:TYPE]"];
    const CHOICES: &'static [&'static str] = names!(NAMES);

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "a type from 0 to 255, a name such as `binding-update`, or a range such as `1:4`",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.first);
        if self.first != self.last {
            out.more().push(b':');
            writer::decimal(out.more(), self.last.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check_v6(
            "
            -p mobility-header -m mh --mh-type 1 ; =
            -p mobility-header -m mh ! --mh-type 4:123 ; =
            -p mobility-header -m mh ; =
            -p mh --mh-type 0x1:010 ; -p mobility-header -m mh --mh-type 1:8
            -p MH --mh BU ; -p mobility-header -m mh --mh-type 5
            -p mobility-header -m mh --mh-type binding-refresh-request:binding-error ; -p mobility-header -m mh --mh-type 0:7
            -p mobility-header -m mh --mh-type home-test ; -p mobility-header -m mh --mh-type 3
            -p mobility-header -m mh --mh-type home-test-init ; -p mobility-header -m mh --mh-type 1
            -p mobility-header -m mh --mh-type home ; -p mobility-header -m mh --mh-type 1
            -p mobility-header -m mh --mh-type ho ; -p mobility-header -m mh --mh-type 1
            -p mobility-header -m mh --mh-type hot ; -p mobility-header -m mh --mh-type 3
            -p mobility-header -m mh --mh-type b ; -p mobility-header -m mh --mh-type 0
            -p mobility-header -m mh --mh-type Be ; -p mobility-header -m mh --mh-type 7
            -p mobility-header -m mh --mh-type c:cot ; -p mobility-header -m mh --mh-type 2:4
            -p mobility-header -m mh --mh-type \"\" ; -p mobility-header -m mh --mh-type 0
            -p mobility-header -m mh --mh-type 3: ; -p mobility-header -m mh --mh-type 3:255
            -p mobility-header -m mh --mh-type :3 ; -p mobility-header -m mh --mh-type 0:3
            -p mobility-header -m mh --mh-type 3:3 ; -p mobility-header -m mh --mh-type 3
            -p mobility-header -m mh --mh-type : ; -p mobility-header -m mh
            -p mobility-header -m mh ! --mh-type : ; -p mobility-header -m mh ! --mh-type 0:255
            -p mobility-header -m mh --mh-type 4:3 ; REFUSED
            -p mobility-header -m mh --mh-type bu:hot ; REFUSED
            -p mobility-header -m mh --mh-type 256 ; REFUSED
            -p mobility-header -m mh --mh-type 1:2:3 ; REFUSED
            -p mobility-header -m mh --mh-type -1 ; REFUSED
            -p mobility-header -m mh --mh-type brrr ; REFUSED
            -p mobility-header -m mh --mh-type 1 --mh-type 1 ; REFUSED
            -p mobility-header -m mh --mh-type ; REFUSED
            -p 135 --mh-type 1 ; REFUSED
            -p mobility-header --mh-type 1 ; REFUSED
            ",
        );
        lines::check(
            "
            -m mh --mh-type 1 ; REFUSED
            -p mh --mh-type 1 ; REFUSED
            ",
        );
    }
}
