//! The pass over the bytes that makes the index.
//!
//! Saved text lists the rules of a chain together and the chains in the order they
//! were declared, so nearly every rule is of the same chain as the one before or of
//! the next; only the rest is looked up by name.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2, memchr3, memrchr};

use super::{
    CHAIN_BITS, Chain, Entry, Index, NO_CHAIN, NONE, Names, PLAIN_RULE, Section, UNQUOTED,
    scan::{Quotes, scan},
};
use crate::{
    Command, Error, ErrorKind, Generator, Span, Target, Text,
    line::{LONGEST_LINE, LineId, LineKind, declaration, table_name},
    rule::{self, Reader},
    tables::Table,
    word,
};

/// Indexes a text while it comes in, so that the work is done by the time the last
/// byte is there.
///
/// ```
/// use iptables_save::{Document, Indexer};
///
/// let text = b"*nat\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n";
/// let mut indexer = Indexer::default();
/// indexer.advance(&text[..20]);
/// let document = Document::indexed(text, indexer);
/// assert_eq!(document.lines().len(), 3);
/// ```
#[derive(Debug, Default)]
pub struct Indexer {
    index: Index,
    open: Open,
    /// Where the first line begins that is not indexed yet.
    done: usize,
    /// The chain of the last rule, where the next rule most likely belongs.
    current: u32,
    /// Whether iptables-nft-save wrote the text.
    nft: bool,
    /// Whether the text has bytes that need a closer look.
    odd: bool,
}

/// How many lines make a text large.
const LARGE: usize = 500;

/// What is open where a line begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Open {
    /// No table; `*TABLE` may come.
    #[default]
    Outside,
    /// A table; `COMMIT` must come.
    Table,
    /// The text of `iptables -S`, which has neither.
    Listing,
}

impl Indexer {
    /// Indexes the lines that are whole by now. `text` is all that has come in so far,
    /// each time from its very first byte.
    pub fn advance(&mut self, text: &[u8]) {
        if let Some(newline) = text.get(self.done..).and_then(|new| memrchr(b'\n', new)) {
            let end = self.done + newline + 1;
            self.lines(&text[..end]);
        }
    }

    /// Indexes what is left of the whole text.
    pub(crate) fn finish(mut self, text: &[u8]) -> Index {
        assert!(
            u32::try_from(text.len()).is_ok(),
            "a text of less than 4 GiB"
        );
        self.advance(text);
        if self.done < text.len() {
            let last = &text[self.done..];
            self.odd |= memchr3(0, b'\\', b'\r', last).is_some();
            self.line(text, self.done, text.len(), Quotes::of(last));
        }
        self.end(text);
        if self.odd {
            self.look_closer(text);
        }
        self.index.errors.sort();
        self.index
    }

    /// Indexes whole lines, from where the last ones ended to the end of `text`.
    fn lines(&mut self, text: &[u8]) {
        let first = self.done;
        if first == 0 {
            // A line of saved text has about 120 bytes. Of a large text only the beginning
            // may be here: room that is not used costs nothing, moving does.
            let lines = text.len() / 110;
            let (lines, chains) = match lines {
                0..LARGE => (lines, 0),
                _ => (lines.max(1 << 17), 1 << 15),
            };
            self.index.lines.reserve(lines);
            self.index.chains.reserve(chains);
        }
        let mut start = first;
        let odd = scan(&text[first..], |end, quotes| {
            self.line(text, start, first + end, quotes);
            start = first + end;
        });
        self.odd |= odd;
        self.done = start;
    }

    /// Indexes a line, or the pieces of one that is longer than iptables-restore reads.
    fn line(&mut self, text: &[u8], mut start: usize, end: usize, quotes: Quotes) {
        if end - start <= LONGEST_LINE {
            self.piece(text, start, end, quotes);
            return;
        }
        while start < end {
            let next = end.min(start + LONGEST_LINE);
            let piece = &text[start..next];
            if next < end {
                self.error(ErrorKind::LineTooLong, start, piece);
            }
            self.piece(text, start, next, Quotes::of(piece));
            start = next;
        }
    }

    #[inline]
    fn piece(&mut self, text: &[u8], start: usize, end: usize, quotes: Quotes) {
        let id = self.next_line();
        let line = &text[start..end];
        let (kind, chain) = match (line[0], self.open) {
            (b'-' | b'[', Open::Table | Open::Listing) => self.rule(text, id, start, end, quotes),
            (b':', Open::Table) => (
                LineKind::Chain as u32,
                self.declaration(text, id, start, end, quotes),
            ),
            (b'\n', _) if line.len() == 1 => (LineKind::Blank as u32, NO_CHAIN),
            (b'#', _) => {
                self.comment(id, line, start);
                (LineKind::Comment as u32, NO_CHAIN)
            }
            (b'C', Open::Table) if matches!(line, b"COMMIT\n" | b"COMMIT") => {
                self.open = Open::Outside;
                (LineKind::Commit as u32, NO_CHAIN)
            }
            (b'*', Open::Outside | Open::Listing) => {
                self.begin(Some(LineId(id)));
                self.table(line, start);
                self.open = Open::Table;
                (LineKind::Table as u32, NO_CHAIN)
            }
            (_, Open::Table) => self.rule(text, id, start, end, quotes),
            (b'-' | b'[', Open::Outside) if self.index.sections.is_empty() => {
                self.begin(None);
                self.open = Open::Listing;
                self.rule(text, id, start, end, quotes)
            }
            _ => {
                let of_table = matches!(line[0], b'-' | b':') || line.starts_with(b"COMMIT");
                let kind = match of_table {
                    true => ErrorKind::OutsideTable,
                    false => ErrorKind::NotALine,
                };
                self.error(kind, start, line);
                (LineKind::Unknown as u32, NO_CHAIN)
            }
        };
        self.index.lines.push(Entry {
            start: place(start),
            tag: kind << CHAIN_BITS | chain,
            next: NONE,
        });
    }

    fn next_line(&self) -> u32 {
        u32::try_from(self.index.lines.len()).expect("fewer lines than bytes")
    }

    fn next_chain(&self) -> u32 {
        u32::try_from(self.index.chains.len()).expect("fewer chains than bytes")
    }

    fn error(&mut self, kind: ErrorKind, start: usize, line: &[u8]) {
        let length = line.strip_suffix(b"\n").unwrap_or(line).len();
        let span = Span::from(start..start + length);
        self.index.errors.push(Error::new(kind, span));
    }

    fn comment(&mut self, id: u32, line: &[u8], start: usize) {
        if let Some(generator) = Generator::read(line) {
            let family = generator.family();
            match self.index.family {
                None => {
                    self.index.header = Some(LineId(id));
                    self.index.family = Some(family);
                    self.nft = generator.is_nft();
                }
                Some(first) if first != family => self.error(ErrorKind::TwoFamilies, start, line),
                Some(_) => {}
            }
        } else if line.starts_with(b"# Table `") {
            let has = |words: &[u8]| memchr::memmem::find(line, words).is_some();
            if has(b"incompatible base-chains") {
                self.error(ErrorKind::IncompatibleBaseChains, start, line);
            } else if has(b"is incompatible") {
                self.error(ErrorKind::IncompatibleTable, start, line);
            }
        }
    }

    fn begin(&mut self, header: Option<LineId>) {
        let chains = self.next_chain();
        self.index.sections.push(Section {
            header,
            chains: chains..chains,
            has_commands: false,
            names: Names::Sorted {
                from: chains,
                longest: 0,
            },
        });
        self.current = chains;
    }

    fn table(&mut self, line: &[u8], start: usize) {
        if Table::named(table_name(line)).is_none() {
            self.error(ErrorKind::UnknownTable, start, line);
        }
    }

    fn declaration(
        &mut self,
        text: &[u8],
        id: u32,
        start: usize,
        end: usize,
        quotes: Quotes,
    ) -> u32 {
        let line = &text[start..end];
        // Nearly always the name ends at the first blank and a policy follows.
        let name = match memchr2(b' ', b'\t', line) {
            Some(blank @ 2..)
                if !matches!(line.get(blank + 1), None | Some(b' ' | b'\t' | b'\n')) =>
            {
                Some(&line[1..blank])
            }
            _ => None,
        };
        let name = name.unwrap_or_else(|| {
            let read = declaration(line);
            if read.chain.is_empty() || read.policy.is_empty() {
                self.error(ErrorKind::BadDeclaration, start, line);
            }
            read.chain
        });
        // Quotes mean nothing here, but they do in rules: such a name is spelled otherwise
        // there.
        let name = match quotes.are_there() {
            false => Cow::Borrowed(name),
            true => Cow::Owned(name.to_vec()),
        };
        let chain = self.chain(text, &name);
        let declared = &mut self.index.chains[chain as usize].declared;
        if *declared == NONE {
            *declared = id;
        } else {
            let first = Span::from(self.index.lines[*declared as usize].start()..start);
            let first = first_line(text, first);
            let length = line.strip_suffix(b"\n").unwrap_or(line).len();
            let error = Error::new(ErrorKind::DuplicateChain, Span::from(start..start + length));
            self.index.errors.push(error.beside(first));
            self.note_command();
        }
        chain
    }

    /// Finds or adds a chain of the section at hand. A borrowed name stands in `text`, and
    /// in other lines too it is written like that.
    fn chain(&mut self, text: &[u8], name: &Text<'_>) -> u32 {
        let section = self.index.sections.len() - 1;
        let in_order = self.index.is_next(text, section, name);
        if !in_order && let Some(found) = self.index.chain(text, section, name) {
            return found;
        }
        let id = self.next_chain();
        assert!(id < NO_CHAIN, "fewer than 2^29 chains");
        self.index.shadowed_target |= Target::is_extension(name);
        let (name, length) = match place_in(text, name) {
            Some(at) => (at, u16::try_from(name.len()).expect("a line is shorter")),
            None => {
                self.index.unquoted.push(name.as_ref().into());
                (place(self.index.unquoted.len() - 1), UNQUOTED)
            }
        };
        self.index.chains.push(Chain {
            name,
            length,
            declared: NONE,
            first: NONE,
            last: NONE,
        });
        self.index.sections[section].chains.end = id + 1;
        if !in_order {
            self.index.note_name(text, section);
        }
        id
    }

    /// Finds the chain of a rule line and appends the line to it. Returns the line's kind and
    /// the chain.
    #[inline]
    fn rule(
        &mut self,
        text: &[u8],
        id: u32,
        start: usize,
        end: usize,
        quotes: Quotes,
    ) -> (u32, u32) {
        let line = &text[start..end];
        if quotes.are_odd() {
            self.check_quotes(line, start);
        }
        let guess = self.guess(text, line);
        let Some(chain) = guess.or_else(|| self.named_chain(text, start, line, id)) else {
            return (LineKind::Rule as u32, NO_CHAIN);
        };
        self.current = chain;
        if self.nft && is_bare(line) {
            self.error(ErrorKind::BareRule, start, line);
        }
        let Chain { first, last, .. } = &mut self.index.chains[chain as usize];
        let previous = std::mem::replace(last, id);
        match self.index.lines.get_mut(previous as usize) {
            Some(previous) => previous.next = id,
            None => *first = id,
        }
        let kind = match guess {
            Some(_) => PLAIN_RULE,
            None => LineKind::Rule as u32,
        };
        (kind, chain)
    }

    /// Reports a quote that nothing closes.
    fn check_quotes(&mut self, line: &[u8], start: usize) {
        if let Some(quote) = word::split(line, rule::counters_end(line), &mut Vec::new()) {
            self.error(ErrorKind::OpenQuote, start + quote, &line[quote..]);
        }
    }

    /// The chain of `-A CHAIN …` when it is that of the last rule or the next one.
    #[inline]
    fn guess(&self, text: &[u8], line: &[u8]) -> Option<u32> {
        let rest = match line {
            [b'-', b'A', b' ', rest @ ..] => rest,
            [b'[', ..] => line.get(memchr(b']', line)? + 1..)?.strip_prefix(b" -A ")?,
            _ => return None,
        };
        [self.current, self.current + 1].into_iter().find(|id| {
            let Some(name) = self.index.plain_name(text, *id) else {
                return false;
            };
            match rest.split_at_checked(name.len()) {
                Some((word, [b' ' | b'\n', ..] | [])) => is_same(word, name),
                _ => false,
            }
        })
    }

    /// Reads the command of a rule line for the chain it names.
    fn named_chain(&mut self, text: &[u8], start: usize, line: &[u8], id: u32) -> Option<u32> {
        let Some(command) = rule::command(line) else {
            // A line without a chain is read by nobody else. Open quotes are told already.
            let mut reader = Reader::default();
            let wrong = reader.read_line(line, None).err();
            if let Some(error) = wrong.filter(|it| it.kind != ErrorKind::OpenQuote) {
                self.index.errors.push(error.shifted(start));
            }
            return None;
        };
        let appends = matches!(command, Command::Append { .. });
        let declares = matches!(command, Command::NewChain { .. } | Command::Policy { .. });
        if !appends && !declares {
            self.note_command();
        }
        match command {
            Command::Append { chain }
            | Command::Insert { chain, .. }
            | Command::Replace { chain, .. }
            | Command::Delete { chain }
            | Command::DeleteNumber { chain, .. }
            | Command::Check { chain } => Some(self.chain(text, &spelled_plainly(chain))),
            Command::NewChain { chain } | Command::Policy { chain, .. } => {
                let chain = self.chain(text, &spelled_plainly(chain));
                let declared = &mut self.index.chains[chain as usize].declared;
                if *declared == NONE {
                    *declared = id;
                } else {
                    self.note_command();
                }
                None
            }
            _ => None,
        }
    }

    /// Notes that the section does more than to declare chains and append rules.
    fn note_command(&mut self) {
        if let Some(section) = self.index.sections.last_mut() {
            section.has_commands = true;
        }
    }

    /// Judges how the text ends.
    fn end(&mut self, text: &[u8]) {
        let end = text.len();
        if self.open == Open::Table {
            let header = self.index.sections.last().and_then(|it| it.header);
            let mut error = Error::new(ErrorKind::NoCommit, Span::from(end..end));
            error.other = header.map(|id| {
                let start = self.index.lines[id.index()].start();
                first_line(text, Span::from(start..end))
            });
            self.index.errors.push(error);
        } else if text.ends_with(b"COMMIT") && !self.index.sections.is_empty() {
            let span = Span::from(end - b"COMMIT".len()..end);
            self.index
                .errors
                .push(Error::new(ErrorKind::NoFinalNewline, span));
        }
    }

    /// Goes through a text that has bytes which iptables-restore may read differently
    /// from what they look like. Few texts have any.
    fn look_closer(&mut self, text: &[u8]) {
        for at in 0..self.index.lines.len() {
            let entry = &self.index.lines[at];
            let (start, kind) = (entry.start(), entry.kind());
            let end = self
                .index
                .lines
                .get(at + 1)
                .map_or(text.len(), Entry::start);
            let line = &text[start..end];
            if let Some(nul) = memchr(0, line) {
                self.error(ErrorKind::Nul, start + nul, &line[nul..=nul]);
            }
            let content = line.strip_suffix(b"\n").unwrap_or(line);
            if content.ends_with(b"\r") {
                let place = start + content.len() - 1;
                self.error(ErrorKind::CarriageReturn, place, b"\r");
            }
            // An odd count of quotes was looked into before.
            let even = || memchr_iter(b'"', line).count().is_multiple_of(2);
            if kind == LineKind::Rule && memchr(b'\\', line).is_some() && even() {
                self.check_quotes(line, start);
            }
        }
    }
}

fn place(offset: usize) -> u32 {
    u32::try_from(offset).expect("a text of less than 4 GiB")
}

/// Where a borrowed name stands in the text it was read from; none for one that is owned
/// or comes from elsewhere.
fn place_in(text: &[u8], name: &Text<'_>) -> Option<u32> {
    let Cow::Borrowed(name) = name else {
        return None;
    };
    let at = name.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    (at + name.len() <= text.len()).then(|| place(at))
}

/// The first line of a stretch of text, without its newline.
fn first_line(text: &[u8], span: Span) -> Span {
    let length = memchr(b'\n', &text[span.range()]).unwrap_or(span.end - span.start);
    Span::from(span.start..span.start + length)
}

/// The name of a chain, owned unless it is written without quotes.
fn spelled_plainly(name: Text<'_>) -> Text<'_> {
    let special = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'"');
    match name.iter().any(special) {
        true => Cow::Owned(name.into_owned()),
        false => name,
    }
}

/// Whether two names of the same length are the same. Most are short, and to call the C
/// library takes longer than to compare them.
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

/// Whether a rule has neither a match nor a target.
fn is_bare(line: &[u8]) -> bool {
    line.get(rule::counters_end(line)..)
        .and_then(|rest| rest.trim_ascii().strip_prefix(b"-A "))
        .is_some_and(|rest| !rest.contains(&b' '))
}
