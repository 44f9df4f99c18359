//! Foreign things that were copied here, by source and foreign id, so that each is copied once.

use rusqlite::params;

use super::{Db, StoreError, Tx, id, statements};
use crate::domain::{ClientId, InstallationId, TicketId};

statements! {
    TICKET_OF = "select ticket from external_ticket where source = ?1 and external = ?2";
    EXTERNALS_OF = "select source, external from external_ticket where ticket = ?1 order by source, external";
    LINK = "insert into external_ticket (source, external, ticket) values (?1, ?2, ?3)";
    UNLINK = "delete from external_ticket where source = ?1 and external = ?2";
    REMEMBER = "insert into external_item (source, item, at) values (?1, ?2, ?3) on conflict (source, item) do nothing";
}

/// What an import of the client's history calls its source.
#[must_use]
pub fn import_source(client: ClientId) -> String {
    format!("import:{client}")
}

/// What an installation of a plugin calls its source.
#[must_use]
pub fn plugin_source(installation: InstallationId) -> String {
    format!("plugin:{installation}")
}

pub fn ticket_of(db: &Db, source: &str, external: &str) -> Result<Option<TicketId>, StoreError> {
    db.one(TICKET_OF, [source, external], |row| id(row, 0))
}

/// What the ticket is called elsewhere: (source, foreign id).
pub fn externals_of(db: &Db, ticket: TicketId) -> Result<Vec<(String, String)>, StoreError> {
    db.all(EXTERNALS_OF, [ticket.0], |row| Ok((row.get(0)?, row.get(1)?)))
}

pub fn link(tx: &Tx, source: &str, external: &str, ticket: TicketId) -> Result<(), StoreError> {
    tx.run(LINK, params![source, external, ticket.0]).map(drop)
}

pub fn unlink(tx: &Tx, source: &str, external: &str) -> Result<(), StoreError> {
    tx.run(UNLINK, params![source, external]).map(drop)
}

/// Remembers an item; `false` when it is known already.
pub fn remember(tx: &Tx, source: &str, item: &str) -> Result<bool, StoreError> {
    Ok(tx.run(REMEMBER, params![source, item, tx.now().ms()])? == 1)
}
