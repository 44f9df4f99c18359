//! Tokens with which programs act as a person: only hashes are kept.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, id, maybe_moment, moment, statements};
use crate::domain::{Moment, PersonId, TokenId};

statements! {
    INSERT = "insert into api_token (id, person, token_sha256, name, created_at, expires_at)
        values (?1, ?2, ?3, ?4, ?5, ?6)";
    BY_TOKEN = "select t.id, t.person, t.name, t.created_at, t.seen_at, t.expires_at from api_token t
        join person p on p.id = t.person
        where t.token_sha256 = ?1 and (t.expires_at is null or t.expires_at > ?2) and p.is_active = 1";
    OF_PERSON = "select id, person, name, created_at, seen_at, expires_at from api_token where person = ?1 order by id";
    COUNT = "select count(*) from api_token where person = ?1";
    SEEN = "update api_token set seen_at = ?2 where id = ?1";
    REVOKE_ALL = "delete from api_token where person = ?1";
    REVOKE = "delete from api_token where id = ?1 and person = ?2";
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    pub id: TokenId,
    pub person: PersonId,
    /// What the person calls it.
    pub name: String,
    pub created_at: Moment,
    /// Last use, to within some minutes.
    pub seen_at: Option<Moment>,
    pub expires_at: Option<Moment>,
}

pub fn insert(tx: &Tx, token: &ApiToken, token_sha256: &str) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            token.id.0,
            token.person.0,
            token_sha256,
            token.name,
            token.created_at.ms(),
            token.expires_at.map(Moment::ms)
        ],
    )
    .map(drop)
}

/// The token, if it lives and its person is active.
pub fn by_token(db: &Db, token_sha256: &str, now: Moment) -> Result<Option<ApiToken>, StoreError> {
    db.one(BY_TOKEN, params![token_sha256, now.ms()], read)
}

pub fn of_person(db: &Db, person: PersonId) -> Result<Vec<ApiToken>, StoreError> {
    db.all(OF_PERSON, [person.0], read)
}

pub fn count(db: &Db, person: PersonId) -> Result<i64, StoreError> {
    Ok(db.one(COUNT, [person.0], |row| row.get(0))?.unwrap_or(0))
}

pub fn seen(tx: &Tx, token: TokenId) -> Result<(), StoreError> {
    tx.run(SEEN, params![token.0, tx.now().ms()]).map(drop)
}

/// `false`: the person has no such token.
pub fn revoke(tx: &Tx, person: PersonId, token: TokenId) -> Result<bool, StoreError> {
    Ok(tx.run(REVOKE, params![token.0, person.0])? == 1)
}

pub fn revoke_all(tx: &Tx, person: PersonId) -> Result<(), StoreError> {
    tx.run(REVOKE_ALL, [person.0]).map(drop)
}

fn read(row: &Row<'_>) -> rusqlite::Result<ApiToken> {
    Ok(ApiToken {
        id: id(row, 0)?,
        person: id(row, 1)?,
        name: row.get(2)?,
        created_at: moment(row, 3)?,
        seen_at: maybe_moment(row, 4)?,
        expires_at: maybe_moment(row, 5)?,
    })
}
