//! A list with cheap insertion and removal anywhere.

/// Values in an order, kept in pieces so that a change moves few of them.
#[derive(Clone, Debug)]
pub(super) struct Sequence<T> {
    /// None of them is empty.
    pieces: Vec<Vec<T>>,
}

/// The longest piece.
const LONGEST: usize = 1024;

impl<T> Default for Sequence<T> {
    fn default() -> Self {
        Self { pieces: Vec::new() }
    }
}

impl<T> Sequence<T> {
    pub(super) fn len(&self) -> usize {
        self.pieces.iter().map(Vec::len).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.pieces.iter().flatten()
    }

    pub(super) fn push(&mut self, value: T) {
        match self.pieces.last_mut() {
            Some(last) if last.len() < LONGEST => last.push(value),
            _ => self.pieces.push(vec![value]),
        }
    }

    /// Puts a value before the one at a place, or at the end.
    pub(super) fn insert(&mut self, at: usize, value: T) {
        let Some((nth, at)) = self.find(at) else {
            return self.push(value);
        };
        let piece = &mut self.pieces[nth];
        piece.insert(at, value);
        if piece.len() > LONGEST {
            let rest = piece.split_off(LONGEST / 2);
            self.pieces.insert(nth + 1, rest);
        }
    }

    pub(super) fn remove(&mut self, at: usize) -> Option<T> {
        let (nth, at) = self.find(at)?;
        let value = self.pieces[nth].remove(at);
        if self.pieces[nth].is_empty() {
            self.pieces.remove(nth);
        }
        Some(value)
    }

    pub(super) fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        let (nth, at) = self.find(at)?;
        Some(&mut self.pieces[nth][at])
    }

    /// Takes all values out.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = T> + use<T> {
        std::mem::take(&mut self.pieces).into_iter().flatten()
    }

    /// The piece of a place, and the place in it.
    fn find(&self, mut at: usize) -> Option<(usize, usize)> {
        for (nth, piece) in self.pieces.iter().enumerate() {
            match at.checked_sub(piece.len()) {
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

    #[test]
    fn a_sequence_is_a_vec() {
        let mut sequence = Sequence::default();
        let mut vec = Vec::new();
        let mut state = 1_usize;
        for value in 0..20_000 {
            // A small generator of its own: the test is the same every time.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let at = (state >> 33) % (vec.len() + 1);
            match value % 3 {
                0 | 1 => {
                    sequence.insert(at, value);
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
        assert_eq!(sequence.get_mut(77).copied(), vec.get(77).copied());
        assert!(sequence.drain().eq(vec));
        assert!(sequence.is_empty());
    }
}
