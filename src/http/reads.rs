//! The bridge to what blocks: reads and password hashes run beside the event loop, a bounded number at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use super::error::ApiError;

/// Work of one kind that runs at once, and how much may wait for its turn.
#[derive(Debug, Clone)]
pub struct Bridge {
    turns: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    waiting_max: usize,
    what: &'static str,
}

/// Reads that run at once: more would only fight for two cores and the page cache.
const READS_AT_ONCE_MAX: usize = 16;
/// Reads that wait; more are told to come again.
const READS_WAITING_MAX: usize = 512;
/// Password hashes at once; each takes 19 MiB and a core.
const HASHES_AT_ONCE_MAX: usize = 2;
/// They wait some two seconds at most; `hashes.rs` says how many of them one address may have.
const HASHES_WAITING_MAX: usize = 96;
/// Checks of workflows at once: each may take a core for seconds.
const CHECKS_AT_ONCE_MAX: usize = 1;
const CHECKS_WAITING_MAX: usize = 32;

impl Bridge {
    #[must_use]
    pub fn for_reads() -> Self {
        Self::new("reads", READS_AT_ONCE_MAX, READS_WAITING_MAX)
    }

    #[must_use]
    pub fn for_hashes() -> Self {
        Self::new("logins", HASHES_AT_ONCE_MAX, HASHES_WAITING_MAX)
    }

    #[must_use]
    pub fn for_checks() -> Self {
        Self::new("checks", CHECKS_AT_ONCE_MAX, CHECKS_WAITING_MAX)
    }

    fn new(what: &'static str, at_once_max: usize, waiting_max: usize) -> Self {
        Self { turns: Arc::new(Semaphore::new(at_once_max)), waiting: Arc::default(), waiting_max, what }
    }

    /// Runs `work` where blocking is allowed.
    pub async fn cross<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let turn = match Arc::clone(&self.turns).try_acquire_owned() {
            Ok(turn) => turn,
            Err(_) => self.wait().await?,
        };
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|error| {
            tracing::error!(%error, "work beside the event loop failed");
            ApiError::internal()
        })
    }

    async fn wait(&self) -> Result<tokio::sync::OwnedSemaphorePermit, ApiError> {
        let place = Place::take(&self.waiting, self.waiting_max);
        let place =
            place.ok_or_else(|| ApiError::busy(format!("too many {} wait; try again shortly", self.what)))?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        drop(place);
        turn.map_err(|_| ApiError::busy("the desk is stopping"))
    }

    /// How much waits now.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }
}

/// A place among those that wait; given back also when the caller goes away.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(waiting: &Arc<AtomicUsize>, waiting_max: usize) -> Option<Place> {
        let place = Place(Arc::clone(waiting));
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        (before < waiting_max).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn what_finds_no_place_to_wait_is_told_to_come_again() {
        let bridge = Bridge::new("reads", 1, 1);
        let (open, gate) = mpsc::channel::<()>();
        let first = tokio::spawn({
            let bridge = bridge.clone();
            async move { bridge.cross(move || gate.recv().is_ok()).await }
        });
        while bridge.turns.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let second = tokio::spawn({
            let bridge = bridge.clone();
            async move { bridge.cross(|| 2).await }
        });
        while bridge.waiting() == 0 {
            tokio::task::yield_now().await;
        }
        let refused = bridge.cross(|| 3).await.unwrap_err();
        assert_eq!(refused.status(), 503);
        open.send(()).unwrap();
        assert!(first.await.unwrap().unwrap());
        assert_eq!(second.await.unwrap().unwrap(), 2);
        assert_eq!(bridge.waiting(), 0);
    }
}
