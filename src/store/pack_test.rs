//! Script tests that are kept beside a client's draft: one row for each file.

use std::collections::BTreeMap;

use rusqlite::params;

use super::{Db, StoreError, Tx, json, moment, statements};
use crate::domain::person::Actor;
use crate::domain::{ClientId, Moment};

statements! {
    OF_CLIENT = "select file, source from pack_test where client = ?1 order by file";
    LAST_SAVED = "select saved_at from pack_test where client = ?1 order by saved_at desc limit 1";
    DELETE = "delete from pack_test where client = ?1";
    INSERT = "insert into pack_test (client, file, source, author, saved_at) values (?1, ?2, ?3, ?4, ?5)";
}

/// By file name, such as `tests/visits.rhai`.
pub fn of_client(db: &Db, client: ClientId) -> Result<BTreeMap<String, String>, StoreError> {
    let rows = db.all(OF_CLIENT, [client.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.into_iter().collect())
}

pub fn last_saved(db: &Db, client: ClientId) -> Result<Option<Moment>, StoreError> {
    db.one(LAST_SAVED, [client.0], |row| moment(row, 0))
}

/// Puts these files in place of those that were there.
pub fn replace(
    tx: &Tx,
    client: ClientId,
    tests: &BTreeMap<String, String>,
    author: &Actor,
) -> Result<(), StoreError> {
    tx.run(DELETE, [client.0])?;
    let author = json(author)?;
    for (file, source) in tests {
        tx.run(INSERT, params![client.0, file, source, author, tx.now().ms()])?;
    }
    Ok(())
}
