//! Parses commands and the counters before them.

use nom::{
    IResult, Parser,
    bytes::complete::tag,
    character::complete::u64 as digits,
    combinator::all_consuming,
    sequence::{delimited, separated_pair},
};

use super::{
    Command, Counters,
    error_span::{bad_value, error_at},
};
use crate::{
    Clause, ClauseKind, RuleError, Span, Word,
    base::{Base, Verb},
    clause::{ClauseReader, ClauseState, Result},
    line::counters_end,
    value::{ValueError, leading_integer, unsigned},
    word,
};

/// Parses the arguments of a command.
pub(super) fn command_of<'a>(
    verb: Verb,
    words: &[Word<'a>],
    clause: &Clause,
) -> Result<Command<'a>> {
    clause.with_value(words, |args| {
        let chain = args.first().map(|word| word.text.clone());
        let number = |word: &Word<'a>| {
            unsigned(&word.text)
                .filter(|number| matches!(number, 1..=MOST_RULES))
                .ok_or_else(|| {
                    let error = ValueError::new("a rule's number, from 1 to 2147483647").at(1);
                    bad_value(words, clause, verb.name(), error)
                })
        };
        let second = |expected: &'static str| {
            args.get(1)
                .map(|word| word.text.clone())
                .ok_or_else(|| bad_value(words, clause, verb.name(), ValueError::new(expected)))
        };
        let named = chain.clone().unwrap_or_default();
        Ok(match verb {
            Verb::Append => Command::Append { chain: named },
            Verb::Check => Command::Check { chain: named },
            Verb::Delete => match args.get(1) {
                Some(word) => Command::DeleteNumber {
                    chain: named,
                    number: number(word)?,
                },
                None => Command::Delete { chain: named },
            },
            Verb::Insert => Command::Insert {
                chain: named,
                number: args.get(1).map_or(Ok(1), number)?,
            },
            Verb::Replace => {
                second("a chain and a rule's number")?;
                Command::Replace {
                    chain: named,
                    number: number(&args[1])?,
                }
            }
            Verb::Flush => Command::Flush { chain },
            Verb::Zero => Command::Zero {
                chain,
                number: args.get(1).map(number).transpose()?,
            },
            Verb::NewChain => Command::NewChain { chain: named },
            Verb::DeleteChain => Command::DeleteChain { chain },
            Verb::RenameChain => Command::RenameChain {
                old: named,
                new: second("a chain's old name and its new one")?,
            },
            Verb::Policy => Command::Policy {
                chain: named,
                target: second("a builtin chain and its policy")?,
            },
            Verb::List | Verb::ListRules => Command::List { chain },
        })
    })
}

/// The highest number of a rule, `INT_MAX`.
const MOST_RULES: u32 = 0x7fff_ffff;

/// Parses the counters after `-c`.
pub(super) fn option_counters(words: &[Word<'_>], clause: &Clause) -> Result<Counters> {
    clause.with_value(words, |args| {
        // As `sscanf` reads them, which does not look at what follows the digits.
        let number = |text: &[u8]| leading_integer(text);
        let comma = |text: &[u8]| memchr::memchr(b',', text.get(1..)?).map(|comma| comma + 2);
        let both = match args {
            [both] => comma(&both.text)
                .and_then(|bytes| number(&both.text).zip(number(&both.text[bytes..]))),
            [packets, bytes] if comma(&packets.text).is_none() => {
                number(&packets.text).zip(number(&bytes.text))
            }
            _ => None,
        };
        match both {
            Some((packets, bytes)) => Ok(Counters { packets, bytes }),
            None => Err(error_at(RuleError::BadCounters, clause.span(words))),
        }
    })
}

/// Checks that the command accepts the options of the line (`xshared.c:generic_opt_check`).
pub(super) fn check_options(verb: Verb, words: &[Word<'_>], clauses: &[Clause]) -> Result<()> {
    let is_about_rule = matches!(
        verb,
        Verb::Append | Verb::Insert | Verb::Replace | Verb::Delete | Verb::Check
    );
    let has_number = |clause: &Clause| {
        let command = ClauseKind::Base(Base::Command(Verb::Delete));
        clause.kind == command && clause.with_value(words, |args| args.len() > 1)
    };
    let is_about_rule = is_about_rule && !clauses.iter().any(has_number);
    for clause in clauses {
        let option = match clause.kind {
            ClauseKind::Base(option) => option,
            ClauseKind::Target(_) => Base::Jump,
            _ => continue,
        };
        let is_legal = match option {
            Base::Unusable(_) => verb == Verb::List,
            Base::Counters => matches!(
                verb,
                Verb::Append | Verb::Insert | Verb::Replace | Verb::Policy
            ),
            Base::Command(_) | Base::Verbose | Base::Modprobe | Base::Ipv4 | Base::Ipv6 => true,
            _ => is_about_rule,
        };
        if !is_legal {
            let kind = RuleError::OptionWithCommand {
                option: option.name(),
                command: verb.name(),
            };
            return Err(error_at(kind, clause.span(words)));
        }
    }
    Ok(())
}

/// Parses the command of a line, whatever its other words are.
pub(crate) fn command(line: &[u8]) -> Option<Command<'_>> {
    let mut words = Vec::new();
    word::split(line, counters_end(line), &mut words);
    let mut state = ClauseState::default();
    let mut clauses = ClauseReader::new(&words, 0, None, &mut state, &|_| false);
    while let Ok(Some(clause)) = clauses.next() {
        if let ClauseKind::Base(Base::Command(verb)) = clause.kind {
            return command_of(verb, &words, &clause).ok();
        }
    }
    None
}

/// Returns whether a word has the form `[PACKETS:BYTES]`.
pub(crate) fn is_counters(word: &[u8]) -> bool {
    counters(word, word.len()).is_ok()
}

/// Parses counters `[PACKETS:BYTES]`, the first `end` bytes of a line.
pub(super) fn counters(line: &[u8], end: usize) -> Result<Counters> {
    let number = |input| digits::<_, nom::error::Error<&[u8]>>(input);
    let read: IResult<&[u8], (u64, u64)> = all_consuming(delimited(
        tag(&b"["[..]),
        separated_pair(number, tag(&b":"[..]), number),
        tag(&b"]"[..]),
    ))
    .parse(&line[..end]);
    match read {
        Ok((_, (packets, bytes))) => Ok(Counters { packets, bytes }),
        Err(_) => Err(error_at(RuleError::BadCounters, Span::from(0..end))),
    }
}
