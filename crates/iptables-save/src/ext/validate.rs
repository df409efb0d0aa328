//! Checks which options of an extension are given together.
//!
//! Descriptions name the options. Comparing names for each rule would take longer than parsing it,
//! so the names are turned into bits at compile time.

use super::{Description, Extension, OptionDescription};
use crate::{RuleError, value::Context};

/// Options of one extension, a bit for each index in its description.
pub(crate) type OptionBits = u64;

/// What a description says about its options together, in bits.
struct Combination {
    required: OptionBits,
    exclusive: [OptionBits; MOST],
    exclusives: usize,
    at_least: [OptionBits; MOST],
    at_leasts: usize,
    needs: [(OptionBits, OptionBits); MOST],
    needed: usize,
}

/// The maximum number of groups or pairs of an extension.
const MOST: usize = 8;

/// Checks the options of an extension together as iptables does: which of them are given, and
/// what their values mean together.
#[inline]
pub(crate) fn check<'a, E: Extension<'a>>(
    extension: &E,
    given: OptionBits,
    context: &Context,
) -> Result<(), RuleError> {
    if !const { Combination::of(&E::DESCRIPTION) }.allows(given) {
        violation(const { &E::DESCRIPTION }, given)?;
    }
    extension
        .check_values(context)
        .map_err(RuleError::OptionConflict)
}

/// Checks the options of an extension together, and rewrites them as iptables-save prints them.
#[inline]
pub(crate) fn finish<'a, E: Extension<'a>>(
    extension: &mut E,
    given: OptionBits,
    context: &Context,
) -> Result<(), RuleError> {
    check(extension, given, context)?;
    extension.normalize(context);
    Ok(())
}

impl Combination {
    const NONE: Self = Self {
        required: 0,
        exclusive: [0; MOST],
        exclusives: 0,
        at_least: [0; MOST],
        at_leasts: 0,
        needs: [(0, 0); MOST],
        needed: 0,
    };

    /// Turns what a description says into bits.
    const fn of(described: &Description) -> Self {
        let options = described.options;
        let mut combination = Self::NONE;
        let mut nth = 0;
        while nth < options.len() {
            if options[nth].required {
                combination.required |= 1 << nth;
            }
            nth += 1;
        }
        combination.exclusives = described.exclusive.len();
        nth = 0;
        while nth < described.exclusive.len() {
            combination.exclusive[nth] = bits(options, described.exclusive[nth]);
            nth += 1;
        }
        combination.at_leasts = described.at_least.len();
        nth = 0;
        while nth < described.at_least.len() {
            combination.at_least[nth] = with_other_spellings(options, described.at_least[nth]);
            nth += 1;
        }
        combination.needed = described.needs.len();
        nth = 0;
        while nth < described.needs.len() {
            let (option, needed) = described.needs[nth];
            combination.needs[nth] = (bit(options, option), bit(options, needed));
            nth += 1;
        }
        combination
    }

    /// Returns whether the options may be given together; of a required option only its own
    /// spelling counts here.
    #[inline]
    fn allows(&self, given: OptionBits) -> bool {
        let two = |bits: OptionBits| bits & bits.wrapping_sub(1) != 0;
        self.required & !given == 0
            && !self.exclusive[..self.exclusives]
                .iter()
                .any(|group| two(group & given))
            && self.at_least[..self.at_leasts]
                .iter()
                .all(|group| group & given != 0)
            && self.needs[..self.needed]
                .iter()
                .all(|(option, needed)| option & given == 0 || needed & given != 0)
    }
}

/// Returns the first rule of a description that the given options violate. A required option may
/// also be given by another one that says the same.
#[cold]
fn violation(described: &'static Description, given: OptionBits) -> Result<(), RuleError> {
    let options = described.options;
    let is_given = |flag: &str| given & bit(options, flag) != 0;
    for group in described.exclusive {
        let mut present = group.iter().filter(|flag| is_given(flag));
        if let (Some(first), Some(second)) = (present.next(), present.next()) {
            return Err(RuleError::Exclusive { first, second });
        }
    }
    for (option, needed) in described.needs {
        if is_given(option) && !is_given(needed) {
            return Err(RuleError::Needs { option, needed });
        }
    }
    let is_missing = |flag| given & with_other_spellings(options, &[flag]) == 0;
    if let Some(missing) = options
        .iter()
        .find(|option| option.required && is_missing(option.flag))
    {
        return Err(RuleError::MissingOption {
            extension: described.name,
            option: missing.flag,
        });
    }
    for group in described.at_least {
        if given & with_other_spellings(options, group) == 0 {
            return Err(RuleError::OptionConflict(
                none_given(described, group).into(),
            ));
        }
    }
    Ok(())
}

/// Returns the message that no option of a group is given, at least one of which must be.
fn none_given(described: &Description, group: &[&str]) -> String {
    let name = described.name;
    let written = described
        .options
        .iter()
        .filter(|option| option.says.is_none());
    let all: Vec<&str> = written.map(|option| option.flag).collect();
    match if group.is_empty() { &all[..] } else { group } {
        [one] => format!("`{name}` needs `{one}`"),
        [one, other] => format!("`{name}` needs `{one}` or `{other}`"),
        few @ ([_, _, _] | [_, _, _, _]) => {
            format!("`{name}` needs one of `{}`", few.join("`, `"))
        }
        _ => format!("`{name}` needs an option"),
    }
}

/// Returns the bits of options and of those that say the same; of all options for an empty group.
const fn with_other_spellings(options: &[OptionDescription], group: &[&str]) -> OptionBits {
    if group.is_empty() {
        return all_bits(options);
    }
    let mut all = bits(options, group);
    let mut nth = 0;
    while nth < options.len() {
        if let Some(says) = options[nth].says
            && all & bit(options, says) != 0
        {
            all |= 1 << nth;
        }
        nth += 1;
    }
    all
}

const fn all_bits(options: &[OptionDescription]) -> OptionBits {
    (1 << options.len()) - 1
}

const fn bits(options: &[OptionDescription], flags: &[&str]) -> OptionBits {
    let mut bits = 0;
    let mut nth = 0;
    while nth < flags.len() {
        bits |= bit(options, flags[nth]);
        nth += 1;
    }
    bits
}

/// Returns the bit of an option; a name that the description does not have fails the build.
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
