//! Sessions of people: only hashes of what the browser holds.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, id, moment, statements};
use crate::domain::{Moment, PersonId, SessionId};

statements! {
    INSERT = "insert into session (id, person, token_sha256, rotated_at, created_at, seen_at, expires_at, address, agent)
        values (?1, ?2, ?3, ?4, ?4, ?4, ?5, ?6, ?7)";
    BY_TOKEN = "select s.id, s.person, s.rotated_at, s.created_at, s.seen_at, s.expires_at, s.address, s.agent
        from session s join person p on p.id = s.person
        where s.token_sha256 = ?1 and s.expires_at > ?2 and p.is_active = 1";
    BY_PREVIOUS = "select s.id, s.person, s.rotated_at, s.created_at, s.seen_at, s.expires_at, s.address, s.agent
        from session s join person p on p.id = s.person
        where s.previous_sha256 = ?1 and s.expires_at > ?2 and s.rotated_at > ?3 and p.is_active = 1";
    OF_PERSON = "select id, person, rotated_at, created_at, seen_at, expires_at, address, agent from session
        where person = ?1 and expires_at > ?2 order by id desc limit ?3";
    ROTATE = "update session set token_sha256 = ?2, previous_sha256 = ?1, rotated_at = ?3, seen_at = ?3, expires_at = ?4,
        address = ?5, agent = ?6 where token_sha256 = ?1";
    END = "delete from session where id = ?1 and person = ?2";
    END_OTHERS = "delete from session where person = ?1 and id <> ?2";
    END_BUT_NEWEST = "delete from session where person = ?1 and id not in
        (select id from session where person = ?1 order by id desc limit ?2)";
    DELETE_EXPIRED = "delete from session where id in (select id from session where expires_at <= ?1 order by id limit ?2)";
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub person: PersonId,
    pub rotated_at: Moment,
    pub created_at: Moment,
    pub seen_at: Moment,
    pub expires_at: Moment,
    pub address: String,
    pub agent: String,
}

pub fn insert(tx: &Tx, session: &Session, token_sha256: &str) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            session.id.0,
            session.person.0,
            token_sha256,
            session.created_at.ms(),
            session.expires_at.ms(),
            session.address,
            session.agent
        ],
    )
    .map(drop)
}

/// The session whose present token this is, if it lives and its person is active.
pub fn by_token(db: &Db, token_sha256: &str, now: Moment) -> Result<Option<Session>, StoreError> {
    db.one(BY_TOKEN, params![token_sha256, now.ms()], read)
}

/// The session whose token this was before a rotation that came after `rotated_after`.
pub fn by_previous(
    db: &Db,
    token_sha256: &str,
    now: Moment,
    rotated_after: Moment,
) -> Result<Option<Session>, StoreError> {
    db.one(BY_PREVIOUS, params![token_sha256, now.ms(), rotated_after.ms()], read)
}

/// The person's sessions that live, newest first.
pub fn of_person(
    db: &Db,
    person: PersonId,
    now: Moment,
    count_max: usize,
) -> Result<Vec<Session>, StoreError> {
    db.all(OF_PERSON, params![person.0, now.ms(), count_max as i64], read)
}

/// Replaces the token; `false` when somebody else did so first.
pub fn rotate(tx: &Tx, old_sha256: &str, new_sha256: &str, session: &Session) -> Result<bool, StoreError> {
    let rows = tx.run(
        ROTATE,
        params![
            old_sha256,
            new_sha256,
            tx.now().ms(),
            session.expires_at.ms(),
            session.address,
            session.agent
        ],
    )?;
    Ok(rows == 1)
}

/// `false`: the person has no such session.
pub fn end(tx: &Tx, person: PersonId, session: SessionId) -> Result<bool, StoreError> {
    Ok(tx.run(END, params![session.0, person.0])? == 1)
}

/// Ends all of the person's sessions but one; without one, all.
pub fn end_others(tx: &Tx, person: PersonId, kept: Option<SessionId>) -> Result<usize, StoreError> {
    tx.run(END_OTHERS, params![person.0, kept.map_or(0, |kept| kept.0)])
}

/// Ends the person's oldest sessions until so many are left.
pub fn end_but_newest(tx: &Tx, person: PersonId, count_max: usize) -> Result<usize, StoreError> {
    tx.run(END_BUT_NEWEST, params![person.0, count_max as i64])
}

pub fn delete_expired(tx: &Tx, count_max: usize) -> Result<usize, StoreError> {
    tx.run(DELETE_EXPIRED, params![tx.now().ms(), count_max as i64])
}

fn read(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: id(row, 0)?,
        person: id(row, 1)?,
        rotated_at: moment(row, 2)?,
        created_at: moment(row, 3)?,
        seen_at: moment(row, 4)?,
        expires_at: moment(row, 5)?,
        address: row.get(6)?,
        agent: row.get(7)?,
    })
}
