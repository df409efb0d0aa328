//! What one extension is, and the macro that says it once.
//!
//! From one description come the reader, the canonical writer, the documentation and
//! the table in the manual. The type of a field is the grammar of its option:
//! `Option<T>` may be left out, `Must<T>` may not, `Not<T>` may carry a `!`, `bool`
//! takes no value, `Vec<T>` repeats; `T` is any [`Value`](crate::value::Value).

use std::borrow::Cow;

use crate::{
    Family, Word, Writer,
    value::{Context, Field, ValueError},
};

/// An extension as the reader, the writer and the manual see it.
#[derive(Debug)]
pub struct Description {
    /// The name after `-m` or `-j`.
    pub name: &'static str,
    /// Other names that mean the same.
    pub aliases: &'static [&'static str],
    /// The family it is bound to; none for both.
    pub family: Option<Family>,
    /// Its options: those that are written, in the order iptables-save has them, then
    /// those that are only read.
    pub options: &'static [OptionDescription],
    /// Groups of options of which only one may stand.
    pub exclusive: &'static [&'static [&'static str]],
    /// Pairs of an option and another that it needs beside it.
    pub needs: &'static [(&'static str, &'static str)],
    /// Its page in the manual, one entry a line.
    pub doc: &'static [&'static str],
}

/// One option of an extension.
#[derive(Debug)]
pub struct OptionDescription {
    /// The long name with its dashes, such as `--ctstate`.
    pub flag: &'static str,
    /// Other spellings, read and never written.
    pub aliases: &'static [&'static str],
    /// The family it is bound to, which the other one's iptables does not know it in; none for
    /// both.
    pub family: Option<Family>,
    /// A metavariable for each word of its value.
    pub args: &'static [&'static str],
    /// The words that its value can be made of, where a metavariable stands for some.
    pub choices: &'static [&'static str],
    /// Whether its one word may be missing. Then it takes no word that begins like an
    /// option.
    pub may_miss_word: bool,
    /// Whether `!` may stand before it.
    pub negatable: bool,
    /// Whether the extension cannot do without it.
    pub required: bool,
    /// Whether it may stand more than once.
    pub repeats: bool,
    /// The written option that says the same, when this one is only read.
    pub says: Option<&'static str>,
    /// What it does, one entry a line.
    pub doc: &'static [&'static str],
}

impl OptionDescription {
    /// Whether a text of a family may have it; any may, as long as its family is not known.
    pub(crate) fn is_for(&self, family: Option<Family>) -> bool {
        self.family.is_none() || family.is_none() || self.family == family
    }

    /// An option that is kept in a field of this type.
    pub(crate) const fn of<'a, F: Field<'a>>(
        flag: &'static str,
        aliases: &'static [&'static str],
        doc: &'static [&'static str],
    ) -> Self {
        Self {
            flag,
            aliases,
            family: None,
            args: F::ARGS,
            choices: F::CHOICES,
            may_miss_word: false,
            negatable: F::NEGATABLE,
            required: F::REQUIRED,
            repeats: F::REPEATS,
            says: None,
            doc,
        }
    }
}

impl Description {
    /// Finds an option by its exact name or one of its other spellings.
    #[must_use]
    pub fn option(&self, flag: &[u8]) -> Option<usize> {
        self.options.iter().position(|option| {
            option.flag.as_bytes() == flag
                || option.aliases.iter().any(|alias| alias.as_bytes() == flag)
        })
    }
}

/// A match or a target with its options, read.
pub trait Extension<'a>: Default {
    /// What it is.
    const DESCRIPTION: Description;

    /// Finds the option whose exact name, or one of its other spellings, `text` begins
    /// with: its place in the description and the name's length. A blank or a newline
    /// follows the name.
    #[must_use]
    fn option_at(text: &[u8]) -> Option<(usize, usize)> {
        let is_at = |name: &&str| begins_with(text, name.as_bytes());
        let mut options = Self::DESCRIPTION.options.iter().enumerate();
        options.find_map(|(place, it)| {
            let mut names = std::iter::once(&it.flag).chain(it.aliases).copied();
            Some((place, names.find(is_at)?.len()))
        })
    }

    /// Takes one option: its place in the description, whether `!` stood before it,
    /// and as many words as it takes.
    ///
    /// # Errors
    /// What was expected instead of one of the words.
    fn set(
        &mut self,
        option: usize,
        negated: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError>;

    /// Judges the options together once all are there, and fills in defaults that
    /// iptables-save writes out.
    ///
    /// # Errors
    /// Why the options do not go together.
    fn finish(&mut self, context: &Context) -> Result<(), Unfit>;

    /// Writes the options as iptables-save does, the name not included.
    fn write(&self, out: &mut Writer<'_>);
}

/// Why the options of an extension do not go together.
pub type Unfit = Cow<'static, str>;

/// A large extension is kept in a box, so that the small ones stay cheap to hold.
impl<'a, E: Extension<'a>> Extension<'a> for Box<E> {
    const DESCRIPTION: Description = E::DESCRIPTION;

    fn option_at(text: &[u8]) -> Option<(usize, usize)> {
        E::option_at(text)
    }

    fn set(
        &mut self,
        option: usize,
        negated: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError> {
        (**self).set(option, negated, args, context)
    }

    fn finish(&mut self, context: &Context) -> Result<(), Unfit> {
        (**self).finish(context)
    }

    fn write(&self, out: &mut Writer<'_>) {
        (**self).write(out);
    }
}

/// What an option says of those before it.
pub(crate) trait Say {
    /// Whether it may stand after them.
    fn said(self) -> Result<(), ValueError>;
}

impl Say for () {
    fn said(self) -> Result<(), ValueError> {
        Ok(())
    }
}

impl Say for Result<(), ValueError> {
    fn said(self) -> Self {
        self
    }
}

/// Declares an extension.
///
/// ```text
/// extension! {
///     /// The page of the manual.
///     Type<'a> = "name" | "other-name" (V4) {
///         /// What the option does.
///         "--option" | "--other-spelling" (V6) => field: Option<Not<Ports>>,
///         /// What it does. It also has a say in another option, where it stands, or
///         /// looks for those before it, with a `Result`.
///         "--switch" => switch: bool => |it| it.field = None,
///     }
///     reads {
///         /// Another way to say it, never written.
///         "--shorthand" as "--option" => |it, value: Ports| it.field = …,
///     }
///     one of ["--a", "--b"], ["--c", "--d"];
///     needs "--a" beside "--b";
///     finish = function;
/// }
/// ```
macro_rules! extension {
    (
        $(#[doc = $doc:literal])*
        $ty:ident $(<$lt:lifetime>)? = $name:literal $(| $alias:literal)* $(($family:ident))? {
            $(
                $(#[doc = $fdoc:literal])*
                $flag:literal $(| $falias:literal)* $(($ffamily:ident))? => $field:ident: $fty:ty
                    $(=> |$fit:ident| $then:expr)?,
            )*
        }
        $(reads {
            $(
                $(#[doc = $rdoc:literal])*
                $rflag:literal $(| $ralias:literal)* as $says:literal
                    => |$it:ident, $value:ident: $rty:ty| $body:expr,
            )*
        })?
        $(one of $([$($one:literal),* $(,)?]),*;)?
        $(needs $($needed:literal beside $option:literal),*;)?
        $(finish = $finish:path;)?
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $ty $(<$lt>)? {
            $( $(#[doc = $fdoc])* pub $field: $fty, )*
        }

        impl<'a> $crate::ext::Extension<'a> for extension!(@ty $ty $(<$lt>)?) {
            const DESCRIPTION: $crate::ext::Description = $crate::ext::Description {
                name: $name,
                aliases: &[$($alias),*],
                family: extension!(@family $($family)?),
                options: &[
                    $( $crate::ext::OptionDescription {
                        flag: $flag,
                        aliases: &[$($falias),*],
                        family: extension!(@family $($ffamily)?),
                        args: <$fty as $crate::value::Field<'_>>::ARGS,
                        choices: <$fty as $crate::value::Field<'_>>::CHOICES,
                        may_miss_word: false,
                        negatable: <$fty as $crate::value::Field<'_>>::NEGATABLE,
                        required: <$fty as $crate::value::Field<'_>>::REQUIRED,
                        repeats: <$fty as $crate::value::Field<'_>>::REPEATS,
                        says: None,
                        doc: &[$($fdoc),*],
                    }, )*
                    $($( $crate::ext::OptionDescription {
                        flag: $rflag,
                        aliases: &[$($ralias),*],
                        family: None,
                        args: <$rty as $crate::value::Argument<'_>>::ARGS,
                        choices: <$rty as $crate::value::Argument<'_>>::CHOICES,
                        may_miss_word: false,
                        negatable: <$rty as $crate::value::Argument<'_>>::NEGATABLE,
                        required: false,
                        repeats: false,
                        says: Some($says),
                        doc: &[$($rdoc),*],
                    }, )*)?
                ],
                exclusive: &[$($(&[$($one),*]),*)?],
                needs: &[$($(($option, $needed)),*)?],
                doc: &[$($doc),*],
            };

            #[allow(unused_variables, unused_mut, unused_assignments)]
            #[inline(always)]
            fn option_at(text: &[u8]) -> Option<(usize, usize)> {
                let mut at = 0;
                $(
                    for flag in [$flag $(, $falias)*] {
                        if $crate::ext::begins_with(text, flag.as_bytes()) {
                            return Some((at, flag.len()));
                        }
                    }
                    at += 1;
                )*
                $($(
                    for flag in [$rflag $(, $ralias)*] {
                        if $crate::ext::begins_with(text, flag.as_bytes()) {
                            return Some((at, flag.len()));
                        }
                    }
                    at += 1;
                )*)?
                None
            }

            #[allow(unused_variables, unused_mut, unused_assignments)]
            fn set(
                &mut self,
                option: usize,
                negated: bool,
                args: &[$crate::Word<'a>],
                context: &$crate::value::Context,
            ) -> Result<(), $crate::value::ValueError> {
                let mut at = 0;
                $(
                    if option == at {
                        let read =
                            $crate::value::Field::set(&mut self.$field, negated, args, context);
                        $( if read.is_ok() {
                            let $fit = self;
                            return $crate::ext::describe::Say::said($then);
                        } )?
                        return read;
                    }
                    at += 1;
                )*
                $($(
                    if option == at {
                        let $it = self;
                        let $value: $rty =
                            $crate::value::Argument::read(negated, args, context)?;
                        $body;
                        return Ok(());
                    }
                    at += 1;
                )*)?
                unreachable!("options are found in this description")
            }

            #[allow(unused_variables)]
            fn finish(
                &mut self,
                context: &$crate::value::Context,
            ) -> Result<(), $crate::ext::Unfit> {
                $( $finish(self, context)?; )?
                Ok(())
            }

            #[allow(unused_variables)]
            fn write(&self, out: &mut $crate::Writer<'_>) {
                $( $crate::value::Field::write(&self.$field, $flag, out); )*
            }
        }
    };
    (@ty $ty:ident <$lt:lifetime>) => { $ty<'a> };
    (@ty $ty:ident) => { $ty };
    (@family $family:ident) => { Some($crate::Family::$family) };
    (@family) => { None };
}
pub(super) use extension;

/// Declares the enum of all matches or all targets from the one list of them.
macro_rules! registry {
    (
        $(#[$doc:meta])*
        $enum:ident
        own { $( $(#[$ownmeta:meta])* $own:ident $(($owned:ty))? [$pattern:pat => $ownname:expr], )* }
        extensions { $( $variant:ident($ty:ty), )* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum $enum<'a> {
            $( $(#[$ownmeta])* $own $(($owned))?, )*
            $(
                #[doc = concat!("`", stringify!($variant), "`: see the type.")]
                $variant($ty),
            )*
            /// An extension that this crate does not describe, kept word for word.
            Other($crate::ext::Other<'a>),
        }

        impl<'a> $enum<'a> {
            /// Every extension described here.
            pub const DESCRIPTIONS: &'static [$crate::ext::Description] =
                &[$( <$ty as $crate::ext::Extension<'a>>::DESCRIPTION, )*];

            /// Finds an extension by name: its place in [`DESCRIPTIONS`](Self::DESCRIPTIONS).
            pub(crate) fn find(name: &[u8]) -> Option<u8> {
                Self::NAMES.find(name, Self::DESCRIPTIONS)
            }

            /// Finds the extension whose name `text` seems to begin with: no other's it can be.
            #[inline(always)]
            pub(crate) fn seems(text: &[u8]) -> Option<u8> {
                Self::NAMES.seems(text)
            }

            const NAMES: &'static $crate::ext::Names = {
                static NAMES: $crate::ext::Names =
                    $crate::ext::Names::of($enum::<'static>::DESCRIPTIONS);
                &NAMES
            };

            /// Reads an extension into a free place. It is spelled as iptables-save does, its
            /// name included.
            #[allow(unused_assignments)]
            pub(crate) fn quick<P: $crate::rule::Free<Self>>(
                place: u8,
                free: &mut P,
                quick: &mut $crate::rule::Quick<'a>,
            ) -> Option<()> {
                let mut at = 0;
                $(
                    if place == at {
                        let Self::$variant(it) = free.put(|| Self::$variant(<$ty>::default()))?
                        else {
                            return None;
                        };
                        return quick.extension(it);
                    }
                    at += 1;
                )*
                unreachable!("places are those of the descriptions")
            }

            /// An extension without any options yet.
            #[allow(unused_assignments)]
            pub(crate) fn empty(place: u8) -> Self {
                let mut at = 0;
                $(
                    if place == at {
                        return Self::$variant(<$ty as Default>::default());
                    }
                    at += 1;
                )*
                unreachable!("places are those of the descriptions")
            }

            /// Takes one option of the extension.
            pub(crate) fn set(
                &mut self,
                option: usize,
                negated: bool,
                args: &[$crate::Word<'a>],
                context: &$crate::value::Context,
            ) -> Result<(), $crate::value::ValueError> {
                match self {
                    $( Self::$variant(it) => {
                        $crate::ext::Extension::set(it, option, negated, args, context)
                    } )*
                    _ => Ok(()),
                }
            }

            /// Judges the options together.
            pub(crate) fn finish(
                &mut self,
                context: &$crate::value::Context,
            ) -> Result<(), $crate::ext::Unfit> {
                match self {
                    $( Self::$variant(it) => $crate::ext::Extension::finish(it, context), )*
                    _ => Ok(()),
                }
            }

            /// Writes the name and the options.
            fn write_named(&self, out: &mut $crate::Writer<'_>) {
                match self {
                    $( Self::$variant(it) => {
                        out.word(<$ty as $crate::ext::Extension<'a>>::DESCRIPTION.name.as_bytes());
                        $crate::ext::Extension::write(it, out);
                    } )*
                    Self::Other(it) => it.write(out),
                    #[allow(unreachable_patterns)]
                    _ => out.name(self.name()),
                }
            }

            /// The name as it stands in a rule.
            #[must_use]
            pub fn name(&self) -> &[u8] {
                match self {
                    $( $pattern => $ownname, )*
                    $( Self::$variant(_) => {
                        <$ty as $crate::ext::Extension<'a>>::DESCRIPTION.name.as_bytes()
                    } )*
                    Self::Other(it) => &it.name,
                }
            }
        }
    };
}
pub(super) use registry;

/// Whether a text begins with a word, which a blank or a newline ends.
#[inline(always)]
pub(crate) fn begins_with(text: &[u8], word: &[u8]) -> bool {
    match text.split_at_checked(word.len()) {
        Some((beginning, [b' ' | b'\n', ..])) => beginning == word,
        _ => false,
    }
}
