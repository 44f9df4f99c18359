//! What the runner counts, for the operator's graphs and for tests.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::job::{self, JobState};
use crate::store::{Db, StoreError};

/// Since the start of the process.
#[derive(Debug, Default)]
pub struct Counters {
    pub(super) wakes: AtomicU64,
    pub(super) attempts: AtomicU64,
    pub(super) done: AtomicU64,
    pub(super) retried: AtomicU64,
    pub(super) died: AtomicU64,
    pub(super) due_played: AtomicU64,
    pub(super) cleaned: AtomicU64,
}

/// The queue as it stands, and what was counted since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Snapshot {
    pub waiting: i64,
    pub leased: i64,
    pub dead: i64,
    /// How often the runner looked whether there is something to do.
    pub wakes: u64,
    pub attempts: u64,
    pub done: u64,
    pub retried: u64,
    pub died: u64,
    pub due_played: u64,
    /// Rows and files that clean-up removed.
    pub cleaned: u64,
}

impl Counters {
    /// Together with the queue as it stands in the database.
    pub fn snapshot(&self, db: &Db) -> Result<Snapshot, StoreError> {
        Ok(Snapshot {
            waiting: job::count(db, JobState::Waiting)?,
            leased: job::count(db, JobState::Leased)?,
            dead: job::count(db, JobState::Dead)?,
            ..self.counted()
        })
    }

    /// Without the queue.
    #[must_use]
    pub fn counted(&self) -> Snapshot {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Snapshot {
            wakes: read(&self.wakes),
            attempts: read(&self.attempts),
            done: read(&self.done),
            retried: read(&self.retried),
            died: read(&self.died),
            due_played: read(&self.due_played),
            cleaned: read(&self.cleaned),
            ..Snapshot::default()
        }
    }
}

pub(super) fn count(counter: &AtomicU64, by: usize) {
    counter.fetch_add(by as u64, Ordering::Relaxed);
}
