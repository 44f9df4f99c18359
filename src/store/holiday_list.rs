//! Holiday lists of clients as they were imported; the newest of a key is the one that counts for new versions.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_json, id, json, key, moment, statements};
use crate::domain::calendar::{HolidayList, HolidayLists};
use crate::domain::person::Actor;
use crate::domain::{ClientId, HolidayListId, Key, Moment};

statements! {
    GET = "select id, client, key, ordinal, source, author, imported_at from holiday_list where id = ?1";
    OF_CLIENT = "select id, client, key, ordinal, source, author, imported_at from holiday_list
        where client = ?1 order by key, ordinal desc";
    LATEST = "select id, client, key, ordinal, source, author, imported_at from holiday_list
        where client = ?1 and key = ?2 order by ordinal desc limit 1";
    INSERT = "insert into holiday_list (id, client, key, ordinal, source, author, imported_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
}

/// One import. It never changes.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredList {
    pub id: HolidayListId,
    pub client: ClientId,
    pub key: Key,
    /// 1, 2, 3 … for each key of a client.
    pub ordinal: i64,
    /// The iCalendar file.
    pub source: String,
    pub author: Actor,
    pub imported_at: Moment,
}

impl StoredList {
    /// The days off.
    pub fn list(&self) -> Result<HolidayList, StoreError> {
        HolidayList::from_ics(&self.source)
            .map_err(|error| StoreError::Unreadable { what: "holiday list", why: error.to_string() })
    }
}

/// The newest list of each key.
pub fn of_client(db: &Db, client: ClientId) -> Result<Vec<StoredList>, StoreError> {
    let mut lists = db.all(OF_CLIENT, [client.0], read)?;
    lists.dedup_by(|older, newer| older.key == newer.key);
    Ok(lists)
}

pub fn latest(db: &Db, client: ClientId, key: &Key) -> Result<Option<StoredList>, StoreError> {
    db.one(LATEST, params![client.0, key.as_str()], read)
}

/// The lists that a version of a pack counts by.
pub fn of_version(db: &Db, holidays: &BTreeMap<Key, HolidayListId>) -> Result<HolidayLists, StoreError> {
    let mut lists = HolidayLists::new();
    for (key, id) in holidays {
        if let Some(stored) = db.one(GET, [id.0], read)? {
            lists.insert(key.clone(), Arc::new(stored.list()?));
        }
    }
    Ok(lists)
}

/// Their texts, by key.
pub fn sources_of_version(
    db: &Db,
    holidays: &BTreeMap<Key, HolidayListId>,
) -> Result<BTreeMap<Key, String>, StoreError> {
    let mut sources = BTreeMap::new();
    for (key, id) in holidays {
        if let Some(stored) = db.one(GET, [id.0], read)? {
            sources.insert(key.clone(), stored.source);
        }
    }
    Ok(sources)
}

pub fn insert(tx: &Tx, list: &StoredList) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            list.id.0,
            list.client.0,
            list.key.as_str(),
            list.ordinal,
            list.source,
            json(&list.author)?,
            list.imported_at.ms()
        ],
    )
    .map(drop)
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredList> {
    Ok(StoredList {
        id: id(row, 0)?,
        client: id(row, 1)?,
        key: key(row, 2)?,
        ordinal: row.get(3)?,
        source: row.get(4)?,
        author: from_json(row, 5)?,
        imported_at: moment(row, 6)?,
    })
}
