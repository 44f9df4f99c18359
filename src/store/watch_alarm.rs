//! Alarms of the queue watch, and what waits in a queue.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_word, id, maybe_id, maybe_key, maybe_moment, moment, statements, word};
use crate::domain::watch::WatchAlarm;
use crate::domain::{AlarmId, ClientId, Key, Moment};

macro_rules! columns {
    () => {
        "id, client, kind, queue, since, raised_at, observed, peak, expected, ended_at, acknowledged_at,
        acknowledged_by, version, category"
    };
}

statements! {
    GET = concat!("select ", columns!(), " from watch_alarm where id = ?1");
    OPEN_OR_LATE = concat!("select ", columns!(), " from watch_alarm
        where client = ?1 and (ended_at is null or ended_at > ?2) order by id");
    NEWEST = concat!("select ", columns!(), " from watch_alarm where client = ?1 and id < ?2
        order by id desc limit ?3");
    NEWEST_OPEN = concat!("select ", columns!(), " from watch_alarm where client = ?1 and ended_at is null
        order by id desc limit ?2");
    INSERT = concat!("insert into watch_alarm (", columns!(), ")
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)");
    UPDATE = "update watch_alarm set peak = ?2, ended_at = ?3, acknowledged_at = ?4, acknowledged_by = ?5,
        version = ?6 where id = ?1 and version + 1 = ?6";
    SILENT_UNTIL = "select ended_at from watch_alarm where client = ?1 and kind = 'silence' and queue is null
        and category is null and ended_at is not null order by id desc limit 1";
    DEPTH = "select count(*) from (select 1 from ticket where queue = ?1 and client = ?2 and phase <> 'closed'
        and phase in ('new', 'open') and assignee is null and waits_for is null limit ?3) as waiting";
    OLDEST = "select opened_at from ticket where queue = ?1 and client = ?2 and phase <> 'closed'
        and phase in ('new', 'open') and assignee is null and waits_for is null order by id limit 1";
}

/// The expected figure is stored in thousandths.
const THOUSANDTHS: f64 = 1_000.0;

pub fn get(db: &Db, alarm: AlarmId) -> Result<Option<WatchAlarm>, StoreError> {
    db.one(GET, [alarm.0], read)
}

/// The client's alarms that stand, and those that ended after a moment.
pub fn open_or_ended_after(db: &Db, client: ClientId, at: Moment) -> Result<Vec<WatchAlarm>, StoreError> {
    db.all(OPEN_OR_LATE, params![client.0, at.ms()], read)
}

/// A client's alarms before `before`, newest first.
pub fn newest(
    db: &Db,
    client: ClientId,
    before: Option<AlarmId>,
    count_max: usize,
) -> Result<Vec<WatchAlarm>, StoreError> {
    let before = before.map_or(i64::MAX, |id| id.0);
    db.all(NEWEST, params![client.0, before, count_max as i64], read)
}

/// Those that stand, newest first.
pub fn newest_open(db: &Db, client: ClientId, count_max: usize) -> Result<Vec<WatchAlarm>, StoreError> {
    db.all(NEWEST_OPEN, params![client.0, count_max as i64], read)
}

/// When the client's latest silence ended, of those that did.
pub fn silent_until(db: &Db, client: ClientId) -> Result<Option<Moment>, StoreError> {
    db.one(SILENT_UNTIL, [client.0], |row| moment(row, 0))
}

pub fn insert(tx: &Tx, alarm: &WatchAlarm) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            alarm.id.0,
            alarm.client.0,
            word(alarm.kind),
            alarm.queue.as_deref(),
            alarm.since.ms(),
            alarm.raised_at.ms(),
            alarm.observed,
            alarm.peak,
            (alarm.expected * THOUSANDTHS).round() as i64,
            alarm.ended_at.map(Moment::ms),
            alarm.acknowledged_at.map(Moment::ms),
            alarm.acknowledged_by.map(|id| id.0),
            alarm.version,
            alarm.category.as_deref()
        ],
    )
    .map(drop)
}

/// Writes what can change; `false` when the row was not at the version before.
pub fn update(tx: &Tx, alarm: &WatchAlarm) -> Result<bool, StoreError> {
    let rows = tx.run(
        UPDATE,
        params![
            alarm.id.0,
            alarm.peak,
            alarm.ended_at.map(Moment::ms),
            alarm.acknowledged_at.map(Moment::ms),
            alarm.acknowledged_by.map(|id| id.0),
            alarm.version
        ],
    )?;
    Ok(rows == 1)
}

/// Tickets that wait in the queue: open, nobody's, and waiting for nobody. Counted to `count_max`.
pub fn depth(db: &Db, queue: &Key, client: ClientId, count_max: i64) -> Result<i64, StoreError> {
    let found = db.one(DEPTH, params![queue.as_str(), client.0, count_max], |row| row.get(0))?;
    Ok(found.unwrap_or(0))
}

/// When the oldest of them was opened.
pub fn oldest(db: &Db, queue: &Key, client: ClientId) -> Result<Option<Moment>, StoreError> {
    db.one(OLDEST, params![queue.as_str(), client.0], |row| moment(row, 0))
}

fn read(row: &Row<'_>) -> rusqlite::Result<WatchAlarm> {
    Ok(WatchAlarm {
        id: id(row, 0)?,
        client: id(row, 1)?,
        kind: from_word(row, 2)?,
        queue: maybe_key(row, 3)?,
        since: moment(row, 4)?,
        raised_at: moment(row, 5)?,
        observed: row.get(6)?,
        peak: row.get(7)?,
        expected: row.get::<_, i64>(8)? as f64 / THOUSANDTHS,
        ended_at: maybe_moment(row, 9)?,
        acknowledged_at: maybe_moment(row, 10)?,
        acknowledged_by: maybe_id(row, 11)?,
        version: row.get(12)?,
        category: maybe_key(row, 13)?,
    })
}
