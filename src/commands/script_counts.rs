//! What clients' scripts did since the start, for the metrics: counted when the command stands that set the run off.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::domain::ClientId;
use crate::store::run::RunState;
use crate::store::{self, StoreError, Tx};

/// Upper bounds of the buckets of a run's time, in microseconds.
pub const BUCKETS_MICROS: [u64; 8] = [50, 100, 250, 500, 1_000, 2_500, 5_000, 20_000];
/// Clients that are counted by their key; those that come later are counted together.
pub const CLIENTS_MAX: usize = 200;
/// How those are called. No key of a client: it would need a letter more before the star.
const OTHERS: &str = "*";

/// What one client's script did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScriptCount {
    pub applied: u64,
    pub failed: u64,
    /// Not run, in quarantine.
    pub quarantined: u64,
    pub commands: u64,
    /// Commands that the desk refused; each failed its run.
    pub refused: u64,
    /// Runs by their time, each in the first bucket that holds it; the last holds all that took longer.
    pub buckets: [u64; BUCKETS_MICROS.len() + 1],
    pub micros: u64,
    /// Messages that went out, those that a person approved too.
    pub messages_sent: u64,
    /// Beyond the budget, held for a person.
    pub messages_held: u64,
    /// Held ones that a person discarded, or that reached nobody any more.
    pub messages_discarded: u64,
}

/// Something that a client's script did, as it is counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tally {
    pub client: ClientId,
    pub counted: Counted,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Counted {
    Run(RunTally),
    MessageSent,
    MessageHeld,
    MessageDiscarded,
}

/// One run, as it is counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunTally {
    pub state: RunState,
    pub commands: u64,
    pub refused: u64,
    pub elapsed: Duration,
}

impl ScriptCount {
    fn add(&mut self, counted: &Counted) {
        match counted {
            Counted::Run(run) => self.add_run(run),
            Counted::MessageSent => self.messages_sent += 1,
            Counted::MessageHeld => self.messages_held += 1,
            Counted::MessageDiscarded => self.messages_discarded += 1,
        }
    }

    fn add_run(&mut self, tally: &RunTally) {
        match tally.state {
            RunState::Applied => self.applied += 1,
            RunState::Failed => self.failed += 1,
            RunState::Quarantined => {
                self.quarantined += 1;
                return;
            }
        }
        self.commands += tally.commands;
        self.refused += tally.refused;
        let micros = u64::try_from(tally.elapsed.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS_MICROS.iter().position(|bound| micros <= *bound);
        self.buckets[bucket.unwrap_or(BUCKETS_MICROS.len())] += 1;
        self.micros = self.micros.saturating_add(micros);
    }
}

/// Shared by the writer, which counts, and whoever shows.
#[derive(Debug, Clone, Default)]
pub struct ScriptCounts(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    /// The keys of clients that were counted; they never change.
    keys: BTreeMap<ClientId, String>,
    by_key: BTreeMap<String, ScriptCount>,
}

impl ScriptCounts {
    /// By the client's key, in its order.
    #[must_use]
    pub fn by_client(&self) -> Vec<(String, ScriptCount)> {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.by_key.iter().map(|(key, count)| (key.clone(), *count)).collect()
    }

    pub(super) fn add(&self, tx: &Tx, tallies: &[Tally]) -> Result<(), StoreError> {
        if tallies.is_empty() {
            return Ok(());
        }
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for tally in tallies {
            if !inner.keys.contains_key(&tally.client) && inner.keys.len() < CLIENTS_MAX {
                let client = store::client::get(tx, tally.client)?;
                if let Some(client) = client {
                    inner.keys.insert(client.id, client.key.to_string());
                }
            }
            let key = inner.keys.get(&tally.client).cloned().unwrap_or_else(|| OTHERS.to_owned());
            inner.by_key.entry(key).or_default().add(&tally.counted);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_counted_by_its_end_and_its_time() {
        let mut count = ScriptCount::default();
        let tally = |state, commands, refused, micros| {
            Counted::Run(RunTally { state, commands, refused, elapsed: Duration::from_micros(micros) })
        };
        count.add(&tally(RunState::Applied, 3, 0, 50));
        count.add(&tally(RunState::Failed, 2, 1, 51));
        count.add(&tally(RunState::Failed, 0, 0, 9_000_000));
        count.add(&tally(RunState::Quarantined, 0, 0, 0));
        assert_eq!((count.applied, count.failed, count.quarantined), (1, 2, 1));
        assert_eq!((count.commands, count.refused, count.micros), (5, 1, 9_000_101));
        assert_eq!(count.buckets, [1, 1, 0, 0, 0, 0, 0, 0, 1]);
    }
}
