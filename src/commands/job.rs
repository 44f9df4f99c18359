//! Jobs: leased for an attempt, ended together with what they led to, replayed or dropped by a person.

use serde_json::Value;

use super::done::{DeskError, Done};
use super::record::record;
use super::work::Work;
use crate::domain::command::JobEnd;
use crate::domain::event::Event;
use crate::domain::permission::Step;
use crate::domain::person::Actor;
use crate::domain::{JobId, Key, Moment, Refusal, Span};
use crate::store::job::{Job, JobState};
use crate::store::{self, StoreError, Tx};

/// Longest error text that is kept with a job, in bytes.
const ERROR_BYTES_MAX: usize = 2_000;

/// Takes up to `count_max` jobs for one attempt each, earliest first. Leases whose holders did not come back
/// are taken too. A held outbox gives nothing.
pub fn lease_jobs(tx: &Tx, lease: Span, count_max: usize) -> Result<Vec<Job>, StoreError> {
    release_expired(tx, count_max)?;
    let ready = store::job::ready(tx, tx.now(), count_max)?;
    lease_these(tx, lease, &ready)
}

/// Takes these jobs for one attempt each, if they still wait and the outbox is not held.
pub fn lease_these(tx: &Tx, lease: Span, jobs: &[JobId]) -> Result<Vec<Job>, StoreError> {
    if store::setting::get(tx, store::setting::OUTBOX_HELD)?.is_some() {
        return Ok(Vec::new());
    }
    let mut leased = Vec::new();
    for job in jobs {
        leased.extend(store::job::lease(tx, *job, tx.now() + lease)?);
    }
    Ok(leased)
}

/// Puts jobs back whose holders did not come back; says how many.
pub fn release_expired(tx: &Tx, count_max: usize) -> Result<usize, StoreError> {
    let expired = store::job::expired(tx, tx.now(), count_max)?;
    for id in &expired {
        if let Some(mut job) = store::job::get(tx, *id)? {
            job.state = JobState::Waiting;
            job.last_error = Some("the attempt was cut off: its worker did not come back".to_owned());
            store::job::set_state(tx, &job)?;
        }
    }
    Ok(expired.len())
}

/// `EndJob`: only the job runner's.
pub(super) fn end_attempt(work: &mut Work<'_>, id: JobId, how: &JobEnd) -> Result<Done, DeskError> {
    if work.cause.actor != Actor::Clock {
        return Err(Refusal::forbidden("end a job: only the job runner does").into());
    }
    end(work, id, how)?;
    Ok(Done { id: Some(id.to_string()), ..Done::default() })
}

/// Ends an attempt: together with the commands that it led to, in their transaction.
pub(super) fn end(work: &mut Work<'_>, id: JobId, end: &JobEnd) -> Result<bool, DeskError> {
    let Some(mut job) = store::job::get(&work.tx, id)? else { return Ok(false) };
    // Somebody else has the job by now: what this attempt brought is dropped.
    if job.state != JobState::Leased {
        return Ok(false);
    }
    match end {
        JobEnd::Done => {
            job.state = JobState::Done;
            job.last_error = None;
            job.finished_at = Some(work.tx.now());
        }
        JobEnd::Retry { at, error } => {
            job.state = JobState::Waiting;
            job.run_at = *at;
            job.last_error = Some(shortened(error));
        }
        JobEnd::Dead { error } => {
            job.state = JobState::Dead;
            job.last_error = Some(shortened(error));
            job.finished_at = Some(work.tx.now());
        }
        JobEnd::Postponed { at, why } => {
            job.state = JobState::Waiting;
            job.run_at = *at;
            job.attempts = (job.attempts - 1).max(0);
            job.last_error = Some(shortened(why));
        }
        JobEnd::Dropped { why } => {
            job.state = JobState::Dropped;
            job.last_error = Some(shortened(why));
            job.finished_at = Some(work.tx.now());
        }
    }
    store::job::set_state(&work.tx, &job)?;
    advance(work, &job)?;
    work.note_change(job.client, "job");
    if let (JobState::Dead, Some(ticket)) = (job.state, job.ticket) {
        record(work, ticket, Event::JobDied { job: id, kind: job.kind })?;
    }
    Ok(true)
}

/// The attempt is over, and the same job runs again at that time: for what is done over and over.
pub(super) fn again(work: &mut Work<'_>, id: JobId, at: Moment) -> Result<bool, DeskError> {
    let Some(mut job) = store::job::get(&work.tx, id)? else { return Ok(false) };
    if job.state != JobState::Leased {
        return Ok(false);
    }
    (job.state, job.run_at, job.attempts, job.last_error) = (JobState::Waiting, at, 0, None);
    store::job::set_state(&work.tx, &job)?;
    work.note_change(job.client, "job");
    Ok(true)
}

/// Puts a job into its lane: behind those that are there.
pub(super) fn queue(tx: &Tx, mut job: Job) -> Result<(), StoreError> {
    if let Some(lane) = &job.lane
        && store::job::lane_has_open(tx, lane)?
    {
        job.state = JobState::Behind;
    }
    store::job::insert(tx, &job)
}

/// A new job that may run at once.
pub(super) fn fresh(tx: &Tx, kind: &str, body: Value) -> Job {
    Job {
        id: tx.id(),
        kind: Key::new(kind).expect("a key"),
        client: None,
        ticket: None,
        body,
        state: JobState::Waiting,
        run_at: tx.now(),
        attempts: 0,
        lease_until: None,
        last_error: None,
        created_at: tx.now(),
        finished_at: None,
        lane: None,
    }
}

/// When a job of a lane is over, the next one goes.
fn advance(work: &Work<'_>, job: &Job) -> Result<(), DeskError> {
    match &job.lane {
        Some(lane) if job.finished_at.is_some() => Ok(store::job::advance_lane(&work.tx, lane)?),
        _ => Ok(()),
    }
}

fn shortened(error: &str) -> String {
    error[..error.floor_char_boundary(ERROR_BYTES_MAX)].to_owned()
}

fn stopped_job(work: &mut Work<'_>, id: JobId) -> Result<Job, DeskError> {
    let job = store::job::get(&work.tx, id)?.ok_or_else(|| Refusal::not_found("job", id))?;
    // Who may not see the client's jobs does not learn that this one is there.
    work.require_for(Step::SeeInternals, job.client).map_err(|error| match error {
        DeskError::Refused(_) => Refusal::not_found("job", id).into(),
        other => other,
    })?;
    work.require_for(Step::Supervise, job.client)?;
    Ok(job)
}

/// A dead job runs once more, with all its attempts.
pub(super) fn replay(work: &mut Work<'_>, id: JobId) -> Result<Done, DeskError> {
    let mut job = stopped_job(work, id)?;
    if job.state != JobState::Dead {
        return Err(Refusal::invalid("job", "only a dead job can be replayed").into());
    }
    job.state = JobState::Waiting;
    job.run_at = work.tx.now();
    job.attempts = 0;
    job.finished_at = None;
    if let Some(lane) = &job.lane
        && store::job::lane_has_open(&work.tx, lane)?
    {
        job.state = JobState::Behind;
    }
    store::job::set_state(&work.tx, &job)?;
    work.note_change(job.client, "job");
    Ok(Done { id: Some(id.to_string()), ..Done::default() })
}

pub(super) fn discard(work: &mut Work<'_>, id: JobId, reason: Option<&str>) -> Result<Done, DeskError> {
    let mut job = stopped_job(work, id)?;
    if !matches!(job.state, JobState::Waiting | JobState::Behind | JobState::Dead) {
        return Err(Refusal::invalid("job", "only a waiting or dead job can be dropped").into());
    }
    job.state = JobState::Dropped;
    job.finished_at = Some(work.tx.now());
    if let Some(reason) = reason {
        job.last_error = Some(shortened(reason));
    }
    store::job::set_state(&work.tx, &job)?;
    advance(work, &job)?;
    work.note_change(job.client, "job");
    Ok(Done { id: Some(id.to_string()), ..Done::default() })
}

/// A restored desk sends again.
pub(super) fn release_outbox(work: &mut Work<'_>) -> Result<Done, DeskError> {
    work.require_for(Step::Administer, None)?;
    store::setting::remove(&work.tx, store::setting::OUTBOX_HELD)?;
    work.note_change(None, "job");
    Ok(Done::default())
}
