//! Ladders and expectations that stand on tickets.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_json, json, moment, statements};
use crate::domain::ladder::Ladder;
use crate::domain::{Moment, TicketId};

statements! {
    PUT = "insert into ladder (ticket, name, body, next_rung, started_at) values (?1, ?2, ?3, ?4, ?5)
        on conflict (ticket, name) do update set body = ?3, next_rung = ?4, started_at = ?5";
    OF_TICKET = "select body, next_rung, started_at from ladder where ticket = ?1 order by name";
    REMOVE = "delete from ladder where ticket = ?1 and name = ?2";
}

/// A ladder and how far it is climbed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub ladder: Ladder,
    /// From 1.
    pub next_rung: i64,
    pub started_at: Moment,
}

/// By their names.
pub fn of_ticket(db: &Db, ticket: TicketId) -> Result<Vec<Standing>, StoreError> {
    db.all(OF_TICKET, [ticket.0], read)
}

/// Sets the ticket's ladder of that name.
pub fn put(tx: &Tx, ticket: TicketId, standing: &Standing) -> Result<(), StoreError> {
    let Standing { ladder, next_rung, started_at } = standing;
    let row = params![ticket.0, ladder.name.as_str(), json(ladder)?, next_rung, started_at.ms()];
    tx.run(PUT, row).map(drop)
}

pub fn remove(tx: &Tx, ticket: TicketId, name: &str) -> Result<(), StoreError> {
    tx.run(REMOVE, params![ticket.0, name]).map(drop)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Standing> {
    Ok(Standing { ladder: from_json(row, 0)?, next_rung: row.get(1)?, started_at: moment(row, 2)? })
}
