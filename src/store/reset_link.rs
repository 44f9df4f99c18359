//! Links that let a person choose a password once, and the one for the first set-up, which names nobody.

use rusqlite::params;

use super::{Db, StoreError, Tx, maybe_id, moment, statements};
use crate::domain::{Moment, PersonId};

statements! {
    INSERT = "insert into reset_link (token_sha256, person, created_at, expires_at) values (?1, ?2, ?3, ?4)";
    GET = "select person, expires_at from reset_link where token_sha256 = ?1 and expires_at > ?2";
    TAKE = "delete from reset_link where token_sha256 = ?1 and expires_at > ?2 returning person, expires_at";
    FORGET_OF_PERSON = "delete from reset_link where person = ?1";
    FORGET_SETUP = "delete from reset_link where person is null";
    DELETE_EXPIRED = "delete from reset_link where expires_at <= ?1";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResetLink {
    /// `None`: the first set-up.
    pub person: Option<PersonId>,
    pub expires_at: Moment,
}

pub fn insert(tx: &Tx, link: ResetLink, token_sha256: &str) -> Result<(), StoreError> {
    let person = link.person.map(|person| person.0);
    tx.run(INSERT, params![token_sha256, person, tx.now().ms(), link.expires_at.ms()]).map(drop)
}

pub fn get(db: &Db, token_sha256: &str, now: Moment) -> Result<Option<ResetLink>, StoreError> {
    db.one(GET, params![token_sha256, now.ms()], read)
}

/// Takes the link away, so that it works once.
pub fn take(tx: &Tx, token_sha256: &str) -> Result<Option<ResetLink>, StoreError> {
    tx.one(TAKE, params![token_sha256, tx.now().ms()], read)
}

pub fn forget_of_person(tx: &Tx, person: PersonId) -> Result<(), StoreError> {
    tx.run(FORGET_OF_PERSON, [person.0]).map(drop)
}

pub fn forget_setup(tx: &Tx) -> Result<(), StoreError> {
    tx.run(FORGET_SETUP, []).map(drop)
}

pub fn delete_expired(tx: &Tx) -> Result<usize, StoreError> {
    tx.run(DELETE_EXPIRED, [tx.now().ms()])
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<ResetLink> {
    Ok(ResetLink { person: maybe_id(row, 0)?, expires_at: moment(row, 1)? })
}
