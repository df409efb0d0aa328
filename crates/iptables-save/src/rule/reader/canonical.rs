//! Reads rules that are spelled as iptables-save spells them, word by word as they come.
//!
//! Nearly every rule is. This reader gives up on anything else, and on anything that is
//! wrong: [`Reader`](super::Reader) then reads the line again as iptables would, and
//! finds what to complain of. Where this one does not give up, both say the same, which
//! a test of arbitrary lines holds them to.
//!
//! It does not look for the ends of words that it expects: what stands there is compared
//! with them, and their lengths are known. Each extension is read by a copy of
//! [`Quick::visit`](Visitor::visit) of its own, which knows its options.

use std::borrow::Cow;

use self::words::Words;
use crate::rule::{
    Command, Rule, RuleLine, scope::LineScope, validate::context::LONGEST_CHAIN_NAME,
};
use crate::{
    Extension, Family, Match, Target, Text, Word,
    ext::{
        Slot, Visitor,
        validate::{Combination, OptionBits},
    },
    value::{Addresses, Argument, Context, Interface, Invertible, Protocol},
};

mod words;

/// Reads the line of `end` bytes that a text begins with, from byte `at` on, where its
/// `-A` must stand. Gives up with `None`, having put something or nothing into `rule_line`.
pub(in crate::rule) fn read<'a>(
    text: &'a [u8],
    at: usize,
    end: usize,
    family: Option<Family>,
    scope: &LineScope<'_>,
    rule_line: &mut RuleLine<'a>,
) -> Option<()> {
    let mut quick = Quick {
        words: Words::new(text, at, end)?,
        context: Context {
            family,
            ..Context::default()
        },
    };
    let chain = match scope.plain_chain {
        Some(length) => {
            quick.words.skip(b"-A".len());
            quick.words.take_known(length)
        }
        None if quick.words.skip_if(b"-A") => quick.words.take()?,
        None => return None,
    };
    quick.rule(&mut rule_line.rule, scope.is_target_shadowed)?;
    let chain = Cow::Borrowed(chain);
    match &mut rule_line.command {
        // Nothing of the last line is there to be freed.
        Command::Append { chain: last } if matches!(last, Cow::Borrowed(_)) => *last = chain,
        command => *command = Command::Append { chain },
    }
    Some(())
}

#[derive(Debug)]
struct Quick<'a> {
    words: Words<'a>,
    context: Context,
}

impl<'a> Quick<'a> {
    fn rule(&mut self, rule: &mut Rule<'a>, is_shadowed: bool) -> Option<()> {
        loop {
            if self.words.is_empty() {
                return Some(());
            }
            let inverted = self.words.skip_inversion();
            let [b'-', letter, b' ', ..] = self.words.rest() else {
                return None;
            };
            self.words.skip(2);
            match letter {
                b's' => self.address(inverted, &mut rule.source)?,
                b'd' => self.address(inverted, &mut rule.destination)?,
                b'i' => put(&mut rule.in_interface, self.interface(inverted)?)?,
                b'o' => put(&mut rule.out_interface, self.interface(inverted)?)?,
                b'p' => {
                    let protocol: Invertible<Protocol> = self.argument(inverted)?;
                    if protocol.value == Protocol::ALL {
                        return None;
                    }
                    self.context.protocol = Some(protocol.value);
                    self.context.protocol_negated = inverted;
                    put(&mut rule.protocol, protocol)?;
                }
                b'm' if !inverted => {
                    let place = Match::seems(self.words.rest())?;
                    Match::visit_new(place, &mut rule.matches, self)?;
                }
                b'j' if !inverted => {
                    match Target::seems(self.words.rest()) {
                        Some(_) if is_shadowed => return None,
                        Some(place) => Target::visit_new(place, &mut rule.target, self)?,
                        // Quotes may hide the name of a target.
                        None if self.words.rest().starts_with(b"\"") => return None,
                        None => {
                            let name = self.target_name()?;
                            let chain = || Target::Jump(Cow::Borrowed(name));
                            match Target::standard(name) {
                                Some(verdict) => put(&mut rule.target, verdict)?,
                                None => _ = rule.target.put(chain)?,
                            }
                        }
                    }
                    return self.words.is_empty().then_some(());
                }
                b'g' if !inverted => {
                    let name = self.target_name()?;
                    rule.target.put(|| Target::Goto(Cow::Borrowed(name)))?;
                }
                _ => return None,
            }
        }
    }

    #[inline(always)]
    fn argument<T: Argument<'a>>(&mut self, inverted: bool) -> Option<T> {
        let word = self.value()?;
        T::read(inverted, &[word], &self.context).ok()
    }

    #[inline(always)]
    fn interface(&mut self, inverted: bool) -> Option<Invertible<Interface<'a>>> {
        let interface: Invertible<Interface<'_>> = self.argument(inverted)?;
        // Any interface is no condition, which iptables-save does not print.
        (inverted || !interface.value.is_any()).then_some(interface)
    }

    #[inline(always)]
    fn address(&mut self, inverted: bool, free: &mut Option<Invertible<Addresses>>) -> Option<()> {
        let word = self.words.take()?;
        match Addresses::plain(word, &self.context) {
            Some(value) if free.is_none() => {
                *free = Some(Invertible { inverted, value });
                Some(())
            }
            _ => self.any_address(word, inverted, free),
        }
    }

    #[inline(never)]
    fn any_address(
        &self,
        word: &'a [u8],
        inverted: bool,
        free: &mut Option<Invertible<Addresses>>,
    ) -> Option<()> {
        let word = Word::of(Cow::Borrowed(word));
        let address = Invertible::<Addresses>::read(inverted, &[word], &self.context).ok()?;
        match &address.value {
            // Every address is no condition, which iptables-save does not print; nor does it
            // print lists.
            Addresses::One(one) if one.is_all() => None,
            Addresses::Many(_) => None,
            Addresses::One(_) => put(free, address),
        }
    }

    /// The value of an option: a word that has to be there.
    #[inline(always)]
    fn value(&mut self) -> Option<Word<'a>> {
        self.name().map(Word::of)
    }

    /// A name behind `-j` or `-g`, which iptables-save puts into no quotes.
    #[inline(always)]
    fn target_name(&mut self) -> Option<&'a [u8]> {
        self.words
            .take_plain()
            .filter(|name| name.len() <= LONGEST_CHAIN_NAME)
    }

    /// A name that has to be there.
    #[inline(always)]
    fn name(&mut self) -> Option<Text<'a>> {
        self.words.take().map(Cow::Borrowed)
    }
}

impl<'a> Visitor<'a> for Quick<'a> {
    /// Reads an extension, its name and its options.
    fn visit<E: Extension<'a>>(&mut self, extension: &mut E) -> Option<()> {
        let described = const { &E::DESCRIPTION };
        if let (Some(bound), Some(family)) = (described.family, self.context.family)
            && bound != family
        {
            return None;
        }
        let mut names = std::iter::once(&described.name).chain(described.aliases);
        if !names.any(|name| self.words.skip_if(name.as_bytes())) {
            return None;
        }
        let mut seen: OptionBits = 0;
        while !self.words.is_empty() {
            let inverted = self.words.skip_inversion();
            if !self.words.rest().starts_with(b"--") {
                // A `!` here is not for this extension.
                if inverted {
                    return None;
                }
                break;
            }
            let (place, length) = E::option_at(self.words.rest())?;
            let option = &described.options[place];
            let bit = 1 << place;
            let is_unfit = inverted && !option.invertible || seen & bit != 0;
            if is_unfit || !option.is_for(self.context.family) {
                return None;
            }
            seen |= bit;
            self.words.skip(length);
            let read = match option.args.len() {
                // A word that may be missing is for the reader that looks ahead.
                _ if option.may_miss_word => return None,
                0 => extension.set(place, inverted, &[], &self.context),
                1 => {
                    let word = self.value()?;
                    extension.set(place, inverted, &[word], &self.context)
                }
                2 => {
                    let words = [self.value()?, self.value()?];
                    extension.set(place, inverted, &words, &self.context)
                }
                _ => return None,
            };
            read.ok()?;
        }
        if !const { Combination::of(&E::DESCRIPTION) }.allows(seen) {
            return None;
        }
        extension.check_values(&self.context).ok()?;
        extension.normalize(&self.context);
        Some(())
    }
}

/// Puts a value where none may be yet.
#[inline(always)]
fn put<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.put(|| value).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_quick(rule: &str) -> bool {
        let line = format!("-A KUBE-SERVICES {rule}\n");
        let scope = LineScope::default();
        let mut rule_line = RuleLine::default();
        let read = read(line.as_bytes(), 0, line.len(), None, &scope, &mut rule_line);
        if read.is_some() {
            assert_eq!(rule_line.to_bytes(), line.trim_end().as_bytes());
        }
        read.is_some()
    }

    #[test]
    fn what_iptables_save_prints_is_read() {
        for rule in [
            "-j ACCEPT",
            "-g KUBE-SVC-X",
            "-s 10.0.0.0/8 ! -d 10.96.0.1/32 -i eth0 ! -o docker0 -p udp -j RETURN",
            "-p tcp -m comment --comment \"default/web:http cluster IP\" -m tcp --dport 80 -j KUBE-SVC-X",
            "-m conntrack ! --ctstate RELATED,ESTABLISHED -j MARK --set-xmark 0x4000/0x4000",
            "-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu",
            "-m statistic --mode random --probability 0.50000000000",
            "-p tcp -m tcp -j DNAT --to-destination 172.5.1.2:8080",
        ] {
            assert!(is_quick(rule), "{rule}");
        }
    }

    #[test]
    fn anything_else_is_left_to_the_full_reader() {
        for rule in [
            "-j  ACCEPT",
            "-jACCEPT",
            "--jump ACCEPT",
            "-m comment --comment \"say \\\"hi\\\"\"",
            "-m comment --comm x",
            "-m tcp --dport=80",
            "-j ACCEPT -s 10.0.0.0/8",
            "! -j ACCEPT",
            "!",
            "-m unheard-of --option",
            "-j \"TRACE\"",
        ] {
            assert!(!is_quick(rule), "{rule}");
        }
    }
}
