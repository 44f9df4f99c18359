//! Moves of open tickets to another version of their pack, and the tickets that they left behind.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_json, id, json, maybe_moment, moment, statements};
use crate::domain::version_move::{Obstacle, VersionMove};
use crate::domain::{ClientId, Moment, MoveId, PackVersionId, TicketId};

macro_rules! columns {
    () => {
        "id, client, version, actor, after, total, moved, stayed, started_at, finished_at, is_replaced"
    };
}

statements! {
    INSERT = concat!("insert into version_move (", columns!(), ") values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    UPDATE = "update version_move set after = ?2, moved = ?3, stayed = ?4, finished_at = ?5, is_replaced = ?6 where id = ?1";
    RUNNING = concat!("select ", columns!(), " from version_move where client = ?1 and finished_at is null");
    LATEST = concat!("select ", columns!(), " from version_move where client = ?1 order by id desc limit 1");
    COUNT_OTHERS = "select count(*) from ticket where client = ?1 and phase <> 'closed'
        and (pack_version is null or pack_version <> ?2)";
    NOTE_STAY = "insert into version_stay (moving, ticket, obstacles) values (?1, ?2, ?3)
        on conflict (moving, ticket) do update set obstacles = ?3";
    STAYS = "select ticket, obstacles from version_stay where moving = ?1 and ticket > ?2 order by ticket limit ?3";
}

pub fn insert(tx: &Tx, own: &VersionMove) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            own.id.0,
            own.client.0,
            own.to.0,
            json(&own.actor)?,
            own.after.0,
            own.total,
            own.moved,
            own.stayed,
            own.started_at.ms(),
            own.finished_at.map(Moment::ms),
            own.is_replaced
        ],
    )
    .map(drop)
}

/// Writes how far it is.
pub fn update(tx: &Tx, own: &VersionMove) -> Result<(), StoreError> {
    let finished_at = own.finished_at.map(Moment::ms);
    tx.run(UPDATE, params![own.id.0, own.after.0, own.moved, own.stayed, finished_at, own.is_replaced])
        .map(drop)
}

/// The one that goes on.
pub fn running(db: &Db, client: ClientId) -> Result<Option<VersionMove>, StoreError> {
    db.one(RUNNING, [client.0], read)
}

/// The last that began.
pub fn latest(db: &Db, client: ClientId) -> Result<Option<VersionMove>, StoreError> {
    db.one(LATEST, [client.0], read)
}

/// Open tickets of the client that go by another version.
pub fn count_others(db: &Db, client: ClientId, version: PackVersionId) -> Result<i64, StoreError> {
    Ok(db.one(COUNT_OTHERS, [client.0, version.0], |row| row.get(0))?.unwrap_or_default())
}

pub fn note_stay(
    tx: &Tx,
    moving: MoveId,
    ticket: TicketId,
    obstacles: &[Obstacle],
) -> Result<(), StoreError> {
    tx.run(NOTE_STAY, params![moving.0, ticket.0, json(&obstacles)?]).map(drop)
}

/// Tickets after `after` that stayed behind, in order, and why.
pub fn stays(
    db: &Db,
    moving: MoveId,
    after: TicketId,
    count_max: usize,
) -> Result<Vec<(TicketId, Vec<Obstacle>)>, StoreError> {
    db.all(STAYS, params![moving.0, after.0, count_max as i64], |row| Ok((id(row, 0)?, from_json(row, 1)?)))
}

fn read(row: &Row<'_>) -> rusqlite::Result<VersionMove> {
    Ok(VersionMove {
        id: id(row, 0)?,
        client: id(row, 1)?,
        to: id(row, 2)?,
        actor: from_json(row, 3)?,
        after: TicketId(row.get(4)?),
        total: row.get(5)?,
        moved: row.get(6)?,
        stayed: row.get(7)?,
        started_at: moment(row, 8)?,
        finished_at: maybe_moment(row, 9)?,
        is_replaced: row.get(10)?,
    })
}
