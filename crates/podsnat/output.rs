//! Writing the result.

use std::{
    fs::File,
    io::{self, Write as _},
    mem,
    os::{
        fd::AsFd as _,
        unix::fs::{FileTypeExt as _, MetadataExt as _},
    },
    rc::Rc,
};

use iptables_save::{Diagnostic, Severity};

use crate::{
    codes,
    console::{Console, Reported},
    input::{self, Text},
    patient::Patient,
};

/// Shorter pieces are gathered before they are written; longer ones go out as they are.
const SHORT: usize = 64 * 1024;

/// Prints the pieces to stdout. That nobody reads it any more needs no words: whoever
/// closed the pipe knows why, and a shell with `pipefail` learns it from the exit code.
///
/// Pieces of `whole` are not even copied into a pipe. Its reader may get them from here at
/// any later time, so that the memory stays until the program ends.
pub(crate) fn print(
    pieces: &[&[u8]],
    whole: Option<&Rc<Text>>,
    console: &mut Console,
) -> Result<(), Reported> {
    write(pieces, whole).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => console.reported(),
        _ => console.fail(&failure(&error), None),
    })
}

fn failure(error: &io::Error) -> Diagnostic {
    let message = format!("cannot write to stdout: {error}");
    Diagnostic::new(codes::CANNOT_WRITE, Severity::Error, message)
}

fn write(pieces: &[&[u8]], whole: Option<&Rc<Text>>) -> io::Result<()> {
    // Not `io::Stdout`, which looks for newlines and holds back what follows the last.
    let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    if was_closed(&stdout) {
        return Err(io::Error::other(
            "it is closed, or is /dev/null opened for reading as well, which looks the same",
        ));
    }
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    if length > SHORT {
        input::enlarge(&stdout);
    }
    let mut stdout = io::BufWriter::with_capacity(length.min(SHORT), Patient(stdout));
    let mut has_lent = false;
    for piece in pieces {
        let is_part = |whole: &Rc<Text>| piece.len() > SHORT && is_part(whole.bytes(), piece);
        let mut rest = *piece;
        if let Some(whole) = whole.filter(|whole| is_part(whole)) {
            stdout.flush()?;
            rest = lend(&stdout.get_ref().0, piece);
            if rest.len() < piece.len() && !mem::replace(&mut has_lent, true) {
                mem::forget(Rc::clone(whole));
            }
        }
        stdout.write_all(rest)?;
    }
    stdout.flush()
}

/// Whether stdout was closed when the program started: Rust then puts /dev/null in its
/// place, opened for reading and writing, where a shell opens it for writing only.
fn was_closed(stdout: &File) -> bool {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};

    let Ok(metadata) = stdout.metadata() else {
        return true;
    };
    metadata.file_type().is_char_device()
        && std::fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == metadata.rdev())
        && fcntl(stdout, FcntlArg::F_GETFL)
            .is_ok_and(|flags| OFlag::from_bits_retain(flags) & OFlag::O_ACCMODE == OFlag::O_RDWR)
}

/// Whether a piece is memory of `whole`.
fn is_part(whole: &[u8], piece: &[u8]) -> bool {
    whole.as_ptr_range().contains(&piece.as_ptr())
}

/// Lends a pipe the memory that bytes are in, which must never change from then on. Returns
/// those that it did not take: all of them where there is no pipe.
#[cfg(target_os = "linux")]
fn lend<'b>(pipe: &File, mut bytes: &'b [u8]) -> &'b [u8] {
    use nix::{
        errno::Errno,
        fcntl::{SpliceFFlags, vmsplice},
    };

    while !bytes.is_empty() {
        match vmsplice(pipe, &[io::IoSlice::new(bytes)], SpliceFFlags::empty()) {
            Ok(taken) => bytes = &bytes[taken..],
            Err(Errno::EINTR) => {}
            Err(_) => break,
        }
    }
    bytes
}

#[cfg(not(target_os = "linux"))]
fn lend<'b>(_: &File, bytes: &'b [u8]) -> &'b [u8] {
    bytes
}
