//! Major incidents, what was taken off them, and the rounds over their tickets.

use rusqlite::{Row, params};

use super::{
    Db, StoreError, Tx, from_json, from_word, id, json, maybe_id, maybe_key, maybe_moment, moment,
    statements, word,
};
use crate::domain::incident::{Incident, Round};
use crate::domain::{ClientId, Moment, PersonId, TicketId};

macro_rules! columns {
    () => {
        "ticket, client, is_open, rule, texts, last_update, last_update_at, declared_at, ended_at, version"
    };
}
macro_rules! round_columns {
    () => {
        "id, incident, kind, actor, text, resolution, after, reached, passed_over, started_at, finished_at"
    };
}

statements! {
    GET = concat!("select ", columns!(), " from incident where ticket = ?1");
    OPEN_OF_CLIENT = concat!("select ", columns!(), " from incident where client = ?1 and is_open = 1 order by ticket");
    PAGE = concat!("select ", columns!(), " from incident where is_open = ?1 and ticket < ?2 order by ticket desc limit ?3");
    INSERT = concat!("insert into incident (", columns!(), ") values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    UPDATE = "update incident set is_open = ?3, rule = ?4, texts = ?5, last_update = ?6, last_update_at = ?7,
        declared_at = ?8, ended_at = ?9, version = ?10 where ticket = ?1 and client = ?2";
    OPEN_AGAIN = "update incident set is_open = 1, ended_at = null where ended_at is not null and ended_at >= ?1";
    WAS_DETACHED = "select 1 from incident_detached where incident = ?1 and ticket = ?2";
    NOTE_DETACHED = "insert into incident_detached (incident, ticket) values (?1, ?2) on conflict (incident, ticket) do nothing";
    FORGET_DETACHED = "delete from incident_detached where incident = ?1 and ticket = ?2";
    ATTACHED_AFTER = "select id from ticket where incident = ?1 and id > ?2 and id < ?3 and phase <> 'closed' order by id limit ?4";
    OPEN_TICKETS_AFTER = "select id from ticket where client = ?1 and id > ?2 and id < ?3 and phase <> 'closed' order by id limit ?4";
    COUNT_ATTACHED = "select count(*) from (select 1 from ticket where incident = ?1 limit ?2) as counted";
    COUNT_REACHED = "select count(*) from (select 1 from ticket where incident = ?1 and phase <> 'closed' limit ?2) as counted";
    INSERT_ROUND = concat!("insert into incident_round (", round_columns!(), ") values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    UPDATE_ROUND = "update incident_round set after = ?2, reached = ?3, passed_over = ?4, finished_at = ?5 where id = ?1";
    NEXT_ROUND = concat!("select ", round_columns!(), " from incident_round where incident = ?1 and finished_at is null order by id limit 1");
    ROUNDS = concat!("select ", round_columns!(), " from incident_round where incident = ?1 order by id desc limit ?2");
    NOTE_TOLD = "insert into incident_told (round, person) values (?1, ?2) on conflict (round, person) do nothing";
}

pub fn get(db: &Db, ticket: TicketId) -> Result<Option<Incident>, StoreError> {
    db.one(GET, [ticket.0], read)
}

/// Incidents of the client that are open, the oldest first.
pub fn open_of_client(db: &Db, client: ClientId) -> Result<Vec<Incident>, StoreError> {
    db.all(OPEN_OF_CLIENT, [client.0], read)
}

/// Incidents of all clients, the latest first.
pub fn page(
    db: &Db,
    is_open: bool,
    before: Option<TicketId>,
    count_max: usize,
) -> Result<Vec<Incident>, StoreError> {
    db.all(PAGE, params![is_open, before.map_or(i64::MAX, |id| id.0), count_max as i64], read)
}

/// Opens what had not ended at that moment, where a rehearsal begins.
pub fn open_again(tx: &Tx, at: Moment) -> Result<(), StoreError> {
    tx.run(OPEN_AGAIN, [at.ms()]).map(drop)
}

pub fn insert(tx: &Tx, incident: &Incident) -> Result<(), StoreError> {
    write(tx, INSERT, incident)
}

pub fn update(tx: &Tx, incident: &Incident) -> Result<(), StoreError> {
    write(tx, UPDATE, incident)
}

fn write(tx: &Tx, sql: &str, incident: &Incident) -> Result<(), StoreError> {
    tx.run(
        sql,
        params![
            incident.ticket.0,
            incident.client.0,
            incident.is_open,
            json(&incident.rule)?,
            json(&incident.texts)?,
            incident.last_update.map(|id| id.0),
            incident.last_update_at.map(Moment::ms),
            incident.declared_at.ms(),
            incident.ended_at.map(Moment::ms),
            incident.version,
        ],
    )
    .map(drop)
}

/// Whether a person took the ticket off the incident.
pub fn was_detached(db: &Db, incident: TicketId, ticket: TicketId) -> Result<bool, StoreError> {
    Ok(db.one(WAS_DETACHED, [incident.0, ticket.0], |_| Ok(()))?.is_some())
}

pub fn note_detached(tx: &Tx, incident: TicketId, ticket: TicketId) -> Result<(), StoreError> {
    tx.run(NOTE_DETACHED, [incident.0, ticket.0]).map(drop)
}

pub fn forget_detached(tx: &Tx, incident: TicketId, ticket: TicketId) -> Result<(), StoreError> {
    tx.run(FORGET_DETACHED, [incident.0, ticket.0]).map(drop)
}

/// Attached tickets that are not closed, between two ids, in order.
pub fn attached_after(
    db: &Db,
    incident: TicketId,
    after: TicketId,
    before: i64,
    count_max: usize,
) -> Result<Vec<TicketId>, StoreError> {
    db.all(ATTACHED_AFTER, params![incident.0, after.0, before, count_max as i64], |row| id(row, 0))
}

/// Tickets of the client that are not closed, between two ids, in order.
pub fn open_tickets_after(
    db: &Db,
    client: ClientId,
    after: TicketId,
    before: i64,
    count_max: usize,
) -> Result<Vec<TicketId>, StoreError> {
    db.all(OPEN_TICKETS_AFTER, params![client.0, after.0, before, count_max as i64], |row| id(row, 0))
}

/// How many tickets are attached, up to `count_max`.
pub fn count_attached(db: &Db, incident: TicketId, count_max: usize) -> Result<i64, StoreError> {
    Ok(db.one(COUNT_ATTACHED, params![incident.0, count_max as i64], |row| row.get(0))?.unwrap_or(0))
}

/// How many of them are not closed, up to `count_max`.
pub fn count_reached(db: &Db, incident: TicketId, count_max: usize) -> Result<i64, StoreError> {
    Ok(db.one(COUNT_REACHED, params![incident.0, count_max as i64], |row| row.get(0))?.unwrap_or(0))
}

pub fn insert_round(tx: &Tx, round: &Round) -> Result<(), StoreError> {
    tx.run(
        INSERT_ROUND,
        params![
            round.id.0,
            round.incident.0,
            word(round.kind),
            json(&round.actor)?,
            round.text.map(|id| id.0),
            round.resolution.as_deref(),
            round.after.0,
            round.reached,
            round.left,
            round.started_at.ms(),
            round.finished_at.map(Moment::ms),
        ],
    )
    .map(drop)
}

/// Writes how far the round is.
pub fn update_round(tx: &Tx, round: &Round) -> Result<(), StoreError> {
    let finished_at = round.finished_at.map(Moment::ms);
    tx.run(UPDATE_ROUND, params![round.id.0, round.after.0, round.reached, round.left, finished_at]).map(drop)
}

/// The round of the incident whose turn it is.
pub fn next_round(db: &Db, incident: TicketId) -> Result<Option<Round>, StoreError> {
    db.one(NEXT_ROUND, [incident.0], read_round)
}

/// Rounds of the incident, the latest first.
pub fn rounds(db: &Db, incident: TicketId, count_max: usize) -> Result<Vec<Round>, StoreError> {
    db.all(ROUNDS, params![incident.0, count_max as i64], read_round)
}

/// `false`: the person was told in this round already.
pub fn note_told(tx: &Tx, round: &Round, person: PersonId) -> Result<bool, StoreError> {
    Ok(tx.run(NOTE_TOLD, [round.id.0, person.0])? == 1)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Incident> {
    Ok(Incident {
        ticket: id(row, 0)?,
        client: id(row, 1)?,
        is_open: row.get(2)?,
        rule: from_json(row, 3)?,
        texts: from_json(row, 4)?,
        last_update: maybe_id(row, 5)?,
        last_update_at: maybe_moment(row, 6)?,
        declared_at: moment(row, 7)?,
        ended_at: maybe_moment(row, 8)?,
        version: row.get(9)?,
    })
}

fn read_round(row: &Row<'_>) -> rusqlite::Result<Round> {
    Ok(Round {
        id: id(row, 0)?,
        incident: id(row, 1)?,
        kind: from_word(row, 2)?,
        actor: from_json(row, 3)?,
        text: maybe_id(row, 4)?,
        resolution: maybe_key(row, 5)?,
        after: id(row, 6)?,
        reached: row.get(7)?,
        left: row.get(8)?,
        started_at: moment(row, 9)?,
        finished_at: maybe_moment(row, 10)?,
    })
}
