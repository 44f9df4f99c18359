//! The desk's own few facts, by name, such as whether its outbox is held.

use super::{Db, StoreError, Tx, statements};

statements! {
    GET = "select value from desk where name = ?1";
    PUT = "insert into desk (name, value) values (?1, ?2) on conflict (name) do update set value = ?2";
    REMOVE = "delete from desk where name = ?1";
}

/// Present while the outbox of a restored desk waits for a person.
pub const OUTBOX_HELD: &str = "outbox_held";

pub fn get(db: &Db, name: &str) -> Result<Option<String>, StoreError> {
    db.one(GET, [name], |row| row.get(0))
}

pub fn put(tx: &Tx, name: &str, value: &str) -> Result<(), StoreError> {
    tx.run(PUT, [name, value]).map(drop)
}

pub fn remove(tx: &Tx, name: &str) -> Result<(), StoreError> {
    tx.run(REMOVE, [name]).map(drop)
}
