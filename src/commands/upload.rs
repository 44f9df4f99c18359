//! Receives a file piece by piece; it is on the disk, under its hash, before any row names it.

use super::desk::Desk;
use super::done::{DeskError, Idempotency};
use super::once;
use crate::domain::id::smallest_at;
use crate::domain::person::Actor;
use crate::domain::{Moment, PersonId, Refusal, Span};
use crate::store::files::{FileWriter, Files, Sealed};
use crate::store::{self, Db};

/// Uploads of one person within `UNBOUND_KEPT` that no command has named yet.
pub const UNBOUND_COUNT_MAX: usize = 100;
/// Their bytes together.
pub const UNBOUND_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// They, and files without a row, vanish when they are older.
pub const UNBOUND_KEPT: Span = Span::hours(24);

/// A file whose bytes are on the disk; it is placed with its row, and dropped before that, it leaves nothing.
pub type Received = Sealed;

/// An upload under way; dropped before `finish`, it leaves nothing.
#[derive(Debug)]
pub struct Upload(FileWriter);

/// Begins an upload of so many bytes, as far as they are known, unless the person has too many that wait.
pub fn begin(desk: &Desk, person: PersonId, bytes: u64) -> Result<Upload, DeskError> {
    desk.readers().read(|db| check_room(db, &Actor::Person { person }, bytes, desk.now()))?;
    begin_repeat(desk)
}

/// Begins an upload that may have been made before, by its key: `admit` looks at it when it is here.
pub fn begin_repeat(desk: &Desk) -> Result<Upload, DeskError> {
    Ok(Upload(Files::open(desk.readers().folder())?.writer()?))
}

impl Upload {
    /// Bytes received so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.bytes()
    }

    /// Of the bytes received so far.
    #[must_use]
    pub fn sha256(&self) -> String {
        self.0.sha256()
    }

    /// Adds a piece; gives the upload back, so that it can travel between threads.
    pub fn write(mut self, piece: &[u8]) -> Result<Self, DeskError> {
        self.0.write(piece)?;
        Ok(self)
    }

    /// Brings the bytes to the disk, when they repeat an upload or find room. `record_upload` looks again, when
    /// others may have taken the room.
    pub fn finish(
        self,
        desk: &Desk,
        person: PersonId,
        idempotency: Option<&Idempotency>,
    ) -> Result<Received, DeskError> {
        desk.readers().read(|db| {
            let before: Option<serde_json::Value> = match idempotency {
                Some(idempotency) => once::remembered(db, &Actor::Person { person }, idempotency)?,
                None => None,
            };
            if before.is_some() {
                Ok(())
            } else {
                check_room(db, &Actor::Person { person }, self.bytes(), desk.now())
            }
        })?;
        Ok(self.0.seal()?)
    }
}

/// Refuses an upload by somebody who has too many that no command has named.
pub(super) fn check_room(db: &Db, actor: &Actor, bytes: u64, now: Moment) -> Result<(), DeskError> {
    let since = smallest_at(now - UNBOUND_KEPT);
    let unbound = store::attachment::unbound_of(db, actor, since)?;
    let sum = unbound.iter().map(|bytes| bytes.unsigned_abs()).sum::<u64>();
    if unbound.len() >= UNBOUND_COUNT_MAX || sum + bytes > UNBOUND_BYTES_MAX {
        let (count_max, bytes_max) = (UNBOUND_COUNT_MAX, UNBOUND_BYTES_MAX);
        return Err(Refusal::TooManyUploads { count: unbound.len(), bytes: sum, count_max, bytes_max }.into());
    }
    Ok(())
}
