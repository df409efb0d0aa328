//! Closed lists of words: one of them, or a set with commas between.

use nom::bytes::complete::{take_till, take_while_m_n};

use super::parse::{Grammar, list};

/// Returns whether a word is `name`, or with `abbreviated` the beginning of it, without
/// regard to case.
pub(crate) fn is_word(word: &[u8], name: &str, abbreviated: bool) -> bool {
    let length = if abbreviated { word.len() } else { name.len() };
    name.as_bytes()
        .get(..length)
        .is_some_and(|name| word.eq_ignore_ascii_case(name))
}

/// How the words of a list may be spelled: by default in any case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spelling {
    abbreviated: bool,
    exact: bool,
    gaps: bool,
    bars: bool,
}

impl Spelling {
    pub(crate) const ANY_CASE: Self = Self {
        abbreviated: false,
        exact: false,
        gaps: false,
        bars: false,
    };

    /// Accepts the beginning of a word, which represents the first word that has it.
    pub(crate) const fn abbreviated(self) -> Self {
        Self {
            abbreviated: true,
            ..self
        }
    }

    /// Accepts a word only as iptables-save writes it.
    pub(crate) const fn exact(self) -> Self {
        Self {
            exact: true,
            ..self
        }
    }

    /// Accepts several commas between two words, and commas before and after them.
    pub(crate) const fn gaps(self) -> Self {
        Self { gaps: true, ..self }
    }

    /// Accepts a bar for a comma.
    pub(crate) const fn bars(self) -> Self {
        Self { bars: true, ..self }
    }

    /// Returns whether a word represents `name`.
    pub(crate) fn fits(self, word: &[u8], name: &str) -> bool {
        if self.exact {
            word == name.as_bytes()
        } else {
            is_word(word, name, self.abbreviated)
        }
    }

    /// Parses words with commas between them, and adds each to a set.
    pub(crate) fn words<'t, S: Default>(
        self,
        add: impl Fn(&mut S, &'t [u8]) -> Option<()>,
    ) -> impl Grammar<'t, S> {
        let separates = move |byte| byte == b',' || self.bars && byte == b'|';
        let separator = take_while_m_n(1, 1, separates);
        list(separator, take_till(separates), add)
    }

    /// Returns whether a word is empty and may be.
    pub(crate) const fn skips(self, word: &[u8]) -> bool {
        self.gaps && word.is_empty()
    }
}

/// Returns the names in a table of tuples that begin with them.
macro_rules! names {
    ($table:expr) => {
        &const {
            let mut names = [""; $table.len()];
            let mut at = 0;
            while at < names.len() {
                names[at] = $table[at].0;
                at += 1;
            }
            names
        }
    };
}
pub(crate) use names;

/// Declares an enum of words, one of which is the option's value.
///
/// `|` gives further spellings that are accepted and never written. After the metavariable
/// come the names of functions of [`Spelling`].
macro_rules! keywords {
    (
        $(#[$doc:meta])*
        $ty:ident($meta:literal $(, $how:ident)*) {
            $( $(#[$vdoc:meta])* $variant:ident = $word:literal $(| $alias:literal)*, )*
        }
        $(default $default:ident)?
    ) => {
        $(
            impl Default for $ty {
                fn default() -> Self {
                    Self::$default
                }
            }
        )?

        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $ty {
            $( $(#[$vdoc])* $variant, )*
        }

        impl $ty {
            /// Every one, in the order of the manual.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the word as iptables-save writes it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Self::$variant => $word, )* }
            }

            /// Finds the one with this name.
            #[must_use]
            pub fn named(name: &[u8]) -> Option<Self> {
                const HOW: $crate::value::Spelling =
                    $crate::value::Spelling::ANY_CASE $(.$how())*;
                $( if HOW.fits(name, $word) $(|| HOW.fits(name, $alias))* {
                    return Some(Self::$variant);
                } )*
                None
            }
        }

        impl<'a> $crate::value::Value<'a> for $ty {
            const ARGS: &'static [&'static str] = &[$meta];
            const CHOICES: &'static [&'static str] = &[$($word),*];

            fn read(
                args: &[$crate::Word<'a>],
                _: &$crate::value::Context,
            ) -> Result<Self, $crate::value::ValueError> {
                Self::named(&args[0].text).ok_or_else(|| {
                    let words = Self::CHOICES.join(", ");
                    $crate::value::ValueError::of(format!("one of {words}"))
                })
            }

            fn write(&self, out: &mut $crate::Writer<'_>) {
                out.word(self.name().as_bytes());
            }
        }
    };
}
pub(crate) use keywords;

/// Declares a set of words with commas between them.
///
/// The words are written in the order of the declaration, whatever the order they
/// were read in. A number gives the bit that the kernel uses. After the metavariable
/// come the names of functions of [`Spelling`].
macro_rules! flags {
    (
        $(#[$doc:meta])*
        $ty:ident: $repr:ty, $meta:literal $(, $how:ident)* {
            $( $(#[$bdoc:meta])* $name:ident = $word:literal: $bit:expr, )*
        }
        $(read { $( $alias:literal: $abits:expr, )* })?
        $(none $none:literal)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $ty(pub $repr);

        impl $ty {
            $( $(#[$bdoc])* pub const $name: Self = Self($bit); )*

            const WORDS: &'static [(&'static str, $repr)] = &[$(($word, $bit)),*];
            const ALIASES: &'static [(&'static str, $repr)] = &[$($(($alias, $abits)),*)?];

            /// Returns whether every word of `other` is in this set.
            #[must_use]
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Returns whether no word is in this set.
            #[must_use]
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Parses words with commas between them.
            #[must_use]
            pub fn parse(text: &[u8]) -> Option<Self> {
                const HOW: $crate::value::Spelling =
                    $crate::value::Spelling::ANY_CASE $(.$how())*;
                let words = HOW.words(|set: &mut $repr, word: &[u8]| {
                    if !HOW.skips(word) {
                        let mut names = Self::WORDS.iter().chain(Self::ALIASES);
                        let (_, bits) = names
                            .find(|(name, _)| !word.is_empty() && HOW.fits(word, name))?;
                        *set |= bits;
                    }
                    Some(())
                });
                $crate::value::complete(words, text).map(Self)
            }

            /// Writes the words with commas between them.
            pub fn write_to(self, out: &mut Vec<u8>) {
                let mut first = true;
                for (word, _) in Self::WORDS.iter().filter(|(_, bit)| self.0 & bit == *bit) {
                    if !std::mem::take(&mut first) {
                        out.push(b',');
                    }
                    out.extend_from_slice(word.as_bytes());
                }
                $( if first {
                    out.extend_from_slice($none.as_bytes());
                } )?
            }
        }

        impl<'a> $crate::value::Value<'a> for $ty {
            const ARGS: &'static [&'static str] = &[$meta];
            const CHOICES: &'static [&'static str] = &[$($word),* $($(, $alias)*)?];

            fn read(
                args: &[$crate::Word<'a>],
                _: &$crate::value::Context,
            ) -> Result<Self, $crate::value::ValueError> {
                Self::parse(&args[0].text).ok_or_else(|| {
                    let words: Vec<_> = Self::WORDS.iter().map(|(word, _)| *word).collect();
                    $crate::value::ValueError::of(format!("some of {}, with commas between", words.join(", ")))
                })
            }

            fn write(&self, out: &mut $crate::Writer<'_>) {
                self.write_to(out.begin());
            }
        }
    };
}
pub(crate) use flags;
