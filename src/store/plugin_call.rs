//! The log of plugin calls: what each cost, what it said and asked for, and how it ended.

use rusqlite::{Row, params};
use serde_json::Value;

use super::{Db, StoreError, Tx, from_json, id, json, maybe_id, moment, statements};
use crate::domain::id::smallest_at;
use crate::domain::{ClientId, InstallationId, JobId, Key, Moment, PluginCallId, TicketId};

statements! {
    INSERT = "insert into plugin_call (id, installation, client, entry, name, job, ticket, attempt, started_at,
        outcome, message, is_retryable, guest_us, wall_ms, memory_bytes, log, requests, input)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
    GET = "select id, installation, client, entry, name, job, ticket, attempt, started_at, outcome, message,
        is_retryable, guest_us, wall_ms, memory_bytes, log, requests, input from plugin_call where id = ?1";
    PAGE = "select id, installation, client, entry, name, job, ticket, attempt, started_at, outcome, message,
        is_retryable, guest_us, wall_ms, memory_bytes, log, requests, input from plugin_call
        where installation = ?1 and id < ?2 order by id desc limit ?3";
    FAILED = "select id, installation, client, entry, name, job, ticket, attempt, started_at, outcome, message,
        is_retryable, guest_us, wall_ms, memory_bytes, log, requests, input from plugin_call
        where installation = ?1 and id < ?2 and outcome <> 'answered' order by id desc limit ?3";
    DELETE = "delete from plugin_call where id in (select id from plugin_call where id < ?1 order by id limit ?2)";
    INSTALLATIONS = "select distinct installation from plugin_call";
    NTH = "select id from plugin_call where installation = ?1 order by id desc limit 1 offset ?2";
    DELETE_OF = "delete from plugin_call where id in (select id from plugin_call where installation = ?1 and id <= ?2
        order by id limit ?3)";
}

/// How a call that was answered ended.
pub const ANSWERED: &str = "answered";

#[derive(Debug, Clone, PartialEq)]
pub struct PluginCall {
    pub id: PluginCallId,
    pub installation: InstallationId,
    pub client: ClientId,
    /// `function`, `event`, `poll`, `webhook`, `check` or `refused`.
    pub entry: Key,
    /// The function, the kind of the event, the path.
    pub name: Option<String>,
    pub job: Option<JobId>,
    pub ticket: Option<TicketId>,
    pub attempt: i64,
    pub started_at: Moment,
    /// `answered`, or the code of the failure.
    pub outcome: String,
    /// Why it failed.
    pub message: Option<String>,
    pub is_retryable: bool,
    pub guest_us: i64,
    pub wall_ms: i64,
    pub memory_bytes: i64,
    /// Lines that it wrote.
    pub log: Value,
    /// Requests that it made, without secrets.
    pub requests: Value,
    /// What it was given, of a call that failed.
    pub input: Option<Value>,
}

pub fn insert(tx: &Tx, call: &PluginCall) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            call.id.0,
            call.installation.0,
            call.client.0,
            call.entry.as_str(),
            call.name,
            call.job.map(|id| id.0),
            call.ticket.map(|id| id.0),
            call.attempt,
            call.started_at.ms(),
            call.outcome,
            call.message,
            call.is_retryable,
            call.guest_us,
            call.wall_ms,
            call.memory_bytes,
            json(&call.log)?,
            json(&call.requests)?,
            call.input.as_ref().map(json).transpose()?
        ],
    )
    .map(drop)
}

pub fn get(db: &Db, call: PluginCallId) -> Result<Option<PluginCall>, StoreError> {
    db.one(GET, [call.0], read)
}

/// Which calls of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    All,
    Failed,
}

/// Latest first, those before an id.
pub fn page(
    db: &Db,
    installation: InstallationId,
    which: Which,
    before: Option<PluginCallId>,
    count_max: usize,
) -> Result<Vec<PluginCall>, StoreError> {
    let sql = if which == Which::All { PAGE } else { FAILED };
    let before = before.map_or(i64::MAX, |before| before.0);
    db.all(sql, params![installation.0, before, count_max as i64], read)
}

/// Forgets calls from before a moment.
pub fn delete_before(tx: &Tx, before: Moment, count_max: usize) -> Result<usize, StoreError> {
    tx.run(DELETE, params![smallest_at(before), count_max as i64])
}

/// Installations of which calls are kept.
pub fn installations(db: &Db) -> Result<Vec<InstallationId>, StoreError> {
    db.all(INSTALLATIONS, [], |row| id(row, 0))
}

/// Forgets the oldest calls of an installation beyond the latest `kept`.
pub fn delete_beyond(
    tx: &Tx,
    installation: InstallationId,
    kept: usize,
    count_max: usize,
) -> Result<usize, StoreError> {
    let nth: Option<i64> = tx.one(NTH, params![installation.0, kept as i64], |row| row.get(0))?;
    match nth {
        Some(nth) => tx.run(DELETE_OF, params![installation.0, nth, count_max as i64]),
        None => Ok(0),
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<PluginCall> {
    Ok(PluginCall {
        id: id(row, 0)?,
        installation: id(row, 1)?,
        client: id(row, 2)?,
        entry: super::key(row, 3)?,
        name: row.get(4)?,
        job: maybe_id(row, 5)?,
        ticket: maybe_id(row, 6)?,
        attempt: row.get(7)?,
        started_at: moment(row, 8)?,
        outcome: row.get(9)?,
        message: row.get(10)?,
        is_retryable: row.get(11)?,
        guest_us: row.get(12)?,
        wall_ms: row.get(13)?,
        memory_bytes: row.get(14)?,
        log: from_json(row, 15)?,
        requests: from_json(row, 16)?,
        input: super::maybe_json(row, 17)?,
    })
}
