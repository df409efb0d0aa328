//! Writing the result.

use std::{
    fs::File,
    io::{self, Write as _},
    os::fd::AsFd as _,
};

use crate::input;

/// Shorter pieces are gathered before they are written; longer ones go out as they are.
const SHORT: usize = 64 * 1024;

/// Writes the pieces to stdout.
pub(crate) fn write(pieces: &[&[u8]]) -> io::Result<()> {
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
