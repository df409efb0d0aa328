//! Random choices from a seed.

/// A random generator that repeats for the same seed.
#[derive(Debug)]
pub(crate) struct Dice {
    rng: fastrand::Rng,
    /// The greatest number that most numbers of a rule stay below, so that they go together.
    pub(crate) most: u64,
}

impl Dice {
    pub(crate) fn of(seeds: [u64; 3]) -> Self {
        let together =
            |one: u64, other| one.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(other);
        Self {
            rng: fastrand::Rng::with_seed(seeds.into_iter().fold(0, together)),
            most: u64::MAX,
        }
    }

    /// Returns true with this probability in percent.
    pub(crate) fn percent(&mut self, percent: u32) -> bool {
        self.rng.u32(..100) < percent
    }

    /// Returns a number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.rng.usize(..end)
    }

    /// A number up to another, all as likely.
    pub(crate) fn up_to(&mut self, last: u64) -> u64 {
        self.rng.u64(..=last)
    }

    /// Chooses one of several; there must be at least one.
    pub(crate) fn one<T: Copy>(&mut self, several: &[T]) -> T {
        several[self.below(several.len())]
    }

    /// Chooses one of the words separated by spaces.
    pub(crate) fn word<'w>(&mut self, words: &'w str) -> &'w str {
        let words: Vec<_> = words.split_whitespace().collect();
        self.one(&words)
    }

    /// Chooses one of the pieces separated by `¦`.
    pub(crate) fn piece<'p>(&mut self, pieces: &'p str) -> &'p str {
        let pieces: Vec<_> = pieces.split('¦').collect();
        self.one(&pieces)
    }

    pub(crate) fn shuffle<T>(&mut self, several: &mut [T]) {
        self.rng.shuffle(several);
    }
}
