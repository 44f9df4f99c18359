//! How far a back-test is, for who waits, and how it is told to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::time::Instant;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BacktestError, Limits};

/// Shared by who runs it and who watches; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    phase: AtomicU8,
    done: AtomicU64,
    total: AtomicU64,
    is_cancelled: AtomicBool,
}

/// What a back-test does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BacktestPhase {
    /// Reads which commands the window has.
    Reading,
    /// Sets the desk up as it stood at the window's first instant.
    SettingUp,
    /// Plays the window, with both versions.
    Replaying,
    Comparing,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stand {
    pub phase: BacktestPhase,
    /// Of the phase: commands read, tickets set up, commands of both runs played, tickets compared.
    pub done: u64,
    /// 0: not known yet.
    pub total: u64,
}

impl Progress {
    #[must_use]
    pub fn stand(&self) -> Stand {
        let phase = match self.0.phase.load(Ordering::Relaxed) {
            0 => BacktestPhase::Reading,
            1 => BacktestPhase::SettingUp,
            2 => BacktestPhase::Replaying,
            _ => BacktestPhase::Comparing,
        };
        let (done, total) = (self.0.done.load(Ordering::Relaxed), self.0.total.load(Ordering::Relaxed));
        Stand { phase, done, total }
    }

    /// It ends as soon as it looks, which is after every few commands.
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::Relaxed);
    }

    pub(super) fn begin(&self, phase: BacktestPhase, total: usize) {
        self.0.done.store(0, Ordering::Relaxed);
        self.0.total.store(total as u64, Ordering::Relaxed);
        self.0.phase.store(phase as u8, Ordering::Relaxed);
    }

    pub(super) fn step(&self, count: usize) {
        self.0.done.fetch_add(count as u64, Ordering::Relaxed);
    }
}

/// Ends a back-test that was cancelled or takes too long.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    pub progress: Progress,
    pub limits: Limits,
    began: Instant,
}

impl Watch {
    pub fn new(progress: &Progress, limits: Limits) -> Self {
        Self { progress: progress.clone(), limits, began: Instant::now() }
    }

    pub fn look(&self) -> Result<(), BacktestError> {
        if self.progress.0.is_cancelled.load(Ordering::Relaxed) {
            return Err(BacktestError::Cancelled);
        }
        if self.began.elapsed() > self.limits.wall_max {
            return Err(BacktestError::TookTooLong(self.limits.wall_max));
        }
        Ok(())
    }

    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
