//! Reads rules that are spelled as iptables-save spells them, word by word as they come.
//!
//! Nearly every rule is. This reader gives up on anything else, and on anything that is
//! wrong: [`Reader`](super::Reader) then reads the line again as iptables would, and
//! finds what to complain of. Where this one does not give up, both say the same, which
//! a test of arbitrary lines holds them to.
//!
//! It does not look for the ends of words that it expects: what stands there is compared
//! with them, and their lengths are known. Each extension is read by a copy of
//! [`Quick::extension`] of its own, which knows its options.

use std::borrow::Cow;

use self::words::Words;
use super::{Command, Rule, Statement, read::Scope};
use crate::{
    Extension, Match, Target, Text, Word,
    ext::{
        begins_with,
        combine::{Combination, OptionBits},
    },
    value::{Addresses, Argument, Context, Not, Protocol},
};

mod words;

/// Reads the line of `end` bytes that a text begins with, from byte `at` on, where its
/// `-A` must stand. Gives up with `None`, having put something or nothing into `statement`.
pub(super) fn read<'a>(
    text: &'a [u8],
    at: usize,
    end: usize,
    scope: &Scope<'_>,
    statement: &mut Statement<'a>,
) -> Option<()> {
    let mut quick = Quick {
        words: Words::new(text, at, end)?,
        context: Context {
            family: scope.family,
            ..Context::default()
        },
    };
    quick.expect("-A")?;
    // The index knows most chains: their names need not be looked through.
    let known = quick.words.rest().strip_prefix(scope.chain);
    let chain = match known {
        Some([b' ', ..]) if !scope.chain.is_empty() => {
            let chain = &quick.words.rest()[..scope.chain.len()];
            quick.words.skip(chain.len());
            chain
        }
        _ => quick.words.take()?,
    };
    quick.rule(&mut statement.rule, scope.is_chain)?;
    statement.command = Command::Append {
        chain: Cow::Borrowed(chain),
    };
    Some(())
}

#[derive(Debug)]
pub(crate) struct Quick<'a> {
    words: Words<'a>,
    context: Context,
}

impl<'a> Quick<'a> {
    fn rule(&mut self, rule: &mut Rule<'a>, is_chain: &dyn Fn(&[u8]) -> bool) -> Option<()> {
        loop {
            let (negated, rest) = match self.words.rest() {
                [] => return Some(()),
                [b'!', b' ', rest @ ..] => (true, rest),
                rest => (false, rest),
            };
            let [b'-', letter, b' ', ..] = rest else {
                return None;
            };
            if negated {
                self.words.skip(1);
            }
            self.words.skip(2);
            match letter {
                b's' => put(&mut rule.source, self.address(negated)?)?,
                b'd' => put(&mut rule.destination, self.address(negated)?)?,
                b'i' => put(&mut rule.in_interface, self.argument(negated)?)?,
                b'o' => put(&mut rule.out_interface, self.argument(negated)?)?,
                b'p' => {
                    let protocol: Not<Protocol> = self.argument(negated)?;
                    if protocol.value == Protocol::ALL {
                        return None;
                    }
                    self.context.protocol = Some(protocol.value);
                    self.context.protocol_negated = negated;
                    put(&mut rule.protocol, protocol)?;
                }
                b'm' if !negated => {
                    let place = Match::seems(self.words.beyond())?;
                    rule.matches.push(Match::quick(place, self)?);
                }
                b'j' if !negated => {
                    put(&mut rule.target, self.target(is_chain)?)?;
                    return self.words.rest().is_empty().then_some(());
                }
                b'g' if !negated => put(&mut rule.target, Target::Goto(self.name()?))?,
                _ => return None,
            }
        }
    }

    /// Goes on behind a word, which has to be there.
    #[inline(always)]
    fn expect(&mut self, word: &str) -> Option<()> {
        if !begins_with(self.words.rest(), word) {
            return None;
        }
        self.words.skip(word.len());
        Some(())
    }

    #[inline(always)]
    fn argument<T: Argument<'a>>(&mut self, negated: bool) -> Option<T> {
        let word = self.value()?;
        T::read(negated, &[word], &self.context).ok()
    }

    #[inline(always)]
    fn address(&mut self, negated: bool) -> Option<Not<Addresses>> {
        let address: Not<Addresses> = self.argument(negated)?;
        // Every address is no condition, which iptables-save does not print.
        match &address.value {
            Addresses::One(one) if one.is_all() => None,
            _ => Some(address),
        }
    }

    #[inline(always)]
    fn target(&mut self, is_chain: &dyn Fn(&[u8]) -> bool) -> Option<Target<'a>> {
        match Target::seems(self.words.beyond()) {
            Some(place) => {
                let target = Target::quick(place, self)?;
                (!is_chain(target.name())).then_some(target)
            }
            None => Some(Target::named(self.name()?)),
        }
    }

    /// Reads an extension, its name and its options.
    pub(crate) fn extension<E: Extension<'a>>(&mut self) -> Option<E> {
        let described = const { &E::DESCRIPTION };
        if let (Some(bound), Some(family)) = (described.family, self.context.family)
            && bound != family
        {
            return None;
        }
        if self.expect(described.name).is_none() {
            described.aliases.iter().find_map(|it| self.expect(it))?;
        }
        let mut extension = E::default();
        let mut seen: OptionBits = 0;
        loop {
            let (negated, rest) = match self.words.rest() {
                [b'!', b' ', rest @ ..] => (true, rest),
                rest => (false, rest),
            };
            if !rest.starts_with(b"--") {
                break;
            }
            let (place, length) = E::option_at(rest)?;
            let option = &described.options[place];
            let bit = 1 << place;
            if negated && !option.negatable || seen & bit != 0 {
                return None;
            }
            seen |= bit;
            if negated {
                self.words.skip(1);
            }
            self.words.skip(length);
            let read = match option.args.len() {
                0 => extension.set(place, negated, &[], &self.context),
                1 => {
                    let word = self.value()?;
                    extension.set(place, negated, &[word], &self.context)
                }
                2 => {
                    let words = [self.value()?, self.value()?];
                    extension.set(place, negated, &words, &self.context)
                }
                _ => return None,
            };
            read.ok()?;
        }
        if !const { Combination::of(&E::DESCRIPTION) }.allows(seen) {
            return None;
        }
        extension.finish(&self.context).ok()?;
        Some(extension)
    }

    /// The value of an option: a word that has to be there.
    #[inline(always)]
    fn value(&mut self) -> Option<Word<'a>> {
        self.name().map(Word::of)
    }

    /// A name that has to be there.
    #[inline(always)]
    fn name(&mut self) -> Option<Text<'a>> {
        self.words.take().map(Cow::Borrowed)
    }
}

/// Puts a value where none may be yet.
#[inline(always)]
fn put<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    if slot.is_some() {
        return None;
    }
    *slot = Some(value);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_quick(rule: &str) -> bool {
        let line = format!("-A KUBE-SERVICES {rule}\n");
        let scope = Scope {
            family: None,
            chain: b"KUBE-SERVICES",
            is_chain: &|_| false,
        };
        let mut statement = Statement::default();
        let read = read(line.as_bytes(), 0, line.len(), &scope, &mut statement);
        if read.is_some() {
            assert_eq!(statement.to_bytes(), line.trim_end().as_bytes());
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
        ] {
            assert!(!is_quick(rule), "{rule}");
        }
    }
}
