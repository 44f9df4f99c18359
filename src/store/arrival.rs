//! How many tickets of a client were opened, by hour and lately.

use rusqlite::params;

use super::{Db, StoreError, Tx, maybe_key, moment, statements};
use crate::domain::id::smallest_at;
use crate::domain::watch::Part;
use crate::domain::watch::norm::{Hours, hour_of};
use crate::domain::{ClientId, Moment};

statements! {
    COUNT = "insert into arrival (client, hour, count) values (?1, ?2, 1)
        on conflict (client, hour) do update set count = arrival.count + 1";
    HOURS = "select hour, count from arrival where client = ?1 and hour >= ?2 and hour < ?3 order by hour";
    BEGAN = "select min(hour) from arrival where client = ?1";
    FORGET = "delete from arrival where client = ?1 and hour < ?2";
    COUNT_PART = "insert into arrival_part (client, kind, name, hour, count, last_at) values (?1, ?2, ?3, ?4, 1, ?5)
        on conflict (client, kind, name, hour) do update set count = arrival_part.count + 1,
        last_at = case when excluded.last_at > arrival_part.last_at then excluded.last_at else arrival_part.last_at end";
    LAST_OF_PART = "select last_at from arrival_part where client = ?1 and kind = ?2 and name = ?3
        order by hour desc limit 1";
    PART_HOURS = "select hour, count from arrival_part where client = ?1 and kind = ?2 and name = ?3 and hour >= ?4
        and hour < ?5 order by hour";
    FORGET_PARTS = "delete from arrival_part where client = ?1 and hour < ?2";
    LATELY = "select opened_at, queue, category from ticket where client = ?1 and id >= ?2 order by id desc limit ?3";
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

/// One more, of a part of the client, opened at a moment.
pub fn count_part(tx: &Tx, client: ClientId, part: &Part, at: Moment) -> Result<(), StoreError> {
    let (kind, name) = (part.kind(), part.key().as_str());
    tx.run(COUNT_PART, params![client.0, kind, name, hour_of(at), at.ms()]).map(drop)
}

/// When the latest ticket of a part was opened.
pub fn last_of_part(db: &Db, client: ClientId, part: &Part) -> Result<Option<Moment>, StoreError> {
    db.one(LAST_OF_PART, params![client.0, part.kind(), part.key().as_str()], |row| moment(row, 0))
}

/// As [`hours`], of a part of the client.
pub fn part_hours(db: &Db, client: ClientId, part: &Part, from: i64, to: i64) -> Result<Hours, StoreError> {
    let params = params![client.0, part.kind(), part.key().as_str(), from, to];
    let rows = db.all(PART_HOURS, params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.into_iter().collect())
}

/// Drops what is older than the norm looks back.
pub fn forget_before(tx: &Tx, client: ClientId, hour: i64) -> Result<(), StoreError> {
    tx.run(FORGET, params![client.0, hour])?;
    tx.run(FORGET_PARTS, params![client.0, hour]).map(drop)
}

/// A ticket that was opened a short while ago, and the parts to which it belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    pub at: Moment,
    pub parts: Vec<Part>,
}

/// Tickets that the desk has recorded since a moment, newest first; at most `count_max`.
pub fn lately(
    db: &Db,
    client: ClientId,
    since: Moment,
    count_max: usize,
) -> Result<Vec<Arrival>, StoreError> {
    db.all(LATELY, params![client.0, smallest_at(since), count_max as i64], |row| {
        let (queue, category) = (maybe_key(row, 1)?, maybe_key(row, 2)?);
        Ok(Arrival { at: moment(row, 0)?, parts: Part::of(queue.as_ref(), category.as_ref()) })
    })
}

/// The latest opening among the tickets that were recorded last.
pub fn last(db: &Db, client: ClientId, looked_at_max: usize) -> Result<Option<Moment>, StoreError> {
    let rows = db.all(LAST, params![client.0, looked_at_max as i64], |row| moment(row, 0))?;
    Ok(rows.into_iter().max())
}
