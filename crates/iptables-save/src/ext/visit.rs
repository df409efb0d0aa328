//! Makes extensions for code that is generic over their types.

use super::Extension;

/// Parses the options of an extension of any type.
pub(crate) trait Visitor<'a> {
    /// Parses the options into an extension that has none yet. Returns `None` to give up.
    fn visit<E: Extension<'a>>(&mut self, extension: &mut E) -> Option<()>;
}

/// A slot for a value that does not exist yet.
///
/// The value is made in the slot: moving one takes longer than parsing it.
pub(crate) trait Slot<T> {
    /// Makes the value, unless there is one already.
    fn put(&mut self, make: impl FnOnce() -> T) -> Option<&mut T>;
}

impl<T> Slot<T> for Option<T> {
    #[inline]
    fn put(&mut self, make: impl FnOnce() -> T) -> Option<&mut T> {
        if self.is_some() {
            return None;
        }
        Some(self.get_or_insert_with(make))
    }
}

impl<T> Slot<T> for Vec<T> {
    #[inline]
    fn put(&mut self, make: impl FnOnce() -> T) -> Option<&mut T> {
        // `push` is given a value that has been made.
        self.extend(std::iter::once_with(make));
        self.last_mut()
    }
}
