//! The lines of a file, one at a time and bounded, with their numbers.

use std::io::{BufRead, Read};

/// Longest line, in bytes. What is longer is no row of a log.
pub const LINE_BYTES_MAX: u64 = 64 * 1024;

pub struct Lines<R> {
    file: R,
    number: u64,
}

pub struct Line {
    /// From 1.
    pub number: u64,
    /// Without its end.
    pub bytes: Vec<u8>,
    /// The line is longer than is taken; `bytes` holds its beginning.
    pub is_cut: bool,
}

impl<R: BufRead> Lines<R> {
    pub fn new(file: R) -> Self {
        Self { file, number: 0 }
    }

    /// The next line that is not empty.
    pub fn next(&mut self) -> std::io::Result<Option<Line>> {
        loop {
            let mut bytes = Vec::new();
            if (&mut self.file).take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            let is_cut = bytes.len() as u64 == LINE_BYTES_MAX && !bytes.ends_with(b"\n");
            if is_cut {
                self.file.skip_until(b'\n')?;
            }
            while bytes.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
                bytes.pop();
            }
            if !bytes.is_empty() {
                return Ok(Some(Line { number: self.number, bytes, is_cut }));
            }
        }
    }
}
