//! Resolves the long name of an option.
//!
//! It is looked up where iptables looks it up: in the base options, then in the extensions of
//! the line, the newest first; an exact name before a unique abbreviation; and last in the
//! match that the protocol of an earlier `-p` loads.

use super::{ClauseReader, Result, flag_of};
use crate::{
    Family, Match, RuleError,
    base::{self, Base},
    error::Name,
    ext::{Description, hint},
    value::{Protocol, unsigned},
};

/// What a long option is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    Base(Base),
    Match(u8, u8),
    Target(u8),
    /// An option of the match that `-p` loads.
    Implicit(&'static Description),
}

impl ClauseReader<'_, '_> {
    /// Resolves the long name of an option on this line.
    pub(super) fn resolve(&self, flag: &[u8], at: usize) -> Result<Resolved> {
        if let Some(found) = self.exact(flag) {
            return Ok(found);
        }
        let mut found: Option<(Resolved, &'static str)> = None;
        for (candidate, name) in self.beginning_with(flag) {
            match found {
                // Several letters for one thing, such as `--source` and `--src`.
                Some((first, _)) if first == candidate => {}
                Some((_, first)) => {
                    let kind = RuleError::AmbiguousOption {
                        option: Name::new(flag),
                        first,
                        second: name,
                    };
                    return Err(self.error(kind, at));
                }
                None => found = Some((candidate, name)),
            }
        }
        if let Some((found, _)) = found {
            return Ok(found);
        }
        if let Some(described) = self.implicit_match() {
            let fits = self
                .options(Some(described))
                .any(|(_, name)| begins(name, flag));
            if fits && !self.state.matches.contains(&Some(described)) {
                return Ok(Resolved::Implicit(described));
            }
        }
        if let Some(kind) = self.of_other_family(flag) {
            return Err(self.error(kind, at));
        }
        let option = Name::new(flag);
        let implicit = self.options(self.implicit_match());
        let at_hand = self.at_hand().map(|(_, name)| name);
        let at_hand = at_hand.chain(implicit.map(|(_, name)| name));
        let hint = hint::of_option(flag, at_hand).into();
        Err(self.error(RuleError::UnknownOption { option, hint }, at))
    }

    /// Returns the error about an option that an extension of the line has in the other family.
    #[cold]
    fn of_other_family(&self, flag: &[u8]) -> Option<RuleError> {
        let matches = self.state.matches.iter().copied().flatten();
        let described = matches.chain(self.implicit_match());
        let target = self.state.target.flatten();
        described.chain(target).find_map(|described| {
            let option = &described.options[described.option(flag)?];
            option.family.map(|family| RuleError::OtherFamily {
                extension: option.flag,
                family,
            })
        })
    }

    /// Finds an extension's option by its exact name.
    fn option_of(&self, described: &Description, flag: &[u8]) -> Option<u8> {
        let index = described.option(flag)?;
        let is_there = described.options[index].is_for(self.family);
        u8::try_from(index).ok().filter(|_| is_there)
    }

    fn options(
        &self,
        described: Option<&'static Description>,
    ) -> impl Iterator<Item = (u8, &'static str)> + use<> {
        options(described, self.family)
    }

    fn exact(&self, flag: &[u8]) -> Option<Resolved> {
        // No extension has an option with the name of a base option (a test checks that), so
        // the order between the two does not matter.
        let (older, newer) = self.state.matches.split_at(self.state.before_target);
        let of_matches = |matches: &[Option<&Description>], first: usize| {
            matches
                .iter()
                .enumerate()
                .rev()
                .find_map(|(nth, described)| {
                    let option = self.option_of((*described)?, flag)?;
                    let nth = u8::try_from(first + nth).expect("a line has no more than 251 words");
                    Some(Resolved::Match(nth, option))
                })
        };
        if let Some(found) = of_matches(newer, older.len()) {
            return Some(found);
        }
        if let Some(Some(described)) = self.state.target
            && let Some(option) = self.option_of(described, flag)
        {
            return Some(Resolved::Target(option));
        }
        if let Some(found) = of_matches(older, 0) {
            return Some(found);
        }
        base::long(flag).map(Resolved::Base)
    }

    fn beginning_with(&self, flag: &[u8]) -> impl Iterator<Item = (Resolved, &'static str)> {
        self.at_hand().filter(move |(_, name)| begins(name, flag))
    }

    /// Returns all options that the line may have by now.
    fn at_hand(&self) -> impl Iterator<Item = (Resolved, &'static str)> {
        // ip6tables does not know the option, not even to refuse it.
        let is_v6 = self.family == Some(Family::V6);
        let base = base::LONG
            .iter()
            .filter(move |(_, option)| !is_v6 || *option != Base::Fragment)
            .map(|(name, option)| (Resolved::Base(*option), *name));
        // A match that is state again brings no options of its own: those it has go to the
        // newest (`xshared.c:command_match`).
        let state = &self.state.matches;
        let is_newest = |(nth, described): &(u8, &Option<_>)| {
            !state[usize::from(*nth) + 1..].contains(described)
        };
        let matches = (0..)
            .zip(state)
            .filter(is_newest)
            .flat_map(|(nth, described)| {
                self.options(*described)
                    .map(move |(option, name)| (Resolved::Match(nth, option), name))
            });
        let target = self.state.target.flatten();
        let target = self
            .options(target)
            .map(|(option, name)| (Resolved::Target(option), name));
        base.chain(matches).chain(target)
    }

    /// Returns the match that an earlier `-p` loads (`xshared.c:find_proto`).
    fn implicit_match(&self) -> Option<&'static Description> {
        let name = self.protocol_name.as_deref()?;
        let name = match unsigned::<u8>(name) {
            Some(number) => Protocol(number.into()).name()?.as_bytes().to_vec(),
            None => name.to_ascii_lowercase(),
        };
        let known = matches!(
            &*name,
            b"tcp"
                | b"udp"
                | b"sctp"
                | b"dccp"
                | b"esp"
                | b"ah"
                | b"icmp"
                | b"ipcomp"
                | b"icmpv6"
                | b"ipv6-icmp"
                | b"mh"
        );
        let described = Match::description(&name).filter(|_| known)?;
        described.is_for(self.family).then_some(described)
    }
}

/// Returns the options that an extension has in a family, with all their spellings.
fn options(
    described: Option<&'static Description>,
    family: Option<Family>,
) -> impl Iterator<Item = (u8, &'static str)> {
    described
        .into_iter()
        .flat_map(|described| (0..).zip(described.options))
        .filter(move |(_, option)| option.is_for(family))
        .flat_map(|(nth, option)| {
            std::iter::once(option.flag)
                .chain(option.aliases.iter().copied())
                .map(move |flag| (nth, flag))
        })
}

/// Returns whether a word is an option of an extension, or an abbreviation of one.
pub(crate) fn is_option_of(described: &'static Description, word: &[u8]) -> bool {
    options(Some(described), None).any(|(_, name)| begins(name, flag_of(word).0))
}

fn begins(name: &str, flag: &[u8]) -> bool {
    flag.len() > 2 && name.as_bytes().starts_with(flag)
}
