//! Reads rules that are spelled as iptables-save spells them, word by word as they come.
//!
//! Nearly every rule is. This reader gives up on anything else, and on anything that is
//! wrong: [`Reader`](super::Reader) then reads the line again as iptables would, and
//! finds what to complain of. Where this one does not give up, both say the same, which
//! a test of arbitrary lines holds them to.
//!
//! Its small functions are inlined by force: calling them takes a fifth longer.

use std::borrow::Cow;

use super::{Command, Rule, Statement, read::Scope};
use crate::{
    Match, Target, Text, Word,
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
    scope: &Scope<'_>,
    loaded: &mut Loaded,
    statement: &mut Statement<'a>,
) -> Option<()> {
    let rest = line.get(at..)?;
    if !rest.starts_with(b"-A ") {
        return None;
    }
    loaded.clear();
    let at = at + b"-A ".len();
    let end = line.strip_suffix(b"\n").unwrap_or(line).len();
    // The index knows most chains: their names need not be looked through.
    let rest = rest.get(b"-A ".len()..)?.strip_prefix(scope.chain);
    let known = rest.filter(|rest| !scope.chain.is_empty() && rest.first() == Some(&b' '));
    let at = known.map_or(at, |_| at + scope.chain.len() + 1);
    let mut quick = Quick {
        line,
        at,
        end,
        eight: at,
        stops: stops(&line[..end], at),
        is_odd: false,
        context: Context {
            family: scope.family,
            protocol: None,
        },
        rule: &mut statement.rule,
        loaded,
        newest: 0,
        target_options: 0,
    };
    let chain = match known {
        Some(_) => Cow::Borrowed(&line[at - scope.chain.len() - 1..at - 1]),
        None => quick.name()?,
    };
    quick.rest(scope.is_chain)?;
    quick.finish()?;
    statement.command = Command::Append { chain };
    Some(())
}

struct Quick<'q, 'a> {
    line: &'a [u8],
    /// Where the next word begins.
    at: usize,
    /// Where the line ends, the newline left out.
    end: usize,
    /// The eight bytes at hand, and those of them that may end a word and are not behind.
    eight: usize,
    stops: u64,
    /// Whether a word was not spelled plainly.
    is_odd: bool,
    context: Context,
    rule: &'q mut Rule<'a>,
    loaded: &'q mut Loaded,
    /// The options so far of the newest match.
    newest: OptionBits,
    target_options: OptionBits,
}

impl<'a> Quick<'_, 'a> {
    /// The next word; empty at the end of the line. A word that is not spelled plainly,
    /// the empty one among them, ends the line too and is remembered as odd.
    #[inline(always)]
    fn word(&mut self) -> &'a [u8] {
        let start = self.at;
        let Some((stop, byte)) = self.stop() else {
            return self.odd(start);
        };
        if byte == b'"' {
            return self.quoted(start, stop);
        }
        self.at = stop + 1;
        // A second blank, which iptables-save does not print, makes an empty word.
        match byte == b' ' && stop > start || stop == self.end {
            true => &self.line[start..stop],
            false => self.odd(start),
        }
    }

    #[cold]
    fn odd(&mut self, start: usize) -> &'a [u8] {
        self.is_odd |= start < self.end;
        &[]
    }

    /// Reads a word in quotes without backslashes, which a blank or the line's end follows.
    fn quoted(&mut self, start: usize, quote: usize) -> &'a [u8] {
        let line = self.line;
        let end = loop {
            match self.stop() {
                Some((at, b'"')) => break at,
                Some((at, _)) if at < self.end => {}
                _ => return self.odd(start),
            }
        };
        let text = &line[quote + 1..end];
        let plain = start == quote && !text.is_empty() && memchr::memchr2(b'\\', 0, text).is_none();
        match self.stop() {
            Some((at, b' ' | b'\n')) if plain && at == end + 1 => {
                self.at = at + 1;
                text
            }
            _ => self.odd(start),
        }
    }

    /// The next place that may end a word, and the byte there; a newline at the end.
    #[inline(always)]
    fn stop(&mut self) -> Option<(usize, u8)> {
        while self.stops == 0 {
            self.eight += 8;
            if self.eight > self.end {
                return None;
            }
            self.stops = stops(&self.line[..self.end], self.eight);
        }
        let stop = self.eight + (self.stops.trailing_zeros() / 8) as usize;
        self.stops &= self.stops - 1;
        match stop < self.end {
            true => Some((stop, self.line[stop])),
            // Behind the end all bytes count as stops.
            false => (stop == self.end).then_some((stop, b'\n')),
        }
    }

    /// The value of an option: a word that has to be there.
    #[inline(always)]
    fn value(&mut self) -> Option<Word<'a>> {
        let text = self.word();
        (!text.is_empty()).then_some(Word::of(Cow::Borrowed(text)))
    }

    /// A name that has to be there.
    fn name(&mut self) -> Option<Text<'a>> {
        let text = self.word();
        (!text.is_empty()).then_some(Cow::Borrowed(text))
    }

    fn rest(&mut self, is_chain: &dyn Fn(&[u8]) -> bool) -> Option<()> {
        let mut negated = false;
        loop {
            let word = self.word();
            match word {
                b"" => break,
                b"!" if !negated => {
                    negated = true;
                    continue;
                }
                [b'-', b'-', ..] => self.option(word, negated)?,
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
                    let chain = self.name()?;
                    put(&mut self.rule.target, Target::Goto(chain))?;
                }
                _ => return None,
            }
            negated = false;
        }
        // A `!` at the end is nobody's.
        (!negated && !self.is_odd).then_some(())
    }

    fn argument<T: Argument<'a>>(&mut self, negated: bool) -> Option<T> {
        let word = self.value()?;
        T::read(negated, &[word], &self.context).ok()
    }

    #[inline(always)]
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
        let place = Match::find(self.word())?;
        self.fits_family(match_at(place))?;
        self.loaded.matches.push(Some(place));
        self.rule.matches.push(Match::empty(place));
        Some(())
    }

    fn begin_target(&mut self, is_chain: &dyn Fn(&[u8]) -> bool) -> Option<()> {
        let name = self.name()?;
        let place = Target::find(&name).filter(|_| !is_chain(&name));
        self.loaded.target = Some(place);
        if self.rule.target.is_some() {
            return None;
        }
        self.rule.target = Some(match place {
            Some(place) => {
                self.fits_family(target_at(place))?;
                Target::empty(place)
            }
            None => Target::named(name),
        });
        Some(())
    }

    fn fits_family(&self, described: &Description) -> Option<()> {
        let fits = match (described.family, self.context.family) {
            (Some(bound), Some(family)) => bound == family,
            _ => true,
        };
        fits.then_some(())
    }

    /// Reads an option of the target, once there is one, or of the newest match.
    #[inline(always)]
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
        match option.args.len() {
            0 => self.set(place, negated, &[]),
            1 => {
                let word = self.value()?;
                self.set(place, negated, std::slice::from_ref(&word))
            }
            2 => {
                let words = [self.value()?, self.value()?];
                self.set(place, negated, &words)
            }
            _ => None,
        }
    }

    /// Hands an option's words to the target, once there is one, or to the newest match.
    #[inline(always)]
    fn set(&mut self, option: usize, negated: bool, args: &[Word<'a>]) -> Option<()> {
        let read = match &mut self.rule.target {
            Some(target) => target.set(option, negated, args, &self.context),
            None => {
                let newest = self.rule.matches.last_mut()?;
                newest.set(option, negated, args, &self.context)
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
    if slot.is_some() {
        return None;
    }
    *slot = Some(value);
    Some(())
}
