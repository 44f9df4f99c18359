//! Sites and contacts by what somebody elsewhere calls them.

use rusqlite::params;

use super::{Db, StoreError, id, statements};
use crate::domain::{ClientId, ContactId, SiteId};

statements! {
    SITES_NAMED = "select id from site where client = ?1 and name = ?2 order by id limit 2";
    BY_EMAIL = "select id from contact where client = ?1 and email = ?2 order by id limit 1";
    BY_PHONE = "select id from contact where client = ?1 and phone = ?2 order by id limit 1";
}

/// Sites of this very name; two at most, which is one too many.
pub fn sites_named(db: &Db, client: ClientId, name: &str) -> Result<Vec<SiteId>, StoreError> {
    db.all(SITES_NAMED, params![client.0, name], |row| id(row, 0))
}

/// The contact with the address or number.
pub fn contact_with(
    db: &Db,
    client: ClientId,
    column: &str,
    value: &str,
) -> Result<Option<ContactId>, StoreError> {
    let sql = if column == "email" { BY_EMAIL } else { BY_PHONE };
    db.one(sql, params![client.0, value], |row| id(row, 0))
}
