//! Values that own what they borrowed.

use super::{
    Bounded, Flag, Host, Interface, Invertible, LastWins, LogLevel, LogPrefix, PrefixLength,
    Quoted, Required, SetEntry, SignedOnWrite, Unquoted,
};

/// A value that can own what it borrows.
pub trait IntoOwned {
    /// The same type, borrowing nothing.
    type Owned;

    /// Copies what is borrowed.
    fn into_owned(self) -> Self::Owned;
}

/// Implements [`IntoOwned`] for types that borrow nothing, or that wrap a text.
macro_rules! owned {
    (text $ty:ident) => {
        impl $crate::value::IntoOwned for $ty<'_> {
            type Owned = $ty<'static>;

            fn into_owned(self) -> $ty<'static> {
                $ty(self.0.into_owned().into())
            }
        }
    };
    ($($ty:ty),* $(,)?) => {$(
        impl $crate::value::IntoOwned for $ty {
            type Owned = Self;

            fn into_owned(self) -> Self {
                self
            }
        }
    )*};
}
pub(crate) use owned;

owned!(text Interface);
owned!(bool, u8, u16, u32, u64, Flag, Host, LogLevel, PrefixLength);

impl<const MIN: u32, const MAX: u32> IntoOwned for Bounded<MIN, MAX> {
    type Owned = Self;

    fn into_owned(self) -> Self {
        self
    }
}

impl<const MIN: u32> IntoOwned for SignedOnWrite<MIN> {
    type Owned = Self;

    fn into_owned(self) -> Self {
        self
    }
}

/// Implements [`IntoOwned`] for types that wrap one value.
macro_rules! wrapping {
    ($([$($generics:tt)*] $ty:ty => $owned:ty, $name:ident;)*) => {$(
        impl<$($generics)*> IntoOwned for $ty {
            type Owned = $owned;

            fn into_owned(self) -> $owned {
                $name(self.0.into_owned().into())
            }
        }
    )*};
}

wrapping! {
    [T: IntoOwned] Required<T> => Required<T::Owned>, Required;
    [T: IntoOwned] LastWins<T> => LastWins<T::Owned>, LastWins;
    [const MAX: usize] Unquoted<'_, MAX> => Unquoted<'static, MAX>, Unquoted;
    [const MAX: usize] Quoted<'_, MAX> => Quoted<'static, MAX>, Quoted;
    [const MAX: usize] LogPrefix<'_, MAX> => LogPrefix<'static, MAX>, LogPrefix;
}

impl<T: IntoOwned> IntoOwned for Option<T> {
    type Owned = Option<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.map(T::into_owned)
    }
}

impl<T: IntoOwned> IntoOwned for Invertible<T> {
    type Owned = Invertible<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        Invertible {
            inverted: self.inverted,
            value: self.value.into_owned(),
        }
    }
}

impl<T: IntoOwned> IntoOwned for Box<T> {
    type Owned = Box<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        Box::new((*self).into_owned())
    }
}

impl IntoOwned for SetEntry<'_> {
    type Owned = SetEntry<'static>;

    fn into_owned(self) -> SetEntry<'static> {
        SetEntry {
            name: self.name.into_owned().into(),
            directions: self.directions,
        }
    }
}
