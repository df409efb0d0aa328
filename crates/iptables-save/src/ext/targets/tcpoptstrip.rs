//! `-j TCPOPTSTRIP`: TCP options to remove.

use nom::{branch::alt, character::complete::char, combinator::verify};

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Value, ValueError, before, complete, integer, list, names, word},
    writer,
};

extension! {
    /// Strips options from the TCP header by overwriting them with NOPs.
    ///
    /// For the mangle table, with `-p tcp`. Kernel `xt_TCPOPTSTRIP`; iptables
    /// `libxt_TCPOPTSTRIP`.
    Tcpoptstrip = "TCPOPTSTRIP" {
        /// The options to strip, by number from 2 to 255 or by name, each only once.
        "--strip-options" => strip_options: Option<TcpOptions>,
    }
}

/// A set of TCP options, a bit for each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TcpOptions([u64; 4]);

/// The names in `libxt_TCPOPTSTRIP.c:tcp_optionmap`.
const NAMES: [(&str, u8); 6] = [
    ("wscale", 3),
    ("mss", 2),
    ("sack-permitted", 4),
    ("sack", 5),
    ("timestamp", 8),
    ("md5", 19),
];

impl TcpOptions {
    /// Inserts an option, and returns whether it was absent.
    pub const fn insert(&mut self, option: u8) -> bool {
        let bit = 1 << (option % 64);
        let word = &mut self.0[(option / 64) as usize];
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Returns the options in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(|option| self.0[usize::from(option / 64)] >> (option % 64) & 1 == 1)
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let name = word(|text| {
            let (_, option) = NAMES.iter().find(|(name, _)| name.as_bytes() == text)?;
            Some(*option)
        });
        let option = verify(before(b',', alt((name, integer))), |option| *option >= 2);
        let add = |options: &mut Self, option| options.insert(option).then_some(());
        complete(list(char(','), option, add), text)
    }
}

impl<'a> Value<'a> for TcpOptions {
    const ARGS: &'static [&'static str] = &["OPTION,…"];
    const CHOICES: &'static [&'static str] = names!(NAMES);

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "numbers from 2 to 255 or the names mss, wscale, sack-permitted, sack, timestamp, \
             md5, separated by commas, each only once",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.list(self.iter(), |option, out| {
            writer::decimal(out, option.into());
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -p tcp -j TCPOPTSTRIP ; =
        -p tcp -j TCPOPTSTRIP --strip-options 2,3,4,5,8,19,63,64,127,128,255 ; =
        -p tcp -j TCPOPTSTRIP --st md5,0xff,timestamp,sack,sack-permitted,wscale,mss ; -p tcp -j TCPOPTSTRIP --strip-options 2,3,4,5,8,19,255
        -p tcp -j TCPOPTSTRIP --strip-options "3, 2" ; -p tcp -j TCPOPTSTRIP --strip-options 2,3
        -p tcp -j TCPOPTSTRIP --strip-options mss,2 ; REFUSED
        -p tcp -j TCPOPTSTRIP --strip-options 0 ; REFUSED
        -p tcp -j TCPOPTSTRIP --strip-options 2,1 ; REFUSED
        -p tcp -j TCPOPTSTRIP --strip-options 256 ; REFUSED
        -p tcp -j TCPOPTSTRIP --strip-options MSS ; REFUSED
        -p tcp -j TCPOPTSTRIP --strip-options time ; REFUSED
        -p tcp -j TCPOPTSTRIP --strip-options 2, ; REFUSED
        -p tcp -j TCPOPTSTRIP --strip-options ,2 ; REFUSED
        -p tcp -j TCPOPTSTRIP --strip-options "" ; REFUSED
        -p tcp -j TCPOPTSTRIP --strip-options 2 --strip-options 3 ; REFUSED
        -p tcp -j TCPOPTSTRIP ! --strip-options 2 ; REFUSED
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
