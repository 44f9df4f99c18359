//! How long a check goes on: a hostile text of allowed length can keep it busy for minutes.

use std::cell::Cell;
use std::time::{Duration, Instant};

use super::{Finding, Wrong};

/// Looked at before each statement, expression and import.
pub struct Patience {
    wall_max: Duration,
    since: Instant,
    is_over: Cell<bool>,
}

impl Patience {
    #[must_use]
    pub fn new(wall_max: Duration) -> Self {
        Self { wall_max, since: Instant::now(), is_over: Cell::new(false) }
    }

    #[must_use]
    pub fn is_over(&self) -> bool {
        if !self.is_over.get() && self.since.elapsed() > self.wall_max {
            self.is_over.set(true);
        }
        self.is_over.get()
    }

    /// What to say of a check that was given up.
    #[must_use]
    pub fn finding(&self) -> Option<Finding> {
        let wrong = Wrong::GivenUp { seconds: self.wall_max.as_secs_f64() };
        self.is_over.get().then(|| Finding::about_pack(&wrong))
    }
}
