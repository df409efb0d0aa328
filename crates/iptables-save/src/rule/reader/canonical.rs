//! The canonical reader: parses rules that are spelled as iptables-save spells them, word by
//! word as they come.
//!
//! It gives up on anything else, and on any error, which the [`getopt`](super::getopt) reader
//! then finds. It looks at no list of words: a word that is expected is compared with the bytes
//! at hand, and its length is known. Each extension is parsed by a copy of
//! [`Options::visit`](Visitor::visit) of its own, which knows its options.

use std::borrow::Cow;

use self::words::Words;
use crate::{
    Extension, Family, Match, RuleError, Target, Text, Word,
    base::Base,
    ext::{
        OptionDescription, Visitor,
        validate::{self, OptionBits},
    },
    rule::{
        Command, RuleLine,
        builder::{Arguments, BaseOptions, RuleBuilder, set_option},
        scope::LineScope,
    },
    value::{Addresses, Argument, Context, Invertible, ValueError},
};

mod words;

/// Parses the line of `end` bytes that a text begins with, from byte `at` on, where its `-A`
/// must be, and returns the options that it gives. Gives up with `None`, having changed
/// `rule_line` or not.
pub(super) fn read<'a>(
    text: &'a [u8],
    at: usize,
    end: usize,
    family: Option<Family>,
    scope: &LineScope<'_>,
    rule_line: &mut RuleLine<'a>,
) -> Option<BaseOptions> {
    let mut words = Words::new(text, at, end)?;
    let chain = match scope.plain_chain {
        Some(length) => {
            words.skip(b"-A".len());
            words.take_known(length)
        }
        None if words.skip_if(b"-A") => words.take()?,
        None => return None,
    };
    let mut builder = RuleBuilder::new(&mut rule_line.rule, family);
    while !words.is_empty() {
        option(&mut words, &mut builder, scope)?;
    }
    let given = builder.given;
    let chain = Cow::Borrowed(chain);
    match &mut rule_line.command {
        // Nothing of the last line is there to be freed.
        Command::Append { chain: last } if matches!(last, Cow::Borrowed(_)) => *last = chain,
        command => *command = Command::Append { chain },
    }
    Some(given)
}

/// Parses an option of iptables itself, and the options of the extension that it names.
#[inline]
fn option<'a>(
    words: &mut Words<'a>,
    builder: &mut RuleBuilder<'_, 'a>,
    scope: &LineScope<'_>,
) -> Option<()> {
    let inverted = words.skip_inversion();
    let [b'-', letter, b' ', ..] = words.rest() else {
        return None;
    };
    words.skip(2);
    // One copy of the builder's code for each: no second jump by the option.
    match letter {
        b's' => base(Base::Source, inverted, words, builder),
        b'd' => base(Base::Destination, inverted, words, builder),
        b'i' => base(Base::InInterface, inverted, words, builder),
        b'o' => base(Base::OutInterface, inverted, words, builder),
        b'p' => base(Base::Protocol, inverted, words, builder),
        b'g' => base(Base::Goto, inverted, words, builder),
        b'm' if !inverted || Base::Match.invertible() => {
            let index = Match::candidate(words.rest())?;
            let context = &builder.context;
            Match::visit_new(
                index,
                &mut builder.rule.matches,
                &mut Options { words, context },
            )
        }
        b'j' if !inverted || Base::Jump.invertible() => match Target::candidate(words.rest()) {
            // Whether the name means a chain, the getopt reader finds out.
            Some(_) if scope.is_target_shadowed => None,
            Some(index) => {
                let context = &builder.context;
                Target::visit_new(
                    index,
                    &mut builder.rule.target,
                    &mut Options { words, context },
                )
            }
            None => {
                builder.check_no_target(words).ok()?;
                let name = RuleBuilder::target_name(Base::Jump, words).ok()?;
                builder.jump(name);
                Some(())
            }
        },
        _ => None,
    }
}

/// Parses an option of iptables itself that takes one argument.
#[inline(always)]
fn base<'a>(
    option: Base,
    inverted: bool,
    words: &mut Words<'a>,
    builder: &mut RuleBuilder<'_, 'a>,
) -> Option<()> {
    if inverted && !option.invertible() {
        return None;
    }
    builder.base(option, inverted, words).ok()
}

/// The words of an extension: its name and its options.
struct Options<'w, 'a> {
    words: &'w mut Words<'a>,
    context: &'w Context,
}

impl<'a> Visitor<'a> for Options<'_, 'a> {
    fn visit<E: Extension<'a>>(&mut self, extension: &mut E) -> Option<()> {
        let described = const { &E::DESCRIPTION };
        let (words, context) = (&mut *self.words, self.context);
        if !described.is_for(context.family) {
            return None;
        }
        let mut names = std::iter::once(&described.name).chain(described.aliases);
        if !names.any(|name| words.skip_if(name.as_bytes())) {
            return None;
        }
        let mut given: OptionBits = 0;
        while !words.is_empty() {
            let inverted = words.skip_inversion();
            if !words.rest().starts_with(b"--") {
                // A `!` here is not for this extension.
                if inverted {
                    return None;
                }
                break;
            }
            let (index, length) = E::option_at(words.rest())?;
            let option = &described.options[index];
            if inverted && !option.invertible || !option.is_for(context.family) {
                return None;
            }
            words.skip(length);
            set_option(option, index, &mut given, words, |args| {
                extension.set(index, inverted, args, context)
            })
            .ok()?;
        }
        validate::finish(extension, given, context).ok()
    }
}

impl<'a> Arguments<'a> for Words<'a> {
    type Error = ();

    const NAMES_HAVE_NO_SPACES: bool = true;

    #[inline]
    fn parse<T: Argument<'a>>(
        &mut self,
        _: Base,
        inverted: bool,
        context: &Context,
    ) -> Result<T, ()> {
        let word = self.word()?;
        T::read(inverted, &[word], context).map_err(|_| ())
    }

    #[inline]
    fn address(
        &mut self,
        _: Base,
        inverted: bool,
        context: &Context,
    ) -> Result<Invertible<Addresses>, ()> {
        let word = self.take().ok_or(())?;
        match Addresses::plain(word, context) {
            Some(value) => Ok(Invertible { inverted, value }),
            None => any_address(word, inverted, context),
        }
    }

    #[inline]
    fn name(&mut self) -> Result<Text<'a>, ()> {
        self.take_plain().map(Cow::Borrowed).ok_or(())
    }

    #[inline]
    fn set(
        &mut self,
        option: &'static OptionDescription,
        set: impl FnOnce(&[Word<'a>]) -> Result<(), ValueError>,
    ) -> Result<(), ()> {
        let done = match option.args.len() {
            // Whether an argument is there that may be missing, the getopt reader finds out.
            _ if option.may_miss_word => return Err(()),
            0 => set(&[]),
            1 => set(&[self.word()?]),
            2 => set(&[self.word()?, self.word()?]),
            _ => return Err(()),
        };
        done.map_err(|_| ())
    }

    #[inline]
    fn error(&self, _: impl FnOnce() -> RuleError) {}

    #[inline]
    fn invalid(&self, _: Base, _: &'static str) {}

    #[inline]
    fn defer(&mut self, (): ()) -> Result<(), ()> {
        Err(())
    }
}

impl<'a> Words<'a> {
    /// Takes an argument, which must be there.
    #[inline]
    fn word(&mut self) -> Result<Word<'a>, ()> {
        let text = self.take().ok_or(())?;
        Ok(Word::of(Cow::Borrowed(text)))
    }
}

/// Parses an address in a spelling that is less usual. iptables-save prints no lists.
#[inline(never)]
fn any_address(
    word: &[u8],
    inverted: bool,
    context: &Context,
) -> Result<Invertible<Addresses>, ()> {
    let word = Word::of(Cow::Borrowed(word));
    let address = Invertible::<Addresses>::read(inverted, &[word], context).map_err(|_| ())?;
    match address.value {
        Addresses::One(_) => Ok(address),
        Addresses::Many(_) => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_canonical(rule: &str) -> bool {
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
    fn what_iptables_save_prints_is_parsed() {
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
            assert!(is_canonical(rule), "{rule}");
        }
    }

    #[test]
    fn anything_else_is_left_to_the_getopt_reader() {
        for rule in [
            "-j  ACCEPT",
            "-jACCEPT",
            "--jump ACCEPT",
            "-m comment --comment \"say \\\"hi\\\"\"",
            "-m comment --comm x",
            "-m tcp --dport=80",
            "! -j ACCEPT",
            "!",
            "-m unheard-of --option",
            "-j \"TRACE\"",
        ] {
            assert!(!is_canonical(rule), "{rule}");
        }
    }
}
