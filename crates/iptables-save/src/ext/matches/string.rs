//! `-m string`: a pattern of bytes in the packet.

use std::borrow::Cow;

use nom::{
    Parser,
    branch::alt,
    character::complete::char,
    combinator::{eof, map_opt, opt, peek, value, verify},
    multi::{fold_many0, many0_count, many1},
    number::complete::u8,
    sequence::{preceded, terminated},
};

use super::extension;
use crate::{
    Text, Word, Writer,
    value::{Context, Invertible, Parsed, Required, Value, ValueError, complete, keywords},
    writer,
};

extension! {
    /// Matches packets that contain a pattern of bytes.
    ///
    /// Kernel `xt_string`; iptables `libxt_string`.
    StringMatch<'a> = "string" {
        /// The pattern, up to 128 bytes. Patterns with unprintable bytes are written with
        /// `--hex-string`.
        "--string" => string: Option<Invertible<Pattern<'a>>>,
        /// The pattern, up to 128 bytes, with hexadecimal digits between bars: `|0d 0a|`.
        "--hex-string" => hex_string: Option<Invertible<HexPattern<'a>>>,
        /// The search algorithm.
        "--algo" => algo: Required<Algorithm>,
        /// The offset at which the search starts: by default 0.
        "--from" => from: Option<u16>,
        /// The offset at which the search ends: by default 65535.
        "--to" => to: Option<u16>,
        /// Ignores case.
        "--icase" => icase: bool,
    }
    one of ["--string", "--hex-string"];
    at_least one of ["--string", "--hex-string"];
    normalize = normalize;
    omit from when |from| *from == 0;
    omit to when |to| *to == u16::MAX;
}

keywords! {
    /// A search algorithm.
    Algorithm("bm|kmp|fsm", exact) {
        /// Boyer-Moore: fast, but misses patterns that span two buffers of a packet.
        Bm = "bm",
        /// Knuth-Morris-Pratt.
        Kmp = "kmp",
        /// A finite state machine, for which the pattern is a program (Linux `ts_fsm`).
        Fsm = "fsm",
    }
    default Bm
}

/// A pattern of bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pattern<'a>(pub Text<'a>);

/// A pattern of bytes, written in hexadecimal digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct HexPattern<'a>(pub Text<'a>);

/// The maximum length of a pattern (`XT_STRING_MAX_PATTERN_SIZE`).
const MAX_LENGTH: usize = 128;

impl<'a> Value<'a> for Pattern<'a> {
    const ARGS: &'static [&'static str] = &["TEXT"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        match args[0].text.len() {
            1..=MAX_LENGTH => Ok(Self(args[0].text.clone())),
            _ => Err(ValueError::new("1 to 128 bytes")),
        }
    }

    fn write(&self, out: &mut Writer<'_>) {
        writer::quote(out.begin(), &self.0, *b"\"\"\\");
    }
}

impl HexPattern<'_> {
    /// Parses text as `libxt_string.c:parse_hex_string` does: a backslash precedes a byte
    /// that is taken literally, and so is the byte after a closing bar.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let steps = complete(fold_steps, text)?;
        // A step may begin only where there is room for a byte, even one that adds none.
        if steps.len() > MAX_LENGTH {
            return None;
        }
        let bytes: Vec<u8> = steps.into_iter().flatten().collect();
        (!bytes.is_empty()).then_some(Self(Cow::Owned(bytes)))
    }
}

/// The byte that each step of the loop in `parse_hex_string` adds; `None` for a bar at the
/// end, which adds none.
type Steps = Vec<Option<u8>>;

/// Parses literal bytes, and pairs of digits between bars.
fn fold_steps(text: &[u8]) -> Parsed<'_, Steps> {
    let extend = |mut steps: Steps, next: Steps| {
        steps.extend(next);
        steps
    };
    let opening_bar = (char('|'), many0_count(char(' ')));
    let bar_at_end = value(vec![None], (opening_bar, eof));
    let literal = alt((preceded(char('\\'), u8), none_of_bars));
    let step = alt((bar_at_end, hex_digits, literal.map(|byte| vec![Some(byte)])));
    fold_many0(step, Steps::new, extend).parse_complete(text)
}

/// Parses a byte that is neither a bar nor a backslash.
fn none_of_bars(text: &[u8]) -> Parsed<'_, u8> {
    verify(u8, |byte| !matches!(byte, b'|' | b'\\')).parse_complete(text)
}

/// Parses pairs of digits between bars, and the byte after the closing bar.
fn hex_digits(text: &[u8]) -> Parsed<'_, Steps> {
    let digit = || map_opt(u8, |byte| char::from(byte).to_digit(16));
    // A space, a bar or more digits must follow.
    let pair = terminated((digit(), digit()), (peek(u8), opt(char(' '))));
    let pair = map_opt(pair, |(high, low)| u8::try_from(high * 16 + low).ok());
    let pairs = many1(pair.map(Some));
    let after_bar = alt((value(None, eof), u8.map(Some)));
    let end = alt((preceded(char('|'), after_bar).map(Some), value(None, eof)));
    let opening_bar = (char('|'), many0_count(char(' ')));
    preceded(opening_bar, (pairs, end))
        .map(|(mut steps, end)| {
            steps.extend(end);
            steps
        })
        .parse_complete(text)
}

impl<'a> Value<'a> for HexPattern<'a> {
    const ARGS: &'static [&'static str] = &["TEXT"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
            "1 to 128 bytes, with pairs of hexadecimal digits between bars, such as `GET|0d 0a|`",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        use std::io::Write as _;
        if self.0.len() == MAX_LENGTH {
            out.mark_lossy();
        }
        let out = out.begin();
        out.extend_from_slice(b"\"|");
        for byte in &*self.0 {
            write!(out, "{byte:02x}").expect("writing to a Vec cannot fail");
        }
        out.extend_from_slice(b"|\"");
    }
}

/// Returns whether iptables-save prints the bytes in hexadecimal digits.
fn needs_hex(bytes: &[u8]) -> bool {
    let printable = |byte: &u8| matches!(byte, b' '..=b'~');
    !bytes.iter().all(printable) || bytes.last() == Some(&b'\\')
}

fn normalize(string: &mut StringMatch<'_>, _: &Context) {
    match (string.string.take(), string.hex_string.take()) {
        (Some(Invertible { inverted, value }), _) if needs_hex(&value.0) => {
            let value = HexPattern(value.0);
            string.hex_string = Some(Invertible { inverted, value });
        }
        (None, Some(Invertible { inverted, value })) if !needs_hex(&value.0) => {
            let value = Pattern(value.0);
            string.string = Some(Invertible { inverted, value });
        }
        (Some(pattern), _) => string.string = Some(pattern),
        (None, pattern) => string.hex_string = pattern,
    }
}

crate::value::owned!(Algorithm);
crate::value::owned!(text Pattern);
crate::value::owned!(text HexPattern);

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    #[test]
    fn lines() {
        lines::check(
            r#"
            -m string --string "GET /" --algo bm ; =
            -m string --algo kmp ! --string abc --icase --to 60 --from 40 ; -m string ! --string "abc" --algo kmp --from 40 --to 60 --icase
            -m string --string "a\"b'c\\d" --algo bm ; =
            -m string --string "ends in \\" --algo bm ; -m string --hex-string "|656e647320696e205c|" --algo bm
            -m string --hex-string "|61 62|" --algo bm ; -m string --string "ab" --algo bm
            -m string --hex-string "GET|0d 0A|x" --algo bm ; -m string --hex-string "|4745540d0a78|" --algo bm
            -m string ! --hex-string "|0D0A|" --algo bm ; -m string ! --hex-string "|0d0a|" --algo bm
            -m string --hex-string "a\\|b" --algo bm ; -m string --string "a|b" --algo bm
            -m string --hex-string "|61||62|" --algo bm ; -m string --string "a|62" --algo bm
            -m string --string x --algo bm --from 0 --to 65535 ; -m string --string "x" --algo bm
            -m string --string=x --alg fsm --ic ; -m string --string "x" --algo fsm --icase
            -m string --string "a b" --algo bm --from 7 --to 7 ; =
            -m string --string "it's|" --algo bm --from 0x10 --to 0 ; -m string --string "it's|" --algo bm --from 16 --to 0
            -m string --string "tab	" --algo bm ; -m string --hex-string "|74616209|" --algo bm
            -m string --hex-string "|  0D 0a|" --algo bm ; -m string --hex-string "|0d0a|" --algo bm
            -m string --hex-string "|41 |" --algo bm ; -m string --string "A" --algo bm
            -m string --hex-string "abc|" --algo bm ; -m string --string "abc" --algo bm
            -m string --hex-string "|41|\\|42|" --algo bm ; -m string --string "A\\B" --algo bm
            -m string --hex-string "a\\\\b" --algo bm ; -m string --string "a\\b" --algo bm
            -m string --hex-string "|" --algo bm ; REFUSED
            -m string --hex-string "||" --algo bm ; REFUSED
            -m string --hex-string "|41  42|" --algo bm ; REFUSED
            -m string --hex-string "|4142" --algo bm ; REFUSED
            -m string --hex-string "|41\\|" --algo bm ; REFUSED
            -m string --hex-string "a\\" --algo bm ; REFUSED
            -m string --string "" --algo bm ; REFUSED
            -m string --string x --algo BM ; REFUSED
            -m string --string x --algo bmh ; REFUSED
            -m string --string x --algo bm --to 65536 ; REFUSED
            -m string --string x --algo bm --from -1 ; REFUSED
            -m string --string x ! --algo bm ; REFUSED
            -m string --string x --algo bm ! --icase ; REFUSED
            -m string --string x --string x --algo bm ; REFUSED
            -m string --string x --algo bm --algo bm ; REFUSED
            -m string ; REFUSED
            -m string --hex-string "|0d0|" --algo bm ; REFUSED
            -m string --hex-string "|0d" --algo bm ; REFUSED
            -m string --hex-string "|0x|" --algo bm ; REFUSED
            -m string --hex-string "" --algo bm ; REFUSED
            -m string --string x --hex-string "|00|" --algo bm ; REFUSED
            -m string --string x ; REFUSED
            -m string --algo bm ; REFUSED
            "#,
        );
    }
    #[test]
    fn lengths() {
        let x = "x".repeat(128);
        let hex = "0a".repeat(127);
        lines::check(&format!(
            "
            -m string --string \"{x}\" --algo bm ; =
            -m string --string {x}y --algo bm ; REFUSED
            -m string --hex-string {x} --algo bm ; -m string --string \"{x}\" --algo bm
            -m string --hex-string {x}y --algo bm ; REFUSED
            -m string --hex-string {x}| --algo bm ; REFUSED
            -m string --hex-string \"|{hex}|\" --algo bm ; =
            -m string --hex-string \"|{hex}0a|\" --algo bm ; REFUSED
            -m string --hex-string \"|{hex}|x\" --algo bm ; UNREADABLE -m string --hex-string \"|{hex}78|\" --algo bm
            "
        ));
    }
}
