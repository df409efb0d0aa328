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
pub(crate) fn print(pieces: &[&[u8]], console: &mut Console) -> Result<(), Trouble> {
    write(pieces).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => console.told(),
        _ => console.trouble(&Message::error(format!("cannot write to stdout: {error}"))),
    })
}

fn write(pieces: &[&[u8]]) -> io::Result<()> {
    // Not `io::Stdout`, which looks for newlines and holds back what follows the last.
    let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    if length > SHORT {
        input::enlarge(&stdout);
    }
    let mut stdout = io::BufWriter::with_capacity(length.min(SHORT), stdout);
    for piece in pieces {
        stdout.write_all(piece)?;
    }
    stdout.flush()
}
