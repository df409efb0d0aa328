//! Rewriting a file, wholly or not at all.

use std::{
    ffi::{OsStr, OsString},
    fs,
    io::{self, Write as _},
    os::unix::{
        ffi::OsStrExt as _,
        fs::{MetadataExt as _, fchown},
    },
    path::Path,
};

use iptables_save::{Diagnostic, Severity};
use tempfile::NamedTempFile;

use crate::codes;

/// How much of the file's name the temporary file's has: names have 255 bytes at most.
const MOST_OF_NAME: usize = 200;

/// Distinguishes a version of a file from the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

impl Version {
    pub(crate) fn of(metadata: &fs::Metadata) -> Self {
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
        }
    }
}

/// Why a file was not rewritten.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It is not the version that was read.
    Changed,
    /// The new file cannot be given the owner or the group of the old one.
    Owner(io::Error),
    Io(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Failure {
    /// Returns the error about the file of this name.
    pub(crate) fn diagnostic(&self, name: &str) -> Diagnostic {
        let error = |code, why: &dyn std::fmt::Display| {
            let message = format!("cannot rewrite {name}: {why}");
            Diagnostic::new(code, Severity::Error, message)
        };
        match self {
            Self::Changed => error(
                codes::FILE_CHANGED,
                &"another program changed it since it was read",
            )
            .help("it was left as it is now; run podsnat again"),
            Self::Owner(why) => error(
                codes::CANNOT_REWRITE,
                &format_args!("its owner and group cannot be kept: {why}"),
            )
            .help("run podsnat as the owner or as root, or print the result with `podsnat fmt < FILE`"),
            Self::Io(why) => error(codes::CANNOT_REWRITE, why),
        }
    }
}

/// Puts the pieces into a new file next to the old one, of the same mode and owner, and
/// then in its place: whoever opens it gets all of the old contents or all of the new.
/// A link stays a link. Only the version that was read is replaced.
pub(crate) fn file(path: &Path, pieces: &[&[u8]], read: Option<Version>) -> Result<(), Failure> {
    let path = fs::canonicalize(path)?;
    let old = fs::metadata(&path)?;
    if !old.is_file() {
        return Err(io::Error::other("it is not a regular file").into());
    }
    let directory = path.parent().unwrap_or(Path::new("/"));
    let prefix = temporary_prefix(path.file_name().unwrap_or_default());
    let mut new: NamedTempFile = tempfile::Builder::new()
        .prefix(&prefix)
        .tempfile_in(directory)?;
    for piece in pieces {
        new.write_all(piece)?;
    }
    let made = new.as_file().metadata()?;
    if (made.uid(), made.gid()) != (old.uid(), old.gid()) {
        fchown(new.as_file(), Some(old.uid()), Some(old.gid())).map_err(Failure::Owner)?;
    }
    // After the owner: a change of owner may clear bits of the mode.
    new.as_file().set_permissions(old.permissions())?;
    new.as_file().sync_all()?;
    if read.is_some_and(|read| fs::metadata(&path).map_or(true, |now| Version::of(&now) != read)) {
        return Err(Failure::Changed);
    }
    new.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

/// Returns what a temporary file's name begins with. It is hidden from shell patterns, and
/// shows whose it is if the program is killed.
fn temporary_prefix(name: &OsStr) -> OsString {
    let name = name.as_bytes();
    let name = &name[..name.len().min(MOST_OF_NAME)];
    let prefix = [&b"."[..], name, b".podsnat-"].concat();
    OsStr::from_bytes(&prefix).to_owned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn version(path: &Path) -> Version {
        Version::of(&fs::metadata(path).expect("the file is there"))
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_left_alone() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("rules");
        fs::write(&path, "one\n").expect("the directory is ours");
        let read = version(&path);
        fs::write(&path, "one\ntwo\n").expect("the directory is ours");
        let failure = file(&path, &[b"new\n"], Some(read)).expect_err("it changed");
        assert!(matches!(failure, Failure::Changed), "{failure:?}");
        assert_eq!(fs::read(&path).expect("it is there"), b"one\ntwo\n");
        file(&path, &[b"new\n"], Some(version(&path))).expect("it did not change");
        assert_eq!(fs::read(&path).expect("it is there"), b"new\n");
        let files = fs::read_dir(directory.path()).expect("it is ours");
        assert_eq!(files.count(), 1);
    }

    #[test]
    fn temporary_files_are_hidden_and_named() {
        assert_eq!(temporary_prefix("rules.v4".as_ref()), ".rules.v4.podsnat-");
        let long = "x".repeat(255);
        assert!(temporary_prefix(long.as_ref()).len() < 240);
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join(&long);
        fs::write(&path, "").expect("the directory is ours");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("it is ours");
        file(&path, &[b"new\n"], None).expect("the name is not too long");
    }

    #[test]
    fn an_owner_that_cannot_be_kept_has_help() {
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        let diagnostic = Failure::Owner(denied).diagnostic("a");
        assert_eq!(
            diagnostic.message,
            "cannot rewrite a: its owner and group cannot be kept: permission denied"
        );
        assert_eq!(diagnostic.help.len(), 1);
    }
}
