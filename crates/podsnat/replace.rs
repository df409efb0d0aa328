//! Rewriting a file, wholly or not at all.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, fchown},
    path::Path,
};

use tempfile::NamedTempFile;

/// Puts the pieces into a new file beside the old one, of the same mode and owner, and
/// then in its place: whoever opens it meets all of the old text or all of the new.
/// A link stays a link.
pub(crate) fn file(path: &Path, pieces: &[&[u8]]) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let old = fs::metadata(&path)?;
    if !old.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let dir = path.parent().unwrap_or(Path::new("/"));
    let mut new = NamedTempFile::new_in(dir)?;
    for piece in pieces {
        new.write_all(piece)?;
    }
    let made = new.as_file().metadata()?;
    if (made.uid(), made.gid()) != (old.uid(), old.gid()) {
        fchown(new.as_file(), Some(old.uid()), Some(old.gid()))?;
    }
    // After the owner: a change of owner may clear bits of the mode.
    new.as_file().set_permissions(old.permissions())?;
    new.as_file().sync_all()?;
    new.persist(&path)?;
    Ok(())
}
