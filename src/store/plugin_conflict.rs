//! What was changed on both sides of a mirror: both values, which of them stands, and why.

use rusqlite::{Row, params};
use serde_json::Value;

use super::{Db, StoreError, Tx, from_json, from_word, id, json, moment, statements, word};
use crate::domain::plugin::Prefer;
use crate::domain::{ClientId, ConflictId, InstallationId, Moment, TicketId};

statements! {
    INSERT = "insert into plugin_conflict (id, installation, client, ticket, field, ours, theirs, won, why, at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    PAGE = "select id, installation, client, ticket, field, ours, theirs, won, why, at from plugin_conflict
        where installation = ?1 and id < ?2 order by id desc limit ?3";
    DELETE = "delete from plugin_conflict where id in (select id from plugin_conflict where id < ?1 order by id
        limit ?2)";
}

#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    pub id: ConflictId,
    pub installation: InstallationId,
    pub client: ClientId,
    pub ticket: TicketId,
    /// The part of the ticket, such as `subject` or `fields.part`.
    pub field: String,
    /// What stood here.
    pub ours: Value,
    /// What the other side brought.
    pub theirs: Value,
    /// Whose value stands now.
    pub won: Prefer,
    pub why: ConflictWhy,
    pub at: Moment,
}

/// Why two values met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConflictWhy {
    /// Both sides have changed it since they last agreed.
    BothChanged,
    /// The other side had said nothing of it before, and something else stood here.
    FirstWord,
}

pub fn insert(tx: &Tx, conflict: &Conflict) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            conflict.id.0,
            conflict.installation.0,
            conflict.client.0,
            conflict.ticket.0,
            conflict.field,
            json(&conflict.ours)?,
            json(&conflict.theirs)?,
            word(conflict.won),
            word(conflict.why),
            conflict.at.ms()
        ],
    )
    .map(drop)
}

/// Latest first, those before an id.
pub fn page(
    db: &Db,
    installation: InstallationId,
    before: Option<ConflictId>,
    count_max: usize,
) -> Result<Vec<Conflict>, StoreError> {
    let before = before.map_or(i64::MAX, |before| before.0);
    db.all(PAGE, params![installation.0, before, count_max as i64], read)
}

/// Forgets conflicts from before a moment.
pub fn delete_before(tx: &Tx, before: Moment, count_max: usize) -> Result<usize, StoreError> {
    tx.run(DELETE, params![crate::domain::id::smallest_at(before), count_max as i64])
}

fn read(row: &Row<'_>) -> rusqlite::Result<Conflict> {
    Ok(Conflict {
        id: id(row, 0)?,
        installation: id(row, 1)?,
        client: id(row, 2)?,
        ticket: id(row, 3)?,
        field: row.get(4)?,
        ours: from_json(row, 5)?,
        theirs: from_json(row, 6)?,
        won: from_word(row, 7)?,
        why: from_word(row, 8)?,
        at: moment(row, 9)?,
    })
}
