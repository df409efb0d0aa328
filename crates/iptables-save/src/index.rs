//! The index of lines, sections and chains: it contains positions, no bytes.

use std::{cmp::Ordering, hash::BuildHasher, ops::Range};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::{
    Family,
    line::{LineId, LineKind},
};

mod build;
mod scan;

pub(crate) use self::{
    build::Tag,
    scan::{Quotes, scan},
};

/// Marks the end of a chain's rules, and a line that does not exist.
const NONE: u32 = u32::MAX;

#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) lines: Vec<Entry>,
    /// The lines that continue the one before, which is too long for iptables-restore.
    continuations: Vec<u32>,
    pub(crate) sections: Vec<Section>,
    pub(crate) chains: Vec<Chain>,
    /// The first line that names the program that wrote the input.
    pub(crate) header: Option<LineId>,
    /// The family of that line.
    pub(crate) family: Option<Family>,
    /// The chains of sections whose names are not sorted.
    table: HashTable<u32>,
    /// Names without their quotes, of which the input has no copy.
    unquoted: Vec<Box<[u8]>>,
    /// With a random key for each input, so that none can make its names collide.
    keys: RandomState,
}

/// A line, in twelve bytes.
#[derive(Debug)]
pub(crate) struct Entry {
    start: u32,
    /// The kind in the upper three bits, or [`PLAIN_RULE`]; the chain in the rest.
    tag: u32,
    /// The next line of the same chain.
    next: u32,
}

#[derive(Debug)]
pub(crate) struct Section {
    /// The `*TABLE` line; `None` in the output of `iptables -S`.
    pub(crate) header: Option<LineId>,
    pub(crate) chains: Range<u32>,
    /// Whether it does anything but declare each chain once and append rules.
    pub(crate) has_commands: bool,
    names: Names,
}

/// How the chains of a section are found by name.
#[derive(Debug)]
enum Names {
    /// From this chain on each name is greater than the one before, as iptables-save
    /// prints them; the built-in chains come first.
    Sorted {
        from: u32,
        /// The length of the longest name before.
        longest: u16,
    },
    /// In [`Index::table`].
    InTable,
}

/// The maximum number of chains before the sorted ones: there are up to five built-in chains.
const MOST_BUILTIN: u32 = 8;

/// A chain, in twenty bytes.
#[derive(Debug)]
pub(crate) struct Chain {
    /// Where the name begins in the input, or its index among those without quotes.
    name: u32,
    /// The name's length, or [`UNQUOTED`].
    length: u16,
    declared: u32,
    first: u32,
    last: u32,
}

const CHAIN_BITS: u32 = 29;

/// Instead of its kind, for a rule that begins with `-A CHAIN` without quotes, or with
/// counters and that.
const PLAIN_RULE: u32 = 7;
const NO_CHAIN: u32 = (1 << CHAIN_BITS) - 1;
const UNQUOTED: u16 = u16::MAX;

impl Entry {
    pub(crate) fn start(&self) -> usize {
        self.start as usize
    }

    pub(crate) fn kind(&self) -> LineKind {
        const KINDS: [LineKind; 8] = [
            LineKind::Blank,
            LineKind::Comment,
            LineKind::Table,
            LineKind::Chain,
            LineKind::Commit,
            LineKind::Rule,
            LineKind::Unknown,
            LineKind::Rule,
        ];
        KINDS[(self.tag >> CHAIN_BITS) as usize]
    }

    pub(crate) fn chain(&self) -> Option<u32> {
        let chain = self.tag & NO_CHAIN;
        (chain != NO_CHAIN).then_some(chain)
    }

    pub(crate) fn is_plain_rule(&self) -> bool {
        self.tag >> CHAIN_BITS == PLAIN_RULE
    }

    pub(crate) fn next(&self) -> Option<LineId> {
        (self.next != NONE).then_some(LineId(self.next))
    }
}

impl Chain {
    pub(crate) fn declared(&self) -> Option<LineId> {
        (self.declared != NONE).then_some(LineId(self.declared))
    }

    pub(crate) fn first(&self) -> Option<LineId> {
        (self.first != NONE).then_some(LineId(self.first))
    }
}

impl Index {
    /// Returns the name of a chain of the indexed input.
    pub(crate) fn name<'n>(&'n self, bytes: &'n [u8], chain: u32) -> &'n [u8] {
        let chain = &self.chains[chain as usize];
        let at = chain.name as usize;
        match chain.length {
            UNQUOTED => &self.unquoted[at],
            length => &bytes[at..at + usize::from(length)],
        }
    }

    /// Returns the name of a chain, if it exists and rules can give the name without quotes.
    fn plain_name<'n>(&self, bytes: &'n [u8], chain: u32) -> Option<&'n [u8]> {
        let chain = self.chains.get(chain as usize)?;
        let at = chain.name as usize;
        match chain.length {
            UNQUOTED | 0 => None,
            length => Some(&bytes[at..at + usize::from(length)]),
        }
    }

    /// Returns the length of the chain's name, if only `-A` and counters precede it on the line.
    pub(crate) fn plain_chain(&self, line: &Entry) -> Option<usize> {
        if !line.is_plain_rule() {
            return None;
        }
        let chain = self.chains.get(line.chain()? as usize)?;
        Some(chain.length.into())
    }

    /// Finds a chain of a section by name.
    pub(crate) fn chain(&self, bytes: &[u8], section: usize, name: &[u8]) -> Option<u32> {
        let Section { chains, names, .. } = &self.sections[section];
        let is_named = |id: &u32| self.name(bytes, *id) == name;
        let Names::Sorted { from, .. } = *names else {
            let same = |id: &u32| chains.contains(id) && is_named(id);
            return self
                .table
                .find(hash(&self.keys, chains.start, name), same)
                .copied();
        };
        let (mut low, mut high) = (from, chains.end);
        while low < high {
            let middle = low.midpoint(high);
            match self.name(bytes, middle).cmp(name) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Some(middle),
                Ordering::Greater => high = middle,
            }
        }
        (chains.start..from).find(is_named)
    }

    /// Notes the name of the newest chain of a section.
    fn note_name(&mut self, bytes: &[u8], section: usize) {
        let Section { chains, names, .. } = &self.sections[section];
        let newest = chains.end - 1;
        let fresh = match names {
            Names::InTable => newest..newest + 1,
            Names::Sorted { .. } if newest == chains.start => return,
            Names::Sorted { .. } if self.name(bytes, newest - 1) < self.name(bytes, newest) => {
                return;
            }
            Names::Sorted { .. } if newest - chains.start < MOST_BUILTIN => {
                let names = (chains.start..newest).map(|id| self.name(bytes, id).len());
                let longest = u16::try_from(names.max().unwrap_or(0)).unwrap_or(u16::MAX);
                self.sections[section].names = Names::Sorted {
                    from: newest,
                    longest,
                };
                return;
            }
            Names::Sorted { .. } => {
                let all = chains.clone();
                self.sections[section].names = Names::InTable;
                all
            }
        };
        let mut table = std::mem::take(&mut self.table);
        let hash = |id: &u32| {
            let section = &self.sections[self.section_of(*id)];
            hash(&self.keys, section.chains.start, self.name(bytes, *id))
        };
        for id in fresh {
            table.insert_unique(hash(&id), id, hash);
        }
        self.table = table;
    }

    /// Returns whether a new name is the greatest of its section so far.
    fn is_next(&self, bytes: &[u8], section: usize, name: &[u8]) -> bool {
        let Section { chains, names, .. } = &self.sections[section];
        match names {
            Names::Sorted { from, longest } if *from < chains.end => {
                let is_before = || (chains.start..*from).any(|id| self.name(bytes, id) == name);
                self.name(bytes, chains.end - 1) < name
                    && (name.len() > usize::from(*longest) || !is_before())
            }
            _ => false,
        }
    }

    /// Returns the number of the line that this one is part of, counted by newlines from 0, and
    /// where that one starts.
    pub(crate) fn whole_line(&self, line: LineId) -> (usize, usize) {
        let before = self.continuations.partition_point(|id| *id <= line.0);
        // The continuations of one line have consecutive numbers.
        let of_same_line = self.continuations[..before]
            .iter()
            .rev()
            .zip((0..=line.0).rev())
            .take_while(|(continuation, id)| **continuation == *id)
            .count();
        let first = line.index() - of_same_line;
        let number = first - (before - of_same_line);
        (number, self.lines[first].start())
    }

    /// Returns the section of a chain.
    pub(crate) fn section_of(&self, chain: u32) -> usize {
        self.sections
            .partition_point(|section| section.chains.end <= chain)
    }
}

/// Hashes a name together with the first chain of its section: many sections may have the
/// same names.
fn hash(keys: &RandomState, section: u32, name: &[u8]) -> u64 {
    use std::hash::Hasher as _;
    let mut hasher = keys.build_hasher();
    hasher.write_u32(section);
    hasher.write(name);
    hasher.finish()
}
