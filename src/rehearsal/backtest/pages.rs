//! The recorded commands in pieces, each read and parsed once for both runs.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::counterpart::{Told, read};
use super::journal::Entry;
use crate::store::{Readers, StoreError};

/// Commands that are read from the live desk at once.
const COMMANDS_READ: usize = 200;
/// Pieces that wait for the slower run; beyond it each run reads for itself.
const WAITING_MAX: usize = 32;

/// Commands that were read, and how many entries of the window they stand for.
pub(super) type Page = (Arc<Vec<Told>>, usize);

pub(super) struct Pages<'w> {
    live: &'w Readers,
    entries: &'w [Entry],
    /// What one run has read and the other has not taken yet.
    waiting: Mutex<HashMap<usize, Arc<Vec<Told>>>>,
}

impl<'w> Pages<'w> {
    pub fn new(live: &'w Readers, entries: &'w [Entry]) -> Self {
        Self { live, entries, waiting: Mutex::default() }
    }

    /// The commands of a piece, and how many the window has in it; nothing after the last.
    pub fn get(&self, index: usize) -> Result<Option<Page>, StoreError> {
        let Some(entries) = self.entries.chunks(COMMANDS_READ).nth(index) else { return Ok(None) };
        // Held while it is read: the other run waits for this piece instead of reading it too.
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(told) = waiting.remove(&index) {
            return Ok(Some((told, entries.len())));
        }
        let told = self.live.read::<_, StoreError>(|db| {
            entries.iter().filter_map(|entry| read(db, *entry).transpose()).collect::<Result<Vec<_>, _>>()
        })?;
        let told = Arc::new(told);
        if waiting.len() < WAITING_MAX {
            waiting.insert(index, Arc::clone(&told));
        }
        Ok(Some((told, entries.len())))
    }
}
