//! The pass over the bytes that finds lines, sections and chains.
//!
//! Saved text lists the rules of a chain together and the chains in the order they
//! were declared, so nearly every rule is of the same chain as the one before or of
//! the next; only the rest is looked up by name.

use std::{borrow::Cow, hash::BuildHasher, ops::Range};

use foldhash::quality::RandomState;
use hashbrown::HashTable;
use memchr::{memchr, memchr_iter, memchr3};

use crate::{
    Command, Error, ErrorKind, Generator, Span, Target, Text,
    line::{LONGEST_LINE, LineId, LineKind, declaration, table_name},
    rule, word,
};

/// Marks the end of a chain's rules, and a chain that has none.
const NONE: u32 = u32::MAX;

#[derive(Debug, Default)]
pub(crate) struct Index<'a> {
    pub(crate) lines: Vec<Entry>,
    pub(crate) sections: Vec<Section>,
    pub(crate) chains: Vec<Chain<'a>>,
    pub(crate) errors: Vec<Error>,
    pub(crate) generator: Option<Generator<'a>>,
    /// Whether some chain has a target's name, which then means the chain.
    pub(crate) shadowed_target: bool,
    names: HashTable<u32>,
    /// Keyed anew for each document, so that no text can be made to collide.
    keys: RandomState,
}

/// A line, in sixteen bytes.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) start: usize,
    /// The kind in the upper three bits, the chain in the rest.
    tag: u32,
    /// The next line of the same chain.
    next: u32,
}

#[derive(Debug)]
pub(crate) struct Section {
    /// The `*TABLE` line; none in the text of `iptables -S`.
    pub(crate) header: Option<LineId>,
    pub(crate) chains: Range<u32>,
}

#[derive(Debug)]
pub(crate) struct Chain<'a> {
    pub(crate) name: Text<'a>,
    pub(crate) section: u32,
    declared: u32,
    first: u32,
    last: u32,
}

const CHAIN_BITS: u32 = 29;
const NO_CHAIN: u32 = (1 << CHAIN_BITS) - 1;

impl Entry {
    pub(crate) fn kind(&self) -> LineKind {
        const KINDS: [LineKind; 8] = [
            LineKind::Blank,
            LineKind::Comment,
            LineKind::Table,
            LineKind::Chain,
            LineKind::Commit,
            LineKind::Rule,
            LineKind::Unknown,
            LineKind::Unknown,
        ];
        KINDS[(self.tag >> CHAIN_BITS) as usize]
    }

    pub(crate) fn chain(&self) -> Option<u32> {
        let chain = self.tag & NO_CHAIN;
        (chain != NO_CHAIN).then_some(chain)
    }

    pub(crate) fn next(&self) -> Option<LineId> {
        (self.next != NONE).then_some(LineId(self.next))
    }
}

impl Chain<'_> {
    pub(crate) fn declared(&self) -> Option<LineId> {
        (self.declared != NONE).then_some(LineId(self.declared))
    }

    pub(crate) fn first(&self) -> Option<LineId> {
        (self.first != NONE).then_some(LineId(self.first))
    }
}

impl Index<'_> {
    pub(crate) fn chain(&self, section: u32, name: &[u8]) -> Option<u32> {
        let same = |id: &u32| {
            let chain = &self.chains[*id as usize];
            chain.section == section && *chain.name == *name
        };
        self.names.find(self.hash(section, name), same).copied()
    }

    fn hash(&self, section: u32, name: &[u8]) -> u64 {
        self.keys.hash_one((section, name))
    }
}

pub(crate) fn build(bytes: &[u8]) -> Index<'_> {
    let mut builder = Builder {
        bytes,
        // Bytes that need a closer look are rare: one fast pass tells of any.
        plain: memchr3(0, b'\\', b'\r', bytes).is_none(),
        index: Index::default(),
        open: Open::Outside,
        current: 0,
    };
    // A line of saved text has about 120 bytes; growing would copy.
    builder.index.lines.reserve(bytes.len() / 100 + 8);
    let mut start = 0;
    while start < bytes.len() {
        let window = &bytes[start..bytes.len().min(start + LONGEST_LINE)];
        let end = match memchr(b'\n', window) {
            Some(newline) => start + newline + 1,
            None => start + window.len(),
        };
        builder.line(start, end);
        start = end;
    }
    builder.finish()
}

struct Builder<'a> {
    bytes: &'a [u8],
    /// Whether the text has no NUL, backslash or carriage return.
    plain: bool,
    index: Index<'a>,
    open: Open,
    /// The chain of the last rule, where the next rule most likely belongs.
    current: u32,
}

/// What is open where a line begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// No table; `*TABLE` may come.
    Outside,
    /// A table; `COMMIT` must come.
    Table,
    /// The text of `iptables -S`, which has neither.
    Listing,
}

impl<'a> Builder<'a> {
    fn line(&mut self, start: usize, end: usize) {
        let id = u32::try_from(self.index.lines.len()).expect("fewer than 2^29 lines");
        let line = &self.bytes[start..end];
        if !self.plain || end - start == LONGEST_LINE {
            self.look_closer(line, start);
        }
        let (kind, chain) = match (line[0], self.open) {
            (b'-' | b'[', Open::Table | Open::Listing) => {
                (LineKind::Rule, self.rule(line, id, start))
            }
            (b'\n', _) if line.len() == 1 => (LineKind::Blank, NO_CHAIN),
            (b'#', _) => {
                self.comment(line, start);
                (LineKind::Comment, NO_CHAIN)
            }
            (b'C', Open::Table) if matches!(line, b"COMMIT\n" | b"COMMIT") => {
                self.open = Open::Outside;
                (LineKind::Commit, NO_CHAIN)
            }
            (b'*', Open::Outside | Open::Listing) => {
                self.begin(Some(LineId(id)));
                self.table(line, start);
                self.open = Open::Table;
                (LineKind::Table, NO_CHAIN)
            }
            (b':', Open::Table) => (LineKind::Chain, self.declaration(line, id, start)),
            (_, Open::Table) => (LineKind::Rule, self.rule(line, id, start)),
            (b'-' | b'[', Open::Outside) if self.index.sections.is_empty() => {
                self.begin(None);
                self.open = Open::Listing;
                (LineKind::Rule, self.rule(line, id, start))
            }
            _ => {
                let kind = if line[0] == b'-' || line[0] == b':' || line.starts_with(b"COMMIT") {
                    ErrorKind::OutsideTable
                } else {
                    ErrorKind::NotALine
                };
                self.error(kind, start, line);
                (LineKind::Unknown, NO_CHAIN)
            }
        };
        self.index.lines.push(Entry {
            start,
            tag: (kind as u32) << CHAIN_BITS | chain,
            next: NONE,
        });
    }

    fn error(&mut self, kind: ErrorKind, start: usize, line: &[u8]) {
        let length = line.strip_suffix(b"\n").unwrap_or(line).len();
        self.index
            .errors
            .push(Error::new(kind, Span::from(start..start + length)));
    }

    /// Reports bytes that iptables-restore reads differently from what they look like.
    fn look_closer(&mut self, line: &[u8], start: usize) {
        if line.len() == LONGEST_LINE
            && line.last() != Some(&b'\n')
            && start + line.len() < self.bytes.len()
        {
            self.error(ErrorKind::LineTooLong, start, line);
        }
        if let Some(at) = memchr(0, line) {
            self.error(ErrorKind::Nul, start + at, &line[at..=at]);
        }
        if let Some(content) = line
            .strip_suffix(b"\r\n")
            .or_else(|| line.strip_suffix(b"\r"))
        {
            self.error(ErrorKind::CarriageReturn, start + content.len(), b"\r");
        }
    }

    fn comment(&mut self, line: &'a [u8], start: usize) {
        if let Some(generator) = Generator::read(line) {
            match self.index.generator {
                None => self.index.generator = Some(generator),
                Some(first) if first.family() != generator.family() => {
                    self.error(ErrorKind::TwoFamilies, start, line);
                }
                Some(_) => {}
            }
        } else if line.starts_with(b"# Table `") {
            if memchr::memmem::find(line, b"incompatible base-chains").is_some() {
                self.error(ErrorKind::IncompatibleBaseChains, start, line);
            } else if memchr::memmem::find(line, b"is incompatible").is_some() {
                self.error(ErrorKind::IncompatibleTable, start, line);
            }
        }
    }

    fn begin(&mut self, header: Option<LineId>) {
        let chains = self.chain_count();
        self.index.sections.push(Section {
            header,
            chains: chains..chains,
        });
        self.current = chains;
    }

    fn table(&mut self, line: &[u8], start: usize) {
        if !matches!(
            table_name(line),
            b"filter" | b"nat" | b"mangle" | b"raw" | b"security"
        ) {
            self.error(ErrorKind::UnknownTable, start, line);
        }
    }

    fn chain_count(&self) -> u32 {
        u32::try_from(self.index.chains.len()).expect("a chain has a line, and lines fit")
    }

    fn declaration(&mut self, line: &'a [u8], id: u32, start: usize) -> u32 {
        let read = declaration(line);
        if read.chain.is_empty() || read.policy.is_empty() {
            self.error(ErrorKind::BadDeclaration, start, line);
        }
        let (chain, new) = self.chain(Cow::Borrowed(read.chain));
        let declared = &mut self.index.chains[chain as usize].declared;
        if *declared == NONE {
            *declared = id;
        } else if !new {
            let first = self.index.lines[*declared as usize].start;
            let length = memchr(b'\n', &self.bytes[first..]).unwrap_or(self.bytes.len() - first);
            self.error(ErrorKind::DuplicateChain, start, line);
            if let Some(error) = self.index.errors.last_mut() {
                error.other = Some(Span::from(first..first + length));
            }
        }
        chain
    }

    /// Finds or adds a chain of the section at hand; says whether it is new.
    fn chain(&mut self, name: Text<'a>) -> (u32, bool) {
        let section = u32::try_from(self.index.sections.len() - 1).expect("sections are lines");
        if let Some(found) = self.index.chain(section, &name) {
            return (found, false);
        }
        let id = self.chain_count();
        assert!(id < NO_CHAIN, "fewer than 2^29 chains");
        self.index.shadowed_target |= Target::is_extension(&name);
        let hashed = self.index.hash(section, &name);
        self.index.chains.push(Chain {
            name,
            section,
            declared: NONE,
            first: NONE,
            last: NONE,
        });
        let Index {
            chains,
            keys,
            names,
            ..
        } = &mut self.index;
        names.insert_unique(hashed, id, |id| {
            let chain = &chains[*id as usize];
            keys.hash_one((chain.section, &*chain.name))
        });
        if let Some(section) = self.index.sections.last_mut() {
            section.chains.end = id + 1;
        }
        (id, true)
    }

    /// Finds the chain of a rule line and appends the line to it.
    fn rule(&mut self, line: &'a [u8], id: u32, start: usize) -> u32 {
        self.check_quotes(line, start);
        let Some(chain) = self.guess(line).or_else(|| self.named_chain(line, id)) else {
            return NO_CHAIN;
        };
        self.current = chain;
        if self.index.generator.is_some_and(|it| it.is_nft()) && is_bare(line) {
            self.error(ErrorKind::BareRule, start, line);
        }
        let Chain { first, last, .. } = &mut self.index.chains[chain as usize];
        let previous = std::mem::replace(last, id);
        match self.index.lines.get_mut(previous as usize) {
            Some(previous) => previous.next = id,
            None => *first = id,
        }
        chain
    }

    /// Reports a quote that nothing closes.
    fn check_quotes(&mut self, line: &[u8], start: usize) {
        let even = memchr_iter(b'"', line).count().is_multiple_of(2);
        if even && (self.plain || memchr(b'\\', line).is_none()) {
            return;
        }
        if let Some(quote) = word::split(line, rule::counters_end(line), &mut Vec::new()) {
            self.error(ErrorKind::OpenQuote, start + quote, &line[quote..]);
        }
    }

    /// The chain of `-A CHAIN …` when it is that of the last rule or the next one.
    fn guess(&self, line: &[u8]) -> Option<u32> {
        let rest = match line {
            [b'-', b'A', b' ', rest @ ..] => rest,
            [b'[', ..] => line.get(memchr(b']', line)? + 1..)?.strip_prefix(b" -A ")?,
            _ => return None,
        };
        [self.current, self.current.wrapping_add(1)]
            .into_iter()
            .find(|id| {
                self.index.chains.get(*id as usize).is_some_and(|chain| {
                    rest.strip_prefix(&*chain.name)
                        .is_some_and(|rest| matches!(rest, [b' ' | b'\n', ..] | []))
                        && !chain.name.is_empty()
                })
            })
    }

    /// Reads the command of a rule line for the chain it names.
    fn named_chain(&mut self, line: &'a [u8], id: u32) -> Option<u32> {
        match rule::command(line)? {
            Command::Append { chain }
            | Command::Insert { chain, .. }
            | Command::Replace { chain, .. }
            | Command::Delete { chain }
            | Command::DeleteNumber { chain, .. }
            | Command::Check { chain } => Some(self.chain(chain).0),
            Command::NewChain { chain } | Command::Policy { chain, .. } => {
                let chain = self.chain(chain).0;
                let declared = &mut self.index.chains[chain as usize].declared;
                if *declared == NONE {
                    *declared = id;
                }
                None
            }
            _ => None,
        }
    }

    fn finish(mut self) -> Index<'a> {
        let end = self.bytes.len();
        if self.open == Open::Table {
            let header = self.index.sections.last().and_then(|it| it.header);
            let mut error = Error::new(ErrorKind::NoCommit, Span::from(end..end));
            error.other = header.map(|id| {
                let start = self.index.lines[id.index()].start;
                let length = memchr(b'\n', &self.bytes[start..]).unwrap_or(end - start);
                Span::from(start..start + length)
            });
            self.index.errors.push(error);
        } else if self.bytes.ends_with(b"COMMIT") && !self.index.sections.is_empty() {
            self.index.errors.push(Error::new(
                ErrorKind::NoFinalNewline,
                Span::from(end - 6..end),
            ));
        }
        self.index
    }
}

/// Whether a rule has neither a match nor a target.
fn is_bare(line: &[u8]) -> bool {
    line.get(rule::counters_end(line)..)
        .and_then(|rest| rest.trim_ascii().strip_prefix(b"-A "))
        .is_some_and(|rest| !rest.contains(&b' '))
}
