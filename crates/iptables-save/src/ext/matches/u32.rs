//! `-m u32`: numbers at any offset of the packet.

use nom::{IResult, Parser, branch::alt, bytes::complete::tag, combinator::value};

use super::extension;
use crate::{
    Word, Writer,
    value::{Context, Invertible, Range, Required, Value, ValueError, number, without_blanks},
    writer,
};

extension! {
    /// Matches packets by 4-byte numbers extracted from any offset.
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

/// Most tests, most numbers of a test's place and most ranges of its values
/// (`XT_U32_MAXSIZE`).
const MOST: usize = 10;

impl U32Tests {
    /// Takes one to ten tests.
    #[must_use]
    pub fn new(tests: Vec<U32Test>) -> Option<Self> {
        (1..=MOST).contains(&tests.len()).then_some(Self(tests))
    }

    /// The tests, in order.
    #[must_use]
    pub fn as_slice(&self) -> &[U32Test] {
        &self.0
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let mut tests = Vec::new();
        let mut left = text;
        loop {
            let (after, test) = U32Test::parse(left)?;
            tests.push(test);
            if tests.len() > MOST {
                return None;
            }
            match after {
                [] => return Self::new(tests),
                [b'&', b'&', after @ ..] => left = after,
                _ => return None,
            }
        }
    }
}

impl U32Test {
    /// Takes the place of the first four bytes, up to nine steps from there, and one to
    /// ten ranges of values.
    #[must_use]
    pub fn new(
        start: u32,
        steps: Vec<(U32Operator, u32)>,
        values: Vec<Range<u32>>,
    ) -> Option<Self> {
        let fits = steps.len() < MOST && (1..=MOST).contains(&values.len());
        fits.then_some(Self {
            start,
            steps,
            values,
        })
    }

    /// Where the first four bytes are taken, counted in bytes from the IP header.
    #[must_use]
    pub const fn start(&self) -> u32 {
        self.start
    }

    /// What is done with them, in order.
    #[must_use]
    pub fn steps(&self) -> &[(U32Operator, u32)] {
        &self.steps
    }

    /// What the number must be: in one of these ranges.
    #[must_use]
    pub fn values(&self) -> &[Range<u32>] {
        &self.values
    }

    /// Reads a test up to its end or to what cannot belong to it.
    fn parse(text: &[u8]) -> Option<(&[u8], Self)> {
        let (mut left, start) = operand(text)?;
        let mut steps = Vec::new();
        while !left.starts_with(b"=") {
            let (after, operator) = operator(left).ok()?;
            let (after, number) = operand(after)?;
            steps.push((operator, number));
            if steps.len() == MOST {
                return None;
            }
            left = after;
        }
        let mut values = Vec::new();
        loop {
            // Past the `=`, and past the comma later on.
            let (after, first) = operand(&left[1..])?;
            let (after, last) = match after {
                [b':', after @ ..] => operand(after)?,
                _ => (after, first),
            };
            values.push(Range { first, last });
            if values.len() > MOST {
                return None;
            }
            left = after;
            if !left.starts_with(b",") {
                return Some((left, Self::new(start, steps, values)?));
            }
        }
    }

    fn print(&self, out: &mut Vec<u8>) {
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
    /// How it is written.
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

fn operator(text: &[u8]) -> IResult<&[u8], U32Operator> {
    let sign = |operator: U32Operator| value(operator, tag(operator.sign()));
    alt((
        sign(U32Operator::And),
        sign(U32Operator::Left),
        sign(U32Operator::Right),
        sign(U32Operator::At),
    ))
    .parse(text)
}

/// Reads a number with blanks around it.
fn operand(text: &[u8]) -> Option<(&[u8], u32)> {
    let (left, number) = number(without_blanks(text)).ok()?;
    Some((without_blanks(left), number.try_into().ok()?))
}

impl<'a> Value<'a> for U32Tests {
    const ARGS: &'static [&'static str] = &["TESTS"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        Self::parse(&args[0].text).ok_or(ValueError::new(
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
            test.print(out);
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
