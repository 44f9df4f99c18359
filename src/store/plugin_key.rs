//! Publishers' keys: those that the desk trusts, and the one that each publisher's packages are signed with.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_json, id, json, key, moment, statements};
use crate::domain::person::Actor;
use crate::domain::{Key, Moment, PluginKeyId};

statements! {
    INSERT = "insert into plugin_key (id, name, public_key, key_id, added_by, added_at) values (?1, ?2, ?3, ?4, ?5, ?6)";
    TRUSTED = "select id, name, public_key, key_id, added_by, added_at from plugin_key where removed_at is null
        order by name, id";
    REMOVE = "update plugin_key set removed_by = ?2, removed_at = ?3 where id = ?1 and removed_at is null";
    PIN = "insert into plugin_publisher (publisher, public_key, key_id, pinned_by, pinned_at)
        values (?1, ?2, ?3, ?4, ?5) on conflict (publisher) do update set public_key = ?2, key_id = ?3, pinned_by = ?4,
        pinned_at = ?5";
    UNPIN = "delete from plugin_publisher where publisher = ?1";
    PIN_OF = "select publisher, public_key, key_id, pinned_by, pinned_at from plugin_publisher where publisher = ?1";
    PINS = "select publisher, public_key, key_id, pinned_by, pinned_at from plugin_publisher order by publisher";
}

/// A key that the desk trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKey {
    pub id: PluginKeyId,
    pub name: String,
    /// The line of base64.
    pub public_key: String,
    /// As minisign writes it.
    pub key_id: String,
    pub added_by: Actor,
    pub added_at: Moment,
}

/// With which key a publisher's packages are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    pub publisher: Key,
    pub public_key: String,
    pub key_id: String,
    pub pinned_by: Actor,
    pub pinned_at: Moment,
}

pub fn insert(tx: &Tx, key: &TrustedKey) -> Result<(), StoreError> {
    let TrustedKey { id, name, public_key, key_id, added_by, added_at } = key;
    tx.run(INSERT, params![id.0, name, public_key, key_id, json(added_by)?, added_at.ms()]).map(drop)
}

pub fn trusted(db: &Db) -> Result<Vec<TrustedKey>, StoreError> {
    db.all(TRUSTED, [], |row| {
        Ok(TrustedKey {
            id: id(row, 0)?,
            name: row.get(1)?,
            public_key: row.get(2)?,
            key_id: row.get(3)?,
            added_by: from_json(row, 4)?,
            added_at: moment(row, 5)?,
        })
    })
}

/// Whether it was trusted.
pub fn remove(tx: &Tx, key: PluginKeyId, actor: &Actor) -> Result<bool, StoreError> {
    Ok(tx.run(REMOVE, params![key.0, json(actor)?, tx.now().ms()])? == 1)
}

pub fn put_pin(tx: &Tx, pin: &Pin) -> Result<(), StoreError> {
    let Pin { publisher, public_key, key_id, pinned_by, pinned_at } = pin;
    let row = params![publisher.as_str(), public_key, key_id, json(pinned_by)?, pinned_at.ms()];
    tx.run(PIN, row).map(drop)
}

pub fn remove_pin(tx: &Tx, publisher: &Key) -> Result<(), StoreError> {
    tx.run(UNPIN, [publisher.as_str()]).map(drop)
}

pub fn pin(db: &Db, publisher: &str) -> Result<Option<Pin>, StoreError> {
    db.one(PIN_OF, [publisher], read_pin)
}

pub fn pins(db: &Db) -> Result<Vec<Pin>, StoreError> {
    db.all(PINS, [], read_pin)
}

fn read_pin(row: &Row<'_>) -> rusqlite::Result<Pin> {
    Ok(Pin {
        publisher: key(row, 0)?,
        public_key: row.get(1)?,
        key_id: row.get(2)?,
        pinned_by: from_json(row, 3)?,
        pinned_at: moment(row, 4)?,
    })
}
