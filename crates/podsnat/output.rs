//! Writing the result.

use std::{
    fs::File,
    io::{self, Write as _},
    os::fd::AsFd as _,
};

use crate::{
    console::{Console, Trouble},
    input,
    message::Message,
};

/// Shorter pieces are gathered before they are written; longer ones go out as they are.
const SHORT: usize = 64 * 1024;

/// Prints the pieces to stdout. That nobody reads it any more needs no words: whoever
/// closed the pipe knows why, and a shell with `pipefail` learns it from the exit code.
///
/// Pieces of `lasting` are not even copied into a pipe: its reader may get them from here
/// at any later time.
pub(crate) fn print(
    pieces: &[&[u8]],
    lasting: &'static [u8],
    console: &mut Console,
) -> Result<(), Trouble> {
    write(pieces, lasting).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => console.told(),
        _ => console.trouble(&Message::error(format!("cannot write to stdout: {error}"))),
    })
}

fn write(pieces: &[&[u8]], lasting: &'static [u8]) -> io::Result<()> {
    // Not `io::Stdout`, which looks for newlines and holds back what follows the last.
    let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    if length > SHORT {
        input::enlarge(&stdout);
    }
    let mut stdout = io::BufWriter::with_capacity(length.min(SHORT), stdout);
    for piece in pieces {
        match part(lasting, piece).filter(|part| part.len() > SHORT) {
            Some(part) => {
                stdout.flush()?;
                let rest = lend(stdout.get_ref(), part);
                stdout.write_all(rest)?;
            }
            None => stdout.write_all(piece)?,
        }
    }
    stdout.flush()
}

/// The bytes of `whole` that a piece is, if it is a part of it.
fn part(whole: &'static [u8], piece: &[u8]) -> Option<&'static [u8]> {
    let start = piece.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    whole.get(start..)?.get(..piece.len())
}

/// Lends a pipe the memory that bytes are in, which must never change from then on. Returns
/// those that it did not take: all of them where there is no pipe.
#[cfg(target_os = "linux")]
fn lend(pipe: &File, mut bytes: &'static [u8]) -> &'static [u8] {
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
fn lend(_: &File, bytes: &'static [u8]) -> &'static [u8] {
    bytes
}
