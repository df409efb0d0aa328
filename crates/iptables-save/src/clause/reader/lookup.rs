//! What an option's long name means on a line.
//!
//! It is sought where iptables seeks it: in the base options, then in the extensions of
//! this line, the newest first; an exact name before a unique beginning; and last in the
//! match that the protocol of an earlier `-p` brings along.

use super::{ClauseReader, Result, flag_of, match_at, target_at};
use crate::{
    Family, Match, RuleError,
    base::{self, Base},
    error::Name,
    ext::{Description, hint},
    value::{Protocol, unsigned},
};

/// What a long option turns out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    Base(Base),
    Match(u8, u8),
    Target(u8),
    /// An option of the match that `-p` brings along.
    Implicit(u8),
}

impl ClauseReader<'_, '_> {
    /// Finds what an option's long name means on this line.
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
        if let Some(place) = self.implicit_match() {
            let fits = self
                .options(Some(match_at(place)))
                .any(|(_, name)| begins(name, flag));
            if fits && !self.state.matches.contains(&Some(place)) {
                return Ok(Resolved::Implicit(place));
            }
        }
        if let Some(kind) = self.of_other_family(flag) {
            return Err(self.error(kind, at));
        }
        let option = Name::new(flag);
        let implicit = self.options(self.implicit_match().map(match_at));
        let at_hand = self.at_hand().map(|(_, name)| name);
        let at_hand = at_hand.chain(implicit.map(|(_, name)| name));
        let hint = hint::of_option(flag, at_hand).into();
        Err(self.error(RuleError::UnknownOption { option, hint }, at))
    }

    /// The error about an option that an extension at hand has in the other family.
    #[cold]
    fn of_other_family(&self, flag: &[u8]) -> Option<RuleError> {
        let matches = self.state.matches.iter().copied().flatten();
        let described = matches.chain(self.implicit_match()).map(match_at);
        let target = self.state.target.flatten().map(target_at);
        described.chain(target).find_map(|described| {
            let option = &described.options[described.option(flag)?];
            option.family.map(|family| RuleError::OtherFamily {
                extension: option.flag,
                family,
            })
        })
    }

    /// An extension's option of this name.
    fn option_of(&self, described: &Description, flag: &[u8]) -> Option<u8> {
        let place = described.option(flag)?;
        let is_there = described.options[place].is_for(self.family);
        u8::try_from(place).ok().filter(|_| is_there)
    }

    fn options(
        &self,
        described: Option<&'static Description>,
    ) -> impl Iterator<Item = (u8, &'static str)> + use<> {
        options(described, self.family)
    }

    fn exact(&self, flag: &[u8]) -> Option<Resolved> {
        // No extension has an option of the base's name (a test sees to that), so the order
        // between the two is free.
        let (older, newer) = self.state.matches.split_at(self.state.before_target);
        let of_matches = |matches: &[Option<u8>], first: usize| {
            matches.iter().enumerate().rev().find_map(|(nth, place)| {
                let option = self.option_of(match_at((*place)?), flag)?;
                let nth = u8::try_from(first + nth).expect("a line has no more than 251 words");
                Some(Resolved::Match(nth, option))
            })
        };
        if let Some(found) = of_matches(newer, older.len()) {
            return Some(found);
        }
        if let Some(Some(place)) = self.state.target
            && let Some(option) = self.option_of(target_at(place), flag)
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

    /// All options that are known by now.
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
        let is_newest =
            |(nth, place): &(u8, &Option<u8>)| !state[usize::from(*nth) + 1..].contains(place);
        let matches = (0..).zip(state).filter(is_newest).flat_map(|(nth, place)| {
            self.options(place.map(match_at))
                .map(move |(option, name)| (Resolved::Match(nth, option), name))
        });
        let target = self.state.target.flatten().map(target_at);
        let target = self
            .options(target)
            .map(|(option, name)| (Resolved::Target(option), name));
        base.chain(matches).chain(target)
    }

    /// The match that an earlier `-p` brings along (`xshared.c:find_proto`).
    fn implicit_match(&self) -> Option<u8> {
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
        let is_for_family = |index: &u8| match_at(*index).is_for(self.family);
        Match::find(&name).filter(|_| known).filter(is_for_family)
    }
}

/// The options that an extension has in a family, with all their spellings.
fn options(
    described: Option<&'static Description>,
    family: Option<Family>,
) -> impl Iterator<Item = (u8, &'static str)> {
    described
        .into_iter()
        .flat_map(|it| (0..).zip(it.options))
        .filter(move |(_, option)| option.is_for(family))
        .flat_map(|(nth, option)| {
            std::iter::once(option.flag)
                .chain(option.aliases.iter().copied())
                .map(move |flag| (nth, flag))
        })
}

/// Whether a word is an option of an extension, or the beginning of one.
pub(crate) fn is_option_of(described: &'static Description, word: &[u8]) -> bool {
    options(Some(described), None).any(|(_, name)| begins(name, flag_of(word).0))
}

fn begins(name: &str, flag: &[u8]) -> bool {
    flag.len() > 2 && name.as_bytes().starts_with(flag)
}
