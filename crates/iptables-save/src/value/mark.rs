//! Packet and connection marks with their masks.

use super::{
    Context, Value, ValueError,
    integer::integer,
    parse::{after, complete},
};
use crate::{Word, Writer, writer};

/// A mark to compare with, `VALUE[/MASK]`: matches when the masked mark is the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MarkMask {
    /// The value.
    pub value: u32,
    /// The bits that are compared.
    pub mask: u32,
}

impl Default for MarkMask {
    fn default() -> Self {
        Self {
            value: 0,
            mask: u32::MAX,
        }
    }
}

impl<'a> Value<'a> for MarkMask {
    const ARGS: &'static [&'static str] = &["VALUE[/MASK]"];

    fn read(args: &[Word<'a>], _: &Context) -> Result<Self, ValueError> {
        let (value, mask) = complete((integer, after('/', integer)), &args[0].text).ok_or(
            ValueError::new("a mark such as `0x4000` or `0x4000/0xff00`"),
        )?;
        Ok(Self {
            value,
            mask: mask.unwrap_or(u32::MAX),
        })
    }

    fn write(&self, out: &mut Writer<'_>) {
        writer::hex(out.begin(), self.value);
        if self.mask != u32::MAX {
            out.more().push(b'/');
            writer::hex(out.more(), self.mask);
        }
    }
}

/// A change of a mark, `VALUE/MASK`: clears the mask's bits and XORs the value in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Xmark {
    /// The bits to flip after clearing.
    pub value: u32,
    /// The bits to clear.
    pub mask: u32,
}

impl Default for Xmark {
    fn default() -> Self {
        MarkMask::default().into()
    }
}

impl Xmark {
    /// Returns what `--set-mark VALUE/MASK` does: the mask's bits become those of the value.
    #[must_use]
    pub const fn set(mark: MarkMask) -> Self {
        Self {
            value: mark.value,
            mask: mark.mask | mark.value,
        }
    }

    /// Returns what `--and-mark BITS` does.
    #[must_use]
    pub const fn and(bits: u32) -> Self {
        Self {
            value: 0,
            mask: !bits,
        }
    }

    /// Returns what `--or-mark BITS` does.
    #[must_use]
    pub const fn or(bits: u32) -> Self {
        Self {
            value: bits,
            mask: bits,
        }
    }

    /// Returns what `--xor-mark BITS` does.
    #[must_use]
    pub const fn xor(bits: u32) -> Self {
        Self {
            value: bits,
            mask: 0,
        }
    }
}

impl From<MarkMask> for Xmark {
    fn from(MarkMask { value, mask }: MarkMask) -> Self {
        Self { value, mask }
    }
}

impl<'a> Value<'a> for Xmark {
    const ARGS: &'static [&'static str] = MarkMask::ARGS;

    fn read(args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        MarkMask::read(args, context).map(Self::from)
    }

    fn write(&self, out: &mut Writer<'_>) {
        writer::hex(out.begin(), self.value);
        out.more().push(b'/');
        writer::hex(out.more(), self.mask);
    }
}
