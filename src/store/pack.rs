//! Client packs: published versions, the draft, and how the script fares.

use std::collections::BTreeMap;

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_json, id, json, maybe_moment, moment, statements};
use crate::domain::client::Client;
use crate::domain::person::Actor;
use crate::domain::{ClientId, HolidayListId, Key, Moment, PackVersionId};

statements! {
    GET = "select id, client, ordinal, script, settings, modules, message, author, published_at, holidays from pack_version where id = ?1";
    OF_CLIENT = "select id, client, ordinal, script, settings, modules, message, author, published_at, holidays from pack_version
        where client = ?1 order by ordinal desc";
    NEXT_ORDINAL = "select coalesce(max(ordinal), 0) + 1 from pack_version where client = ?1";
    INSERT = "insert into pack_version (id, client, ordinal, script, settings, modules, message, author, published_at, holidays)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    GET_DRAFT = "select script, settings, author, saved_at, modules, message from pack_draft where client = ?1";
    PUT_DRAFT = "insert into pack_draft (client, script, settings, author, saved_at, modules, message)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (client) do update set script = ?2, settings = ?3, author = ?4,
        saved_at = ?5, modules = ?6, message = ?7";
    GET_HEALTH = "select failures_in_row, slow_in_row, quarantined_at from script_health where client = ?1";
    PUT_HEALTH = "insert into script_health (client, failures_in_row, slow_in_row, quarantined_at)
        values (?1, ?2, ?3, ?4)
        on conflict (client) do update set failures_in_row = ?2, slow_in_row = ?3, quarantined_at = ?4";
}

/// A published version: it never changes.
#[derive(Debug, Clone, PartialEq)]
pub struct PackVersion {
    pub id: PackVersionId,
    pub client: ClientId,
    /// 1, 2, 3 … for each client.
    pub ordinal: i64,
    pub script: String,
    pub settings: String,
    /// Shared modules by the path that `import` names.
    pub modules: BTreeMap<String, String>,
    pub message: String,
    pub author: Actor,
    pub published_at: Moment,
    /// The holiday lists that its calendars name, as they stood when it was published.
    pub holidays: BTreeMap<Key, HolidayListId>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    pub script: String,
    pub settings: String,
    /// That came with it; nothing: those of the version that is published.
    pub modules: Option<BTreeMap<String, String>>,
    /// What changes and why, as far as somebody said it.
    pub message: String,
    pub author: Actor,
    pub saved_at: Moment,
}

/// The two texts of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    pub script: String,
    pub settings: String,
    /// When they were saved as a draft.
    pub saved_at: Option<Moment>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Health {
    pub failures_in_row: i64,
    pub slow_in_row: i64,
    pub quarantined_at: Option<Moment>,
}

pub fn get(db: &Db, version: PackVersionId) -> Result<Option<PackVersion>, StoreError> {
    db.one(GET, [version.0], read)
}

/// The versions of a client, newest first.
pub fn of_client(db: &Db, client: ClientId) -> Result<Vec<PackVersion>, StoreError> {
    db.all(OF_CLIENT, [client.0], read)
}

pub fn next_ordinal(db: &Db, client: ClientId) -> Result<i64, StoreError> {
    Ok(db.one(NEXT_ORDINAL, [client.0], |row| row.get(0))?.unwrap_or(1))
}

pub fn insert(tx: &Tx, version: &PackVersion) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            version.id.0,
            version.client.0,
            version.ordinal,
            version.script,
            version.settings,
            json(&version.modules)?,
            version.message,
            json(&version.author)?,
            version.published_at.ms(),
            json(&version.holidays)?
        ],
    )
    .map(drop)
}

pub fn draft(db: &Db, client: ClientId) -> Result<Option<Draft>, StoreError> {
    db.one(GET_DRAFT, [client.0], |row| {
        Ok(Draft {
            script: row.get(0)?,
            settings: row.get(1)?,
            author: from_json(row, 2)?,
            saved_at: moment(row, 3)?,
            modules: row.get::<_, Option<String>>(4)?.map(|_| from_json(row, 4)).transpose()?,
            message: row.get(5)?,
        })
    })
}

/// The texts that an editor starts from: the draft, else the published version; nothing where there is neither.
pub fn to_edit(db: &Db, client: &Client) -> Result<Option<Texts>, StoreError> {
    if let Some(draft) = draft(db, client.id)? {
        let Draft { script, settings, saved_at, .. } = draft;
        return Ok(Some(Texts { script, settings, saved_at: Some(saved_at) }));
    }
    let published = client.pack_version.map_or(Ok(None), |version| get(db, version))?;
    Ok(published.map(Texts::from))
}

impl From<PackVersion> for Texts {
    fn from(version: PackVersion) -> Self {
        Self { script: version.script, settings: version.settings, saved_at: None }
    }
}

pub fn put_draft(tx: &Tx, client: ClientId, draft: &Draft) -> Result<(), StoreError> {
    tx.run(
        PUT_DRAFT,
        params![
            client.0,
            draft.script,
            draft.settings,
            json(&draft.author)?,
            draft.saved_at.ms(),
            draft.modules.as_ref().map(json).transpose()?,
            draft.message
        ],
    )
    .map(drop)
}

pub fn health(db: &Db, client: ClientId) -> Result<Health, StoreError> {
    let health = db.one(GET_HEALTH, [client.0], |row| {
        Ok(Health {
            failures_in_row: row.get(0)?,
            slow_in_row: row.get(1)?,
            quarantined_at: maybe_moment(row, 2)?,
        })
    })?;
    Ok(health.unwrap_or_default())
}

pub fn put_health(tx: &Tx, client: ClientId, health: Health) -> Result<(), StoreError> {
    let quarantined_at = health.quarantined_at.map(Moment::ms);
    tx.run(PUT_HEALTH, params![client.0, health.failures_in_row, health.slow_in_row, quarantined_at])
        .map(drop)
}

fn read(row: &Row<'_>) -> rusqlite::Result<PackVersion> {
    Ok(PackVersion {
        id: id(row, 0)?,
        client: id(row, 1)?,
        ordinal: row.get(2)?,
        script: row.get(3)?,
        settings: row.get(4)?,
        modules: from_json(row, 5)?,
        message: row.get(6)?,
        author: from_json(row, 7)?,
        published_at: moment(row, 8)?,
        holidays: from_json(row, 9)?,
    })
}
