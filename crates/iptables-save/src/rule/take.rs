//! Puts what a clause says into a rule.

use super::{
    Counters, Rule,
    blame::{bad_value, repeated},
};
use crate::{
    Clause, Error, ErrorKind, Family, Match, Place, Target, Text, Word,
    base::Base,
    clause::{Found, Loaded, match_at, target_at},
    ext::{Description, Other, combine::OptionBits},
    value::{
        Addresses, Argument, Context, Interface, Invertible, Protocol, ValueError, leading_integer,
    },
};

/// What one clause is read into.
pub(super) struct Into<'s, 'a> {
    pub(super) line: &'a [u8],
    pub(super) words: &'s [Word<'a>],
    pub(super) context: &'s Context,
    pub(super) rule: &'s mut Rule<'a>,
    /// The options so far of each match.
    pub(super) seen: &'s mut Vec<OptionBits>,
    pub(super) target_seen: &'s mut OptionBits,
    /// The first address that is wrong, which iptables sees when all options are read.
    pub(super) late: &'s mut Option<Box<Error>>,
    pub(super) loaded: &'s Loaded,
}

impl<'a> Into<'_, 'a> {
    pub(super) fn take(&mut self, clause: &Clause) -> Found<()> {
        match clause.place {
            Place::Base(option) => self.base(option, clause),
            Place::Match(place) => {
                self.rule.matches.push(match place {
                    Some(place) => Match::empty(place),
                    None => Match::Other(Other {
                        name: self.first(clause),
                        words: Vec::new(),
                    }),
                });
                self.seen.push(0);
                Ok(())
            }
            Place::MatchOption { nth, option } => {
                let nth = usize::from(nth);
                let described = match_at(self.loaded.matches[nth].expect("it has options"));
                note(&mut self.seen[nth], option, described)
                    .map_err(|kind| self.error(kind, clause))?;
                let one = &mut self.rule.matches[nth];
                let read = clause.with_value(self.words, |args| {
                    one.set(option.into(), clause.inverted, args, self.context)
                });
                read.map_err(|error| {
                    let flag = described.options[usize::from(option)].flag;
                    bad_value(self.words, clause, flag, error)
                })
            }
            Place::Target(place) => {
                if self.rule.target.is_some() {
                    return Err(self.error(repeated("-j"), clause));
                }
                let name = self.target_name("-j", clause)?;
                self.rule.target = Some(match place {
                    Some(place) => Target::empty(place),
                    None => Target::named(name),
                });
                Ok(())
            }
            Place::TargetOption { option } => {
                let described = target_at(self.loaded.target.flatten().expect("it has options"));
                note(self.target_seen, option, described)
                    .map_err(|kind| self.error(kind, clause))?;
                let target = self
                    .rule
                    .target
                    .as_mut()
                    .expect("its options come after it");
                let read = clause.with_value(self.words, |args| {
                    target.set(option.into(), clause.inverted, args, self.context)
                });
                read.map_err(|error| {
                    let flag = described.options[usize::from(option)].flag;
                    bad_value(self.words, clause, flag, error)
                })
            }
            Place::OtherMatch { nth } => {
                let word = self.as_written(clause);
                if let Some(Match::Other(other)) = self.rule.matches.get_mut(usize::from(nth)) {
                    other.words.push(word);
                }
                Ok(())
            }
            Place::OtherTarget => {
                let word = self.as_written(clause);
                if let Some(target) = &mut self.rule.target {
                    target.push_word(word);
                }
                Ok(())
            }
        }
    }

    fn base(&mut self, option: Base, clause: &Clause) -> Found<()> {
        let at = (self.words, self.context, clause);
        if let Some((_, before)) = self.loaded.clauses.split_last()
            && !matches!(
                option,
                Base::Verbose | Base::Modprobe | Base::Ipv4 | Base::Ipv6
            )
            && before.iter().any(|it| it.place.is_of(option))
        {
            return Err(self.error(repeated(option.name()), clause));
        }
        let rule = &mut *self.rule;
        match option {
            Base::Source | Base::Destination => {
                let slot = match option {
                    Base::Source => &mut rule.source,
                    _ => &mut rule.destination,
                };
                match fill(slot, at, option) {
                    Ok(()) => forget_everything(slot),
                    Err(error) => _ = self.late.get_or_insert(error),
                }
                Ok(())
            }
            Base::InInterface => {
                fill(&mut rule.in_interface, at, option)?;
                forget_any(&mut rule.in_interface);
                Ok(())
            }
            Base::OutInterface => {
                fill(&mut rule.out_interface, at, option)?;
                forget_any(&mut rule.out_interface);
                Ok(())
            }
            Base::Protocol => {
                fill(&mut rule.protocol, at, option)?;
                match rule.protocol {
                    // No protocol is every protocol: iptables keeps nothing for it.
                    Some(Invertible { value, inverted }) if value == Protocol::ALL => {
                        rule.protocol = None;
                        match inverted {
                            true => Err(self.bad(
                                option,
                                "a protocol other than all of them behind `!`",
                                clause,
                            )),
                            false => Ok(()),
                        }
                    }
                    _ => Ok(()),
                }
            }
            Base::Fragment if self.context.family == Some(Family::V6) => {
                let kind = ErrorKind::OtherFamily {
                    extension: option.name(),
                    family: Family::V4,
                };
                Err(self.error(kind, clause))
            }
            Base::Fragment => fill(&mut rule.fragment, at, option),
            Base::Goto if rule.target.is_some() => Err(self.error(repeated("-j"), clause)),
            Base::Goto => {
                let name = self.target_name("-g", clause)?;
                self.rule.target = Some(Target::Goto(name));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The name of a target or a chain to go to (`xshared.c:xt_parse_target`).
    fn target_name(&self, option: &str, clause: &Clause) -> Found<Text<'a>> {
        let name = self.first(clause);
        match is_target_name(&name) {
            true => Ok(name),
            false => {
                let error = ValueError::new("a name of 1 to 28 bytes without blanks");
                Err(bad_value(self.words, clause, option, error))
            }
        }
    }

    #[cold]
    fn bad(&self, option: Base, expected: &'static str, clause: &Clause) -> Box<Error> {
        bad_value(self.words, clause, option.name(), ValueError::new(expected))
    }

    pub(super) fn option_counters(&self, clause: &Clause) -> Found<Counters> {
        clause.with_value(self.words, |args| {
            // As `sscanf` reads them, which does not look at what follows the digits.
            let number = |text: &[u8]| leading_integer(text);
            let comma = |text: &[u8]| memchr::memchr(b',', text.get(1..)?).map(|it| it + 2);
            let both = match args {
                [both] => comma(&both.text)
                    .and_then(|bytes| number(&both.text).zip(number(&both.text[bytes..]))),
                [packets, bytes] if comma(&packets.text).is_none() => {
                    number(&packets.text).zip(number(&bytes.text))
                }
                _ => None,
            };
            match both {
                Some((packets, bytes)) => Ok(Counters { packets, bytes }),
                None => Err(self.error(ErrorKind::BadCounters, clause)),
            }
        })
    }

    fn first(&self, clause: &Clause) -> Text<'a> {
        clause.first(self.words)
    }

    fn as_written(&self, clause: &Clause) -> Text<'a> {
        Text::Borrowed(&self.line[clause.span(self.words).range()])
    }

    #[cold]
    pub(super) fn error(&self, kind: ErrorKind, clause: &Clause) -> Box<Error> {
        Box::new(Error::new(kind, clause.span(self.words)))
    }
}

/// Every address is no condition: iptables keeps nothing for it.
pub(super) fn forget_everything(address: &mut Option<Invertible<Addresses>>) {
    if let Some(Invertible {
        inverted: false,
        value: Addresses::One(one),
    }) = address
        && one.is_all()
    {
        *address = None;
    }
}

/// Any interface is no condition either.
pub(super) fn forget_any(interface: &mut Option<Invertible<Interface<'_>>>) {
    *interface = interface
        .take()
        .filter(|it| it.inverted || !it.value.is_any());
}

/// Whether a word may stand behind `-j` or `-g`.
pub(super) fn is_target_name(name: &[u8]) -> bool {
    matches!(name.len(), 1..=28) && !name.iter().any(|byte| matches!(byte, b'\t'..=b'\r' | b' '))
}

/// Reads the value of a base option into its place.
fn fill<'a, T: Argument<'a>>(
    slot: &mut Option<T>,
    (words, context, clause): (&[Word<'a>], &Context, &Clause),
    option: Base,
) -> Found<()> {
    let read = clause.with_value(words, |args| T::read(clause.inverted, args, context));
    *slot = Some(read.map_err(|error| bad_value(words, clause, option.name(), error))?);
    Ok(())
}

/// Notes that an option is there, once unless it may repeat.
fn note(seen: &mut OptionBits, option: u8, described: &Description) -> Result<(), ErrorKind> {
    let bit = 1 << option;
    if *seen & bit != 0 {
        let option = &described.options[usize::from(option)];
        if !option.repeats {
            return Err(repeated(option.flag));
        }
    }
    *seen |= bit;
    Ok(())
}
