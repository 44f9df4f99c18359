//! Shift patterns, for who keeps a roster.

use super::{ViewError, Views};
use crate::domain::roster::ShiftPattern;
use crate::domain::{PersonId, Refusal};
use crate::store;

/// Most patterns that are shown at once; the command lets no more be made.
const PATTERNS_MAX: usize = 1_000;

impl Views {
    /// All of them, by name.
    pub fn shift_patterns(&self, person: PersonId) -> Result<Vec<ShiftPattern>, ViewError> {
        self.read(person, |reading| {
            if reading.scope.supervises().is_empty() {
                return Err(Refusal::forbidden("see the shift patterns: a supervisor may").into());
            }
            Ok(store::shift_pattern::all(reading.db, PATTERNS_MAX)?)
        })
    }
}
