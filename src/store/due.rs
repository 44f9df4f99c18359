//! The one durable clock: timers and deadlines, each of which becomes a command at its time.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_word, id, key, maybe_id, moment, statements, word};
use crate::domain::{ClientId, DueId, Key, Moment, PersonId, TicketId};

statements! {
    PUT = "insert into due (id, client, ticket, kind, name, percent, overdue_minutes, run_at, person) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        on conflict (ticket, kind, name) do update set percent = ?6, overdue_minutes = ?7, run_at = ?8, person = ?9
        where due.percent <> ?6 or due.overdue_minutes <> ?7 or due.run_at <> ?8 or due.person is distinct from ?9";
    PUT_OF_CLIENT = "insert into due (id, client, kind, name, percent, overdue_minutes, run_at) values (?1, ?2, ?3, ?4, 0, 0, ?5)
        on conflict (client, kind, name) where ticket is null and person is null do update set run_at = ?5";
    ALL_OF_CLIENT = "select id, client, ticket, kind, name, percent, overdue_minutes, run_at, person from due
        where client = ?1 and kind = ?2 and ticket is null and person is null order by name";
    REMOVE_OF_CLIENT = "delete from due where client = ?1 and kind = ?2 and name = ?3 and ticket is null and person is null";
    OF_CLIENT = "select id, client, ticket, kind, name, percent, overdue_minutes, run_at, person from due
        where client = ?1 and kind = ?2 and name = ?3 and ticket is null and person is null";
    REMOVE = "delete from due where ticket = ?1 and kind = ?2 and name = ?3";
    REMOVE_ALL = "delete from due where ticket = ?1 and kind = ?2";
    GET = "select id, client, ticket, kind, name, percent, overdue_minutes, run_at, person from due where id = ?1";
    DELETE = "delete from due where id = ?1";
    OF_TICKET = "select id, client, ticket, kind, name, percent, overdue_minutes, run_at, person from due where ticket = ?1 order by run_at, id";
    READY = "select id, client, ticket, kind, name, percent, overdue_minutes, run_at, person from due where run_at <= ?1 order by run_at, id limit ?2";
    REMOVE_SHIFT_END = "delete from due where person = ?1 and kind = 'shift_end'";
    REMOVE_OF_PERSON = "delete from due where person = ?1 and kind = ?2 and name = ?3 and ticket is null";
    SHIFT_END = "select run_at from due where person = ?1 and kind = 'shift_end'";
    NEXT_AT = "select min(run_at) from due";
    NEXT_AFTER = "select min(run_at) from due where run_at > ?1";
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub id: DueId,
    pub client: ClientId,
    /// Nothing: about the client as a whole, or about a person's shifts.
    pub ticket: Option<TicketId>,
    /// Whose shift ends or has ended, or who offered one.
    pub person: Option<PersonId>,
    pub kind: DueKind,
    /// The timer's or the ladder's name, the SLA target, or `watch`.
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
    /// The next turn of a round over the tickets of an incident.
    Incident,
    /// The next end of a person's shifts.
    ShiftEnd,
    /// A ticket of somebody whose shift has ended.
    Handover,
    /// Of a client: its queue watch looks round.
    Watch,
    /// An assignment that must be accepted.
    Acceptance,
    /// The next rung of a ladder.
    Ladder,
    /// A contact is to be asked how the ticket was dealt with, or the answer stands.
    Rating,
    /// Of a client: one of its schedules comes.
    Schedule,
    /// The first shift of an offer begins, and with it the offer lapses.
    SwapOffer,
    /// Of a client: the next turn of moving its open tickets to another version.
    VersionMove,
    /// Of a client: the next turn over messages that were held and then decided of.
    MessageHold,
    /// Of a client: its shadow's time is up.
    Shadow,
}

/// Sets the row of (ticket, kind, name); one that stands already is moved.
pub fn put(tx: &Tx, due: &Due) -> Result<(), StoreError> {
    tx.run(
        PUT,
        params![
            due.id.0,
            due.client.0,
            due.ticket.map(|id| id.0),
            word(due.kind),
            due.name.as_str(),
            due.percent,
            due.overdue_minutes,
            due.run_at.ms(),
            due.person.map(|id| id.0)
        ],
    )
    .map(drop)
}

/// Sets the client's row of (kind, name); one that stands already is moved.
pub fn put_of_client(
    tx: &Tx,
    client: ClientId,
    kind: DueKind,
    name: &Key,
    run_at: Moment,
) -> Result<(), StoreError> {
    let id: DueId = tx.id();
    tx.run(PUT_OF_CLIENT, params![id.0, client.0, word(kind), name.as_str(), run_at.ms()]).map(drop)
}

pub fn remove_of_client(tx: &Tx, client: ClientId, kind: DueKind, name: &Key) -> Result<(), StoreError> {
    tx.run(REMOVE_OF_CLIENT, params![client.0, word(kind), name.as_str()]).map(drop)
}

pub fn of_client(db: &Db, client: ClientId, kind: DueKind, name: &Key) -> Result<Option<Due>, StoreError> {
    db.one(OF_CLIENT, params![client.0, word(kind), name.as_str()], read)
}

/// All rows of a kind that are about the client as a whole.
pub fn all_of_client(db: &Db, client: ClientId, kind: DueKind) -> Result<Vec<Due>, StoreError> {
    db.all(ALL_OF_CLIENT, params![client.0, word(kind)], read)
}

/// `false`: there was none.
pub fn remove(tx: &Tx, ticket: TicketId, kind: DueKind, name: &str) -> Result<bool, StoreError> {
    Ok(tx.run(REMOVE, params![ticket.0, word(kind), name])? == 1)
}

pub fn remove_all(tx: &Tx, ticket: TicketId, kind: DueKind) -> Result<(), StoreError> {
    tx.run(REMOVE_ALL, params![ticket.0, word(kind)]).map(drop)
}

/// When the person's shift ends next, as the clock has it.
pub fn shift_end(db: &Db, person: PersonId) -> Result<Option<Moment>, StoreError> {
    db.one(SHIFT_END, [person.0], |row| moment(row, 0))
}

/// Sets when the person's shift ends next; `None`: there is nothing to wait for.
pub fn set_shift_end(tx: &Tx, person: PersonId, run_at: Option<Moment>) -> Result<(), StoreError> {
    tx.run(REMOVE_SHIFT_END, [person.0])?;
    let Some(run_at) = run_at else { return Ok(()) };
    let (kind, name) = (DueKind::ShiftEnd, Key::new("shift_end").expect("a key"));
    let (id, client, person) = (tx.id(), ClientId(0), Some(person));
    let (percent, overdue_minutes) = (0, 0);
    put(tx, &Due { id, client, ticket: None, person, kind, name, percent, overdue_minutes, run_at })
}

/// Takes a row away that is about a person and no ticket.
pub fn remove_of_person(tx: &Tx, person: PersonId, kind: DueKind, name: &Key) -> Result<(), StoreError> {
    tx.run(REMOVE_OF_PERSON, params![person.0, word(kind), name.as_str()]).map(drop)
}

/// Takes the row away to play it; nothing if somebody was faster.
pub fn take(tx: &Tx, due: DueId) -> Result<Option<Due>, StoreError> {
    take_if(tx, due, |_| true)
}

/// As `take`, unless the row's time has not come yet.
pub fn take_ready(tx: &Tx, due: DueId, now: Moment) -> Result<Option<Due>, StoreError> {
    take_if(tx, due, |found| found.run_at <= now)
}

/// Two statements, for SQLite makes a table of what one statement deletes and answers.
fn take_if(tx: &Tx, due: DueId, wanted: impl FnOnce(&Due) -> bool) -> Result<Option<Due>, StoreError> {
    let found = tx.one(GET, [due.0], read)?.filter(wanted);
    if found.is_some() {
        tx.run(DELETE, [due.0])?;
    }
    Ok(found)
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
        ticket: maybe_id(row, 2)?,
        kind: from_word(row, 3)?,
        name: key(row, 4)?,
        percent: row.get(5)?,
        overdue_minutes: row.get(6)?,
        run_at: moment(row, 7)?,
        person: maybe_id(row, 8)?,
    })
}
