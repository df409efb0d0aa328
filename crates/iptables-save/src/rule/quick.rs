//! Reads rules that are spelled as iptables-save spells them, word by word as they come.
//!
//! Nearly every rule is. This reader gives up on anything else, and on anything that is
//! wrong: [`Reader`](super::Reader) then reads the line again as iptables would, and
//! finds what to complain of. Where this one does not give up, both say the same, which
//! a test of arbitrary lines holds them to.

use std::borrow::Cow;

use super::{Command, Rule, Statement};
use crate::{
    Family, Match, Target, Text, Word,
    clause::{Loaded, match_at, target_at},
    ext::{
        Description,
        combine::{self, OptionBits},
    },
    value::{Addresses, Argument, Context, Not, Protocol},
    word::{self, stops},
};

/// Reads the line from byte `at` on, where its `-A` must stand. Gives up with `None`,
/// having put something or nothing into `statement`.
pub(super) fn read<'a>(
    line: &'a [u8],
    at: usize,
    family: Option<Family>,
    is_chain: &dyn Fn(&[u8]) -> bool,
    loaded: &mut Loaded,
    statement: &mut Statement<'a>,
) -> Option<()> {
    let rest = line.get(at..)?;
    if !rest.starts_with(b"-A ") {
        return None;
    }
    loaded.clear();
    let mut places = [0; MOST_STOPS];
    let at = at + b"-A ".len();
    let end = line.strip_suffix(b"\n").unwrap_or(line).len();
    let mut quick = Quick {
        line,
        at,
        end,
        stops: all_stops(&line[..end], at, &mut places)?,
        stopped: 0,
        context: Context {
            family,
            protocol: None,
        },
        rule: &mut statement.rule,
        loaded,
        newest: 0,
        target_options: 0,
    };
    let chain = quick.word()??;
    quick.rest(is_chain)?;
    quick.finish()?;
    statement.command = Command::Append { chain };
    Some(())
}

/// How many places that may end a word a line has at the most: few have more than 30.
const MOST_STOPS: usize = 96;

/// Finds the places that may end a word from byte `from` on, the line's end being the last.
fn all_stops<'p>(line: &[u8], from: usize, places: &'p mut [u16; MOST_STOPS]) -> Option<&'p [u16]> {
    let mut found = 0;
    let mut base = from;
    while base < line.len() {
        let mut stops = stops(line, base);
        while stops != 0 {
            let at = base + (stops.trailing_zeros() / 8) as usize;
            *places.get_mut(found)? = u16::try_from(at).ok()?;
            found += 1;
            if at >= line.len() {
                return Some(&places[..found]);
            }
            stops &= stops - 1;
        }
        base += 8;
    }
    *places.get_mut(found)? = u16::try_from(line.len()).ok()?;
    Some(&places[..=found])
}

struct Quick<'q, 'a> {
    line: &'a [u8],
    /// Where the next word begins.
    at: usize,
    /// Where the line ends, the newline left out.
    end: usize,
    /// The places that may end a word, the line's end behind them.
    stops: &'q [u16],
    /// How many of them are behind.
    stopped: usize,
    context: Context,
    rule: &'q mut Rule<'a>,
    loaded: &'q mut Loaded,
    /// The options so far of the newest match.
    newest: OptionBits,
    target_options: OptionBits,
}

impl<'a> Quick<'_, 'a> {
    /// The next word: `Some(None)` at the end of the line, `None` to give up.
    #[inline]
    fn word(&mut self) -> Option<Option<Text<'a>>> {
        let start = self.at;
        if start >= self.end {
            return Some(None);
        }
        let mut stop = self.stop()?;
        if stop == start {
            // A quote, or else a second blank, which iptables-save does not print.
            if self.line[stop] != b'"' {
                return None;
            }
            while {
                stop = self.stop()?;
                *self.line.get(stop)? != b'"'
            } {}
            let text = &self.line[start + 1..stop];
            // A quote ends its word, but iptables-save puts a blank behind it too.
            if memchr::memchr2(b'\\', 0, text).is_some() || self.stop()? != stop + 1 {
                return None;
            }
            self.at = stop + 2;
            return Some(Some(Cow::Borrowed(text)));
        }
        self.at = stop + 1;
        match self.line.get(stop) {
            Some(b' ') => {}
            _ if stop == self.end => {}
            _ => return None,
        }
        Some(Some(Cow::Borrowed(&self.line[start..stop])))
    }

    /// The next byte that may end a word, or the end of the line.
    #[inline]
    fn stop(&mut self) -> Option<usize> {
        let stop = *self.stops.get(self.stopped)?;
        self.stopped += 1;
        Some(stop.into())
    }

    /// The value of an option: a word that has to be there.
    #[inline]
    fn value(&mut self) -> Option<Word<'a>> {
        let text = self.word()??;
        Some(Word::of(text))
    }

    fn rest(&mut self, is_chain: &dyn Fn(&[u8]) -> bool) -> Option<()> {
        let mut negated = false;
        while let Some(word) = self.word()? {
            match &*word {
                b"!" if !negated => {
                    negated = true;
                    continue;
                }
                [b'-', b'-', ..] => self.option(&word, negated)?,
                b"-m" if !negated => self.begin_match()?,
                b"-j" if !negated => self.begin_target(is_chain)?,
                b"-s" => {
                    let address = self.address(negated)?;
                    put(&mut self.rule.source, address)?;
                }
                b"-d" => {
                    let address = self.address(negated)?;
                    put(&mut self.rule.destination, address)?;
                }
                b"-i" => {
                    let interface = self.argument(negated)?;
                    put(&mut self.rule.in_interface, interface)?;
                }
                b"-o" => {
                    let interface = self.argument(negated)?;
                    put(&mut self.rule.out_interface, interface)?;
                }
                b"-p" => {
                    let protocol: Not<Protocol> = self.argument(negated)?;
                    if protocol.value == Protocol::ALL {
                        return None;
                    }
                    self.context.protocol = Some(protocol.value);
                    put(&mut self.rule.protocol, protocol)?;
                }
                b"-g" if !negated => {
                    let chain = self.word()??;
                    put(&mut self.rule.target, Target::Goto(chain))?;
                }
                _ => return None,
            }
            negated = false;
        }
        // A `!` at the end is nobody's.
        (!negated).then_some(())
    }

    fn argument<T: Argument<'a>>(&mut self, negated: bool) -> Option<T> {
        let word = self.value()?;
        T::read(negated, &[word], &self.context).ok()
    }

    #[inline]
    fn address(&mut self, negated: bool) -> Option<Not<Addresses>> {
        let word = self.value()?;
        let address: Not<Addresses> = Argument::read(negated, &[word], &self.context).ok()?;
        // Every address is no condition, which iptables-save does not print.
        match &address.value {
            Addresses::One(one) if one.is_all() => None,
            _ => Some(address),
        }
    }

    fn begin_match(&mut self) -> Option<()> {
        self.end_match()?;
        // Options of a match behind the target could be either's.
        if self.loaded.target.is_some() {
            return None;
        }
        let name = self.word()??;
        let place = Match::find(&name)?;
        self.fits_family(match_at(place))?;
        self.loaded.matches.push(Some(place));
        self.rule.matches.push(Match::empty(place));
        Some(())
    }

    fn begin_target(&mut self, is_chain: &dyn Fn(&[u8]) -> bool) -> Option<()> {
        let name = self.word()??;
        let place = Target::find(&name).filter(|_| !is_chain(&name));
        let target = match place {
            Some(place) => {
                self.fits_family(target_at(place))?;
                Target::empty(place)
            }
            None => Target::named(name),
        };
        self.loaded.target = Some(place);
        put(&mut self.rule.target, target)
    }

    fn fits_family(&self, described: &Description) -> Option<()> {
        let fits = match (described.family, self.context.family) {
            (Some(bound), Some(family)) => bound == family,
            _ => true,
        };
        fits.then_some(())
    }

    /// Reads an option of the target, once there is one, or of the newest match.
    #[inline]
    fn option(&mut self, flag: &[u8], negated: bool) -> Option<()> {
        let of_target = self.loaded.target;
        let described = match (of_target, self.loaded.matches.last()) {
            (Some(target), _) => target_at(target?),
            (None, Some(newest)) => match_at((*newest)?),
            (None, None) => return None,
        };
        let place = described.option(flag)?;
        let option = &described.options[place];
        let seen = match of_target {
            Some(_) => &mut self.target_options,
            None => &mut self.newest,
        };
        let bit = 1 << place;
        if negated && !option.negatable || *seen & bit != 0 {
            return None;
        }
        *seen |= bit;
        let words = match option.args.len() {
            0 => [Word::default(), Word::default()],
            1 => [self.value()?, Word::default()],
            2 => [self.value()?, self.value()?],
            _ => return None,
        };
        let args = &words[..option.args.len()];
        let read = match of_target {
            Some(_) => {
                let target = self.rule.target.as_mut()?;
                target.set(place, negated, args, &self.context)
            }
            None => {
                let newest = self.rule.matches.last_mut()?;
                newest.set(place, negated, args, &self.context)
            }
        };
        read.ok()
    }

    /// Judges the newest match, of which no more options can come.
    fn end_match(&mut self) -> Option<()> {
        let Some(newest) = self.rule.matches.last_mut() else {
            return Some(());
        };
        let place = (*self.loaded.matches.last()?)?;
        combine::check_match(place, std::mem::take(&mut self.newest)).ok()?;
        newest.finish(&self.context).ok()
    }

    fn finish(&mut self) -> Option<()> {
        self.end_match()?;
        if let (Some(target), Some(Some(place))) = (&mut self.rule.target, self.loaded.target) {
            combine::check_target(place, self.target_options).ok()?;
            target.finish(&self.context).ok()?;
        }
        // Longer ones are for the reader that complains of them.
        (self.line.len() <= word::LONGEST_WORD).then_some(())
    }
}

/// Puts a value where none may be yet.
fn put<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}
