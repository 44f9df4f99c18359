//! Files by their handles: attachments that documents name, and new ones. A handle is good for one call only.

use crate::bindings::naryad::plugin::blob as wit;
use crate::{Error, Retry};

pub use wit::{Error as Failure, Info};

/// What is read or appended at once.
const PIECE_BYTES: usize = 256 << 10;

/// Name, media type and size.
///
/// # Errors
/// As `naryad:plugin/blob.error` says.
pub fn about(file: &str) -> Result<Info, Failure> {
    wit::about(file)
}

/// At most 256 KiB from `offset`; empty at the end.
///
/// # Errors
/// As `naryad:plugin/blob.error` says.
pub fn read(file: &str, offset: u64, bytes: u32) -> Result<Vec<u8>, Failure> {
    wit::read(file, offset, bytes)
}

/// All of a file that is no larger than this.
///
/// # Errors
/// As `read`; `too_large` when there is more.
pub fn read_all(file: &str, bytes_max: usize) -> Result<Vec<u8>, Failure> {
    let mut all = Vec::new();
    loop {
        let piece = read(file, all.len() as u64, PIECE_BYTES as u32)?;
        if piece.is_empty() {
            return Ok(all);
        }
        if all.len() + piece.len() > bytes_max {
            return Err(Failure::TooLarge(format!("the file has more than {bytes_max} bytes")));
        }
        all.extend_from_slice(&piece);
    }
}

/// A new file with this content; the answer is its handle, for the command `attach`.
///
/// # Errors
/// As `naryad:plugin/blob.error` says.
pub fn create(name: &str, media_type: &str, content: &[u8]) -> Result<String, Failure> {
    let file = wit::create(name, media_type)?;
    for piece in content.chunks(PIECE_BYTES) {
        append(&file, piece)?;
    }
    Ok(file)
}

/// Adds at most 256 KiB to a file that this call created.
///
/// # Errors
/// As `naryad:plugin/blob.error` says.
pub fn append(file: &str, bytes: &[u8]) -> Result<(), Failure> {
    wit::append(file, bytes)
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Error {
        match failure {
            Failure::Unknown(why) => Error::new("unknown_file", why),
            Failure::Invalid(why) => Error::new("invalid_file", why),
            Failure::TooLarge(why) => Error::new("file_too_large", why),
            Failure::Unavailable(why) => Error::new("file_unavailable", why).retry(Retry::Later),
        }
    }
}
