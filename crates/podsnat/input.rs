//! Reading the whole input, fast, into memory.
//!
//! The first touch of fresh memory costs more than reading does. A large input is
//! therefore read straight into memory that the kernel may back with huge pages; a
//! small one goes into a plain buffer, for a huge page is slow to clear.

use std::{
    fs::File,
    io::{self, Read as _},
    ops::Range,
    os::fd::AsFd as _,
    path::Path,
    rc::Rc,
};

use iptables_save::{Diagnostic, Name, Severity};
use memmap2::{MmapMut, MmapOptions};

use crate::{codes, patient::Patient, replace::Version};

/// The longest input that is read: large rulesets have some tens of megabytes.
const LONGEST: usize = 1 << 30;

/// What is longer goes into mapped memory.
const SMALL: usize = 64 * 1024;

/// The size of a huge page, nearly everywhere.
const HUGE_PAGE: usize = 2 << 20;

/// How much is read at once.
const PIECE: usize = 512 * 1024;

/// An input in memory.
#[derive(Debug)]
pub(crate) struct Input {
    /// The file's name, not escaped, or `<stdin>`.
    pub(crate) name: String,
    pub(crate) text: Rc<Text>,
    /// The version of a regular file that was read.
    pub(crate) version: Option<Version>,
}

/// The bytes of an input.
#[derive(Debug)]
pub(crate) enum Text {
    Owned(Vec<u8>),
    /// Mapped memory, and where in it the bytes are.
    Mapped(MmapMut, Range<usize>),
}

impl Text {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Owned(text) => text,
            Self::Mapped(memory, range) => &memory[range.clone()],
        }
    }
}

impl Input {
    /// Reads a file to its end; stdin if there is none or it is `-`. While a long input is
    /// read, `seen` is called with all of it so far, again and again.
    pub(crate) fn read(path: Option<&Path>, seen: impl FnMut(&[u8])) -> Result<Self, Diagnostic> {
        let (name, file) = match path.filter(|path| path.as_os_str() != "-") {
            Some(path) => (name(path), File::open(path)),
            // Not `io::Stdin`, which reads through a buffer of its own.
            None => (
                "<stdin>".to_owned(),
                io::stdin().as_fd().try_clone_to_owned().map(File::from),
            ),
        };
        match file
            .map_err(Failure::from)
            .and_then(|file| read_to_end(file, seen))
        {
            Ok((text, version)) => Ok(Self {
                name,
                text: Rc::new(text),
                version,
            }),
            Err(failure) => Err(failure.diagnostic(&name)),
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.text.bytes()
    }
}

/// A file's name as diagnostics have it, not escaped.
pub(crate) fn name(path: &Path) -> String {
    Name::new(path.as_os_str().as_encoded_bytes()).to_string()
}

/// Makes a pipe larger, so that the programs at its ends wait less for each other.
/// Where the system does not let us, the pipe will do as it is.
pub(crate) fn enlarge(pipe: &File) {
    #[cfg(target_os = "linux")]
    let _ = nix::fcntl::fcntl(pipe, nix::fcntl::FcntlArg::F_SETPIPE_SZ(1 << 20));
    #[cfg(not(target_os = "linux"))]
    let _ = pipe;
}

enum Failure {
    IsDirectory,
    TooLong,
    Io(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Failure {
    fn diagnostic(&self, name: &str) -> Diagnostic {
        let error = |message| Diagnostic::new(codes::CANNOT_READ, Severity::Error, message);
        match self {
            Self::IsDirectory => error(format!("{name} is a directory"))
                .help("give a file with the output of `iptables-save`"),
            Self::TooLong => error(format!("{name} is longer than 1 GiB"))
                .help("no ruleset is that long; is this the right input?"),
            Self::Io(why) => error(format!("cannot read {name}: {why}")),
        }
    }
}

fn read_to_end(file: File, seen: impl FnMut(&[u8])) -> Result<(Text, Option<Version>), Failure> {
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(Failure::IsDirectory);
    }
    let version = metadata.is_file().then(|| Version::of(&metadata));
    let mut file = Patient(file);
    // The size of anything but a regular file is not known, and files in /proc say 0.
    let expected = match usize::try_from(metadata.len()) {
        Ok(length) if metadata.is_file() && length > 0 => length.saturating_add(1),
        _ => SMALL,
    };
    if expected > LONGEST + 1 {
        return Err(Failure::TooLong);
    }
    let mut start = vec![0; expected.min(SMALL)];
    let length = fill(&mut file, &mut start, 0, |_| {})?;
    if length < start.len() {
        start.truncate(length);
        return Ok((Text::Owned(start), version));
    }
    enlarge(&file.0);
    let Ok(mut memory) = reserve() else {
        // The address space or the memory may be limited.
        let rest = LONGEST + 1 - start.len();
        file.take(rest as u64).read_to_end(&mut start)?;
        if start.len() > LONGEST {
            return Err(Failure::TooLong);
        }
        return Ok((Text::Owned(start), version));
    };
    let skipped = memory.as_ptr().align_offset(HUGE_PAGE);
    let room = &mut memory[skipped..][..=LONGEST];
    room[..length].copy_from_slice(&start);
    let length = fill(&mut file, room, length, seen)?;
    if length > LONGEST {
        return Err(Failure::TooLong);
    }
    Ok((Text::Mapped(memory, skipped..skipped + length), version))
}

/// Reads on after the first `length` bytes of `memory` until it is full or the file
/// ends, in pieces that are still in the processor's cache when `seen` looks at them.
fn fill(
    file: &mut Patient<File>,
    memory: &mut [u8],
    mut length: usize,
    mut seen: impl FnMut(&[u8]),
) -> io::Result<usize> {
    while length < memory.len() {
        let most = memory.len().min(length + PIECE);
        match file.read(&mut memory[length..most]) {
            Ok(0) => break,
            Ok(read) => {
                length += read;
                seen(&memory[..length]);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Address space for the longest input and one byte more, from the start of a huge page
/// on. It becomes memory where it is written to, in huge pages where the system has them.
fn reserve() -> io::Result<MmapMut> {
    let memory = MmapOptions::new()
        .len(HUGE_PAGE + LONGEST + 1)
        .no_reserve_swap()
        .map_anon()?;
    #[cfg(target_os = "linux")]
    let _ = memory.advise(memmap2::Advice::HugePage);
    Ok(memory)
}
