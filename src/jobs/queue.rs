//! What there is to do now and when there will be something next, read without writing anything.

use std::collections::{HashMap, HashSet};

use crate::commands::{CALL_PLUGIN, POLL_PLUGIN, TELL_EVENT, TELL_REFUSAL};
use crate::domain::{DueId, JobId, Moment, Span};
use crate::store::due::Due;
use crate::store::job::Job;
use crate::store::{self, Db, StoreError};

/// How long one attempt may keep a job: longer than any attempt lasts.
pub const LEASE: Span = Span::minutes(2);
/// Due rows that are played before the runner looks round again.
pub(super) const DUE_BATCH_MAX: usize = 100;
/// Ready jobs that are looked through for one whose lane is free.
const SCAN_MAX: usize = 1_000;

/// Jobs that share a bound, such as the calls of one plugin for one client.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Lane(String);

impl Lane {
    pub fn of(job: &Job) -> Lane {
        let plugin = match job.kind.as_str() {
            CALL_PLUGIN => job.body["plugin"].as_str().unwrap_or_default(),
            TELL_EVENT | TELL_REFUSAL | POLL_PLUGIN => job.body["installation"].as_str().unwrap_or_default(),
            _ => "",
        };
        Lane(format!("{}/{}/{plugin}", job.kind, job.client.map_or(0, |client| client.0)))
    }
}

/// What the runner is busy with.
#[derive(Debug, Clone, Default)]
pub(super) struct Busy {
    pub free: usize,
    pub lanes: HashMap<Lane, usize>,
    pub lane_max: usize,
    /// Due rows that could not be played, and are left alone for a while.
    pub postponed: HashSet<DueId>,
}

/// What to do now.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub due: Vec<Due>,
    pub jobs: Vec<JobId>,
    /// Some leases have ended without an end of their jobs.
    pub has_expired: bool,
    /// When the next row's, job's or lease's time comes, of those that have not come yet.
    pub next_at: Option<Moment>,
}

pub(super) fn plan(db: &Db, now: Moment, busy: &Busy) -> Result<Plan, StoreError> {
    let mut due = store::due::ready(db, now, DUE_BATCH_MAX + busy.postponed.len())?;
    due.retain(|row| !busy.postponed.contains(&row.id));
    due.truncate(DUE_BATCH_MAX);
    let mut plan = Plan { due, next_at: store::due::next_after(db, now)?, ..Plan::default() };
    // While a restored desk's outbox is held, its jobs have no time.
    if store::setting::get(db, store::setting::OUTBOX_HELD)?.is_some() {
        return Ok(plan);
    }
    plan.has_expired = !store::job::expired(db, now, 1)?.is_empty();
    plan.jobs = choose(db, now, busy)?;
    let later = [store::job::next_after(db, now)?, store::job::next_lease_end_after(db, now)?];
    plan.next_at = later.into_iter().chain([plan.next_at]).flatten().min();
    Ok(plan)
}

/// Ready jobs whose lanes are free, earliest first.
fn choose(db: &Db, now: Moment, busy: &Busy) -> Result<Vec<JobId>, StoreError> {
    let mut chosen = Vec::new();
    if busy.free == 0 {
        return Ok(chosen);
    }
    let mut lanes = busy.lanes.clone();
    for id in store::job::ready(db, now, SCAN_MAX)? {
        let Some(job) = store::job::get(db, id)? else { continue };
        let taken = lanes.entry(Lane::of(&job)).or_default();
        if *taken < busy.lane_max {
            *taken += 1;
            chosen.push(id);
            if chosen.len() == busy.free {
                break;
            }
        }
    }
    Ok(chosen)
}
