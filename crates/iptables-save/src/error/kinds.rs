//! The macro that declares the errors of one level.

/// Declares an enum of errors, each with its message, its code and its help.
///
/// The code stays the same between versions; each has its page in `docs/rules`. The help says
/// what to do about the error.
macro_rules! error_kinds {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $(
                $(#[$kind_meta:meta])*
                $kind:ident $({ $($fields:tt)* })? $(($($values:tt)*))? = $code:literal,
                    help: $help:literal;
            )*
        }
    ) => {
        $(#[$meta])*
        #[non_exhaustive]
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        pub enum $name {
            $(
                $(#[$kind_meta])*
                $kind $({ $($fields)* })? $(($($values)*))?,
            )*
        }

        impl $name {
            /// The codes of all kinds.
            pub const CODES: &[&str] = &[$($code),*];

            /// Returns the name of this kind, which stays the same between versions.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self {
                    $( Self::$kind { .. } => $code, )*
                }
            }

            /// Returns what to do about it.
            #[must_use]
            pub const fn help(&self) -> &'static str {
                match self {
                    $( Self::$kind { .. } => $help, )*
                }
            }
        }
    };
}
pub(super) use error_kinds;
