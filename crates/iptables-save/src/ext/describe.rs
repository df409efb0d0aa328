//! Defines extensions: their descriptions and what they can do.

use std::borrow::Cow;

use super::validate::{self, OptionBits};
use crate::{
    Family, RuleError, Word, Writer,
    value::{Context, ValueError},
};

/// An extension as the reader, the writer and the manual see it.
#[derive(Debug, PartialEq, Eq)]
pub struct Description {
    /// The name after `-m` or `-j`.
    pub name: &'static str,
    /// Other names that mean the same.
    pub aliases: &'static [&'static str],
    /// The family it is bound to; `None` for both.
    pub family: Option<Family>,
    /// Its options: those that are printed, in the order of iptables-save, then those that are
    /// only parsed.
    pub options: &'static [OptionDescription],
    /// Groups of options of which at most one may be given.
    pub exclusive: &'static [&'static [&'static str]],
    /// Groups of options of which at least one must be given; an empty group represents all
    /// options.
    pub at_least: &'static [&'static [&'static str]],
    /// Pairs of an option and another one that it needs.
    pub needs: &'static [(&'static str, &'static str)],
    /// Its page in the manual, one entry a line.
    pub doc: &'static [&'static str],
}

/// One option of an extension.
#[derive(Debug, PartialEq, Eq)]
pub struct OptionDescription {
    /// The long name with its dashes, such as `--ctstate`.
    pub flag: &'static str,
    /// Other spellings, parsed and never printed.
    pub aliases: &'static [&'static str],
    /// The family it is bound to; the iptables of the other one does not have it. `None` for both.
    pub family: Option<Family>,
    /// A metavariable for each argument.
    pub args: &'static [&'static str],
    /// The words that an argument can be made of, if its metavariable represents certain ones.
    pub choices: &'static [&'static str],
    /// Whether its one argument may be missing. Then no word that looks like an option is taken
    /// for it.
    pub may_miss_word: bool,
    /// Whether `!` may precede it.
    pub invertible: bool,
    /// Whether the extension requires it.
    pub required: bool,
    /// Whether it may be given more than once.
    pub repeats: bool,
    /// The printed option that says the same, if this one is only parsed.
    pub says: Option<&'static str>,
    /// What it does, one entry a line.
    pub doc: &'static [&'static str],
}

impl OptionDescription {
    /// Returns whether the input of a family may have the option.
    pub(crate) fn is_for(&self, family: Option<Family>) -> bool {
        allows(self.family, family)
    }
}

/// Returns whether what is bound to a family or to `None` may be in the input of a family; input of
/// an unknown family may have anything.
#[inline]
fn allows(bound: Option<Family>, family: Option<Family>) -> bool {
    bound.is_none() || family.is_none() || bound == family
}

impl Description {
    /// Returns whether the input of a family may have the extension.
    #[inline]
    pub(crate) fn is_for(&self, family: Option<Family>) -> bool {
        allows(self.family, family)
    }

    /// Finds an option by its exact name or one of its other spellings.
    #[must_use]
    pub fn option(&self, flag: &[u8]) -> Option<usize> {
        self.options.iter().position(|option| {
            option.flag.as_bytes() == flag
                || option.aliases.iter().any(|alias| alias.as_bytes() == flag)
        })
    }
}

/// A match or a target with its options.
pub trait Extension<'a>: Default {
    /// What it is called, and what its options are.
    const DESCRIPTION: Description;

    /// Finds the option whose exact name, or one of its other spellings, `text` begins
    /// with: its index in the description and the name's length. A space or a newline
    /// follows the name.
    #[must_use]
    fn option_at(text: &[u8]) -> Option<(usize, usize)>;

    /// Sets one option: its index in the description, whether `!` precedes it,
    /// and its arguments.
    ///
    /// # Errors
    /// What was expected instead of one of the arguments.
    fn set(
        &mut self,
        option: usize,
        inverted: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError>;

    /// Returns the options that are given, a bit for each index in the description.
    #[must_use]
    fn given(&self) -> OptionBits;

    /// Checks what the values of the options mean together, apart from
    /// [which of them](Self::given) are given.
    ///
    /// # Errors
    /// Why they do not go together.
    fn check_values(&self, context: &Context) -> Result<(), OptionConflict>;

    /// Checks the options together as iptables does: required options, options that exclude
    /// or need each other, and their values.
    ///
    /// # Errors
    /// What iptables-restore would refuse.
    fn validate(&self, context: &Context) -> Result<(), RuleError> {
        validate::check(self, self.given(), context)
    }

    /// Rewrites the options as iptables-save prints them: adds the defaults that it writes,
    /// and removes what it leaves out.
    fn normalize(&mut self, context: &Context);

    /// Writes the options as iptables-save does, without the name.
    fn write(&self, out: &mut Writer<'_>);
}

/// Why the options of an extension do not go together.
pub type OptionConflict = Cow<'static, str>;

/// A large extension is kept in a box, so that a rule's list of matches stays small.
impl<'a, E: Extension<'a>> Extension<'a> for Box<E> {
    const DESCRIPTION: Description = E::DESCRIPTION;

    #[inline]
    fn option_at(text: &[u8]) -> Option<(usize, usize)> {
        E::option_at(text)
    }

    fn set(
        &mut self,
        option: usize,
        inverted: bool,
        args: &[Word<'a>],
        context: &Context,
    ) -> Result<(), ValueError> {
        (**self).set(option, inverted, args, context)
    }

    fn given(&self) -> OptionBits {
        (**self).given()
    }

    fn check_values(&self, context: &Context) -> Result<(), OptionConflict> {
        (**self).check_values(context)
    }

    fn normalize(&mut self, context: &Context) {
        (**self).normalize(context);
    }

    fn write(&self, out: &mut Writer<'_>) {
        (**self).write(out);
    }
}

/// What an option checks, or changes, in the options before it once it has been set.
pub(crate) trait PostCheck {
    /// Returns whether the option may follow them.
    fn check(self) -> Result<(), ValueError>;
}

impl PostCheck for () {
    fn check(self) -> Result<(), ValueError> {
        Ok(())
    }
}

impl PostCheck for Result<(), ValueError> {
    fn check(self) -> Self {
        self
    }
}

/// Declares the enum of all matches or all targets from the one list of them.
macro_rules! registry {
    (
        $(#[$doc:meta])*
        $enum:ident
        own { $( $(#[$ownmeta:meta])* $own:ident $(($field:ident: $owned:ty))? = $ownname:expr, )* }
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
            /// An unknown extension, kept word for word.
            Other($crate::ext::Other<'a>),
        }

        impl<'a> $enum<'a> {
            /// The descriptions of all known extensions.
            pub const DESCRIPTIONS: &'static [$crate::ext::Description] =
                &[$( <$ty as $crate::ext::Extension<'a>>::DESCRIPTION, )*];

            /// Returns the description of an extension by name.
            pub(crate) fn description(name: &[u8]) -> Option<&'static $crate::ext::Description> {
                Some(&Self::DESCRIPTIONS[usize::from(Self::find(name)?)])
            }

            /// Finds an extension by name: its index in [`DESCRIPTIONS`](Self::DESCRIPTIONS).
            pub(crate) fn find(name: &[u8]) -> Option<u8> {
                Self::NAMES.find(name, Self::DESCRIPTIONS)
            }

            /// Finds the only extension whose name `text` may begin with.
            #[inline]
            pub(crate) fn candidate(text: &[u8]) -> Option<u8> {
                Self::NAMES.candidate(text)
            }

            const NAMES: &'static $crate::ext::Names = {
                static NAMES: $crate::ext::Names =
                    $crate::ext::Names::of($enum::<'static>::DESCRIPTIONS);
                &NAMES
            };

            /// Makes an extension in a slot and has a visitor parse its options. Returns `None`
            /// if the slot is taken or the visitor gives up.
            pub(crate) fn visit_new<S, V>(index: u8, slot: &mut S, visitor: &mut V) -> Option<()>
            where
                S: $crate::ext::Slot<Self>,
                V: $crate::ext::Visitor<'a>,
            {
                let mut variants = 0_u8..;
                $(
                    if Some(index) == variants.next() {
                        let Self::$variant(extension) =
                            slot.put(|| Self::$variant(<$ty>::default()))?
                        else {
                            return None;
                        };
                        return visitor.visit(extension);
                    }
                )*
                unreachable!("indices are those of the descriptions")
            }

            /// Makes an extension that has no options yet.
            pub(crate) fn without_options(described: &$crate::ext::Description) -> Self {
                let index = Self::find(described.name.as_bytes());
                let mut variants = 0_u8..;
                $(
                    if index == variants.next() {
                        return Self::$variant(<$ty>::default());
                    }
                )*
                unreachable!("each description is that of an extension")
            }

            /// Sets one option of the extension.
            pub(crate) fn set(
                &mut self,
                option: usize,
                inverted: bool,
                args: &[$crate::Word<'a>],
                context: &$crate::value::Context,
            ) -> Result<(), $crate::value::ValueError> {
                match self {
                    $( Self::$variant(one) => {
                        $crate::ext::Extension::set(one, option, inverted, args, context)
                    } )*
                    _ => Ok(()),
                }
            }

            /// Checks the options together, those that are given on a line, and rewrites them as
            /// iptables-save prints them.
            pub(crate) fn finish(
                &mut self,
                given: $crate::ext::validate::OptionBits,
                context: &$crate::value::Context,
            ) -> Result<(), $crate::RuleError> {
                match self {
                    $( Self::$variant(one) => {
                        $crate::ext::validate::finish(one, given, context)
                    } )*
                    _ => Ok(()),
                }
            }

            /// Returns the description; `None` for what is not a known extension.
            #[must_use]
            pub fn described(&self) -> Option<&'static $crate::ext::Description> {
                match self {
                    $( Self::$variant(_) => {
                        Some(const { &<$ty as $crate::ext::Extension<'_>>::DESCRIPTION })
                    } )*
                    _ => None,
                }
            }

            /// Returns the options that are given, a bit for each index in the description.
            pub(crate) fn given(&self) -> $crate::ext::validate::OptionBits {
                match self {
                    $( Self::$variant(one) => $crate::ext::Extension::given(one), )*
                    _ => 0,
                }
            }

            /// Checks the options together as iptables does.
            ///
            /// # Errors
            /// What iptables-restore would refuse.
            pub fn validate(&self, context: &$crate::value::Context) -> Result<(), $crate::RuleError> {
                match self {
                    $( Self::$variant(one) => $crate::ext::Extension::validate(one, context), )*
                    _ => Ok(()),
                }
            }

            /// Rewrites the options as iptables-save prints them.
            pub fn normalize(&mut self, context: &$crate::value::Context) {
                match self {
                    $( Self::$variant(one) => $crate::ext::Extension::normalize(one, context), )*
                    _ => {}
                }
            }

            /// Returns the same with everything that it borrows copied.
            #[must_use]
            pub fn into_owned(self) -> $enum<'static> {
                match self {
                    $( Self::$own $(($field))? => $enum::$own $(($field.into_owned().into()))?, )*
                    $( Self::$variant(one) => {
                        $enum::$variant($crate::value::IntoOwned::into_owned(one))
                    } )*
                    Self::Other(other) => $enum::Other(other.into_owned()),
                }
            }

            /// Writes the name and the options.
            fn write_named(&self, out: &mut $crate::Writer<'_>) {
                match self {
                    $( Self::$variant(one) => {
                        out.word(<$ty as $crate::ext::Extension<'a>>::DESCRIPTION.name.as_bytes());
                        $crate::ext::Extension::write(one, out);
                    } )*
                    Self::Other(other) => other.write(out),
                    #[allow(unreachable_patterns)]
                    _ => out.name(self.name()),
                }
            }

            /// Returns the name as it is in a rule.
            #[must_use]
            pub fn name(&self) -> &[u8] {
                match self {
                    $( Self::$own $(($field))? => $ownname, )*
                    $( Self::$variant(_) => {
                        <$ty as $crate::ext::Extension<'a>>::DESCRIPTION.name.as_bytes()
                    } )*
                    Self::Other(other) => &other.name,
                }
            }
        }
    };
}
pub(super) use registry;

/// Returns whether `text` begins with a word, which a space or a newline ends.
#[inline]
pub(crate) fn begins_with(text: &[u8], word: &[u8]) -> bool {
    match text.split_at_checked(word.len()) {
        Some((beginning, [b' ' | b'\n', ..])) => beginning == word,
        _ => false,
    }
}
