//! Filters of the ticket list that a person named and keeps.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, id, statements};
use crate::domain::{PersonId, SavedViewId};

statements! {
    INSERT = "insert into saved_view (id, person, name, query, position) values (?1, ?2, ?3, ?4, ?5)";
    UPDATE = "update saved_view set name = ?3, query = ?4, position = ?5 where id = ?1 and person = ?2";
    REMOVE = "delete from saved_view where id = ?1 and person = ?2";
    OF_PERSON = "select id, person, name, query, position from saved_view where person = ?1 order by position, id";
    COUNT = "select count(*) from saved_view where person = ?1";
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    pub id: SavedViewId,
    pub person: PersonId,
    pub name: String,
    /// The query of the ticket list, as it stands in an address.
    pub query: String,
    pub position: i64,
}

pub fn insert(tx: &Tx, view: &SavedView) -> Result<(), StoreError> {
    tx.run(INSERT, params![view.id.0, view.person.0, view.name, view.query, view.position]).map(drop)
}

/// `false`: the person has no such view.
pub fn update(tx: &Tx, view: &SavedView) -> Result<bool, StoreError> {
    Ok(tx.run(UPDATE, params![view.id.0, view.person.0, view.name, view.query, view.position])? == 1)
}

/// `false`: the person has no such view.
pub fn remove(tx: &Tx, person: PersonId, view: SavedViewId) -> Result<bool, StoreError> {
    Ok(tx.run(REMOVE, params![view.0, person.0])? == 1)
}

pub fn of_person(db: &Db, person: PersonId) -> Result<Vec<SavedView>, StoreError> {
    db.all(OF_PERSON, [person.0], read)
}

pub fn count(db: &Db, person: PersonId) -> Result<i64, StoreError> {
    Ok(db.one(COUNT, [person.0], |row| row.get(0))?.unwrap_or(0))
}

fn read(row: &Row<'_>) -> rusqlite::Result<SavedView> {
    Ok(SavedView {
        id: id(row, 0)?,
        person: id(row, 1)?,
        name: row.get(2)?,
        query: row.get(3)?,
        position: row.get(4)?,
    })
}
