//! Suggests what may have been meant by an option or a name that does not exist.

use super::{Description, Match, Target};

/// The maximum number of extensions that are named.
const MOST_NAMED: usize = 4;

/// Returns which extensions have an option that those of the line do not have, or else which of the
/// line's options has a similar name.
#[cold]
pub(crate) fn of_option<'n>(flag: &[u8], at_hand: impl Iterator<Item = &'n str>) -> String {
    let having = |list: &'static [Description], begin: &'static str| {
        let has = move |described: &&Description| described.option(flag).is_some();
        list.iter()
            .filter(has)
            .map(move |described| format!("`{begin} {}`", described.name))
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

/// Returns which match has a similar name.
#[cold]
pub(crate) fn of_match(name: &[u8]) -> String {
    near(
        name,
        Match::DESCRIPTIONS.iter().map(|described| described.name),
    )
}

/// Returns which target has a similar name.
#[cold]
pub(crate) fn of_target(name: &[u8]) -> String {
    let own = ["ACCEPT", "DROP", "RETURN", "QUEUE"];
    let described = Target::DESCRIPTIONS.iter().map(|described| described.name);
    // They all have capitals.
    near(&name.to_ascii_uppercase(), own.into_iter().chain(described))
}

fn near<'n>(word: &[u8], known: impl Iterator<Item = &'n str>) -> String {
    let word = String::from_utf8_lossy(word);
    let word = word.trim_start_matches('-');
    // A letter in three may be wrong.
    let most = word.len() / 3;
    let distance = |name: &&str| strsim::osa_distance(word, name.trim_start_matches('-'));
    // Each letter too many, too few or not in the other word is one.
    let has_near_length =
        |name: &&str| name.trim_start_matches('-').len().abs_diff(word.len()) <= most;
    let lacks = |one: &str, other: &str| (letters(one) & !letters(other)).count_ones() as usize;
    let has_near_letters = |name: &&str| lacks(word, name).max(lacks(name, word)) <= most;
    let near = known.filter(has_near_length).filter(has_near_letters);
    match near.min_by_key(distance) {
        Some(best) if distance(&best) <= most => format!("; did you mean `{best}`?"),
        _ => String::new(),
    }
}

/// Returns the letters of a word as a set of bits.
fn letters(word: &str) -> u32 {
    let letters = word.trim_start_matches('-').bytes();
    letters.fold(0, |set, letter| set | 1 << (letter % 32))
}
