//! What the metrics show of the job runner.

use std::sync::Arc;

use crate::http::{Gauge, GaugeKind, Gauges};
use crate::jobs::{Counters, Snapshot};
use crate::store::Readers;

/// The queue as it stands, and what the runner counted.
pub(super) fn of_jobs(counters: Arc<Counters>, readers: &Readers) -> Gauges {
    let readers = readers.clone();
    Gauges::new(move || match readers.read(|db| counters.snapshot(db)) {
        Ok(snapshot) => [queue(&snapshot), counted(&snapshot)].concat(),
        Err(error) => {
            tracing::warn!(%error, "the metrics come without the queue of jobs");
            counted(&counters.counted())
        }
    })
}

fn queue(snapshot: &Snapshot) -> Vec<Gauge> {
    [
        ("naryad_jobs_waiting", "Jobs that wait for their time or a free place.", snapshot.waiting),
        ("naryad_jobs_leased", "Jobs under way.", snapshot.leased),
        ("naryad_jobs_dead", "Jobs given up, which a person replays or drops.", snapshot.dead),
    ]
    .map(|(name, help, value)| {
        let value = u64::try_from(value).unwrap_or_default();
        Gauge { name, help, kind: GaugeKind::Gauge, value }
    })
    .to_vec()
}

fn counted(snapshot: &Snapshot) -> Vec<Gauge> {
    [
        ("naryad_job_runner_wakes_total", "How often the runner looked for work.", snapshot.wakes),
        ("naryad_job_attempts_total", "Attempts at jobs.", snapshot.attempts),
        ("naryad_jobs_done_total", "Jobs that were done.", snapshot.done),
        ("naryad_jobs_retried_total", "Attempts that failed and are made again.", snapshot.retried),
        ("naryad_jobs_died_total", "Jobs that were given up.", snapshot.died),
        ("naryad_due_played_total", "Timers and deadlines that were played.", snapshot.due_played),
        ("naryad_cleaned_total", "Rows and files that clean-up removed.", snapshot.cleaned),
    ]
    .map(|(name, help, value)| Gauge { name, help, kind: GaugeKind::Counter, value })
    .to_vec()
}
