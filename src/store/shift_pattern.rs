//! Shift patterns by name.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_json, id, json, statements, word};
use crate::domain::PatternId;
use crate::domain::roster::ShiftPattern;

statements! {
    GET = "select id, name, cycle_days, starts_on, slots, version from shift_pattern where id = ?1";
    BY_NAME = "select id, name, cycle_days, starts_on, slots, version from shift_pattern where name = ?1";
    ALL = "select id, name, cycle_days, starts_on, slots, version from shift_pattern order by name, id limit ?1";
    COUNT = "select count(*) from shift_pattern";
    INSERT = "insert into shift_pattern (id, name, cycle_days, starts_on, slots, version)
        values (?1, ?2, ?3, ?4, ?5, ?6)";
    UPDATE = "update shift_pattern set name = ?2, cycle_days = ?3, starts_on = ?4, slots = ?5, version = ?6
        where id = ?1 and version + 1 = ?6";
    REMOVE = "delete from shift_pattern where id = ?1 and version = ?2";
}

pub fn get(db: &Db, pattern: PatternId) -> Result<Option<ShiftPattern>, StoreError> {
    db.one(GET, [pattern.0], read)
}

pub fn by_name(db: &Db, name: &str) -> Result<Option<ShiftPattern>, StoreError> {
    db.one(BY_NAME, [name], read)
}

/// By name; at most `count_max`.
pub fn all(db: &Db, count_max: usize) -> Result<Vec<ShiftPattern>, StoreError> {
    db.all(ALL, [count_max as i64], read)
}

pub fn count(db: &Db) -> Result<i64, StoreError> {
    Ok(db.one(COUNT, [], |row| row.get(0))?.unwrap_or(0))
}

pub fn insert(tx: &Tx, pattern: &ShiftPattern) -> Result<(), StoreError> {
    write(tx, INSERT, pattern).map(drop)
}

pub fn update(tx: &Tx, pattern: &ShiftPattern) -> Result<bool, StoreError> {
    Ok(write(tx, UPDATE, pattern)? == 1)
}

fn write(tx: &Tx, sql: &str, pattern: &ShiftPattern) -> Result<usize, StoreError> {
    let ShiftPattern { id, name, cycle_days, starts_on, slots, version } = pattern;
    tx.run(sql, params![id.0, name, cycle_days, starts_on.map(word), json(slots)?, version])
}

pub fn remove(tx: &Tx, pattern: PatternId, version: i64) -> Result<bool, StoreError> {
    Ok(tx.run(REMOVE, [pattern.0, version])? == 1)
}

fn read(row: &Row<'_>) -> rusqlite::Result<ShiftPattern> {
    let starts_on: Option<String> = row.get(3)?;
    Ok(ShiftPattern {
        id: id(row, 0)?,
        name: row.get(1)?,
        cycle_days: row.get(2)?,
        starts_on: starts_on.map(|_| super::from_word(row, 3)).transpose()?,
        slots: from_json(row, 4)?,
        version: row.get(5)?,
    })
}
