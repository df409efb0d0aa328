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
};

use memmap2::{MmapMut, MmapOptions};

use crate::{message::Message, printable::printable};

/// The longest input that is read: large rulesets have some tens of megabytes.
const LONGEST: usize = 1 << 30;

/// What is longer goes into mapped memory.
const SMALL: usize = 64 * 1024;

/// The size of a huge page, nearly everywhere.
const HUGE_PAGE: usize = 2 << 20;

/// How much is read at once.
const PIECE: usize = 512 * 1024;

/// A text in memory.
#[derive(Debug)]
pub(crate) struct Input {
    /// The file's name, or `<stdin>`.
    pub(crate) name: String,
    text: Text,
}

#[derive(Debug)]
enum Text {
    Plain(Vec<u8>),
    /// Mapped memory, and where in it the text is.
    Mapped(MmapMut, Range<usize>),
}

impl Input {
    /// Reads a file to its end; stdin when there is none or it is `-`. While a long text
    /// comes in, `seen` is shown all of it so far, again and again.
    pub(crate) fn read(path: Option<&Path>, seen: impl FnMut(&[u8])) -> Result<Self, Message> {
        let (name, file) = match path.filter(|path| path.as_os_str() != "-") {
            Some(path) => (shown(path), File::open(path)),
            // Not `io::Stdin`, which reads through a buffer of its own.
            None => (
                "<stdin>".to_owned(),
                io::stdin().as_fd().try_clone_to_owned().map(File::from),
            ),
        };
        let text = file
            .map_err(Trouble::from)
            .and_then(|file| read_to_end(&file, seen));
        match text {
            Ok(text) => Ok(Self { name, text }),
            Err(trouble) => Err(trouble.message(&name)),
        }
    }

    /// The text.
    pub(crate) fn bytes(&self) -> &[u8] {
        match &self.text {
            Text::Plain(text) => text,
            Text::Mapped(memory, range) => &memory[range.clone()],
        }
    }
}

/// A file's name as messages show it.
pub(crate) fn shown(path: &Path) -> String {
    printable(path.as_os_str().as_encoded_bytes())
}

/// Makes a pipe larger, so that the programs at its ends wait less for each other.
/// Where the system does not let us, the pipe will do as it is.
pub(crate) fn enlarge(pipe: &File) {
    #[cfg(target_os = "linux")]
    let _ = nix::fcntl::fcntl(pipe, nix::fcntl::FcntlArg::F_SETPIPE_SZ(1 << 20));
    #[cfg(not(target_os = "linux"))]
    let _ = pipe;
}

enum Trouble {
    IsDirectory,
    TooLong,
    Io(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Trouble {
    fn message(&self, name: &str) -> Message {
        match self {
            Self::IsDirectory => Message::error(format!("{name} is a directory"))
                .help("give a file with the output of `iptables-save`"),
            Self::TooLong => Message::error(format!("{name} is longer than 1 GiB"))
                .help("no ruleset is that long; is this the right input?"),
            Self::Io(error) => Message::error(format!("cannot read {name}: {error}")),
        }
    }
}

fn read_to_end(file: &File, seen: impl FnMut(&[u8])) -> Result<Text, Trouble> {
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(Trouble::IsDirectory);
    }
    // The size of anything but a regular file is not known, and files in /proc say 0.
    let expected = match usize::try_from(metadata.len()) {
        Ok(length) if metadata.is_file() && length > 0 => length.saturating_add(1),
        _ => SMALL,
    };
    if expected > LONGEST + 1 {
        return Err(Trouble::TooLong);
    }
    let mut start = vec![0; expected.min(SMALL)];
    let length = fill(file, &mut start, 0, |_| {})?;
    if length < start.len() {
        start.truncate(length);
        return Ok(Text::Plain(start));
    }
    enlarge(file);
    match reserve() {
        Ok(mut memory) => {
            let skipped = memory.as_ptr().align_offset(HUGE_PAGE);
            let room = &mut memory[skipped..][..LONGEST + 1];
            room[..length].copy_from_slice(&start);
            let length = fill(file, room, length, seen)?;
            match length <= LONGEST {
                true => Ok(Text::Mapped(memory, skipped..skipped + length)),
                false => Err(Trouble::TooLong),
            }
        }
        // The address space or the memory may be limited.
        Err(_) => {
            let rest = LONGEST + 1 - start.len();
            file.take(rest as u64).read_to_end(&mut start)?;
            match start.len() <= LONGEST {
                true => Ok(Text::Plain(start)),
                false => Err(Trouble::TooLong),
            }
        }
    }
}

/// Reads on behind the first `length` bytes of `memory` until it is full or the file
/// ends, in pieces that are still in the processor's cache when `seen` looks at them.
fn fill(
    mut file: &File,
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
