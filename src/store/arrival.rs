//! How many tickets of a client were opened, by hour and lately.

use rusqlite::params;

use super::{Db, StoreError, Tx, moment, statements};
use crate::domain::id::smallest_at;
use crate::domain::watch::norm::Hours;
use crate::domain::{ClientId, Moment};

statements! {
    COUNT = "insert into arrival (client, hour, count) values (?1, ?2, 1)
        on conflict (client, hour) do update set count = arrival.count + 1";
    HOURS = "select hour, count from arrival where client = ?1 and hour >= ?2 and hour < ?3 order by hour";
    BEGAN = "select min(hour) from arrival where client = ?1";
    FORGET = "delete from arrival where client = ?1 and hour < ?2";
    LATELY = "select opened_at from ticket where client = ?1 and id >= ?2 order by id desc limit ?3";
    LAST = "select opened_at from ticket where client = ?1 order by id desc limit ?2";
}

/// One more in the hour.
pub fn count(tx: &Tx, client: ClientId, hour: i64) -> Result<(), StoreError> {
    tx.run(COUNT, params![client.0, hour]).map(drop)
}

/// Those of the hours from `from` to before `to` that had any.
pub fn hours(db: &Db, client: ClientId, from: i64, to: i64) -> Result<Hours, StoreError> {
    let rows = db.all(HOURS, params![client.0, from, to], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.into_iter().collect())
}

/// The hour of the first arrival that is known.
pub fn began(db: &Db, client: ClientId) -> Result<Option<i64>, StoreError> {
    Ok(db.one(BEGAN, [client.0], |row| row.get::<_, Option<i64>>(0))?.flatten())
}

/// Drops what is older than the norm looks back.
pub fn forget_before(tx: &Tx, client: ClientId, hour: i64) -> Result<(), StoreError> {
    tx.run(FORGET, params![client.0, hour]).map(drop)
}

/// When tickets were opened that the desk has recorded since a moment, newest first; at most `count_max`.
pub fn lately(db: &Db, client: ClientId, since: Moment, count_max: usize) -> Result<Vec<Moment>, StoreError> {
    db.all(LATELY, params![client.0, smallest_at(since), count_max as i64], |row| moment(row, 0))
}

/// The latest opening among the tickets that were recorded last.
pub fn last(db: &Db, client: ClientId, looked_at_max: usize) -> Result<Option<Moment>, StoreError> {
    let rows = db.all(LAST, params![client.0, looked_at_max as i64], |row| moment(row, 0))?;
    Ok(rows.into_iter().max())
}
