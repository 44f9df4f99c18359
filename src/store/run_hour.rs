//! Runs counted by the hour: what a month of them comes to is read from a few hundred rows. The clean-up counts hours that
//! are over; what came since is counted from the runs themselves.

use std::collections::BTreeMap;

use rusqlite::{params, params_from_iter};

use super::{Db, StoreError, Tx, client, setting, statements};
use crate::domain::id::smallest_at;
use crate::domain::{ClientId, Moment, Span};

const HOUR: Span = Span::hours(1);
/// The first hour that is not counted yet.
const COUNTED: &str = "run_hours_counted";
/// Hours that are counted in one transaction.
const HOURS_AT_ONCE: i64 = 24;

statements! {
    FIRST_RUN = "select min(id) from run";
    COUNT = "insert into run_hour (client, hour, handler, runs, failures)
        select client, id / ?4, handler, count(*), sum(case when state = 'failed' then 1 else 0 end) from run
        where client = ?1 and id >= ?2 and id < ?3 and state <> 'quarantined' group by client, id / ?4, handler";
    OF_RUNS = "select handler, sum(case when id >= ?3 then 1 else 0 end),
        sum(case when id >= ?3 and state = 'failed' then 1 else 0 end), sum(case when id >= ?2 then 1 else 0 end),
        sum(case when id >= ?2 and state = 'failed' then 1 else 0 end), count(*),
        sum(case when state = 'failed' then 1 else 0 end) from run
        where client = ?1 and id >= ?4 and state <> 'quarantined' group by handler";
    OF_EDGE = "select handler, 0, 0, count(*), sum(case when state = 'failed' then 1 else 0 end), 0, 0 from run
        where client = ?1 and id >= ?2 and id < ?3 and state <> 'quarantined' group by handler";
    OF_HOURS = "select handler, 0, 0, sum(case when hour >= ?2 then runs else 0 end),
        sum(case when hour >= ?2 then failures else 0 end), sum(runs), sum(failures) from run_hour
        where client = ?1 and hour >= ?3 and hour < ?4 group by handler";
    DELETE_OLD = "delete from run_hour where hour < ?1";
}

/// Runs, and those of them that failed, of a handler: of the last hour, of the last day, of the last month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    pub handler: String,
    pub periods: [(i64, i64); 3],
}

/// Since three moments, the latest first, the last of them to the hour; what was not run in quarantine is not among them.
pub fn rates(db: &Db, client: ClientId, since: [Moment; 3]) -> Result<Vec<Rates>, StoreError> {
    let [hour, day, month] = since;
    let month = hour_of(month);
    // Runs are counted one by one from here on.
    let recent = counted(db)?.unwrap_or(month).min(hour_of(hour)).max(month);
    let whole_day = hour_of(day + HOUR - Span::from_ms(1));
    let mut found: BTreeMap<String, [(i64, i64); 3]> = BTreeMap::new();
    let mut add = |sql: &str, values: &[i64]| {
        let rows = db.all(sql, params_from_iter(values), |row| {
            let pair = |column| Ok::<(i64, i64), rusqlite::Error>((row.get(column)?, row.get(column + 1)?));
            Ok((row.get::<_, String>(0)?, [pair(1)?, pair(3)?, pair(5)?]))
        })?;
        for (handler, periods) in rows {
            let own = found.entry(handler).or_default();
            for (sum, (runs, failures)) in own.iter_mut().zip(periods) {
                *sum = (sum.0 + runs, sum.1 + failures);
            }
        }
        Ok::<_, StoreError>(())
    };
    add(OF_RUNS, &[client.0, smallest_at(day), smallest_at(hour), first_id(recent)])?;
    add(OF_HOURS, &[client.0, whole_day, month, recent])?;
    if whole_day <= recent {
        add(OF_EDGE, &[client.0, smallest_at(day), first_id(whole_day)])?;
    }
    Ok(found.into_iter().map(|(handler, periods)| Rates { handler, periods }).collect())
}

/// Counts some of the hours that are over and not counted yet; says how many.
pub fn count_hours(tx: &Tx, now: Moment) -> Result<usize, StoreError> {
    let first = match counted(tx)? {
        Some(first) => first,
        None => {
            let oldest = tx.one(FIRST_RUN, [], |row| row.get::<_, Option<i64>>(0))?.flatten();
            oldest.map_or(hour_of(now), |id| id / ids_of_hour())
        }
    };
    let end = hour_of(now).min(first + HOURS_AT_ONCE);
    if end <= first {
        return Ok(0);
    }
    for own in client::all(tx)? {
        tx.run(COUNT, params![own.id.0, first_id(first), first_id(end), ids_of_hour()])?;
    }
    setting::put(tx, COUNTED, &end.to_string())?;
    Ok(usize::try_from(end - first).unwrap_or_default())
}

/// Forgets counts of long ago.
pub fn delete_before(tx: &Tx, before: Moment) -> Result<usize, StoreError> {
    tx.run(DELETE_OLD, [hour_of(before)])
}

fn counted(db: &Db) -> Result<Option<i64>, StoreError> {
    Ok(setting::get(db, COUNTED)?.and_then(|hour| hour.parse().ok()))
}

fn hour_of(at: Moment) -> i64 {
    at.ms().div_euclid(HOUR.ms())
}

fn first_id(hour: i64) -> i64 {
    smallest_at(Moment::from_ms(hour.saturating_mul(HOUR.ms())))
}

/// Ids are made in the order of time, as many to each hour.
fn ids_of_hour() -> i64 {
    first_id(1)
}
