//! `-m u32`: numbers at any offset of the packet.

use nom::{
    Parser,
    branch::alt,
    bytes::complete::tag,
    character::complete::char,
    combinator::{map_opt, value},
    multi::many0,
    sequence::{delimited, preceded},
};

use super::extension;
use crate::{
    Word, Writer,
    value::{
        Context, Invertible, Parsed, Range, Required, Value, ValueError, complete, integer, list,
        range, spaces,
    },
    writer,
};

extension! {
    /// Matches packets by 4-byte numbers extracted from the packet at any offset.
    ///
    /// Kernel `xt_u32`; iptables `libxt_u32`.
    U32 = "u32" {
        /// The tests, all of which must match.
        "--u32" => u32: Required<Invertible<U32Tests>>,
    }
}

/// One to ten tests joined by `&&`, such as `0>>22&0x3C@12>>26&0x3C@0=0:9,15`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct U32Tests(Vec<U32Test>);

/// A test: a number that is computed from the packet, and the values that it may have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct U32Test {
    start: u32,
    steps: Vec<(U32Operator, u32)>,
    values: Vec<Range<u32>>,
}

/// An operator on the number computed so far and the number after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum U32Operator {
    /// `&`: the bitwise AND of both.
    And,
    /// `<<`: shifts left by this many bits.
    Left,
    /// `>>`: shifts right by this many bits.
    Right,
    /// `@`: moves the start of the packet forward by the number computed so far, and reads the
    /// four bytes at this offset from there.
    At,
}

/// The maximum number of tests, of numbers in the location of a test, and of ranges in its value
/// (`XT_U32_MAXSIZE`).
const MAX: usize = 10;

impl U32Tests {
    /// Returns one to ten tests.
    #[must_use]
    pub fn new(tests: Vec<U32Test>) -> Option<Self> {
        (1..=MAX).contains(&tests.len()).then_some(Self(tests))
    }

    /// Returns the tests, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[U32Test] {
        &self.0
    }
}

impl U32Test {
    /// Returns a test of the four bytes at an offset, with up to nine steps from there, and
    /// one to ten ranges of values.
    #[must_use]
    pub fn new(
        start: u32,
        steps: Vec<(U32Operator, u32)>,
        values: Vec<Range<u32>>,
    ) -> Option<Self> {
        let fits = steps.len() < MAX && (1..=MAX).contains(&values.len());
        fits.then_some(Self {
            start,
            steps,
            values,
        })
    }

    /// Returns the offset of the first four bytes, in bytes from the IP header.
    #[must_use]
    pub const fn start(&self) -> u32 {
        self.start
    }

    /// Returns the steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[(U32Operator, u32)] {
        &self.steps
    }

    /// Returns the ranges, in one of which the number must be.
    #[must_use]
    pub fn values(&self) -> &[Range<u32>] {
        &self.values
    }

    fn write_to(&self, out: &mut Vec<u8>) {
        writer::hex(out, self.start);
        for (operator, number) in &self.steps {
            out.extend_from_slice(operator.sign().as_bytes());
            writer::hex(out, *number);
        }
        for (nth, Range { first, last }) in self.values.iter().enumerate() {
            out.push(if nth == 0 { b'=' } else { b',' });
            writer::hex(out, *first);
            if first != last {
                out.push(b':');
                writer::hex(out, *last);
            }
        }
    }
}

impl U32Operator {
    /// Returns the operator as it is written.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::And => "&",
            Self::Left => "<<",
            Self::Right => ">>",
            Self::At => "@",
        }
    }
}

/// Parses tests joined by `&&`.
fn tests(text: &[u8]) -> Parsed<'_, U32Tests> {
    let tests = list(tag("&&"), test, push_up_to_max);
    map_opt(tests, U32Tests::new).parse_complete(text)
}

/// Parses `START[OPERATOR NUMBER…]=FIRST[:LAST][,…]`.
fn test(text: &[u8]) -> Parsed<'_, U32Test> {
    let steps = many0((operator, operand));
    let range = range(':', operand).map(|(first, last)| Range { first, last });
    let values = preceded(char('='), list(char(','), range, push_up_to_max));
    map_opt((operand, steps, values), |(start, steps, values)| {
        U32Test::new(start, steps, values)
    })
    .parse_complete(text)
}

fn push_up_to_max<T>(list: &mut Vec<T>, item: T) -> Option<()> {
    (list.len() < MAX).then(|| list.push(item))
}

fn operator(text: &[u8]) -> Parsed<'_, U32Operator> {
    let sign = |operator: U32Operator| value(operator, tag(operator.sign()));
    alt((
        sign(U32Operator::And),
        sign(U32Operator::Left),
        sign(U32Operator::Right),
        sign(U32Operator::At),
    ))
    .parse_complete(text)
}

/// Parses a number with spaces around it.
fn operand(text: &[u8]) -> Parsed<'_, u32> {
    delimited(spaces, integer, spaces).parse_complete(text)
}

impl<'a> Value<'a> for U32Tests {
    const ARGS: &'static [&'static str] = &["TESTS"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        complete(tests, &args[0].text).ok_or(ValueError::new(
            "one to ten tests such as `6&0xFF=17&&4&0x1FFF=0`, each of up to ten numbers and ten \
             ranges of values",
        ))
    }

    fn write(&self, out: &mut Writer<'_>) {
        let out = out.begin();
        out.push(b'"');
        for (nth, test) in self.0.iter().enumerate() {
            if nth > 0 {
                out.extend_from_slice(b"&&");
            }
            test.write_to(out);
        }
        out.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use crate::ext::lines;

    const LINES: &str = r#"
        -m u32 --u32 "0x0=0x0&&0x0=0x1" ; =
        -m u32 ! --u32 "0x6&0xff=0x1" ; =
        -m u32 --u32 6&0xFF=17 ; -m u32 --u32 "0x6&0xff=0x11"
        -m u32 --u32 "0>>22&0x3C@12>>26&0x3C@0=0:9,15,0x10:0xfFFFffff" ; -m u32 --u32 "0x0>>0x16&0x3c@0xc>>0x1a&0x3c@0x0=0x0:0x9,0xf,0x10:0xffffffff"
        -m u32 --u32 "010<<+1=7" ; -m u32 --u32 "0x8<<0x1=0x7"
        -m u32 --u32 " 0 & 1 << 2 = 3 : 4 , 5 && 6 = 7 " ; -m u32 --u32 "0x0&0x1<<0x2=0x3:0x4,0x5&&0x6=0x7"
        -m u32 --u32 0=5:1 ; -m u32 --u32 "0x0=0x5:0x1"
        -m u32 --u32 0=1:1 ; -m u32 --u32 "0x0=0x1"
        -m u32 --u=0=1 ; -m u32 --u32 "0x0=0x1"
        -m u32 --u32 0&1&2&3&4&5&6&7&8&9=0 ; -m u32 --u32 "0x0&0x1&0x2&0x3&0x4&0x5&0x6&0x7&0x8&0x9=0x0"
        -m u32 --u32 0&1&2&3&4&5&6&7&8&9&10=0 ; REFUSED
        -m u32 --u32 0=0,1,2,3,4,5,6,7,8,9 ; -m u32 --u32 "0x0=0x0,0x1,0x2,0x3,0x4,0x5,0x6,0x7,0x8,0x9"
        -m u32 --u32 0=0,1,2,3,4,5,6,7,8,9,10 ; REFUSED
        -m u32 --u32 0=0&&1=0&&2=0&&3=0&&4=0&&5=0&&6=0&&7=0&&8=0&&9=0 ; -m u32 --u32 "0x0=0x0&&0x1=0x0&&0x2=0x0&&0x3=0x0&&0x4=0x0&&0x5=0x0&&0x6=0x0&&0x7=0x0&&0x8=0x0&&0x9=0x0"
        -m u32 --u32 0=0&&1=0&&2=0&&3=0&&4=0&&5=0&&6=0&&7=0&&8=0&&9=0&&10=0 ; REFUSED
        -m u32 --u32 "" ; REFUSED
        -m u32 --u32 " " ; REFUSED
        -m u32 --u32 0 ; REFUSED
        -m u32 --u32 0& ; REFUSED
        -m u32 --u32 0= ; REFUSED
        -m u32 --u32 =0 ; REFUSED
        -m u32 --u32 0=1, ; REFUSED
        -m u32 --u32 0=,1 ; REFUSED
        -m u32 --u32 0=1: ; REFUSED
        -m u32 --u32 0=:1 ; REFUSED
        -m u32 --u32 0=1:2:3 ; REFUSED
        -m u32 --u32 "0=1 2" ; REFUSED
        -m u32 --u32 "0 1=2" ; REFUSED
        -m u32 --u32 0=1&& ; REFUSED
        -m u32 --u32 0=1&2 ; REFUSED
        -m u32 --u32 "0=1& &2=3" ; REFUSED
        -m u32 --u32 0&&1=2 ; REFUSED
        -m u32 --u32 0<1=2 ; REFUSED
        -m u32 --u32 "0> >1=2" ; REFUSED
        -m u32 --u32 0|1=2 ; REFUSED
        -m u32 --u32 0==1 ; REFUSED
        -m u32 --u32 08=1 ; REFUSED
        -m u32 --u32 0xg=1 ; REFUSED
        -m u32 --u32 -1=1 ; REFUSED
        -m u32 --u32 4294967296=1 ; REFUSED
        -m u32 --u32 0=4294967296 ; REFUSED
        -m u32 --u32 0=0 --u32 0=0 ; REFUSED
        -m u32 --u32 ; REFUSED
        -m u32 ; REFUSED
        "#;

    #[test]
    fn lines() {
        lines::check(LINES);
        lines::check_v6(LINES);
    }
}
