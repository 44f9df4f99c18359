//! Time entries on tickets, and the timers that run.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, id, maybe_id, maybe_key, maybe_moment, moment, statements};
use crate::domain::time_entry::{Stopwatch, TimeEntry};
use crate::domain::{ClientId, Moment, PersonId, SubClientId, TicketId, TimeEntryId};

statements! {
    INSERT = "insert into time_entry (id, ticket, client, sub_client, person, began_at, minutes, kind, note, recorded_by,
        recorded_at, taken_back_at, version) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    UPDATE = "update time_entry set began_at = ?2, minutes = ?3, kind = ?4, note = ?5, taken_back_at = ?6, version = ?7
        where id = ?1 and version + 1 = ?7";
    CANCEL = "update time_entry set taken_back_at = ?3, version = version + 1
        where id = ?1 and version = ?2 and taken_back_at is null";
    GET = "select id, ticket, client, sub_client, person, began_at, minutes, kind, note, recorded_by, recorded_at,
        taken_back_at, version from time_entry where id = ?1";
    OF_TICKET = "select id, ticket, client, sub_client, person, began_at, minutes, kind, note, recorded_by, recorded_at,
        taken_back_at, version from time_entry where ticket = ?1 order by began_at, id";
    OF_CLIENT = "select id, ticket, client, sub_client, person, began_at, minutes, kind, note, recorded_by, recorded_at,
        taken_back_at, version from time_entry where client = ?1 and (sub_client = ?2 or ?2 = 0)
        and began_at >= ?3 and began_at < ?4 and taken_back_at is null order by began_at, id limit ?5";
    OF_PERSON = "select id, ticket, client, sub_client, person, began_at, minutes, kind, note, recorded_by, recorded_at,
        taken_back_at, version from time_entry where person = ?1 and began_at >= ?2 and began_at < ?3
        and taken_back_at is null order by began_at, id limit ?4";
    SUM_OF_CLIENT = "select cast(coalesce(sum(minutes), 0) as bigint) from time_entry where client = ?1 and (sub_client = ?2 or ?2 = 0)
        and began_at >= ?3 and began_at < ?4 and taken_back_at is null";
    SUM_OF_TICKET = "select cast(coalesce(sum(minutes), 0) as bigint) from time_entry where ticket = ?1 and taken_back_at is null";
    COUNT_OF_TICKET = "select count(*) from time_entry where ticket = ?1";
    START = "insert into stopwatch (person, ticket, started_at) values (?1, ?2, ?3)";
    STOP = "delete from stopwatch where person = ?1";
    RUNNING = "select person, ticket, started_at from stopwatch where person = ?1";
    RUNNING_ON = "select person, ticket, started_at from stopwatch where ticket = ?1 order by started_at, person";
}

pub fn insert(tx: &Tx, entry: &TimeEntry) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            entry.id.0,
            entry.ticket.0,
            entry.client.0,
            entry.sub_client.map(|id| id.0),
            entry.person.0,
            entry.began_at.ms(),
            entry.minutes,
            entry.kind.as_deref(),
            entry.note.map(|id| id.0),
            entry.recorded_by.map(|id| id.0),
            entry.recorded_at.ms(),
            entry.taken_back_at.map(Moment::ms),
            entry.version
        ],
    )
    .map(drop)
}

/// `false`: somebody changed it in the meantime.
pub fn update(tx: &Tx, entry: &TimeEntry) -> Result<bool, StoreError> {
    let written = tx.run(
        UPDATE,
        params![
            entry.id.0,
            entry.began_at.ms(),
            entry.minutes,
            entry.kind.as_deref(),
            entry.note.map(|id| id.0),
            entry.taken_back_at.map(Moment::ms),
            entry.version
        ],
    )?;
    Ok(written == 1)
}

/// Takes the entry back. `false`: somebody changed it in the meantime.
pub fn cancel(tx: &Tx, entry: TimeEntryId, version: i64, at: Moment) -> Result<bool, StoreError> {
    Ok(tx.run(CANCEL, [entry.0, version, at.ms()])? == 1)
}

pub fn get(db: &Db, entry: TimeEntryId) -> Result<Option<TimeEntry>, StoreError> {
    db.one(GET, [entry.0], read)
}

/// All entries of a ticket by their beginning, those taken back too.
pub fn of_ticket(db: &Db, ticket: TicketId) -> Result<Vec<TimeEntry>, StoreError> {
    db.all(OF_TICKET, [ticket.0], read)
}

/// A client's entries that count and began in the period, by their beginning; at most `count_max`. Without a
/// sub-client, everybody's.
pub fn of_client(
    db: &Db,
    client: ClientId,
    sub_client: Option<SubClientId>,
    (from, to): (Moment, Moment),
    count_max: usize,
) -> Result<Vec<TimeEntry>, StoreError> {
    let sub_client = sub_client.map_or(0, |id| id.0);
    db.all(OF_CLIENT, params![client.0, sub_client, from.ms(), to.ms(), count_max as i64], read)
}

/// A person's entries that count and began in the period, by their beginning; at most `count_max`.
pub fn of_person(
    db: &Db,
    person: PersonId,
    (from, to): (Moment, Moment),
    count_max: usize,
) -> Result<Vec<TimeEntry>, StoreError> {
    db.all(OF_PERSON, params![person.0, from.ms(), to.ms(), count_max as i64], read)
}

/// Minutes of a client's entries that count and began in the period. Without a sub-client, everybody's.
pub fn sum_of_client(
    db: &Db,
    client: ClientId,
    sub_client: Option<SubClientId>,
    (from, to): (Moment, Moment),
) -> Result<i64, StoreError> {
    let sub_client = sub_client.map_or(0, |id| id.0);
    let sum = db.one(SUM_OF_CLIENT, [client.0, sub_client, from.ms(), to.ms()], |row| row.get(0))?;
    Ok(sum.unwrap_or(0))
}

/// Minutes of a ticket's entries that count.
pub fn sum_of_ticket(db: &Db, ticket: TicketId) -> Result<i64, StoreError> {
    Ok(db.one(SUM_OF_TICKET, [ticket.0], |row| row.get(0))?.unwrap_or(0))
}

/// Entries of a ticket, those taken back too.
pub fn count_of_ticket(db: &Db, ticket: TicketId) -> Result<usize, StoreError> {
    let count: Option<i64> = db.one(COUNT_OF_TICKET, [ticket.0], |row| row.get(0))?;
    Ok(usize::try_from(count.unwrap_or(0)).unwrap_or(usize::MAX))
}

/// Starts a person's timer; none may run.
pub fn start(tx: &Tx, stopwatch: &Stopwatch) -> Result<(), StoreError> {
    let Stopwatch { person, ticket, started_at } = stopwatch;
    tx.run(START, [person.0, ticket.0, started_at.ms()]).map(drop)
}

pub fn stop(tx: &Tx, person: PersonId) -> Result<(), StoreError> {
    tx.run(STOP, [person.0]).map(drop)
}

/// The timer that runs for a person.
pub fn running(db: &Db, person: PersonId) -> Result<Option<Stopwatch>, StoreError> {
    db.one(RUNNING, [person.0], read_stopwatch)
}

/// The timers that run on a ticket.
pub fn running_on(db: &Db, ticket: TicketId) -> Result<Vec<Stopwatch>, StoreError> {
    db.all(RUNNING_ON, [ticket.0], read_stopwatch)
}

fn read(row: &Row<'_>) -> rusqlite::Result<TimeEntry> {
    Ok(TimeEntry {
        id: id(row, 0)?,
        ticket: id(row, 1)?,
        client: id(row, 2)?,
        sub_client: maybe_id(row, 3)?,
        person: id(row, 4)?,
        began_at: moment(row, 5)?,
        minutes: row.get(6)?,
        kind: maybe_key(row, 7)?,
        note: maybe_id(row, 8)?,
        recorded_by: maybe_id(row, 9)?,
        recorded_at: moment(row, 10)?,
        taken_back_at: maybe_moment(row, 11)?,
        version: row.get(12)?,
    })
}

fn read_stopwatch(row: &Row<'_>) -> rusqlite::Result<Stopwatch> {
    Ok(Stopwatch { person: id(row, 0)?, ticket: id(row, 1)?, started_at: moment(row, 2)? })
}
