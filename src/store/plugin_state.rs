//! What is kept for an installation: its cursor, its own keys and values, what it brought before.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::params;

use super::{Db, StoreError, Tx, maybe_moment, statements};
use crate::domain::{InstallationId, Moment, Span, TicketId};

statements! {
    CURSOR = "select cursor, every_ms, polled_at, failures, last_error from plugin_cursor where installation = ?1";
    PUT_CURSOR = "insert into plugin_cursor (installation, cursor, every_ms, polled_at, failures, last_error)
        values (?1, ?2, ?3, ?4, ?5, ?6) on conflict (installation) do update set cursor = ?2, every_ms = ?3,
        polled_at = ?4, failures = ?5, last_error = ?6";
    KV_GET = "select value from plugin_kv where installation = ?1 and key = ?2";
    KV_PUT = "insert into plugin_kv (installation, key, value, bytes) values (?1, ?2, ?3, ?4)
        on conflict (installation, key) do update set value = ?3, bytes = ?4";
    KV_DELETE = "delete from plugin_kv where installation = ?1 and key = ?2";
    KV_KEYS = "select key from plugin_kv where installation = ?1 and key >= ?2 and key > ?3 order by key limit ?4";
    KV_BYTES = "select sum(bytes) from plugin_kv where installation = ?1";
    SEE = "insert into plugin_seen (installation, key, at) values (?1, ?2, ?3) on conflict (installation, key)
        do nothing";
    FORGET_SEEN = "delete from plugin_seen where (installation, key) in (select installation, key from plugin_seen
        where at < ?1 order by at limit ?2)";
    VALUE = "select sha256 from plugin_value where installation = ?1 and ticket = ?2 and field = ?3";
    PUT_VALUE = "insert into plugin_value (installation, ticket, field, sha256) values (?1, ?2, ?3, ?4)
        on conflict (installation, ticket, field) do update set sha256 = ?4";
    ERASE_KV = "delete from plugin_kv where installation = ?1";
    ERASE_CURSOR = "delete from plugin_cursor where installation = ?1";
    FORGET_VALUES = "delete from plugin_value where installation = ?1 and ticket = ?2";
}

/// How far an installation has been polled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursor {
    pub cursor: Option<String>,
    /// What the administrator set instead of the manifest's interval.
    pub every: Option<Span>,
    /// When the last poll was answered.
    pub polled_at: Option<Moment>,
    /// Polls in a row that failed since.
    pub failures: i64,
    pub last_error: Option<String>,
}

pub fn cursor(db: &Db, installation: InstallationId) -> Result<Cursor, StoreError> {
    let found = db.one(CURSOR, [installation.0], |row| {
        Ok(Cursor {
            cursor: row.get(0)?,
            every: row.get::<_, Option<i64>>(1)?.map(Span::from_ms),
            polled_at: maybe_moment(row, 2)?,
            failures: row.get(3)?,
            last_error: row.get(4)?,
        })
    })?;
    Ok(found.unwrap_or_default())
}

pub fn put_cursor(tx: &Tx, installation: InstallationId, cursor: &Cursor) -> Result<(), StoreError> {
    tx.run(
        PUT_CURSOR,
        params![
            installation.0,
            cursor.cursor,
            cursor.every.map(Span::ms),
            cursor.polled_at.map(Moment::ms),
            cursor.failures,
            cursor.last_error
        ],
    )
    .map(drop)
}

pub fn kv_get(db: &Db, installation: InstallationId, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let found: Option<String> = db.one(KV_GET, params![installation.0, key], |row| row.get(0))?;
    let unreadable = |error: base64::DecodeError| StoreError::Unreadable {
        what: "kept value of a plugin",
        why: error.to_string(),
    };
    found.map(|value| STANDARD.decode(value).map_err(unreadable)).transpose()
}

/// Keeps a value, or forgets its key.
pub fn kv_put(
    tx: &Tx,
    installation: InstallationId,
    key: &str,
    value: Option<&[u8]>,
) -> Result<(), StoreError> {
    match value {
        Some(value) => {
            let bytes = i64::try_from(key.len() + value.len()).unwrap_or(i64::MAX);
            tx.run(KV_PUT, params![installation.0, key, STANDARD.encode(value), bytes]).map(drop)
        }
        None => tx.run(KV_DELETE, params![installation.0, key]).map(drop),
    }
}

/// Keys that begin with `prefix` and come after `after`, in the order of their bytes.
pub fn kv_keys(
    db: &Db,
    installation: InstallationId,
    prefix: &str,
    after: Option<&str>,
    count_max: usize,
) -> Result<Vec<String>, StoreError> {
    let count = i64::try_from(count_max).unwrap_or(i64::MAX);
    let mut keys: Vec<String> =
        db.all(KV_KEYS, params![installation.0, prefix, after.unwrap_or(""), count], |row| row.get(0))?;
    keys.retain(|key| key.starts_with(prefix));
    Ok(keys)
}

/// Bytes of all keys and values together.
pub fn kv_bytes(db: &Db, installation: InstallationId) -> Result<u64, StoreError> {
    let bytes = db.one(KV_BYTES, [installation.0], |row| row.get::<_, Option<i64>>(0))?.flatten();
    Ok(bytes.unwrap_or(0).unsigned_abs())
}

/// Remembers the key of an item that is taken; `false` when it was taken before.
pub fn see(tx: &Tx, installation: InstallationId, key: &str) -> Result<bool, StoreError> {
    Ok(tx.run(SEE, params![installation.0, key, tx.now().ms()])? == 1)
}

/// Forgets keys that were taken before a moment.
pub fn forget_seen(tx: &Tx, before: Moment, count_max: usize) -> Result<usize, StoreError> {
    tx.run(FORGET_SEEN, params![before.ms(), count_max as i64])
}

/// The hash of what the installation brought last for a part of the ticket.
pub fn value(
    db: &Db,
    installation: InstallationId,
    ticket: TicketId,
    field: &str,
) -> Result<Option<String>, StoreError> {
    db.one(VALUE, params![installation.0, ticket.0, field], |row| row.get(0))
}

pub fn put_value(
    tx: &Tx,
    installation: InstallationId,
    ticket: TicketId,
    field: &str,
    sha256: &str,
) -> Result<(), StoreError> {
    tx.run(PUT_VALUE, params![installation.0, ticket.0, field, sha256]).map(drop)
}

pub fn forget_values(tx: &Tx, installation: InstallationId, ticket: TicketId) -> Result<(), StoreError> {
    tx.run(FORGET_VALUES, params![installation.0, ticket.0]).map(drop)
}

/// Erases what an installation kept for itself and how far it was polled. Hashes of what it brought stay: what comes
/// again after that is not made twice.
pub fn erase(tx: &Tx, installation: InstallationId) -> Result<(), StoreError> {
    tx.run(ERASE_KV, [installation.0])?;
    tx.run(ERASE_CURSOR, [installation.0]).map(drop)
}
