//! The one durable clock: timers and deadlines, each of which becomes a command at its time.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_word, id, key, moment, statements, word};
use crate::domain::{ClientId, DueId, Key, Moment, TicketId};

statements! {
    PUT = "insert into due (id, client, ticket, kind, name, percent, overdue_minutes, run_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        on conflict (ticket, kind, name) do update set percent = ?6, overdue_minutes = ?7, run_at = ?8";
    REMOVE = "delete from due where ticket = ?1 and kind = ?2 and name = ?3";
    REMOVE_ALL = "delete from due where ticket = ?1 and kind = ?2";
    TAKE = "delete from due where id = ?1 returning id, client, ticket, kind, name, percent, overdue_minutes, run_at";
    GET = "select id, client, ticket, kind, name, percent, overdue_minutes, run_at from due where id = ?1";
    OF_TICKET = "select id, client, ticket, kind, name, percent, overdue_minutes, run_at from due where ticket = ?1 order by run_at, id";
    READY = "select id, client, ticket, kind, name, percent, overdue_minutes, run_at from due where run_at <= ?1 order by run_at, id limit ?2";
    NEXT_AT = "select min(run_at) from due";
    NEXT_AFTER = "select min(run_at) from due where run_at > ?1";
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub id: DueId,
    pub client: ClientId,
    pub ticket: TicketId,
    pub kind: DueKind,
    /// The timer's name, or the SLA target.
    pub name: Key,
    /// For an SLA target: the warning level that is reached.
    pub percent: i64,
    /// For an alarm that comes again and again: open minutes over the target; 0 for a warning level.
    pub overdue_minutes: i64,
    pub run_at: Moment,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueKind {
    Timer,
    Sla,
    /// An assignment that must be accepted.
    Acceptance,
}

/// Sets the row of (ticket, kind, name); one that stands already is moved.
pub fn put(tx: &Tx, due: &Due) -> Result<(), StoreError> {
    tx.run(
        PUT,
        params![
            due.id.0,
            due.client.0,
            due.ticket.0,
            word(due.kind),
            due.name.as_str(),
            due.percent,
            due.overdue_minutes,
            due.run_at.ms()
        ],
    )
    .map(drop)
}

/// `false`: there was none.
pub fn remove(tx: &Tx, ticket: TicketId, kind: DueKind, name: &str) -> Result<bool, StoreError> {
    Ok(tx.run(REMOVE, params![ticket.0, word(kind), name])? == 1)
}

pub fn remove_all(tx: &Tx, ticket: TicketId, kind: DueKind) -> Result<(), StoreError> {
    tx.run(REMOVE_ALL, params![ticket.0, word(kind)]).map(drop)
}

/// Takes the row away to play it; nothing if somebody was faster.
pub fn take(tx: &Tx, due: DueId) -> Result<Option<Due>, StoreError> {
    tx.one(TAKE, [due.0], read)
}

pub fn get(db: &Db, due: DueId) -> Result<Option<Due>, StoreError> {
    db.one(GET, [due.0], read)
}

pub fn of_ticket(db: &Db, ticket: TicketId) -> Result<Vec<Due>, StoreError> {
    db.all(OF_TICKET, [ticket.0], read)
}

/// Rows whose time has come, earliest first.
pub fn ready(db: &Db, now: Moment, count_max: usize) -> Result<Vec<Due>, StoreError> {
    db.all(READY, params![now.ms(), count_max as i64], read)
}

pub fn next_at(db: &Db) -> Result<Option<Moment>, StoreError> {
    Ok(db.one(NEXT_AT, [], |row| row.get::<_, Option<i64>>(0))?.flatten().map(Moment::from_ms))
}

/// When the next row's time comes that has not come yet.
pub fn next_after(db: &Db, now: Moment) -> Result<Option<Moment>, StoreError> {
    let found = db.one(NEXT_AFTER, [now.ms()], |row| row.get::<_, Option<i64>>(0))?;
    Ok(found.flatten().map(Moment::from_ms))
}

fn read(row: &Row<'_>) -> rusqlite::Result<Due> {
    Ok(Due {
        id: id(row, 0)?,
        client: id(row, 1)?,
        ticket: id(row, 2)?,
        kind: from_word(row, 3)?,
        name: key(row, 4)?,
        percent: row.get(5)?,
        overdue_minutes: row.get(6)?,
        run_at: moment(row, 7)?,
    })
}
