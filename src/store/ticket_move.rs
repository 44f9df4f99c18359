//! The ways that tickets went, each with when and by whom: what the state graph counts.

use rusqlite::params;

use super::{Db, StoreError, Tx, id, moment, statements};
use crate::domain::state_graph::{Cause, Way, WayKind, counted_since, day_of};
use crate::domain::{ClientId, Moment, TicketId};

/// Rows that a new row of a way lets go, so that they never gather and no turn of the writer is long.
const FORGOTTEN_AT_ONCE_MAX: i64 = 2;

statements! {
    INSERT = "insert into ticket_move (client, kind, origin, target, at, ticket) values (?1, ?2, ?3, ?4, ?5, ?6)";
    FORGET = "delete from ticket_move where client = ?1 and kind = ?2 and origin = ?3 and target = ?4 and at < ?5
        and at <= (select max(oldest.at) from (select at from ticket_move where client = ?1 and kind = ?2
        and origin = ?3 and target = ?4 order by at limit ?6) oldest)";
    COUNT = "insert into ticket_move_day (client, kind, origin, target, cause, day, count)
        values (?1, ?2, ?3, ?4, ?5, ?6, 1) on conflict (client, kind, origin, target, cause, day)
        do update set count = ticket_move_day.count + 1";
    FORGET_DAYS = "delete from ticket_move_day where client = ?1 and kind = ?2 and origin = ?3 and target = ?4
        and cause = ?5 and day < ?6";
    COUNTS = "select kind, origin, target, cause, cast(sum(count) as bigint) from ticket_move_day where client = ?1
        and day >= ?2 group by kind, origin, target, cause order by kind, origin, target, cause limit ?3";
    LATEST = "select at, ticket from ticket_move where client = ?1 and kind = ?2 and origin = ?3 and target = ?4
        and at >= ?5 and (at < ?6 or (at = ?6 and ticket < ?7)) order by at desc, ticket desc limit ?8";
}

/// Keeps and counts one more and lets go of what is counted no longer.
pub fn insert(
    tx: &Tx,
    client: ClientId,
    way: &Way,
    cause: Cause,
    at: Moment,
    ticket: TicketId,
) -> Result<(), StoreError> {
    let (kind, cause, since) = (way.kind.name(), cause.name(), counted_since(tx.now()).ms());
    let (origin, target) = (way.origin.as_str(), way.target.as_str());
    tx.run(INSERT, params![client.0, kind, origin, target, at.ms(), ticket.0])?;
    tx.run(FORGET, params![client.0, kind, origin, target, since, FORGOTTEN_AT_ONCE_MAX])?;
    tx.run(COUNT, params![client.0, kind, origin, target, cause, day_of(at).ms()])?;
    tx.run(FORGET_DAYS, params![client.0, kind, origin, target, cause, since]).map(drop)
}

/// How often each way was gone since the beginning of a day, and by whom; at most `count_max` lines.
pub fn counts(
    db: &Db,
    client: ClientId,
    since: Moment,
    count_max: usize,
) -> Result<Vec<(Way, Cause, i64)>, StoreError> {
    let rows = db.all(COUNTS, params![client.0, since.ms(), count_max as i64], |row| {
        let texts: [String; 4] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
        Ok((texts, row.get::<_, i64>(4)?))
    })?;
    let read = |([kind, origin, target, cause], count): ([String; 4], i64)| {
        let way = Way { kind: WayKind::named(&kind)?, origin, target };
        Some((way, Cause::named(&cause)?, count))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Tickets that went a way since a moment, latest first, from before a place of the list on.
pub fn latest(
    db: &Db,
    client: ClientId,
    way: &Way,
    since: Moment,
    before: (Moment, TicketId),
    count_max: usize,
) -> Result<Vec<(Moment, TicketId)>, StoreError> {
    let (at, ticket) = before;
    let params = params![
        client.0,
        way.kind.name(),
        way.origin,
        way.target,
        since.ms(),
        at.ms(),
        ticket.0,
        count_max as i64
    ];
    db.all(LATEST, params, |row| Ok((moment(row, 0)?, id(row, 1)?)))
}
