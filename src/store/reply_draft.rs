//! Replies that people have not sent yet, one for each person and ticket.

use rusqlite::params;

use super::{Db, StoreError, Tx, from_word, moment, statements, word};
use crate::domain::event::Visibility;
use crate::domain::{Moment, PersonId, TicketId};

statements! {
    GET = "select body, visibility, saved_at from reply_draft where person = ?1 and ticket = ?2";
    PUT = "insert into reply_draft (person, ticket, body, visibility, saved_at) values (?1, ?2, ?3, ?4, ?5)
        on conflict (person, ticket) do update set body = ?3, visibility = ?4, saved_at = ?5";
    REMOVE = "delete from reply_draft where person = ?1 and ticket = ?2";
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyDraft {
    pub body: String,
    pub visibility: Visibility,
    pub saved_at: Moment,
}

pub fn get(db: &Db, person: PersonId, ticket: TicketId) -> Result<Option<ReplyDraft>, StoreError> {
    db.one(GET, params![person.0, ticket.0], |row| {
        Ok(ReplyDraft { body: row.get(0)?, visibility: from_word(row, 1)?, saved_at: moment(row, 2)? })
    })
}

pub fn put(
    tx: &Tx,
    person: PersonId,
    ticket: TicketId,
    body: &str,
    visibility: Visibility,
) -> Result<(), StoreError> {
    tx.run(PUT, params![person.0, ticket.0, body, word(visibility), tx.now().ms()]).map(drop)
}

pub fn remove(tx: &Tx, person: PersonId, ticket: TicketId) -> Result<(), StoreError> {
    tx.run(REMOVE, params![person.0, ticket.0]).map(drop)
}
