//! The macro that describes an extension.
//!
//! From one description come the reader, the validation, the canonical writer, the
//! documentation and the table in the manual. The type of a field is the grammar of its
//! option: `Option<T>` is optional, `Required<T>` is required, `Invertible<T>` can be inverted with
//! `!`, `bool` takes no argument, `Vec<T>` repeats; `T` is any [`Value`](crate::value::Value).

/// Declares an extension. Every clause after the options is optional.
///
/// ```text
/// extension! {
///     /// The page of the manual.
///     Type<'a> = "name" | "other-name" (V4) {
///         /// What the option does.
///         "--option" | "--other-spelling" (V6) => field: Option<Invertible<Ports>>,
///         /// What it does. Once it is set, it changes another option, or checks the
///         /// options before it and returns a `Result`.
///         "--switch" => switch: bool => |this| this.field = None,
///     }
///     repeat elements: up to 4 of
///     /// An element, each of which has options of its own.
///     Element {
///         /// What the option does. It is kept in the last element.
///         "--spi" => spi: Option<Hex>,
///     }
///     /// Begins the next element.
///     after "--next" => next
///     reads {
///         /// Another way to give an option, never written. Its value's name is the name of
///         /// the option here, so it is unique among the fields.
///         "--shorthand" as "--option" => |this, shorthand: Ports| this.field = …,
///     }
///     one of ["--a", "--b"], ["--c", "--d"];       // at most one of each group
///     at_least one of ["--a", "--b"];              // of all options with an empty group
///     needs "--a" with "--b";                      // `--b` needs `--a`
///     validate = |this, context| Ok(()),           // or a function
///     normalize = |this, context| …;               // or a function
///     default field = 5;                           // written by iptables-save when absent
///     default field from context = …;
///     omit field when |value| *value == 0;         // not written by iptables-save
/// }
/// ```
macro_rules! extension {
    (
        $(#[doc = $doc:literal])*
        $ty:ident $(<$lt:lifetime>)? = $name:literal $(| $alias:literal)* $(($family:ident))? {
            $(
                $(#[doc = $fdoc:literal])*
                $flag:literal $(| $falias:literal)* $(($ffamily:ident))? => $field:ident: $fty:ty
                    $(=> |$this:ident| $then:expr)?,
            )*
        }
        $(repeat $list:ident: up to $most:literal of
            $(#[doc = $edoc:literal])*
            $element:ident {
                $( $(#[doc = $gdoc:literal])* $gflag:literal => $gfield:ident: $gty:ty, )*
            }
            $(#[doc = $ndoc:literal])*
            after $nflag:literal => $next:ident
        )?
        $(reads {
            $(
                $(#[doc = $rdoc:literal])*
                $rflag:literal $(| $ralias:literal)* as $says:literal
                    => |$rthis:ident, $value:ident: $rty:ty| $body:expr,
            )*
        })?
        $(one of $([$($one:literal),* $(,)?]),*;)?
        $(at_least one of $([$($least:literal),* $(,)?]),*;)?
        $(needs $($needed:literal with $option:literal),*;)?
        $(validate = $validate:expr;)?
        $(normalize = $normalize:expr;)?
        $(default $dfield:ident $(from $dcontext:ident)? = $default:expr;)*
        $(omit $ofield:ident when |$ovalue:ident| $omit:expr;)*
        $(write = $write:path;)?
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $ty $(<$lt>)? {
            $( $(#[doc = $fdoc])* pub $field: $fty, )*
            $( $(#[doc = $edoc])* pub $list: Vec<$element>, )?
        }

        $(
            $(#[doc = $edoc])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
            pub struct $element {
                $( $(#[doc = $gdoc])* pub $gfield: $gty, )*
            }
        )?

        const _: () = {
            /// The options in the order of the description.
            #[allow(non_camel_case_types, clippy::enum_variant_names)]
            #[derive(Clone, Copy)]
            enum Index {
                $( $field, )*
                $( $($gfield,)* $next, )?
                $($( $value, )*)?
            }

            impl Index {
                const ALL: &'static [Self] = &[
                    $( Self::$field, )*
                    $( $(Self::$gfield,)* Self::$next, )?
                    $($( Self::$value, )*)?
                ];
            }

            impl<'a> $crate::ext::Extension<'a> for extension!(@ty $ty $(<$lt>)?) {
                const DESCRIPTION: $crate::ext::Description = $crate::ext::Description {
                    name: $name,
                    aliases: &[$($alias),*],
                    family: extension!(@family $($family)?),
                    options: &[
                        $( $crate::ext::OptionDescription {
                            aliases: &[$($falias),*],
                            family: extension!(@family $($ffamily)?),
                            ..extension!(@option Field, $fty, $flag, $($fdoc),*)
                        }, )*
                        $(
                            $( $crate::ext::OptionDescription {
                                repeats: true,
                                ..extension!(@option Field, $gty, $gflag, $($gdoc),*)
                            }, )*
                            $crate::ext::OptionDescription {
                                repeats: true,
                                ..extension!(@option Field, bool, $nflag, $($ndoc),*)
                            },
                        )?
                        $($( $crate::ext::OptionDescription {
                            aliases: &[$($ralias),*],
                            says: Some($says),
                            ..extension!(@option Argument, $rty, $rflag, $($rdoc),*)
                        }, )*)?
                    ],
                    exclusive: &[$($(&[$($one),*]),*)?],
                    at_least: &[$($(&[$($least),*]),*)?],
                    needs: &[$($(($option, $needed)),*)?],
                    doc: &[$($doc),*],
                };

                #[inline]
                fn option_at(text: &[u8]) -> Option<(usize, usize)> {
                    $( extension!(@find text, $field, $flag $(, $falias)*); )*
                    $(
                        $( extension!(@find text, $gfield, $gflag); )*
                        extension!(@find text, $next, $nflag);
                    )?
                    $($( extension!(@find text, $value, $rflag $(, $ralias)*); )*)?
                    let _ = text;
                    None
                }

                fn set(
                    &mut self,
                    option: usize,
                    inverted: bool,
                    args: &[$crate::Word<'a>],
                    context: &$crate::value::Context,
                ) -> Result<(), $crate::value::ValueError> {
                    let _ = (inverted, args, context);
                    match Index::ALL[option] {
                        $( Index::$field => {
                            $crate::value::Field::set(&mut self.$field, inverted, args, context)?;
                            $(
                                let $this = &mut *self;
                                $crate::ext::describe::PostCheck::check($then)?;
                            )?
                        } )*
                        $(
                            $( Index::$gfield => {
                                let element = $crate::ext::extension::last(&mut self.$list);
                                if $crate::value::Field::is_given(&element.$gfield) {
                                    return Err($crate::value::ValueError::new(concat!(
                                        "this option once in an element; `",
                                        $nflag,
                                        "` begins another one",
                                    )));
                                }
                                $crate::value::Field::set(
                                    &mut element.$gfield, inverted, args, context,
                                )?;
                            } )*
                            Index::$next => {
                                $crate::ext::extension::last(&mut self.$list);
                                if self.$list.len() == $most {
                                    return Err($crate::value::ValueError::new(concat!(
                                        "at most ", $most, " elements",
                                    )));
                                }
                                self.$list.push($element::default());
                            }
                        )?
                        $($( Index::$value => {
                            let $rthis = self;
                            let $value: $rty =
                                $crate::value::Argument::read(inverted, args, context)?;
                            $body;
                        } )*)?
                    }
                    #[allow(unreachable_code)]
                    Ok(())
                }

                fn given(&self) -> $crate::ext::validate::OptionBits {
                    let given = 0;
                    $( let given = given
                        | u64::from($crate::value::Field::is_given(&self.$field))
                            << Index::$field as u32; )*
                    $(
                        $( let given = given
                            | u64::from(self.$list.iter().any(|element| {
                                $crate::value::Field::is_given(&element.$gfield)
                            })) << Index::$gfield as u32; )*
                        let given = given | u64::from(self.$list.len() > 1) << Index::$next as u32;
                    )?
                    given
                }

                #[inline]
                fn check_values(
                    &self,
                    context: &$crate::value::Context,
                ) -> Result<(), $crate::ext::OptionConflict> {
                    let _ = context;
                    $(
                        let validate: fn(&Self, &$crate::value::Context)
                            -> Result<(), $crate::ext::OptionConflict> = $validate;
                        validate(self, context)?;
                    )?
                    Ok(())
                }

                #[inline]
                fn normalize(&mut self, context: &$crate::value::Context) {
                    let _ = context;
                    $(
                        let normalize: fn(&mut Self, &$crate::value::Context) = $normalize;
                        normalize(self, context);
                    )?
                    $( self.$dfield.get_or_insert_with(|| {
                        $( let $dcontext = context; )?
                        $default
                    }); )*
                    $( self.$ofield = self.$ofield.take().filter(|$ovalue| !$omit); )*
                }

                fn write(&self, out: &mut $crate::Writer<'_>) {
                    extension!(@write self, out, [$($write)?] {
                        let _ = &out;
                        $( $crate::value::Field::write(&self.$field, $flag, out); )*
                        $( for (nth, element) in self.$list.iter().enumerate() {
                            if nth > 0 {
                                out.word($nflag.as_bytes());
                            }
                            $( $crate::value::Field::write(&element.$gfield, $gflag, out); )*
                        } )?
                    });
                }
            }
        };

        extension!(@owned $ty $(<$lt>)? { $($field)* });
    };
    (@ty $ty:ident <$lt:lifetime>) => { $ty<'a> };
    (@ty $ty:ident) => { $ty };
    (@family $family:ident) => { Some($crate::Family::$family) };
    (@family) => { None };
    (@option $kind:ident, $ty:ty, $flag:literal, $($doc:literal),*) => {
        $crate::ext::OptionDescription {
            flag: $flag,
            aliases: &[],
            family: None,
            args: <$ty as $crate::value::$kind<'_>>::ARGS,
            choices: <$ty as $crate::value::$kind<'_>>::CHOICES,
            may_miss_word: <$ty as $crate::value::$kind<'_>>::MAY_MISS_WORD,
            invertible: <$ty as $crate::value::$kind<'_>>::INVERTIBLE,
            required: extension!(@of $kind, $ty, REQUIRED),
            repeats: extension!(@of $kind, $ty, REPEATS),
            says: None,
            doc: &[$($doc),*],
        }
    };
    (@of Field, $ty:ty, $constant:ident) => { <$ty as $crate::value::Field<'_>>::$constant };
    (@of Argument, $ty:ty, $constant:ident) => { false };
    (@find $text:ident, $index:ident, $($flag:literal),*) => {
        for flag in [$($flag),*] {
            if $crate::ext::begins_with($text, flag.as_bytes()) {
                return Some((Index::$index as usize, flag.len()));
            }
        }
    };
    (@write $self:ident, $out:ident, [$write:path] $fields:block) => { $write($self, $out) };
    (@write $self:ident, $out:ident, [] $fields:block) => { $fields };
    (@owned $ty:ident <$lt:lifetime> { $($field:ident)* }) => {
        impl $crate::value::IntoOwned for $ty<'_> {
            type Owned = $ty<'static>;

            fn into_owned(self) -> $ty<'static> {
                $ty { $( $field: $crate::value::IntoOwned::into_owned(self.$field), )* }
            }
        }
    };
    (@owned $ty:ident { $($field:ident)* }) => {
        $crate::value::owned!($ty);
    };
}
pub(super) use extension;

/// Returns the last element of a repeated group, which may be its first.
pub(super) fn last<T: Default>(list: &mut Vec<T>) -> &mut T {
    if list.is_empty() {
        list.push(T::default());
    }
    list.last_mut().expect("an element was pushed")
}
