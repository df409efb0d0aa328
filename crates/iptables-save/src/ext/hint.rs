//! What somebody may have meant who wrote an option or a name that is not there.

use super::{Description, Match, Target};

/// So many extensions are named at most.
const MOST_NAMED: usize = 4;

/// Says which extensions have an option that this line's do not have, or else which of
/// the options at hand is spelled nearly so.
#[cold]
pub(crate) fn of_option<'n>(flag: &[u8], at_hand: impl Iterator<Item = &'n str>) -> String {
    let having = |list: &'static [Description], begin: &'static str| {
        let has = move |it: &&Description| it.option(flag).is_some();
        list.iter()
            .filter(has)
            .map(move |it| format!("`{begin} {}`", it.name))
    };
    let all = having(Match::DESCRIPTIONS, "-m").chain(having(Target::DESCRIPTIONS, "-j"));
    let mut named: Vec<String> = all.take(MOST_NAMED + 1).collect();
    if named.len() > MOST_NAMED {
        named[MOST_NAMED] = "others".to_owned();
    }
    match named.as_slice() {
        [] => near(flag, at_hand),
        [one] => format!(": it is an option of {one}, which must come before it"),
        [all @ .., last] => format!(": it is an option of {} or {last}", all.join(", ")),
    }
}

/// Says which match is named nearly so.
#[cold]
pub(crate) fn of_match(name: &[u8]) -> String {
    near(name, Match::DESCRIPTIONS.iter().map(|it| it.name))
}

/// Says which target is named nearly so.
#[cold]
pub(crate) fn of_target(name: &[u8]) -> String {
    let own = ["ACCEPT", "DROP", "RETURN", "QUEUE"];
    let described = Target::DESCRIPTIONS.iter().map(|it| it.name);
    // They all have capitals.
    near(&name.to_ascii_uppercase(), own.into_iter().chain(described))
}

fn near<'n>(word: &[u8], known: impl Iterator<Item = &'n str>) -> String {
    let word = String::from_utf8_lossy(word);
    let word = word.trim_start_matches('-');
    // A letter in three may be wrong.
    let most = word.len() / 3;
    let distance = |it: &&str| strsim::osa_distance(word, it.trim_start_matches('-'));
    // Each letter too many, too few or not in the other word is one.
    let has_near_length = |it: &&str| it.trim_start_matches('-').len().abs_diff(word.len()) <= most;
    let lacks = |one: &str, other: &str| (letters(one) & !letters(other)).count_ones() as usize;
    let has_near_letters = |it: &&str| lacks(word, it).max(lacks(it, word)) <= most;
    let near = known.filter(has_near_length).filter(has_near_letters);
    match near.min_by_key(distance) {
        Some(best) if distance(&best) <= most => format!("; did you mean `{best}`?"),
        _ => String::new(),
    }
}

/// The letters of a word as a set of bits.
fn letters(word: &str) -> u32 {
    let letters = word.trim_start_matches('-').bytes();
    letters.fold(0, |set, letter| set | 1 << (letter % 32))
}
