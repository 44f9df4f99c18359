//! Texts: words that events name by id and that can be erased.

use rusqlite::params;

use super::{Db, StoreError, Tx, statements};
use crate::domain::TextId;

statements! {
    INSERT = "insert into text_body (id, words) values (?1, ?2)";
    GET = "select words from text_body where id = ?1 and erased_at is null";
    ERASE = "update text_body set words = '', erased_at = ?2 where id = ?1 and erased_at is null";
}

pub fn put(tx: &Tx, words: &str) -> Result<TextId, StoreError> {
    let id: TextId = tx.id();
    tx.run(INSERT, params![id.0, words])?;
    Ok(id)
}

/// The words, unless they were erased.
pub fn get(db: &Db, id: TextId) -> Result<Option<String>, StoreError> {
    db.one(GET, [id.0], |row| row.get(0))
}

pub fn erase(tx: &Tx, id: TextId) -> Result<(), StoreError> {
    tx.run(ERASE, params![id.0, tx.now().ms()]).map(drop)
}
