//! A list with cheap insertion and removal anywhere, and a fast search.

/// Values in an order, kept in pieces so that a change moves few of them. Each has a key
/// by which it is found, and a weight.
#[derive(Clone, Debug)]
pub(super) struct Sequence<T> {
    // None of them is empty.
    pieces: Vec<Piece<T>>,
}

#[derive(Clone, Debug)]
struct Piece<T> {
    /// The values' keys, by themselves: to go through them is all that a search costs.
    keys: Vec<u32>,
    values: Vec<T>,
    /// The sum of the values' weights.
    weight: usize,
}

/// How much a value counts in [`Sequence::weight_before`].
pub(super) trait Weigh {
    fn weight(&self) -> usize;
}

/// The longest piece.
const LONGEST: usize = 1024;

impl<T> Default for Sequence<T> {
    fn default() -> Self {
        Self { pieces: Vec::new() }
    }
}

impl<T: Weigh> Sequence<T> {
    pub(super) fn len(&self) -> usize {
        self.pieces.iter().map(|piece| piece.keys.len()).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.pieces.iter().flat_map(|piece| &piece.values)
    }

    pub(super) fn push(&mut self, key: u32, value: T) {
        match self.pieces.last_mut() {
            Some(last) if last.keys.len() < LONGEST => {
                last.weight += value.weight();
                last.keys.push(key);
                last.values.push(value);
            }
            _ => self.pieces.push(Piece {
                weight: value.weight(),
                keys: vec![key],
                values: vec![value],
            }),
        }
    }

    /// Puts a value before the one at a place, or at the end.
    pub(super) fn insert(&mut self, at: usize, key: u32, value: T) {
        let Some((nth, at)) = self.find(at) else {
            return self.push(key, value);
        };
        let piece = &mut self.pieces[nth];
        piece.weight += value.weight();
        piece.keys.insert(at, key);
        piece.values.insert(at, value);
        if piece.keys.len() > LONGEST {
            let keys = piece.keys.split_off(LONGEST / 2);
            let values = piece.values.split_off(LONGEST / 2);
            let weight = values.iter().map(Weigh::weight).sum();
            piece.weight -= weight;
            let rest = Piece {
                keys,
                values,
                weight,
            };
            self.pieces.insert(nth + 1, rest);
        }
    }

    /// Puts a value in place of another.
    pub(super) fn replace(&mut self, at: usize, key: u32, value: T) -> Option<T> {
        let (nth, at) = self.find(at)?;
        let piece = &mut self.pieces[nth];
        piece.weight += value.weight();
        piece.keys[at] = key;
        let old = std::mem::replace(&mut piece.values[at], value);
        piece.weight -= old.weight();
        Some(old)
    }

    pub(super) fn remove(&mut self, at: usize) -> Option<T> {
        let (nth, at) = self.find(at)?;
        let piece = &mut self.pieces[nth];
        piece.keys.remove(at);
        let value = piece.values.remove(at);
        piece.weight -= value.weight();
        if piece.keys.is_empty() {
            self.pieces.remove(nth);
        }
        Some(value)
    }

    /// The value at a place.
    pub(super) fn get(&self, at: usize) -> Option<&T> {
        let (nth, at) = self.find(at)?;
        Some(&self.pieces[nth].values[at])
    }

    /// The weight of all values before a place.
    pub(super) fn weight_before(&self, at: usize) -> usize {
        let Some((nth, at)) = self.find(at) else {
            return self.pieces.iter().map(|piece| piece.weight).sum();
        };
        let before = self.pieces[..nth].iter().map(|piece| piece.weight);
        let within = self.pieces[nth].values[..at].iter().map(Weigh::weight);
        before.sum::<usize>() + within.sum::<usize>()
    }

    /// Gives each value its key.
    pub(super) fn set_keys(&mut self, mut key: impl FnMut(&T) -> u32) {
        for piece in &mut self.pieces {
            for (slot, value) in piece.keys.iter_mut().zip(&piece.values) {
                *slot = key(value);
            }
        }
    }

    /// Takes all values out.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = T> + use<T> {
        let pieces = std::mem::take(&mut self.pieces);
        pieces.into_iter().flat_map(|piece| piece.values)
    }

    /// Returns the position of the first value that has a key and fits.
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "the compiler compares many keys at once"
    )]
    pub(super) fn position(&self, key: u32, mut fits: impl FnMut(&T) -> bool) -> Option<usize> {
        let mut before = 0;
        for Piece { keys, values, .. } in &self.pieces {
            let has_key = keys.iter().fold(false, |has, other| has | (*other == key));
            if has_key {
                let pairs = keys.iter().zip(values);
                let found = { pairs }.position(|(other, value)| *other == key && fits(value));
                if let Some(at) = found {
                    return Some(before + at);
                }
            }
            before += keys.len();
        }
        None
    }

    /// The piece of a place, and the place in it.
    fn find(&self, mut at: usize) -> Option<(usize, usize)> {
        for (nth, piece) in self.pieces.iter().enumerate() {
            match at.checked_sub(piece.keys.len()) {
                Some(rest) => at = rest,
                None => return Some((nth, at)),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Weigh for u32 {
        fn weight(&self) -> usize {
            (self % 3) as usize
        }
    }

    #[test]
    fn a_sequence_is_a_vec() {
        let mut sequence = Sequence::default();
        let mut vec: Vec<u32> = Vec::new();
        let mut state = 1_usize;
        for value in 0..20_000_u32 {
            // A small generator of its own: the test is the same every time.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let at = (state >> 33) % (vec.len() + 1);
            match value % 3 {
                0 | 1 => {
                    sequence.insert(at, value % 7, value);
                    vec.insert(at, value);
                }
                _ => {
                    let removed = (at < vec.len()).then(|| vec.remove(at));
                    assert_eq!(sequence.remove(at), removed);
                }
            }
        }
        assert_eq!(sequence.len(), vec.len());
        assert!(sequence.iter().eq(&vec));
        for at in [0, 1, 5_000, vec.len() - 1, vec.len()] {
            let weight: usize = vec[..at].iter().map(Weigh::weight).sum();
            assert_eq!(sequence.weight_before(at), weight);
            assert_eq!(sequence.get(at), vec.get(at));
        }
        let wanted = vec[vec.len() - 9];
        let found = sequence.position(wanted % 7, |value| *value == wanted);
        assert_eq!(found, Some(vec.len() - 9));
        assert_eq!(sequence.position(0, |value| *value == 1), None);
        assert_eq!(
            sequence.replace(77, 5, 5),
            Some(std::mem::replace(&mut vec[77], 5))
        );
        assert!(sequence.drain().eq(vec));
        assert!(sequence.is_empty());
    }
}
