//! Which options of an extension may and must stand together, as bits.
//!
//! Descriptions say it in names. Comparing names for every rule would take longer than
//! reading it, so the names are turned into bits when the program is compiled.

use super::{Description, Match, OptionDescription, Target};
use crate::ErrorKind;

/// Options of one extension, a bit for each place in its description.
pub(crate) type OptionBits = u64;

/// What a description says of its options together, in bits.
pub(crate) struct Combination {
    required: OptionBits,
    exclusive: [OptionBits; MOST],
    exclusives: usize,
    needs: [(OptionBits, OptionBits); MOST],
    needed: usize,
}

/// The most groups or pairs that any extension has.
const MOST: usize = 8;

static MATCHES: [Combination; Match::DESCRIPTIONS.len()] = all(Match::DESCRIPTIONS);
static TARGETS: [Combination; Target::DESCRIPTIONS.len()] = all(Target::DESCRIPTIONS);

/// Judges which options of a match stand together.
pub(crate) fn check_match(place: u8, there: OptionBits) -> Result<(), ErrorKind> {
    match MATCHES[usize::from(place)].allows(there) {
        true => Ok(()),
        false => complain(&Match::DESCRIPTIONS[usize::from(place)], there),
    }
}

/// Judges which options of a target stand together.
pub(crate) fn check_target(place: u8, there: OptionBits) -> Result<(), ErrorKind> {
    match TARGETS[usize::from(place)].allows(there) {
        true => Ok(()),
        false => complain(&Target::DESCRIPTIONS[usize::from(place)], there),
    }
}

impl Combination {
    const NONE: Self = Self {
        required: 0,
        exclusive: [0; MOST],
        exclusives: 0,
        needs: [(0, 0); MOST],
        needed: 0,
    };

    /// What a description says.
    pub(crate) const fn of(described: &Description) -> Self {
        let mut it = Self::NONE;
        let mut nth = 0;
        while nth < described.options.len() {
            if described.options[nth].required {
                it.required |= 1 << nth;
            }
            nth += 1;
        }
        it.exclusives = described.exclusive.len();
        it.needed = described.needs.len();
        nth = 0;
        while nth < described.exclusive.len() {
            let group = described.exclusive[nth];
            let mut flag = 0;
            while flag < group.len() {
                it.exclusive[nth] |= bit(described.options, group[flag]);
                flag += 1;
            }
            nth += 1;
        }
        nth = 0;
        while nth < described.needs.len() {
            let (option, needed) = described.needs[nth];
            it.needs[nth] = (
                bit(described.options, option),
                bit(described.options, needed),
            );
            nth += 1;
        }
        it
    }

    /// Whether there is nothing to complain of; of a required option only its own
    /// spelling counts here.
    #[inline]
    pub(crate) fn allows(&self, there: OptionBits) -> bool {
        let two = |bits: OptionBits| bits & bits.wrapping_sub(1) != 0;
        self.required & !there == 0
            && !self.exclusive[..self.exclusives]
                .iter()
                .any(|group| two(group & there))
            && self.needs[..self.needed]
                .iter()
                .all(|(option, needed)| option & there == 0 || needed & there != 0)
    }
}

/// Names what is wrong, if it is: a required option may also be said in other words.
fn complain(described: &'static Description, there: OptionBits) -> Result<(), ErrorKind> {
    let is_there = |flag: &str| there & bit(described.options, flag) != 0;
    for group in described.exclusive {
        let mut present = group.iter().filter(|flag| is_there(flag));
        if let (Some(first), Some(second)) = (present.next(), present.next()) {
            return Err(ErrorKind::Exclusive { first, second });
        }
    }
    for (option, needed) in described.needs {
        if is_there(option) && !is_there(needed) {
            return Err(ErrorKind::Needs { option, needed });
        }
    }
    let said = |wanted: &str| {
        described
            .options
            .iter()
            .any(|it| (it.flag == wanted || it.says == Some(wanted)) && is_there(it.flag))
    };
    match described
        .options
        .iter()
        .find(|it| it.required && !said(it.flag))
    {
        Some(missing) => Err(ErrorKind::MissingOption {
            extension: described.name,
            option: missing.flag,
        }),
        None => Ok(()),
    }
}

const fn all<const N: usize>(descriptions: &[Description]) -> [Combination; N] {
    let mut all = [Combination::NONE; N];
    let mut place = 0;
    while place < N {
        all[place] = Combination::of(&descriptions[place]);
        place += 1;
    }
    all
}

/// The bit of an option; a name that the description does not have stops the build.
const fn bit(options: &[OptionDescription], flag: &str) -> OptionBits {
    let mut nth = 0;
    while nth < options.len() {
        if same(options[nth].flag.as_bytes(), flag.as_bytes()) {
            return 1 << nth;
        }
        nth += 1;
    }
    panic!("an option that the description does not have")
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}
