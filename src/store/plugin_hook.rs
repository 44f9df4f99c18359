//! The proof that a request from outside may reach an installation; only its hash.

use rusqlite::params;

use super::{Db, StoreError, Tx, statements};
use crate::domain::InstallationId;

statements! {
    GET = "select token_sha256 from plugin_hook where installation = ?1";
    PUT = "insert into plugin_hook (installation, token_sha256, made_at) values (?1, ?2, ?3)
        on conflict (installation) do update set token_sha256 = ?2, made_at = ?3";
    ERASE = "delete from plugin_hook where installation = ?1";
}

/// The hash of the installation's token; none before one was made.
pub fn token(db: &Db, installation: InstallationId) -> Result<Option<String>, StoreError> {
    db.one(GET, [installation.0], |row| row.get(0))
}

/// Makes a token the installation's only one.
pub fn put(tx: &Tx, installation: InstallationId, token_sha256: &str) -> Result<(), StoreError> {
    tx.run(PUT, params![installation.0, token_sha256, tx.now().ms()]).map(drop)
}

/// Nothing reaches the installation from outside any more.
pub fn erase(tx: &Tx, installation: InstallationId) -> Result<(), StoreError> {
    tx.run(ERASE, [installation.0]).map(drop)
}
