//! Attachments: rows that name files by their hash; who may read the ticket may read the row.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_json, from_word, id, json, maybe_id, moment, statements, word};
use crate::domain::event::Visibility;
use crate::domain::person::Actor;
use crate::domain::{AttachmentId, Moment, TicketId};

statements! {
    INSERT = "insert into attachment (id, sha256, name, media_type, bytes, uploaded_by, uploaded_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    GET = "select id, sha256, name, media_type, bytes, uploaded_by, uploaded_at, ticket, visibility from attachment
        where id = ?1";
    OF_TICKET = "select id, sha256, name, media_type, bytes, uploaded_by, uploaded_at, ticket, visibility
        from attachment where ticket = ?1 order by id";
    BIND = "update attachment set ticket = ?2, visibility = ?3 where id = ?1 and ticket is null";
    FORGET_UNBOUND = "delete from attachment where ticket is null and uploaded_at < ?1 returning sha256";
    UNBOUND_OF = "select bytes from attachment where id >= ?1 and ticket is null and uploaded_by = ?2";
    IS_NAMED = "select 1 from attachment where sha256 = ?1 limit 1";
}

#[derive(Debug, Clone, PartialEq)]
pub struct Attachment {
    pub id: AttachmentId,
    pub sha256: String,
    pub name: String,
    pub media_type: String,
    pub bytes: i64,
    pub uploaded_by: Actor,
    pub uploaded_at: Moment,
    pub ticket: Option<TicketId>,
    pub visibility: Option<Visibility>,
}

pub fn insert(tx: &Tx, attachment: &Attachment) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            attachment.id.0,
            attachment.sha256,
            attachment.name,
            attachment.media_type,
            attachment.bytes,
            json(&attachment.uploaded_by)?,
            attachment.uploaded_at.ms()
        ],
    )
    .map(drop)
}

pub fn get(db: &Db, attachment: AttachmentId) -> Result<Option<Attachment>, StoreError> {
    db.one(GET, [attachment.0], read)
}

pub fn of_ticket(db: &Db, ticket: TicketId) -> Result<Vec<Attachment>, StoreError> {
    db.all(OF_TICKET, [ticket.0], read)
}

/// Hangs an uploaded file on its ticket; `false` when it hangs on one already.
pub fn bind(
    tx: &Tx,
    attachment: AttachmentId,
    ticket: TicketId,
    visibility: Visibility,
) -> Result<bool, StoreError> {
    Ok(tx.run(BIND, params![attachment.0, ticket.0, word(visibility)])? == 1)
}

/// Forgets uploads that no command named; answers the hashes of their files.
pub fn forget_unbound(tx: &Tx, before: Moment) -> Result<Vec<String>, StoreError> {
    tx.all(FORGET_UNBOUND, [before.ms()], |row| row.get(0))
}

/// Bytes of each upload of the actor, from an id on, that no command named.
pub fn unbound_of(db: &Db, actor: &Actor, from_id: i64) -> Result<Vec<i64>, StoreError> {
    db.all(UNBOUND_OF, params![from_id, json(actor)?], |row| row.get(0))
}

/// Whether any row still names the file.
pub fn is_named(db: &Db, sha256: &str) -> Result<bool, StoreError> {
    Ok(db.one(IS_NAMED, [sha256], |_| Ok(()))?.is_some())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Attachment> {
    let visibility = match row.get_ref(8)?.as_str_or_null()? {
        Some(_) => Some(from_word(row, 8)?),
        None => None,
    };
    Ok(Attachment {
        id: id(row, 0)?,
        sha256: row.get(1)?,
        name: row.get(2)?,
        media_type: row.get(3)?,
        bytes: row.get(4)?,
        uploaded_by: from_json(row, 5)?,
        uploaded_at: moment(row, 6)?,
        ticket: maybe_id(row, 7)?,
        visibility,
    })
}
