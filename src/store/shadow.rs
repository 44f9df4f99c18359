//! Shadows: the draft that decides beside a client's published version, and where the two differed.

use std::collections::BTreeMap;

use rusqlite::{Row, params};

use super::{
    Db, StoreError, Tx, from_json, from_word, id, json, maybe_id, maybe_moment, moment, statements, word,
};
use crate::domain::person::Actor;
use crate::domain::shadow::{Said, ShadowCounts, ShadowEnd};
use crate::domain::{
    ClientId, DifferenceId, HolidayListId, Key, Moment, PackVersionId, RunId, ShadowId, TicketId,
};

statements! {
    GET = "select id, client, pack_version, author, saved_at, started_at, until, ended_at, ending, runs, different, failures,
        kept, older, micros from shadow where client = ?1";
    TEXTS = "select script, settings, modules, holidays from shadow where client = ?1";
    REMOVE = "delete from shadow where client = ?1";
    REMOVE_DIFFERENCES = "delete from shadow_difference where client = ?1";
    INSERT = "insert into shadow (id, client, pack_version, author, saved_at, started_at, until, ended_at, ending, runs,
        different, failures, kept, older, micros, script, settings, modules, holidays)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, null, null, 0, 0, 0, 0, 0, 0, ?8, ?9, ?10, ?11)";
    COUNT = "update shadow set runs = ?2, different = ?3, failures = ?4, kept = ?5, older = ?6, micros = ?7 where client = ?1";
    END = "update shadow set ended_at = ?2, ending = ?3 where client = ?1 and ended_at is null";
    INSERT_DIFFERENCE = "insert into shadow_difference (id, client, ticket, run, handler, published, draft, at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    DIFFERENCES = "select id, client, ticket, run, handler, published, draft, at from shadow_difference
        where client = ?1 and id < ?2 order by id desc limit ?3";
    DELETE_OLD_DIFFERENCES = "delete from shadow_difference where id in (select shadow_difference.id from shadow_difference
        join shadow on shadow.client = shadow_difference.client where shadow.ended_at < ?1 order by shadow_difference.id limit ?2)";
    DELETE_OLD = "delete from shadow where ended_at < ?1 and not exists
        (select 1 from shadow_difference where shadow_difference.client = shadow.client)";
}

/// A client's last shadow, without its texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Shadow {
    pub id: ShadowId,
    pub client: ClientId,
    /// The published version that it stands beside.
    pub pack_version: PackVersionId,
    /// Who started it.
    pub author: Actor,
    /// When its texts were saved as a draft.
    pub saved_at: Moment,
    pub started_at: Moment,
    pub until: Moment,
    pub ended_at: Option<Moment>,
    pub ending: Option<ShadowEnd>,
    pub counts: ShadowCounts,
}

/// What a shadow is made of; later changes of the draft do not touch it.
#[derive(Debug, Clone, PartialEq)]
pub struct ShadowTexts {
    pub script: String,
    pub settings: String,
    pub modules: BTreeMap<String, String>,
    pub holidays: BTreeMap<Key, HolidayListId>,
}

/// A run in which the draft wanted something else.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub id: DifferenceId,
    pub client: ClientId,
    /// Nothing: of a schedule, about the client as a whole.
    pub ticket: Option<TicketId>,
    /// The run of the published version; nothing where it has no function for the event.
    pub run: Option<RunId>,
    pub handler: String,
    pub published: Said,
    pub draft: Said,
    pub at: Moment,
}

/// The client's last shadow, whether it still stands or not.
pub fn get(db: &Db, client: ClientId) -> Result<Option<Shadow>, StoreError> {
    db.one(GET, [client.0], |row| {
        Ok(Shadow {
            id: id(row, 0)?,
            client: id(row, 1)?,
            pack_version: id(row, 2)?,
            author: from_json(row, 3)?,
            saved_at: moment(row, 4)?,
            started_at: moment(row, 5)?,
            until: moment(row, 6)?,
            ended_at: maybe_moment(row, 7)?,
            ending: if row.get::<_, Option<String>>(8)?.is_some() { Some(from_word(row, 8)?) } else { None },
            counts: ShadowCounts {
                runs: row.get(9)?,
                different: row.get(10)?,
                failures: row.get(11)?,
                kept: row.get(12)?,
                older: row.get(13)?,
                micros: row.get(14)?,
            },
        })
    })
}

pub fn texts(db: &Db, client: ClientId) -> Result<Option<ShadowTexts>, StoreError> {
    db.one(TEXTS, [client.0], |row| {
        Ok(ShadowTexts {
            script: row.get(0)?,
            settings: row.get(1)?,
            modules: from_json(row, 2)?,
            holidays: from_json(row, 3)?,
        })
    })
}

/// Begins a client's shadow; what an earlier one found is forgotten.
pub fn begin(tx: &Tx, shadow: &Shadow, texts: &ShadowTexts) -> Result<(), StoreError> {
    tx.run(REMOVE_DIFFERENCES, [shadow.client.0])?;
    tx.run(REMOVE, [shadow.client.0])?;
    tx.run(
        INSERT,
        params![
            shadow.id.0,
            shadow.client.0,
            shadow.pack_version.0,
            json(&shadow.author)?,
            shadow.saved_at.ms(),
            shadow.started_at.ms(),
            shadow.until.ms(),
            texts.script,
            texts.settings,
            json(&texts.modules)?,
            json(&texts.holidays)?
        ],
    )
    .map(drop)
}

pub fn put_counts(tx: &Tx, client: ClientId, counts: ShadowCounts) -> Result<(), StoreError> {
    let ShadowCounts { runs, different, failures, kept, older, micros } = counts;
    tx.run(COUNT, params![client.0, runs, different, failures, kept, older, micros]).map(drop)
}

pub fn end(tx: &Tx, client: ClientId, at: Moment, ending: ShadowEnd) -> Result<(), StoreError> {
    tx.run(END, params![client.0, at.ms(), word(ending)]).map(drop)
}

pub fn insert_difference(tx: &Tx, difference: &Difference) -> Result<(), StoreError> {
    tx.run(
        INSERT_DIFFERENCE,
        params![
            difference.id.0,
            difference.client.0,
            difference.ticket.map(|id| id.0),
            difference.run.map(|id| id.0),
            difference.handler,
            json(&difference.published)?,
            json(&difference.draft)?,
            difference.at.ms()
        ],
    )
    .map(drop)
}

/// Differences before one, newest first.
pub fn differences(
    db: &Db,
    client: ClientId,
    before: Option<DifferenceId>,
    count_max: usize,
) -> Result<Vec<Difference>, StoreError> {
    let before = before.map_or(i64::MAX, |before| before.0);
    db.all(DIFFERENCES, params![client.0, before, count_max as i64], read)
}

/// Forgets shadows that ended long ago, and what they found.
pub fn delete_ended(tx: &Tx, before: Moment, count_max: usize) -> Result<usize, StoreError> {
    let differences = tx.run(DELETE_OLD_DIFFERENCES, params![before.ms(), count_max as i64])?;
    if differences == count_max {
        return Ok(differences);
    }
    // One of a client at most, so there are few.
    Ok(differences + tx.run(DELETE_OLD, [before.ms()])?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Difference> {
    Ok(Difference {
        id: id(row, 0)?,
        client: id(row, 1)?,
        ticket: maybe_id(row, 2)?,
        run: maybe_id(row, 3)?,
        handler: row.get(4)?,
        published: from_json(row, 5)?,
        draft: from_json(row, 6)?,
        at: moment(row, 7)?,
    })
}
