//! Receives a file piece by piece; it is on the disk, under its hash, before any row names it.

use super::desk::Desk;
use super::done::DeskError;
use crate::store::files::{FileWriter, Files, Stored};

/// A file that is on the disk and has no row yet.
pub type Received = Stored;

/// An upload under way; dropped before `finish`, it leaves nothing.
#[derive(Debug)]
pub struct Upload(FileWriter);

pub fn begin(desk: &Desk) -> Result<Upload, DeskError> {
    Ok(Upload(Files::open(desk.readers().folder())?.writer()?))
}

impl Upload {
    /// Bytes received so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.bytes()
    }

    /// Adds a piece; gives the upload back, so that it can travel between threads.
    pub fn write(mut self, piece: &[u8]) -> Result<Self, DeskError> {
        self.0.write(piece)?;
        Ok(self)
    }

    pub fn finish(self) -> Result<Received, DeskError> {
        Ok(self.0.finish()?)
    }
}
