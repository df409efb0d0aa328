//! Finds extensions by name.

use super::Description;
use crate::word;

/// The names of the descriptions, hashed when the program is compiled.
///
/// The first eight bytes of a name, as one number, are the key: no two extensions have the same.
#[derive(Debug)]
pub(crate) struct Names {
    /// The beginnings of names; 0 in a free slot. A name whose own slot was taken is in the next
    /// free one.
    keys: [u64; SLOTS],
    indexes: [u8; SLOTS],
}

const SLOTS: usize = 256;

impl Names {
    pub(crate) const fn of(descriptions: &[Description]) -> Self {
        let mut names = Self {
            keys: [0; SLOTS],
            indexes: [0; SLOTS],
        };
        let mut index = 0;
        while index < descriptions.len() {
            names.insert(descriptions[index].name, index);
            let aliases = descriptions[index].aliases;
            let mut alias = 0;
            while alias < aliases.len() {
                names.insert(aliases[alias], index);
                alias += 1;
            }
            index += 1;
        }
        names
    }

    const fn insert(&mut self, name: &str, index: usize) {
        assert!(index < 200, "more extensions than the table is made for");
        let mut eight = [0; 8];
        let mut at = 0;
        while at < 8 && at < name.len() {
            eight[at] = name.as_bytes()[at];
            at += 1;
        }
        let key = u64::from_le_bytes(eight);
        let mut slot = slot_of(key);
        while self.keys[slot] != 0 {
            assert!(self.keys[slot] != key, "two names that begin alike");
            slot = (slot + 1) % SLOTS;
        }
        self.keys[slot] = key;
        self.indexes[slot] = index as u8;
    }

    /// Returns the index of the description with this name.
    pub(crate) fn find(&self, name: &[u8], descriptions: &[Description]) -> Option<u8> {
        let mut eight = [0; 8];
        let beginning = &name[..name.len().min(8)];
        eight[..beginning.len()].copy_from_slice(beginning);
        let index = self.index_of(u64::from_le_bytes(eight))?;
        let described = &descriptions[usize::from(index)];
        let mut names = std::iter::once(&described.name).chain(described.aliases);
        names.any(|known| known.as_bytes() == name).then_some(index)
    }

    /// Returns the index of the only description whose name `text` may begin with.
    #[inline]
    pub(crate) fn candidate(&self, text: &[u8]) -> Option<u8> {
        self.index_of(word::first_eight(text))
    }

    #[inline]
    fn index_of(&self, key: u64) -> Option<u8> {
        let mut slot = slot_of(key);
        while self.keys[slot] != key {
            if self.keys[slot] == 0 {
                return None;
            }
            slot = (slot + 1) % SLOTS;
        }
        Some(self.indexes[slot])
    }
}

/// Hashes a key: the upper bits of a product depend on all bits of its factors.
const fn slot_of(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
}
