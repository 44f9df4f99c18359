//! The SQLite driver: one writer connection, a few readers, the dialect's last step, errors sorted by cause.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ffi};

use super::{Db, Tx};

/// Oldest SQLite that is trusted with WAL under load.
const SQLITE_VERSION_MIN: i32 = 3_051_003;
/// How long a reader waits for a checkpoint before it says busy.
const BUSY_MS_MAX: u64 = 2_000;
/// Prepared statements kept for each connection.
const STATEMENTS_KEPT_MAX: usize = 256;
/// Page cache of a connection, in KiB.
const WRITER_CACHE_KIB: i64 = 32 * 1024;
const READER_CACHE_KIB: i64 = 4 * 1024;
/// Where no thread beside the writer does it (`checkpoint.rs`), the log is copied into the database after this many
/// pages.
const CHECKPOINT_PAGES: i64 = 4_000;

pub const DATABASE_FILE: &str = "naryad.sqlite3";

/// What went wrong in the database, sorted by what one can do about it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database is busy; try again shortly")]
    Busy,
    #[error("the disk is full; nothing of this change was stored")]
    Full,
    #[error("the disk failed: {0}")]
    Disk(String),
    #[error("the database file is damaged: {0}; restore a backup")]
    Damaged(String),
    #[error("{0}")]
    Refused(String),
    #[error("the database refused a statement: {0}")]
    Sql(rusqlite::Error),
    #[error("a stored {what} cannot be read: {why}")]
    Unreadable { what: &'static str, why: String },
    /// Something is to be undone within a stretch that has no marks of its own; the stretch is undone whole.
    #[error("this stretch has no mark to go back to")]
    Unmarked,
}

impl StoreError {
    /// The same error once more, for each caller of a batch that was undone.
    #[must_use]
    pub fn again(&self) -> StoreError {
        match self {
            StoreError::Busy => StoreError::Busy,
            StoreError::Full => StoreError::Full,
            StoreError::Disk(said) => StoreError::Disk(said.clone()),
            StoreError::Damaged(said) => StoreError::Damaged(said.clone()),
            StoreError::Refused(said) => StoreError::Refused(said.clone()),
            StoreError::Sql(error) => StoreError::Refused(error.to_string()),
            StoreError::Unreadable { what, why } => StoreError::Unreadable { what, why: why.clone() },
            StoreError::Unmarked => StoreError::Unmarked,
        }
    }
}

impl StoreError {
    /// A word for rooms that must not know the database: `busy`, `storage_full`, or `internal`.
    #[must_use]
    pub fn fault(&self) -> &'static str {
        match self {
            StoreError::Busy => "busy",
            StoreError::Full => "storage_full",
            _ => "internal",
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, ref message) = error else {
            return StoreError::Sql(error);
        };
        let said = message.clone().unwrap_or_else(|| failure.to_string());
        match failure.code {
            ffi::ErrorCode::DatabaseBusy | ffi::ErrorCode::DatabaseLocked => StoreError::Busy,
            ffi::ErrorCode::DiskFull => StoreError::Full,
            ffi::ErrorCode::SystemIoFailure | ffi::ErrorCode::CannotOpen | ffi::ErrorCode::ReadOnly => {
                StoreError::Disk(said)
            }
            ffi::ErrorCode::DatabaseCorrupt | ffi::ErrorCode::NotADatabase => StoreError::Damaged(said),
            _ => StoreError::Sql(error),
        }
    }
}

/// How durable a commit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every commit waits for the disk.
    Full,
    /// For a rehearsal's throw-away database.
    None,
}

/// Memory for pages of a throw-away database.
const REHEARSAL_CACHE_KIB: i64 = 128 * 1024;

/// Indexes by which people's lists are sorted and narrowed. Each costs every change of a ticket.
#[rustfmt::skip]
pub(super) const OF_LISTS: &[&str] = &[
    "ticket_by_queue_updated", "ticket_by_due", "ticket_open", "ticket_by_priority", "ticket_by_updated",
    "ticket_by_client_updated", "ticket_by_client_public", "ticket_waiting", "ticket_marked",
    "notification_by_person", "notification_unread", "run_by_ticket",
];

/// Indexes by which scripts find tickets, and nothing else does.
pub const OF_SEARCHES: &[&str] = &["ticket_by_status", "ticket_by_category", "ticket_by_closing"];

/// Each allocation would be counted under one lock for all threads, and nobody reads the count. It can be said only
/// before the first connection; afterwards it is refused, and nothing is lost.
fn count_no_memory() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        // SAFETY: the option takes one int, and SQLite itself refuses it once it has begun.
        unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, 0 as std::ffi::c_int) };
    });
}

/// Makes a throw-away database quick in which nobody looks at lists: no log beside it, more memory, fewer indexes.
/// What a script finds is the same, for every question says its order.
pub fn make_quick(tx: &Tx) -> Result<(), StoreError> {
    let connection = tx.connection();
    connection.query_row("pragma journal_mode = memory", [], |_| Ok(()))?;
    connection.pragma_update(None, "cache_size", -REHEARSAL_CACHE_KIB)?;
    drop_indexes(tx, OF_LISTS)
}

/// Of a throw-away database in which nobody asks by them.
pub fn drop_indexes(tx: &Tx, indexes: &[&str]) -> Result<(), StoreError> {
    for index in indexes {
        tx.connection().execute_batch(&format!("drop index if exists {index}"))?;
    }
    Ok(())
}

/// The connection that may write. Only one exists for a data folder.
pub fn open_writer(folder: &Path, durability: Durability) -> Result<Connection, StoreError> {
    if rusqlite::version_number() < SQLITE_VERSION_MIN {
        let message = format!("SQLite {} is too old; {SQLITE_VERSION_MIN} is needed", rusqlite::version());
        return Err(StoreError::Refused(message));
    }
    count_no_memory();
    let connection = Connection::open(database_path(folder))?;
    connection.busy_timeout(Duration::from_millis(BUSY_MS_MAX))?;
    // auto_vacuum counts only before the first table exists.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(
        None,
        "synchronous",
        if durability == Durability::Full { "FULL" } else { "OFF" },
    )?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// A connection that copies the log into the database, and does nothing else.
pub(super) fn open_copier(folder: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database_path(folder), flags)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// A connection that cannot write.
pub fn open_reader(folder: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database_path(folder), flags)?;
    connection.busy_timeout(Duration::from_millis(BUSY_MS_MAX))?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
    keep_statements(&connection)?;
    Ok(connection)
}

/// A statement is planned once. Without the guarantee SQLite plans it anew for every other value that a partial
/// index might have to do with (tried: a fifth of the writer's time).
fn keep_statements(connection: &Connection) -> Result<(), StoreError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT_MAX);
    Ok(())
}

#[must_use]
pub fn database_path(folder: &Path) -> PathBuf {
    folder.join(DATABASE_FILE)
}

/// Pages of the file that hold nothing.
pub fn free_pages(db: &Db) -> Result<i64, StoreError> {
    Ok(db.connection().query_row("pragma freelist_count", [], |row| row.get(0))?)
}

/// Gives up to `pages_max` free pages back to the file system.
pub fn give_back(tx: &Tx, pages_max: i64) -> Result<(), StoreError> {
    let mut statement = tx.connection().prepare_cached(&format!("pragma incremental_vacuum({pages_max})"))?;
    let mut pages = statement.query([])?;
    // Each step moves one page.
    while pages.next()?.is_some() {}
    Ok(())
}

/// Tables of short rows under keys of several columns, written with nearly every change of a ticket or import: kept in
/// the key's own tree, they cost one tree instead of two.
const IN_THEIR_KEY: &[&str] = &["sla_clock", "external_ticket", "external_item", "ladder"];

/// A schema statement as SQLite wants it: `bigint` is `integer` (so that a primary key is the rowid) and
/// tables are strict.
#[must_use]
pub fn dialect(statement: &str) -> String {
    let statement = statement.replace(" bigint", " integer");
    let Some(rest) = statement.trim_start().strip_prefix("create table ") else { return statement };
    let is_in_its_key = rest.split_once(' ').is_some_and(|(table, _)| IN_THEIR_KEY.contains(&table));
    format!("{statement} strict{}", if is_in_its_key { ", without rowid" } else { "" })
}
