//! Answers that are kept, so that a request repeated with its Idempotency-Key is answered, not done again.

use rusqlite::params;

use super::{Db, StoreError, Tx, statements};
use crate::domain::Moment;

statements! {
    GET = "select request_sha256, answer from idempotency where actor = ?1 and key = ?2";
    INSERT = "insert into idempotency (actor, key, request_sha256, answer, at) values (?1, ?2, ?3, ?4, ?5)";
    DELETE_BEFORE = "delete from idempotency where (actor, key) in
        (select actor, key from idempotency where at < ?1 order by at limit ?2)";
}

/// The hash of the request that used the key, and its answer.
pub fn get(db: &Db, actor: &str, key: &str) -> Result<Option<(String, String)>, StoreError> {
    db.one(GET, params![actor, key], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub fn put(tx: &Tx, actor: &str, key: &str, request_sha256: &str, answer: &str) -> Result<(), StoreError> {
    tx.run(INSERT, params![actor, key, request_sha256, answer, tx.now().ms()]).map(drop)
}

pub fn delete_before(tx: &Tx, before: Moment, count_max: usize) -> Result<usize, StoreError> {
    tx.run(DELETE_BEFORE, params![before.ms(), count_max as i64])
}
