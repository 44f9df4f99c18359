//! Items of plugins that were refused: parked with the reason until a person replays or discards them.

use std::collections::BTreeMap;

use rusqlite::{Row, params};
use serde_json::Value;

use super::{
    Db, StoreError, Tx, from_json, from_word, id, json, maybe_id, maybe_moment, moment, statements, word,
};
use crate::domain::plugin::RefusalDocument;
use crate::domain::{AttachmentId, ClientId, InstallationId, Moment, ParkedItemId, TicketId};

statements! {
    INSERT = "insert into plugin_item (id, installation, client, ticket, external, key, item, refusal, state, at,
        decided_at, files) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    UPDATE = "update plugin_item set ticket = ?2, item = ?3, refusal = ?4, state = ?5, at = ?6, decided_at = ?7, files = ?8
        where id = ?1";
    GET = "select id, installation, client, ticket, external, key, item, refusal, state, at, decided_at, files
        from plugin_item where id = ?1";
    PARKED_BY_KEY = "select id, installation, client, ticket, external, key, item, refusal, state, at, decided_at, files
        from plugin_item where installation = ?1 and key = ?2 and state = 'parked'";
    PAGE = "select id, installation, client, ticket, external, key, item, refusal, state, at, decided_at, files
        from plugin_item where installation = ?1 and id < ?2 order by id desc limit ?3";
    PARKED_COUNT = "select count(*) from plugin_item where installation = ?1 and state = 'parked'";
    DELETE_DECIDED = "delete from plugin_item where id in (select id from plugin_item where state <> 'parked'
        and decided_at < ?1 order by id limit ?2)";
}

#[derive(Debug, Clone, PartialEq)]
pub struct ParkedItem {
    pub id: ParkedItemId,
    pub installation: InstallationId,
    pub client: ClientId,
    /// The ticket of the event that the item answered.
    pub ticket: Option<TicketId>,
    pub external: Option<String>,
    pub key: Option<String>,
    /// As the plugin gave it.
    pub item: Value,
    pub refusal: RefusalDocument,
    pub state: ParkedState,
    pub at: Moment,
    pub decided_at: Option<Moment>,
    /// The files of the call by their handles.
    pub files: BTreeMap<String, AttachmentId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParkedState {
    /// Waits for a person.
    Parked,
    /// Taken after all: replayed by a person, or told again by the plugin.
    Replayed,
    Discarded,
}

impl ParkedState {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ParkedState::Parked => "parked",
            ParkedState::Replayed => "replayed",
            ParkedState::Discarded => "discarded",
        }
    }
}

pub fn insert(tx: &Tx, item: &ParkedItem) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            item.id.0,
            item.installation.0,
            item.client.0,
            item.ticket.map(|id| id.0),
            item.external,
            item.key,
            json(&item.item)?,
            json(&item.refusal)?,
            word(item.state),
            item.at.ms(),
            item.decided_at.map(Moment::ms),
            json(&item.files)?
        ],
    )
    .map(drop)
}

pub fn update(tx: &Tx, item: &ParkedItem) -> Result<(), StoreError> {
    tx.run(
        UPDATE,
        params![
            item.id.0,
            item.ticket.map(|id| id.0),
            json(&item.item)?,
            json(&item.refusal)?,
            word(item.state),
            item.at.ms(),
            item.decided_at.map(Moment::ms),
            json(&item.files)?
        ],
    )
    .map(drop)
}

pub fn get(db: &Db, item: ParkedItemId) -> Result<Option<ParkedItem>, StoreError> {
    db.one(GET, [item.0], read)
}

/// The one that waits under this key.
pub fn parked_by_key(
    db: &Db,
    installation: InstallationId,
    key: &str,
) -> Result<Option<ParkedItem>, StoreError> {
    db.one(PARKED_BY_KEY, params![installation.0, key], read)
}

/// Latest first, those before an id.
pub fn page(
    db: &Db,
    installation: InstallationId,
    before: Option<ParkedItemId>,
    count_max: usize,
) -> Result<Vec<ParkedItem>, StoreError> {
    let before = before.map_or(i64::MAX, |before| before.0);
    db.all(PAGE, params![installation.0, before, count_max as i64], read)
}

/// How many wait for a person.
pub fn parked_count(db: &Db, installation: InstallationId) -> Result<i64, StoreError> {
    Ok(db.one(PARKED_COUNT, [installation.0], |row| row.get(0))?.unwrap_or(0))
}

/// Forgets items of which somebody decided before a moment.
pub fn delete_decided(tx: &Tx, before: Moment, count_max: usize) -> Result<usize, StoreError> {
    tx.run(DELETE_DECIDED, params![before.ms(), count_max as i64])
}

fn read(row: &Row<'_>) -> rusqlite::Result<ParkedItem> {
    Ok(ParkedItem {
        id: id(row, 0)?,
        installation: id(row, 1)?,
        client: id(row, 2)?,
        ticket: maybe_id(row, 3)?,
        external: row.get(4)?,
        key: row.get(5)?,
        item: from_json(row, 6)?,
        refusal: from_json(row, 7)?,
        state: from_word(row, 8)?,
        at: moment(row, 9)?,
        decided_at: maybe_moment(row, 10)?,
        files: from_json(row, 11)?,
    })
}
