//! Builds the index in one pass over the bytes, and finds what is wrong with the lines.
//!
//! A save lists the rules of a chain together and the chains in the order of their declarations,
//! so nearly every rule is of the same chain as the one before or of the next; only the rest is
//! looked up by name.

use std::borrow::Cow;

use memchr::{memchr2, memchr3, memrchr};

use super::{
    Document,
    problems::{Problems, first_line},
};
use crate::{
    Command, Generator, Span, Target, Text, TextError,
    index::{Entry, Index, Quotes, Tag, scan},
    line::{LONGEST_LINE, LineId, LineKind, declaration},
    rule,
};

/// The maximum number of lines: the kernel holds far fewer rules, and each line takes twelve
/// bytes, be it empty.
const MOST_LINES: usize = 1 << 24;

/// Indexes input while it is read, so that the work is done when the last byte arrives.
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
    problems: Problems,
    open: Open,
    /// The start of the first line that is not indexed yet.
    done: usize,
    /// The end of the bytes of that line in which no newline was found.
    searched: usize,
    /// The chain of the last rule, to which the next rule most likely belongs.
    current: u32,
    /// Whether iptables-nft-save wrote the input.
    nft: bool,
    /// Whether some chain has the name of a target, so that the name means the chain.
    shadowed_target: bool,
    /// Whether the input has more than [`MOST_LINES`].
    is_full: bool,
    /// Whether the input has bytes that need a second pass.
    odd: bool,
}

/// What is open where a line begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Open {
    /// No table; `*TABLE` may come.
    #[default]
    Outside,
    /// A table; `COMMIT` must come.
    Table,
    /// The output of `iptables -S`, which has neither.
    Listing,
}

impl Indexer {
    /// Indexes the lines that are complete by now. `text` is everything that was read so far,
    /// each time from the first byte.
    pub fn advance(&mut self, text: &[u8]) {
        let start = self.searched.max(self.done);
        if let Some(newline) = text.get(start..).and_then(|new| memrchr(b'\n', new)) {
            self.lines(&text[..=start + newline]);
        }
        self.searched = text.len();
    }

    /// Indexes the rest of the complete input.
    pub(super) fn finish(mut self, text: &[u8]) -> Document<'_> {
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
        let sections = &self.index.sections;
        let header = sections.last().and_then(|section| section.header);
        let open = header.filter(|_| self.open == Open::Table);
        let open = open.map(|header| self.first_line(text, header, text.len()));
        if !self.is_full {
            self.problems.check_end(text, open, !sections.is_empty());
        }
        if self.odd {
            self.look_closer(text);
        }
        self.problems.errors.sort();
        Document {
            bytes: text,
            index: self.index,
            errors: self.problems.errors,
            shadowed_target: self.shadowed_target,
        }
    }

    /// Returns the span of a line, without its newline, in input that ends at `end`.
    fn first_line(&self, text: &[u8], line: LineId, end: usize) -> Span {
        let start = self.index.lines[line.index()].start();
        first_line(text, Span::from(start..end))
    }

    /// Checks the lines of input that has bytes which may be parsed differently from what they
    /// look like.
    fn look_closer(&mut self, text: &[u8]) {
        let ends = self.index.lines.iter().skip(1).map(Entry::start);
        for (line, end) in self.index.lines.iter().zip(ends.chain([text.len()])) {
            let bytes = &text[line.start()..end];
            self.problems.look_closer(bytes, line.kind(), line.start());
        }
    }

    /// Indexes complete lines, from the end of the last ones to the end of `text`.
    fn lines(&mut self, text: &[u8]) {
        let first = self.done;
        if first == 0 {
            // A line of saved text has about 120 bytes.
            self.index.reserve(text.len() / 110);
        }
        let mut start = first;
        let odd = scan(&text[first..], |end, quotes| {
            self.line(text, start, first + end, quotes);
            start = first + end;
        });
        self.odd |= odd;
        self.done = start;
    }

    /// Indexes a line.
    fn line(&mut self, text: &[u8], start: usize, end: usize, quotes: Quotes) {
        if self.index.lines.len() >= MOST_LINES {
            self.leave_rest(text, start, end);
        } else if end - start <= LONGEST_LINE {
            self.piece(text, start, end, quotes);
        } else {
            self.long_line(text, start, end);
        }
    }

    /// Indexes the pieces of a line that is longer than iptables-restore reads.
    fn long_line(&mut self, text: &[u8], mut start: usize, end: usize) {
        while start < end {
            let next = end.min(start + LONGEST_LINE);
            let piece = &text[start..next];
            if next < end {
                self.problems.report(TextError::LineTooLong, start, piece);
            }
            self.piece(text, start, next, Quotes::of(piece));
            if next < end {
                self.index.continue_line();
            }
            start = next;
        }
    }

    /// Indexes the rest of input with too many lines as a single one.
    #[cold]
    fn leave_rest(&mut self, text: &[u8], start: usize, end: usize) {
        if !self.is_full {
            self.is_full = true;
            self.problems
                .report(TextError::TooManyLines, start, &text[start..end]);
            self.index.push_line(start, Tag::of(LineKind::Unknown));
        }
    }

    #[inline]
    fn piece(&mut self, text: &[u8], start: usize, end: usize, quotes: Quotes) {
        let id = self.index.next_line();
        let line = &text[start..end];
        let tag = match (line[0], self.open) {
            (b'-' | b'[', Open::Table | Open::Listing) => self.rule(text, id, start, end, quotes),
            (b':', Open::Table) => {
                let chain = self.declaration(text, id, start, end, quotes);
                Tag::of_chain(LineKind::Chain, chain)
            }
            (b'\n', _) if line.len() == 1 => Tag::of(LineKind::Blank),
            (b'#', _) => {
                self.comment(id, line, start);
                Tag::of(LineKind::Comment)
            }
            (b'C', Open::Table) if matches!(line, b"COMMIT\n" | b"COMMIT") => {
                self.open = Open::Outside;
                Tag::of(LineKind::Commit)
            }
            (b'*', Open::Outside | Open::Listing) => {
                self.begin(Some(id), Open::Table);
                self.problems.check_table(line, start);
                Tag::of(LineKind::Table)
            }
            (_, Open::Table) => self.rule(text, id, start, end, quotes),
            (b'-' | b'[', Open::Outside) if self.index.sections.is_empty() => {
                self.begin(None, Open::Listing);
                self.rule(text, id, start, end, quotes)
            }
            _ => {
                self.problems.outside_table(line, start);
                Tag::of(LineKind::Unknown)
            }
        };
        self.index.push_line(start, tag);
    }

    fn begin(&mut self, header: Option<LineId>, open: Open) {
        self.current = self.index.next_chain();
        self.index.begin_section(header);
        self.open = open;
    }

    fn comment(&mut self, id: LineId, line: &[u8], start: usize) {
        let Some(generator) = Generator::read(line) else {
            self.problems.check_comment(line, start);
            return;
        };
        match self.index.family {
            None => {
                self.index.header = Some(id);
                self.index.family = Some(generator.family());
                self.nft = generator.is_nft();
            }
            Some(first) if first != generator.family() => {
                self.problems.report(TextError::TwoFamilies, start, line);
            }
            Some(_) => {}
        }
    }

    fn declaration(
        &mut self,
        text: &[u8],
        id: LineId,
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
                self.problems.report(TextError::BadDeclaration, start, line);
            }
            read.chain
        });
        // Quotes mean nothing here, but they do in rules: such a name is spelled otherwise
        // there.
        let name = if quotes.any() {
            Cow::Owned(name.to_vec())
        } else {
            Cow::Borrowed(name)
        };
        let chain = self.chain(text, &name);
        if let Some(first) = self.index.declare(chain, id) {
            let first = self.first_line(text, first, start);
            self.problems.duplicate_chain(line, start, first);
            self.index.note_command();
        }
        chain
    }

    /// Finds or adds a chain of the section at hand.
    #[inline]
    fn chain(&mut self, text: &[u8], name: &Text<'_>) -> u32 {
        let (chain, is_new) = self.index.find_or_add_chain(text, name);
        self.shadowed_target |= is_new && Target::is_extension(name);
        chain
    }

    /// Finds the chain of a rule line and appends the line to it.
    #[inline]
    fn rule(&mut self, text: &[u8], id: LineId, start: usize, end: usize, quotes: Quotes) -> Tag {
        let line = &text[start..end];
        if quotes.is_odd() {
            self.problems.check_quotes(line, start);
        }
        let guess = self.index.guess(text, line, self.current);
        let Some(chain) = guess.or_else(|| self.named_chain(text, start, line, id)) else {
            return Tag::of(LineKind::Rule);
        };
        self.current = chain;
        if self.nft {
            self.problems.check_bare(line, start);
        }
        self.index.append(chain, id);
        match guess {
            Some(_) => Tag::plain_rule(chain),
            None => Tag::of_chain(LineKind::Rule, chain),
        }
    }

    /// Parses the command of a rule line to find the chain that it names.
    fn named_chain(&mut self, text: &[u8], start: usize, line: &[u8], id: LineId) -> Option<u32> {
        let Some(command) = rule::command(line) else {
            self.problems.check_without_chain(line, start);
            return None;
        };
        let appends = matches!(command, Command::Append { .. });
        let declares = matches!(command, Command::NewChain { .. } | Command::Policy { .. });
        if !appends && !declares {
            self.index.note_command();
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
                if self.index.declare(chain, id).is_some() {
                    self.index.note_command();
                }
                None
            }
            _ => None,
        }
    }
}

/// Returns the name of a chain, owned unless it is written without quotes.
fn spelled_plainly(name: Text<'_>) -> Text<'_> {
    let special = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'"');
    if name.iter().any(special) {
        return Cow::Owned(name.into_owned());
    }
    name
}
