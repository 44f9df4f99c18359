//! Links between tickets.

use rusqlite::params;

use super::{Db, StoreError, Tx, from_word, id, statements, word};
use crate::domain::TicketId;
use crate::domain::ticket::LinkKind;

statements! {
    PUT = "insert into ticket_link (ticket, other, kind) values (?1, ?2, ?3) on conflict (ticket, other, kind) do nothing";
    REMOVE = "delete from ticket_link where ticket = ?1 and other = ?2 and kind = ?3";
    FROM = "select other, kind from ticket_link where ticket = ?1 order by kind, other";
    TO = "select ticket, kind from ticket_link where other = ?1 order by kind, ticket";
}

/// `false`: the link stood already.
pub fn put(tx: &Tx, ticket: TicketId, other: TicketId, kind: LinkKind) -> Result<bool, StoreError> {
    Ok(tx.run(PUT, params![ticket.0, other.0, word(kind)])? == 1)
}

pub fn remove(tx: &Tx, ticket: TicketId, other: TicketId, kind: LinkKind) -> Result<bool, StoreError> {
    Ok(tx.run(REMOVE, params![ticket.0, other.0, word(kind)])? == 1)
}

/// Links that the ticket carries.
pub fn from(db: &Db, ticket: TicketId) -> Result<Vec<(TicketId, LinkKind)>, StoreError> {
    db.all(FROM, [ticket.0], |row| Ok((id(row, 0)?, from_word(row, 1)?)))
}

/// Links that others carry to the ticket.
pub fn to(db: &Db, ticket: TicketId) -> Result<Vec<(TicketId, LinkKind)>, StoreError> {
    db.all(TO, [ticket.0], |row| Ok((id(row, 0)?, from_word(row, 1)?)))
}
