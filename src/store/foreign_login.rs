//! Log-ins of clients' own desks and whose they are, each for a time.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, id, key, maybe_moment, moment, statements};
use crate::domain::foreign_login::{ForeignLogin, folded};
use crate::domain::{ClientId, ForeignLoginId, Key, Moment, PersonId};

statements! {
    GET = "select id, client, system, login, person, valid_from, valid_to, version from foreign_login where id = ?1";
    OF_CLIENT = "select id, client, system, login, person, valid_from, valid_to, version from foreign_login
        where client = ?1 order by id";
    OF_LOGIN = "select id, client, system, login, person, valid_from, valid_to, version from foreign_login
        where client = ?1 and system = ?2 and folded = ?3 order by id";
    PERSON_AT = "select person from foreign_login where client = ?1 and system = ?2 and folded = ?3
        and valid_from <= ?4 and (valid_to is null or valid_to > ?4) order by id limit 1";
    STATE = "select count(*), coalesce(sum(version), 0) from foreign_login where client = ?1 and system = ?2";
    INSERT = "insert into foreign_login (id, client, system, login, folded, person, valid_from, valid_to, version)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    END = "update foreign_login set valid_to = ?2, version = version + 1 where id = ?1 and version = ?3";
}

pub fn get(db: &Db, login: ForeignLoginId) -> Result<Option<ForeignLogin>, StoreError> {
    db.one(GET, [login.0], read)
}

/// Those that are over, too.
pub fn of_client(db: &Db, client: ClientId) -> Result<Vec<ForeignLogin>, StoreError> {
    db.all(OF_CLIENT, [client.0], read)
}

/// Whose the log-in is and was.
pub fn of_login(
    db: &Db,
    client: ClientId,
    system: &str,
    login: &str,
) -> Result<Vec<ForeignLogin>, StoreError> {
    db.all(OF_LOGIN, params![client.0, system, folded(login)], read)
}

/// Whose the log-in is at a moment.
pub fn person_at(
    db: &Db,
    client: ClientId,
    system: &str,
    login: &str,
    at: Moment,
) -> Result<Option<PersonId>, StoreError> {
    db.one(PERSON_AT, params![client.0, system, folded(login), at.ms()], |row| id(row, 0))
}

/// Another text whenever what is mapped has changed; rows are never removed.
pub fn state(db: &Db, client: ClientId, system: &str) -> Result<String, StoreError> {
    let found = db.one(STATE, params![client.0, system], |row| {
        Ok(format!("{}.{}", row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
    })?;
    Ok(found.unwrap_or_default())
}

pub fn insert(tx: &Tx, one: &ForeignLogin) -> Result<(), StoreError> {
    let ForeignLogin { id, client, system, login, person, valid_from, valid_to, version } = one;
    let (from, to) = (valid_from.ms(), valid_to.map(Moment::ms));
    let system = system.as_str();
    let row = params![id.0, client.0, system, login, folded(login), person.0, from, to, version];
    tx.run(INSERT, row).map(drop)
}

pub fn end(tx: &Tx, login: ForeignLoginId, at: Moment, version: i64) -> Result<bool, StoreError> {
    Ok(tx.run(END, params![login.0, at.ms(), version])? == 1)
}

fn read(row: &Row<'_>) -> rusqlite::Result<ForeignLogin> {
    let system: Key = key(row, 2)?;
    Ok(ForeignLogin {
        id: id(row, 0)?,
        client: id(row, 1)?,
        system,
        login: row.get(3)?,
        person: id(row, 4)?,
        valid_from: moment(row, 5)?,
        valid_to: maybe_moment(row, 6)?,
        version: row.get(7)?,
    })
}
