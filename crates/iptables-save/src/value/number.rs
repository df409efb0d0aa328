//! Numbers and ranges of numbers, by how they are bounded and written.

use nom::{
    branch::alt,
    combinator::{eof, value},
};

use super::{
    Context, Invertible, Value, ValueError,
    integer::{integer, unsigned},
    parse::{complete, open_range},
};
use crate::{Word, Writer, writer};

macro_rules! integers {
    ($($ty:ty: $meta:literal, $expected:literal;)*) => {$(
        impl<'a> Value<'a> for $ty {
            const ARGS: &'static [&'static str] = &[$meta];

            fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
                unsigned(&args[0].text).ok_or(ValueError::new($expected))
            }

            fn write(&self, out: &mut Writer<'_>) {
                out.number(*self);
            }
        }
    )*};
}

integers! {
    u8: "NUMBER", "a number from 0 to 255";
    u16: "NUMBER", "a number from 0 to 65535";
    u32: "NUMBER", "a number from 0 to 4294967295";
    u64: "NUMBER", "a number from 0 to 18446744073709551615";
}

/// A number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bounded<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Bounded<MIN, MAX> {
    /// Returns the number, unless it is out of range.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        if MIN <= number && number <= MAX {
            Some(Self(number))
        } else {
            None
        }
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> Default for Bounded<MIN, MAX> {
    fn default() -> Self {
        Self(MIN)
    }
}

impl<'a, const MIN: u32, const MAX: u32> Value<'a> for Bounded<MIN, MAX> {
    const ARGS: &'static [&'static str] = &["NUMBER"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        unsigned(&args[0].text)
            .and_then(Self::new)
            .ok_or_else(|| ValueError::of(format!("a number from {MIN} to {MAX}")))
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.number(self.0);
    }
}

/// A number from `MIN` to 4294967295 that iptables-save prints as C's `int`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignedOnWrite<const MIN: u32>(Bounded<MIN, { u32::MAX }>);

impl<const MIN: u32> SignedOnWrite<MIN> {
    /// Returns the number, unless it is too low.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        match Bounded::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

impl<'a, const MIN: u32> Value<'a> for SignedOnWrite<MIN> {
    const ARGS: &'static [&'static str] = Bounded::<MIN, { u32::MAX }>::ARGS;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Value::read(args, context).map(Self)
    }

    fn write(&self, out: &mut Writer<'_>) {
        out.int(self.get());
    }
}

/// A number written in hexadecimal, `0x…`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Hex(pub u32);

impl<'a> Value<'a> for Hex {
    const ARGS: &'static [&'static str] = &["NUMBER"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Value::read(args, context).map(Self)
    }

    fn write(&self, out: &mut Writer<'_>) {
        writer::hex(out.begin(), self.0);
    }
}

/// A number written with eight hexadecimal digits, `0x0000001f`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct WideHex(pub u32);

impl<'a> Value<'a> for WideHex {
    const ARGS: &'static [&'static str] = &["NUMBER"];

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Value::read(args, context).map(Self)
    }

    fn write(&self, out: &mut Writer<'_>) {
        use std::io::Write as _;
        write!(out.begin(), "{:#010x}", self.0).expect("a Vec takes any bytes");
    }
}

/// A number, or all from one to another: `FIRST[:LAST]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Range<T> {
    /// The lowest.
    pub first: T,
    /// The highest; the same as `first` for one number.
    pub last: T,
}

impl Range<u32> {
    /// Removes a condition that every number meets: iptables-save does not write it.
    ///
    /// Up to 1.8.10 it does not write an inverted one either, and so turns its meaning
    /// around. That one is kept, as since 1.8.11.
    pub(crate) fn forget_all(test: &mut Option<Invertible<Self>>) {
        let all = Self {
            first: 0,
            last: u32::MAX,
        };
        if *test == Some(Invertible::is(all)) {
            *test = None;
        }
    }
}

macro_rules! ranges {
    ($($ty:ty),*) => {$(
        impl<'a> Value<'a> for Range<$ty> {
            const ARGS: &'static [&'static str] = &["NUMBER[:NUMBER]"];

            fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
                // No number at all is 0. A range from the higher to the lower is valid, and
                // matches nothing.
                let numbers = alt((
                    open_range(0, integer, <$ty>::MAX),
                    value((0, 0), eof),
                ));
                complete(numbers, &args[0].text)
                    .map(|(first, last)| Self { first, last })
                    .ok_or(ValueError::new("a number or a range such as `1:10`"))
            }

            fn write(&self, out: &mut Writer<'_>) {
                out.number(self.first);
                if self.first != self.last {
                    out.more().push(b':');
                    writer::decimal(out.more(), self.last.into());
                }
            }
        }
    )*};
}

ranges!(u16, u32, u64);
