//! Jobs: the outbox of work outside the desk, with leases, retries and dead ones kept for a person.

use rusqlite::{Row, params};
use serde_json::Value;

use super::{
    Db, StoreError, Tx, from_json, from_word, id, json, key, maybe_id, maybe_moment, moment, statements, word,
};
use crate::domain::id::smallest_at;
use crate::domain::{ClientId, InstallationId, JobId, Key, Moment, TicketId};

statements! {
    INSERT = "insert into job (id, kind, client, ticket, body, state, run_at, attempts, lease_until, last_error,
        created_at, finished_at, lane) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    GET = "select id, kind, client, ticket, body, state, run_at, attempts, lease_until, last_error, created_at,
        finished_at, lane from job where id = ?1";
    OF_TICKET = "select id, kind, client, ticket, body, state, run_at, attempts, lease_until, last_error, created_at,
        finished_at, lane from job where ticket = ?1 order by id";
    READY = "select id from job where state = 'waiting' and run_at <= ?1 order by run_at, id limit ?2";
    LEASE = "update job set state = 'leased', lease_until = ?2, attempts = attempts + 1 where id = ?1
        and state = 'waiting' returning id, kind, client, ticket, body, state, run_at, attempts, lease_until,
        last_error, created_at, finished_at, lane";
    EXPIRED = "select id from job where state = 'leased' and lease_until <= ?1 order by id limit ?2";
    SET_STATE = "update job set state = ?2, run_at = ?3, last_error = ?4, finished_at = ?5, lease_until = null,
        attempts = ?6 where id = ?1";
    NEXT_AT = "select min(run_at) from job where state = 'waiting'";
    NEXT_LEASE_END = "select min(lease_until) from job where state = 'leased'";
    NEXT_AFTER = "select min(run_at) from job where state = 'waiting' and run_at > ?1";
    NEXT_LEASE_END_AFTER = "select min(lease_until) from job where state = 'leased' and lease_until > ?1";
    LANE_HAS_OPEN = "select 1 from job where lane = ?1 and state in ('waiting', 'leased', 'behind') limit 1";
    LANE_HAS_HEAD = "select 1 from job where lane = ?1 and state in ('waiting', 'leased') limit 1";
    NEXT_OF_LANE = "select id from job where lane = ?1 and state = 'behind' order by id limit 1";
    PROMOTE = "update job set state = 'waiting', run_at = ?2 where id = ?1 and state = 'behind'";
    OPEN_OF_LANE = "select id, kind, client, ticket, body, state, run_at, attempts, lease_until, last_error,
        created_at, finished_at, lane from job where lane = ?1 and state in ('waiting', 'leased', 'behind')
        order by id limit 1";
    RUN_LANES_NOW = "update job set run_at = ?3 where lane >= ?1 and lane < ?2 and state = 'waiting'
        and run_at > ?3";
    COUNT = "select count(*) from job where state = ?1";
    DELETE_ENDED = "delete from job where id in (select id from job where state = ?1 and id < ?2 and finished_at < ?3
        order by id limit ?4)";
}

#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub id: JobId,
    /// What to do, such as `call_plugin`.
    pub kind: Key,
    pub client: Option<ClientId>,
    pub ticket: Option<TicketId>,
    pub body: Value,
    pub state: JobState,
    pub run_at: Moment,
    pub attempts: i64,
    pub lease_until: Option<Moment>,
    pub last_error: Option<String>,
    pub created_at: Moment,
    pub finished_at: Option<Moment>,
    /// Jobs of one lane are done one after another, in the order of their ids.
    pub lane: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    Waiting,
    Leased,
    /// Another job of its lane goes first.
    Behind,
    Done,
    /// Given up; a person replays or drops it.
    Dead,
    Dropped,
}

/// Events of one ticket come to an installation of a plugin in their order.
#[must_use]
pub fn event_lane(installation: InstallationId, ticket: TicketId) -> String {
    format!("event/{installation}/{ticket}")
}

/// An installation is polled once at a time.
#[must_use]
pub fn poll_lane(installation: InstallationId) -> String {
    format!("poll/{installation}")
}

pub fn insert(tx: &Tx, job: &Job) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            job.id.0,
            job.kind.as_str(),
            job.client.map(|id| id.0),
            job.ticket.map(|id| id.0),
            json(&job.body)?,
            word(job.state),
            job.run_at.ms(),
            job.attempts,
            job.lease_until.map(Moment::ms),
            job.last_error,
            job.created_at.ms(),
            job.finished_at.map(Moment::ms),
            job.lane
        ],
    )
    .map(drop)
}

pub fn get(db: &Db, job: JobId) -> Result<Option<Job>, StoreError> {
    db.one(GET, [job.0], read)
}

pub fn of_ticket(db: &Db, ticket: TicketId) -> Result<Vec<Job>, StoreError> {
    db.all(OF_TICKET, [ticket.0], read)
}

/// Waiting jobs whose time has come, earliest first.
pub fn ready(db: &Db, now: Moment, count_max: usize) -> Result<Vec<JobId>, StoreError> {
    db.all(READY, params![now.ms(), count_max as i64], |row| id(row, 0))
}

/// Whether a job of the lane is not over yet.
pub fn lane_has_open(db: &Db, lane: &str) -> Result<bool, StoreError> {
    Ok(db.one(LANE_HAS_OPEN, [lane], |_| Ok(()))?.is_some())
}

/// The first job of the lane that is not over yet.
pub fn open_of_lane(db: &Db, lane: &str) -> Result<Option<Job>, StoreError> {
    db.one(OPEN_OF_LANE, [lane], read)
}

/// Lets the next job of the lane go, unless one goes already.
pub fn advance_lane(tx: &Tx, lane: &str) -> Result<(), StoreError> {
    if tx.one(LANE_HAS_HEAD, [lane], |_| Ok(()))?.is_some() {
        return Ok(());
    }
    match tx.one(NEXT_OF_LANE, [lane], |row| row.get::<_, i64>(0))? {
        Some(next) => tx.run(PROMOTE, params![next, tx.now().ms()]).map(drop),
        None => Ok(()),
    }
}

/// The waiting jobs of all lanes whose names begin so need not wait for their time.
pub fn run_lanes_now(tx: &Tx, beginning: &str) -> Result<(), StoreError> {
    // The last character of what follows is `/`; the one after it ends the range.
    let end = format!("{}0", beginning.strip_suffix('/').unwrap_or(beginning));
    tx.run(RUN_LANES_NOW, params![beginning, end, tx.now().ms()]).map(drop)
}

/// Takes the job for one attempt; nothing if somebody else has it.
pub fn lease(tx: &Tx, job: JobId, until: Moment) -> Result<Option<Job>, StoreError> {
    tx.one(LEASE, params![job.0, until.ms()], read)
}

/// Leases whose holder did not come back.
pub fn expired(db: &Db, now: Moment, count_max: usize) -> Result<Vec<JobId>, StoreError> {
    db.all(EXPIRED, params![now.ms(), count_max as i64], |row| id(row, 0))
}

/// Writes state, time, error and attempts back, and ends the lease.
pub fn set_state(tx: &Tx, job: &Job) -> Result<(), StoreError> {
    tx.run(
        SET_STATE,
        params![
            job.id.0,
            word(job.state),
            job.run_at.ms(),
            job.last_error,
            job.finished_at.map(Moment::ms),
            job.attempts
        ],
    )
    .map(drop)
}

/// When there is something to do next: a waiting job or a lease that ends.
pub fn next_at(db: &Db) -> Result<Option<Moment>, StoreError> {
    let mut earliest = None;
    for sql in [NEXT_AT, NEXT_LEASE_END] {
        let at = db.one(sql, [], |row| row.get::<_, Option<i64>>(0))?.flatten().map(Moment::from_ms);
        earliest = [earliest, at].into_iter().flatten().min();
    }
    Ok(earliest)
}

/// When the next job's time comes that has not come yet.
pub fn next_after(db: &Db, now: Moment) -> Result<Option<Moment>, StoreError> {
    first_moment(db, NEXT_AFTER, now)
}

/// When the next lease ends that has not ended yet.
pub fn next_lease_end_after(db: &Db, now: Moment) -> Result<Option<Moment>, StoreError> {
    first_moment(db, NEXT_LEASE_END_AFTER, now)
}

fn first_moment(db: &Db, sql: &str, after: Moment) -> Result<Option<Moment>, StoreError> {
    let found = db.one(sql, [after.ms()], |row| row.get::<_, Option<i64>>(0))?;
    Ok(found.flatten().map(Moment::from_ms))
}

/// How many jobs are in a state.
pub fn count(db: &Db, state: JobState) -> Result<i64, StoreError> {
    Ok(db.one(COUNT, [word(state)], |row| row.get(0))?.unwrap_or(0))
}

/// Forgets jobs that came to `state` before a moment.
pub fn delete_ended(tx: &Tx, state: JobState, before: Moment, count_max: usize) -> Result<usize, StoreError> {
    tx.run(DELETE_ENDED, params![word(state), smallest_at(before), before.ms(), count_max as i64])
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Job> {
    Ok(Job {
        id: id(row, 0)?,
        kind: key(row, 1)?,
        client: maybe_id(row, 2)?,
        ticket: maybe_id(row, 3)?,
        body: from_json(row, 4)?,
        state: from_word(row, 5)?,
        run_at: moment(row, 6)?,
        attempts: row.get(7)?,
        lease_until: maybe_moment(row, 8)?,
        last_error: row.get(9)?,
        created_at: moment(row, 10)?,
        finished_at: maybe_moment(row, 11)?,
        lane: row.get(12)?,
    })
}
