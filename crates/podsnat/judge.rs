//! What is wrong with a text as a whole, and whether it goes on nevertheless.

use std::mem::discriminant;

use iptables_save::{Document, ErrorKind, Family, Generator, LineKind, Reader, Span};

use crate::{
    args::Args,
    console::{Console, Trouble},
    message::{Level, Message, Source},
    tally::{MOST, Tally, Turn},
};

/// Refuses a text that iptables-restore would not take for what it looks like, and warns
/// of what is odd in one that may go on.
pub(crate) fn judge(args: &Args, source: Source<'_>, console: &mut Console) -> Result<(), Trouble> {
    let document = source.document;
    if let Some(message) = not_a_ruleset(document) {
        console.tell(&message, source);
        return Err(console.told());
    }
    let returns = |kind: &ErrorKind| *kind == ErrorKind::CarriageReturn;
    let has_returns = document.errors_of(returns).next().is_some();
    let is_refused = |kind: &ErrorKind| match kind {
        ErrorKind::BareRule => !args.allow_lossy,
        // With a carriage return behind it, COMMIT is not COMMIT.
        ErrorKind::NoCommit | ErrorKind::OutsideTable | ErrorKind::NotALine => !has_returns,
        _ => refuses(kind),
    };
    if document.errors_of(is_refused).next().is_some() {
        tell_errors(Level::Error, &is_refused, source, console);
        return Err(console.told());
    }
    if let Some(message) = cut_between_tables(document) {
        console.tell(&message, source);
        return Err(console.told());
    }
    if document.sections().len() == 0 && !args.allow_empty {
        return Err(console.trouble(&empty(document)));
    }
    let wrong_family = |given| other_family(document, given);
    if let Some(message) = args.family.given().and_then(wrong_family) {
        console.tell(&message, source);
        return Err(console.told());
    }
    if !console.is_quiet() {
        tell_errors(Level::Warning, &|_| true, source, console);
    }
    Ok(())
}

/// Whether iptables-restore would refuse the text, or read it differently from what it
/// looks like.
const fn refuses(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NoCommit
            | ErrorKind::OutsideTable
            | ErrorKind::NotALine
            | ErrorKind::LineTooLong
            | ErrorKind::Nul
            | ErrorKind::CarriageReturn
            | ErrorKind::OpenQuote
            | ErrorKind::IncompatibleTable
            | ErrorKind::TwoFamilies
    )
}

/// Tells the errors of the wanted kinds, in the order of the text.
fn tell_errors(
    level: Level,
    wanted: &dyn Fn(&ErrorKind) -> bool,
    source: Source<'_>,
    console: &mut Console,
) {
    let mut tally = Tally::new();
    for error in source.document.errors_of(wanted) {
        let most = match error.kind {
            // Where one line ends so, they all do.
            ErrorKind::CarriageReturn => 1,
            _ => MOST,
        };
        let turn = tally.count(most, discriminant(&error.kind), || error.to_string());
        if turn == Turn::TooMany {
            continue;
        }
        let mut message = Message::about(level, error);
        if turn == Turn::First {
            let lossy = (level == Level::Error && error.kind == ErrorKind::BareRule)
                .then_some("or pass the text on as it is with `--allow-lossy`");
            for help in error.kind.help().into_iter().chain(lossy) {
                message = message.help(help);
            }
        }
        console.tell(&message, source);
    }
    for text in tally.rest() {
        console.say(&Message::new(level, text));
    }
}

/// The message about a text that is something else altogether.
fn not_a_ruleset(document: &Document<'_>) -> Option<Message> {
    let bytes = document.bytes();
    let message = |span| Message::error("this is not iptables-save text").at(span);
    if bytes.starts_with(b"\xef\xbb\xbf") {
        let help = "it begins with a byte order mark, which iptables-restore refuses: remove it";
        return Some(message(Span::from(0..3)).help(help));
    }
    let mut lines = document.lines();
    let first = lines.find(|line| !matches!(line.kind, LineKind::Blank | LineKind::Comment))?;
    // Other things may have a line with an asterisk, too, but not with these names.
    let is_table =
        |table: &[u8]| matches!(table, b"filter" | b"nat" | b"mangle" | b"raw" | b"security");
    let mut tables = document.sections().filter_map(|it| document.table(it));
    let is_of_a_table = first.bytes[0] == b':' || first.bytes.starts_with(b"COMMIT");
    if first.kind != LineKind::Unknown || is_of_a_table || tables.any(is_table) {
        return None;
    }
    let help = if first.bytes.starts_with(b"table ") {
        "it looks like `nft list ruleset`; give the output of `iptables-save`"
    } else if first.bytes.starts_with(b"Chain ") {
        "it looks like `iptables -L`; give the output of `iptables-save`"
    } else {
        "give the output of `iptables-save`, `ip6tables-save` or `iptables -S`"
    };
    Some(message(first.content_span()).help(help))
}

/// The message about a save that was cut off in one of its own comments: tables may be
/// missing after it.
fn cut_between_tables(document: &Document<'_>) -> Option<Message> {
    let end = document.bytes().len();
    let last = document.line(document.line_at(end.checked_sub(1)?)?);
    let is_own = ["# Generated by ", "# Completed on "].iter().any(|own| {
        let own = own.as_bytes();
        own.starts_with(last.bytes) || last.bytes.starts_with(own)
    });
    // A shell's `$(…)` drops the newline, but not the year before it.
    let year = last.bytes.rsplit(|byte| *byte == b' ').next()?;
    let is_whole = year.ends_with(b"\n") || year.len() == 4 && year.iter().all(u8::is_ascii_digit);
    (is_own && !is_whole).then(|| {
        Message::error("the input ends inside this line")
            .at(last.content_span())
            .help("the command that wrote this text was cut off; take it from the start")
    })
}

fn empty(document: &Document<'_>) -> Message {
    let text = match document.bytes() {
        [] => "the input is empty",
        _ => "there is no table in the input",
    };
    Message::error(text).help(
        "a save that failed prints nothing; if there really are no rules, `--allow-empty` passes this on",
    )
}

/// The message about a text that is not of the family given.
fn other_family(document: &Document<'_>, given: Family) -> Option<Message> {
    let (family, span, what) = match document.generator() {
        Some(generator) => (generator.family(), header(document), "text"),
        None => {
            let (family, span) = first_of_a_family(document)?;
            (family, Some(span), "rule")
        }
    };
    let number = match given {
        Family::V4 => 4,
        Family::V6 => 6,
    };
    (family != given).then(|| {
        let text = format!(
            "this {what} is for {}, but `--family {number}` is given",
            family.name()
        );
        let text = Message::error(text).at(span);
        text.help("leave `--family` out: it is for texts that do not tell")
    })
}

/// Where the text says which program wrote it.
fn header(document: &Document<'_>) -> Option<Span> {
    let mut comments = document
        .lines()
        .filter(|line| line.kind == LineKind::Comment);
    let header = comments.find(|line| Generator::read(line.bytes).is_some())?;
    Some(header.content_span())
}

/// The first rule that tells a family, and which.
fn first_of_a_family(document: &Document<'_>) -> Option<(Family, Span)> {
    let mut reader = Reader::default();
    let mut rules = document.lines().filter(|line| line.kind == LineKind::Rule);
    rules.find_map(|line| {
        let family = reader.read(document, line.id).ok()?.rule.family()?;
        Some((family, line.content_span()))
    })
}
