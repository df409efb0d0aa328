//! Arguments of options: inverted or not, required or optional, once or repeatedly.

use super::{Context, Value, ValueError};
use crate::{Word, Writer};

/// A value, inverted or not.
pub trait Argument<'a>: Sized {
    /// As in [`Value`].
    const ARGS: &'static [&'static str];
    /// As in [`Value`].
    const CHOICES: &'static [&'static str] = &[];
    /// As in [`Value`].
    const MAY_MISS_WORD: bool = false;
    /// Whether the option can be inverted with `!`.
    const INVERTIBLE: bool;

    /// Reads the option's words. `inverted` is only set if the option can be inverted.
    ///
    /// # Errors
    /// What was expected instead.
    fn read(inverted: bool, args: &[Word<'a>], context: &Context) -> Result<Self, ValueError>;

    /// Writes the option with its words.
    fn write(&self, flag: &str, out: &mut Writer<'_>);
}

/// An option of an extension: whether it is given, and its value.
pub trait Field<'a>: Default {
    /// As in [`Value`].
    const ARGS: &'static [&'static str];
    /// As in [`Value`].
    const CHOICES: &'static [&'static str] = &[];
    /// As in [`Value`].
    const MAY_MISS_WORD: bool = false;
    /// As in [`Argument`].
    const INVERTIBLE: bool;
    /// Whether the extension requires the option.
    const REQUIRED: bool = false;
    /// Whether the option may be given more than once.
    const REPEATS: bool = false;

    /// Reads the option's words.
    ///
    /// # Errors
    /// What was expected instead.
    fn set(
        &mut self,
        inverted: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError>;

    /// Writes the option, if it is given.
    fn write(&self, flag: &str, out: &mut Writer<'_>);

    /// Returns whether the option is given, as far as its value shows.
    fn is_given(&self) -> bool;
}

/// A value that can be inverted with `!`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Invertible<T> {
    /// Whether it is.
    pub inverted: bool,
    /// The value.
    pub value: T,
}

impl<T> Invertible<T> {
    /// Returns a value that is not inverted.
    pub const fn is(value: T) -> Self {
        Self {
            inverted: false,
            value,
        }
    }

    /// Returns an inverted value.
    pub const fn is_not(value: T) -> Self {
        Self {
            inverted: true,
            value,
        }
    }
}

/// An option that its extension requires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Required<T>(pub T);

/// An option that may be given more than once, of which the last one counts: extensions of
/// the older kind do not check.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LastWins<T>(pub T);

impl<'a, T: Value<'a>> Argument<'a> for T {
    const ARGS: &'static [&'static str] = T::ARGS;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const MAY_MISS_WORD: bool = T::MAY_MISS_WORD;
    const INVERTIBLE: bool = false;

    fn read(_: bool, args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Value::read(args, context)
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        if self.is_left_out(false) {
            return out.mark_lossy();
        }
        out.word(flag.as_bytes());
        Value::write(self, out);
    }
}

impl<'a, T: Value<'a>> Argument<'a> for Invertible<T> {
    const ARGS: &'static [&'static str] = T::ARGS;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const MAY_MISS_WORD: bool = T::MAY_MISS_WORD;
    const INVERTIBLE: bool = true;

    fn read(inverted: bool, args: &[Word<'a>], context: &Context) -> Result<Self, ValueError> {
        Value::read(args, context).map(|value| Self { inverted, value })
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        if self.value.is_left_out(self.inverted) {
            return out.mark_lossy();
        }
        if self.inverted {
            out.word(b"!");
        }
        out.word(flag.as_bytes());
        Value::write(&self.value, out);
    }
}

impl<'a, T: Argument<'a>> Field<'a> for Option<T> {
    const ARGS: &'static [&'static str] = T::ARGS;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const MAY_MISS_WORD: bool = T::MAY_MISS_WORD;
    const INVERTIBLE: bool = T::INVERTIBLE;

    fn set(
        &mut self,
        inverted: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError> {
        *self = Some(T::read(inverted, args, context)?);
        Ok(())
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        if let Some(value) = self {
            value.write(flag, out);
        }
    }

    fn is_given(&self) -> bool {
        self.is_some()
    }
}

impl<'a, T: Argument<'a> + Default> Field<'a> for Required<T> {
    const ARGS: &'static [&'static str] = T::ARGS;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const MAY_MISS_WORD: bool = T::MAY_MISS_WORD;
    const INVERTIBLE: bool = T::INVERTIBLE;
    const REQUIRED: bool = true;

    fn set(
        &mut self,
        inverted: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError> {
        self.0 = T::read(inverted, args, context)?;
        Ok(())
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        self.0.write(flag, out);
    }

    fn is_given(&self) -> bool {
        true
    }
}

impl<'a, T: Field<'a>> Field<'a> for LastWins<T> {
    const ARGS: &'static [&'static str] = T::ARGS;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const MAY_MISS_WORD: bool = T::MAY_MISS_WORD;
    const INVERTIBLE: bool = T::INVERTIBLE;
    const REQUIRED: bool = T::REQUIRED;
    const REPEATS: bool = true;

    fn set(
        &mut self,
        inverted: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError> {
        self.0.set(inverted, args, context)
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        self.0.write(flag, out);
    }

    fn is_given(&self) -> bool {
        self.0.is_given()
    }
}

impl<'a, T: Argument<'a>> Field<'a> for Vec<T> {
    const ARGS: &'static [&'static str] = T::ARGS;
    const CHOICES: &'static [&'static str] = T::CHOICES;
    const MAY_MISS_WORD: bool = T::MAY_MISS_WORD;
    const INVERTIBLE: bool = T::INVERTIBLE;
    const REPEATS: bool = true;

    fn set(
        &mut self,
        inverted: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError> {
        self.push(T::read(inverted, args, context)?);
        Ok(())
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        for value in self {
            value.write(flag, out);
        }
    }

    fn is_given(&self) -> bool {
        !self.is_empty()
    }
}

impl<'a> Field<'a> for bool {
    const ARGS: &'static [&'static str] = &[];
    const INVERTIBLE: bool = false;

    fn set(&mut self, _: bool, _: &[Word<'a>], _: &Context) -> Result<(), ValueError> {
        *self = true;
        Ok(())
    }

    fn write(&self, flag: &str, out: &mut Writer<'_>) {
        if *self {
            out.word(flag.as_bytes());
        }
    }

    fn is_given(&self) -> bool {
        *self
    }
}
