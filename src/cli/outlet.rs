//! Words for whoever started a lasting command: nobody need be listening.

use std::fmt::Display;
use std::io::Write;

/// Writes a line to standard output. A desk goes on serving when nobody reads it any more (`naryad serve | head -1`),
/// so what cannot be written is dropped.
pub(super) fn tell(line: &dyn Display) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
