//! Migrations: embedded, in order, hashed, never edited after release; a backup is taken before one runs.

use std::path::Path;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::sqlite::{StoreError, dialect};
use crate::domain::Moment;

/// One step of the schema.
#[derive(Debug)]
pub struct Migration {
    pub name: &'static str,
    pub sql: &'static str,
}

pub const MIGRATIONS: &[Migration] =
    &[Migration { name: "0001_foundation", sql: include_str!("migrations/0001_foundation.sql") }];

const CREATE_LOG: &str = "create table if not exists migration (
    ordinal bigint not null primary key, name text not null, sha256 text not null, applied_at bigint not null)";
const READ_LOG: &str = "select name, sha256 from migration order by ordinal";
const WRITE_LOG: &str = "insert into migration (ordinal, name, sha256, applied_at) values (?1, ?2, ?3, ?4)";

/// The statements of a migration, one by one, without comments.
pub fn statements(sql: &str) -> impl Iterator<Item = String> {
    let bare: String =
        sql.lines().filter(|line| !line.trim_start().starts_with("--")).collect::<Vec<_>>().join("\n");
    bare.split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

/// Brings the schema up to date. Refuses a schema that is newer, or older files that were edited since.
pub fn migrate(connection: &mut Connection, folder: &Path, now: Moment) -> Result<(), StoreError> {
    connection.execute_batch(&dialect(CREATE_LOG))?;
    let applied: Vec<(String, String)> = {
        let mut statement = connection.prepare(READ_LOG)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<Result<_, _>>()?
    };
    if applied.len() > MIGRATIONS.len() {
        let newest = applied.last().map(|(name, _)| name.clone()).unwrap_or_default();
        return Err(StoreError::Refused(format!(
            "the data folder was made by a newer version (its schema is `{newest}`); start that version, or restore a backup"
        )));
    }
    for ((name, sha256), known) in applied.iter().zip(MIGRATIONS) {
        if name != known.name || *sha256 != hash(known.sql) {
            return Err(StoreError::Refused(format!(
                "the data folder's schema step `{name}` is not the one that this version knows as `{}`",
                known.name
            )));
        }
    }
    let missing = &MIGRATIONS[applied.len()..];
    if missing.is_empty() {
        return Ok(());
    }
    if !applied.is_empty() {
        keep_copy(connection, folder, &applied[applied.len() - 1].0)?;
    }
    let transaction = connection.transaction()?;
    for (offset, migration) in missing.iter().enumerate() {
        for statement in statements(migration.sql) {
            transaction.execute_batch(&dialect(&statement))?;
        }
        super::search::create(&transaction, migration.name)?;
        let ordinal = (applied.len() + offset + 1) as i64;
        transaction.execute(WRITE_LOG, (ordinal, migration.name, hash(migration.sql), now.ms()))?;
    }
    transaction.commit()?;
    Ok(())
}

fn keep_copy(connection: &Connection, folder: &Path, schema: &str) -> Result<(), StoreError> {
    let copy = folder.join(format!("before-migration-from-{schema}.sqlite3"));
    if copy.exists() {
        std::fs::remove_file(&copy).map_err(|error| StoreError::Disk(error.to_string()))?;
    }
    let path = copy.to_string_lossy().into_owned();
    connection.execute("vacuum into ?1", [path])?;
    Ok(())
}

fn hash(text: &str) -> String {
    super::hex(&Sha256::digest(text.as_bytes()))
}
