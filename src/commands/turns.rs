//! Turns of those who publish: one workflow is checked at a time, and of each client at most one more waits.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::done::DeskError;
use crate::domain::ClientId;

/// Workflows that are checked at once before they are published.
const CHECKS_AT_ONCE_MAX: usize = 1;
/// Clients whose workflows wait for their turn; more are told to come again.
const WAITING_MAX: usize = 32;

/// First come, first served; no client stands twice in the line.
#[derive(Clone)]
pub(super) struct Turns {
    turns: Arc<Semaphore>,
    waiting: Arc<Mutex<BTreeSet<ClientId>>>,
}

impl Turns {
    pub fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(CHECKS_AT_ONCE_MAX)), waiting: Arc::default() }
    }

    /// Waits for the client's turn, which ends when the answer is dropped.
    pub async fn take(&self, client: ClientId) -> Result<OwnedSemaphorePermit, DeskError> {
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Ok(turn);
        }
        let place = Place::take(&self.waiting, client).ok_or(DeskError::ChecksAreBusy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        drop(place);
        turn.map_err(|_| DeskError::Stopped)
    }
}

/// A client's place in the line; given back also when the caller goes away.
struct Place {
    waiting: Arc<Mutex<BTreeSet<ClientId>>>,
    client: ClientId,
}

impl Place {
    fn take(waiting: &Arc<Mutex<BTreeSet<ClientId>>>, client: ClientId) -> Option<Place> {
        let mut clients = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = clients.len() < WAITING_MAX && clients.insert(client);
        has_room.then(|| Place { waiting: Arc::clone(waiting), client })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.client);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn until_waiting(turns: &Turns, count: usize) {
        while turns.waiting.lock().unwrap().len() != count {
            tokio::task::yield_now().await;
        }
    }

    fn asks(turns: &Turns, client: i64) -> tokio::task::JoinHandle<Result<OwnedSemaphorePermit, DeskError>> {
        let turns = turns.clone();
        tokio::spawn(async move { turns.take(ClientId(client)).await })
    }

    #[tokio::test]
    async fn a_client_waits_once_and_others_come_behind_it() {
        let turns = Turns::new();
        let running = turns.take(ClientId(1)).await.unwrap();
        let first = asks(&turns, 1);
        until_waiting(&turns, 1).await;
        assert!(matches!(turns.take(ClientId(1)).await, Err(DeskError::ChecksAreBusy)));
        let other = asks(&turns, 2);
        until_waiting(&turns, 2).await;
        drop(running);
        let first = first.await.unwrap().unwrap();
        let again = asks(&turns, 1);
        until_waiting(&turns, 2).await;
        drop(first);
        drop(other.await.unwrap().unwrap());
        drop(again.await.unwrap().unwrap());
        assert_eq!(turns.waiting.lock().unwrap().len(), 0);
    }

    #[tokio::test]
    async fn the_line_has_an_end_and_who_leaves_makes_room() {
        let turns = Turns::new();
        let _running = turns.take(ClientId(0)).await.unwrap();
        let line: Vec<_> = (0..WAITING_MAX as i64).map(|client| asks(&turns, client)).collect();
        until_waiting(&turns, WAITING_MAX).await;
        assert!(matches!(turns.take(ClientId(9_999)).await, Err(DeskError::ChecksAreBusy)));
        line[0].abort();
        until_waiting(&turns, WAITING_MAX - 1).await;
        let late = asks(&turns, 9_999);
        until_waiting(&turns, WAITING_MAX).await;
        late.abort();
        line.iter().for_each(tokio::task::JoinHandle::abort);
    }
}
