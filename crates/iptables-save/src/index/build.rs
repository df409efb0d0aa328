//! Adds lines, sections and chains to the index.

use memchr::memchr;

use super::{
    CHAIN_BITS, Chain, Entry, Index, NO_CHAIN, NONE, Names, PLAIN_RULE, Section, UNQUOTED,
};
use crate::{
    Text,
    line::{LineId, LineKind},
};

/// What the index needs to know about a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tag(u32);

impl Tag {
    /// A line that names no chain.
    #[inline(always)]
    pub(crate) const fn of(kind: LineKind) -> Self {
        Self((kind as u32) << CHAIN_BITS | NO_CHAIN)
    }

    /// A line that names a chain.
    #[inline(always)]
    pub(crate) const fn of_chain(kind: LineKind, chain: u32) -> Self {
        Self((kind as u32) << CHAIN_BITS | chain)
    }

    /// A rule line that [`Index::guess`] has found the chain of.
    #[inline(always)]
    pub(crate) const fn plain_rule(chain: u32) -> Self {
        Self(PLAIN_RULE << CHAIN_BITS | chain)
    }
}

impl Index {
    /// Reserves memory for the lines and chains of an input, by an estimate of its lines.
    pub(crate) fn reserve(&mut self, lines: usize) {
        // Of a large text only the beginning may be here: room that is not used costs
        // nothing, moving does.
        let (lines, chains) = match lines {
            0..LARGE => (lines, 0),
            _ => (lines.max(1 << 17), 1 << 15),
        };
        self.lines.reserve(lines);
        self.chains.reserve(chains);
    }

    #[inline(always)]
    pub(crate) fn push_line(&mut self, start: usize, tag: Tag) {
        self.lines.push(Entry {
            start: to_u32(start),
            tag: tag.0,
            next: NONE,
        });
    }

    /// Notes that the next line continues the last one, which was too long.
    pub(crate) fn continue_line(&mut self) {
        self.continuations.push(self.next_line().0);
    }

    /// Returns the id of the next line.
    pub(crate) fn next_line(&self) -> LineId {
        LineId(u32::try_from(self.lines.len()).expect("fewer lines than bytes"))
    }

    /// Returns the id of the next chain.
    pub(crate) fn next_chain(&self) -> u32 {
        u32::try_from(self.chains.len()).expect("fewer chains than bytes")
    }

    /// Begins a section; the output of `iptables -S` has no header.
    pub(crate) fn begin_section(&mut self, header: Option<LineId>) {
        let chains = self.next_chain();
        self.sections.push(Section {
            header,
            chains: chains..chains,
            has_commands: false,
            names: Names::Sorted {
                from: chains,
                longest: 0,
            },
        });
    }

    /// Notes that the section does more than declare chains and append rules.
    pub(crate) fn note_command(&mut self) {
        if let Some(section) = self.sections.last_mut() {
            section.has_commands = true;
        }
    }

    /// Finds or adds a chain of the last section. Returns whether it is new. A borrowed name
    /// is in `text`, and is spelled the same in other lines.
    pub(crate) fn find_or_add_chain(&mut self, text: &[u8], name: &Text<'_>) -> (u32, bool) {
        let section = self.sections.len() - 1;
        let in_order = self.is_next(text, section, name);
        if !in_order && let Some(found) = self.chain(text, section, name) {
            return (found, false);
        }
        let id = self.next_chain();
        assert!(id < NO_CHAIN, "fewer than 2^29 chains");
        let (name, length) = if let Some(at) = offset_in(text, name) {
            (at, u16::try_from(name.len()).expect("a line is shorter"))
        } else {
            self.unquoted.push(name.as_ref().into());
            (to_u32(self.unquoted.len() - 1), UNQUOTED)
        };
        self.chains.push(Chain {
            name,
            length,
            declared: NONE,
            first: NONE,
            last: NONE,
        });
        self.sections[section].chains.end = id + 1;
        if !in_order {
            self.note_name(text, section);
        }
        (id, true)
    }

    /// Notes the line that declares a chain, unless there is one. Returns that one.
    pub(crate) fn declare(&mut self, chain: u32, line: LineId) -> Option<LineId> {
        let chain = &mut self.chains[chain as usize];
        let first = chain.declared();
        if first.is_none() {
            chain.declared = line.0;
        }
        first
    }

    /// Appends a line to those of its chain.
    #[inline(always)]
    pub(crate) fn append(&mut self, chain: u32, line: LineId) {
        let Chain { first, last, .. } = &mut self.chains[chain as usize];
        let previous = std::mem::replace(last, line.0);
        match self.lines.get_mut(previous as usize) {
            Some(previous) => previous.next = line.0,
            None => *first = line.0,
        }
    }

    /// Finds the chain of `-A CHAIN …` when it is a given one or the one after it.
    #[inline(always)]
    pub(crate) fn guess(&self, text: &[u8], line: &[u8], current: u32) -> Option<u32> {
        let rest = match line {
            [b'-', b'A', b' ', rest @ ..] => rest,
            [b'[', ..] => line.get(memchr(b']', line)? + 1..)?.strip_prefix(b" -A ")?,
            _ => return None,
        };
        [current, current + 1].into_iter().find(|id| {
            let Some(name) = self.plain_name(text, *id) else {
                return false;
            };
            match rest.split_at_checked(name.len()) {
                Some((word, [b' ' | b'\n', ..] | [])) => is_same(word, name),
                _ => false,
            }
        })
    }
}

/// The number of lines of a large input.
const LARGE: usize = 500;

fn to_u32(offset: usize) -> u32 {
    u32::try_from(offset).expect("a text of less than 4 GiB")
}

/// Returns the offset of a borrowed name in the input; `None` for one that is owned or comes from
/// elsewhere.
fn offset_in(text: &[u8], name: &Text<'_>) -> Option<u32> {
    let Text::Borrowed(name) = name else {
        return None;
    };
    let at = name.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    (at + name.len() <= text.len()).then(|| to_u32(at))
}

/// Returns whether two names of the same length are the same. Most are short, and calling the C
/// library takes longer than comparing them.
#[inline(always)]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    match one.len() {
        16..=32 => {
            one.first_chunk::<16>() == other.first_chunk::<16>()
                && one.last_chunk::<16>() == other.last_chunk::<16>()
        }
        8..16 => {
            one.first_chunk::<8>() == other.first_chunk::<8>()
                && one.last_chunk::<8>() == other.last_chunk::<8>()
        }
        _ => one == other,
    }
}
