//! The database: a transaction with one `now`, readers, and one file for each table.

pub mod migrations;
pub mod sqlite;

pub mod api_token;
pub mod arrival;
pub mod attachment;
pub mod candidate;
mod checkpoint;
pub mod client;
pub(crate) mod conditions;
pub mod contract;
pub mod due;
pub mod event;
pub mod external;
pub mod files;
pub mod foreign_login;
pub mod hold;
pub mod holiday_list;
pub mod idempotency;
pub mod incident;
pub mod job;
pub mod journal;
pub mod ladder;
pub mod last_id;
pub mod link;
pub mod notification;
pub mod pack;
pub mod pack_test;
pub mod person;
pub mod place;
pub mod place_list;
pub mod place_names;
pub mod plugin;
pub mod plugin_call;
pub mod plugin_change;
pub mod plugin_conflict;
pub mod plugin_hook;
pub mod plugin_item;
pub mod plugin_key;
pub mod plugin_state;
pub mod rating;
pub mod reply_draft;
pub mod reset_link;
pub mod roster;
pub mod run;
pub mod run_hour;
pub mod saved_view;
pub mod search;
pub mod session;
pub mod setting;
pub mod shadow;
pub mod shift_pattern;
pub mod similar;
pub mod sla_clock;
pub mod specialist;
pub mod standing;
pub mod swap_offer;
pub mod task;
pub mod text;
pub mod ticket;
pub mod ticket_list;
pub mod ticket_move;
pub mod ticket_row;
pub mod time_entry;
pub mod transfer;
pub mod version_move;
pub mod waiting;
pub mod watch_alarm;
pub mod work_list;
pub mod work_order;
pub mod work_report;

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, Params, Row};

pub use sqlite::{Durability, StoreError};

use crate::domain::id::IdMaker;
use crate::domain::{Key, Moment};

/// Readers that wait for the next query; more are opened when all are in use.
const READERS_KEPT_MAX: usize = 8;

/// Names the statements of a file and lists them all, so that a test can prepare each on PostgreSQL too.
macro_rules! statements {
    ($($name:ident = $sql:expr;)*) => {
        $(const $name: &str = $sql;)*
        pub(super) const STATEMENTS: &[(&str, &str)] = &[$((concat!(module_path!(), "::", stringify!($name)), $name)),*];
    };
}
pub(crate) use statements;

/// Every statement that must also be PostgreSQL, with its name.
#[must_use]
pub fn portable_statements() -> Vec<(&'static str, &'static str)> {
    let mut all = [
        client::STATEMENTS,
        person::STATEMENTS,
        candidate::STATEMENTS,
        roster::STATEMENTS,
        shift_pattern::STATEMENTS,
        swap_offer::STATEMENTS,
        specialist::STATEMENTS,
        standing::STATEMENTS,
        foreign_login::STATEMENTS,
        place::STATEMENTS,
        ticket::STATEMENTS,
        text::STATEMENTS,
        event::STATEMENTS,
        task::STATEMENTS,
        work_order::STATEMENTS,
        work_report::STATEMENTS,
        time_entry::STATEMENTS,
        contract::STATEMENTS,
        similar::STATEMENTS,
        sla_clock::STATEMENTS,
        due::STATEMENTS,
        incident::STATEMENTS,
        ladder::STATEMENTS,
        rating::STATEMENTS,
        arrival::STATEMENTS,
        ticket_move::STATEMENTS,
        version_move::STATEMENTS,
        watch_alarm::STATEMENTS,
        waiting::STATEMENTS,
        job::STATEMENTS,
        journal::STATEMENTS,
        last_id::STATEMENTS,
        run::STATEMENTS,
        run_hour::STATEMENTS,
        pack::STATEMENTS,
        pack_test::STATEMENTS,
        shadow::STATEMENTS,
        hold::STATEMENTS,
        link::STATEMENTS,
        attachment::STATEMENTS,
        notification::STATEMENTS,
        holiday_list::STATEMENTS,
        idempotency::STATEMENTS,
        external::STATEMENTS,
        plugin::STATEMENTS,
        plugin_call::STATEMENTS,
        plugin_change::STATEMENTS,
        plugin_conflict::STATEMENTS,
        plugin_hook::STATEMENTS,
        plugin_item::STATEMENTS,
        plugin_key::STATEMENTS,
        plugin_state::STATEMENTS,
        setting::STATEMENTS,
        session::STATEMENTS,
        api_token::STATEMENTS,
        reset_link::STATEMENTS,
        reply_draft::STATEMENTS,
        saved_view::STATEMENTS,
        place_list::STATEMENTS,
        place_names::STATEMENTS,
        work_list::STATEMENTS,
        ticket_list::STATEMENTS,
    ]
    .concat();
    all.extend(ticket_row::statements());
    all
}

/// A connection to read from.
#[derive(Debug)]
pub struct Db {
    connection: Connection,
}

impl Db {
    /// The first row, if there is one.
    pub(crate) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        match rows.next()? {
            Some(row) => Ok(Some(read(row)?)),
            None => Ok(None),
        }
    }

    pub(crate) fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params, read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// For backup and checks.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }
}

/// The open transaction: it reads, writes, and carries the one `now`.
#[derive(Debug)]
pub struct Tx {
    db: Db,
    now: Cell<Moment>,
    ids: RefCell<IdMaker>,
    seq: Cell<i64>,
    /// Words that go into the search index with the commit.
    words: search::Pending,
    /// Whether nothing is marked: the transaction stands or falls whole.
    is_unmarked: Cell<bool>,
    /// Dropped after the connection, whose commits wake it.
    _checkpointer: Option<checkpoint::Checkpointer>,
}

impl Deref for Tx {
    type Target = Db;
    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Tx {
    #[must_use]
    pub fn now(&self) -> Moment {
        self.now.get()
    }

    pub fn id<T: From<i64>>(&self) -> T {
        self.ids.borrow_mut().next(self.now.get())
    }

    /// The next number in the order of commits.
    pub(crate) fn next_seq(&self) -> i64 {
        self.seq.set(self.seq.get() + 1);
        self.seq.get()
    }

    /// The number of the last event.
    #[must_use]
    pub fn last_seq(&self) -> i64 {
        self.seq.get()
    }

    pub(crate) fn run(&self, sql: &str, params: impl Params) -> Result<usize, StoreError> {
        Ok(self.db.connection.prepare_cached(sql)?.execute(params)?)
    }

    /// Opens the transaction, which takes `now` for all that happens in it.
    pub fn begin(&self, now: Moment) -> Result<(), StoreError> {
        self.now.set(now);
        self.run("begin immediate", []).map(drop)
    }

    /// Goes on in the transaction that is open, with another `now`; opens one when there is none.
    pub fn go_on(&self, now: Moment) -> Result<(), StoreError> {
        if !self.is_open() {
            return self.begin(now);
        }
        self.now.set(now);
        Ok(())
    }

    pub fn commit(&self) -> Result<(), StoreError> {
        self.words.write(self)?;
        self.run("commit", []).map(drop)
    }

    /// Writes into the search index what waits for the commit. Only where no savepoint is open: what is undone would take
    /// with it what was from before.
    pub(crate) fn write_words(&self) -> Result<(), StoreError> {
        self.words.write(self)
    }

    /// From now on the search index takes no words: for a rehearsal in which nobody looks for any.
    pub(crate) fn leave_words_out(&self) {
        self.words.leave_out();
    }

    /// Undoes everything since `begin`; also after SQLite undid it by itself.
    pub fn rollback(&self) -> Result<(), StoreError> {
        self.words.clear();
        if !self.db.connection.is_autocommit() {
            self.run("rollback", [])?;
        }
        self.read_seq()
    }

    /// Whether the transaction is still there: a full disk may have ended it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.db.connection.is_autocommit()
    }

    /// Marks a point to which `undo_to` goes back. Points nest by name.
    pub fn mark(&self, point: Savepoint) -> Result<(), StoreError> {
        if self.is_unmarked() {
            return Ok(());
        }
        self.words.mark(point);
        self.run(point.sql()[0], []).map(drop)
    }

    pub fn keep(&self, point: Savepoint) -> Result<(), StoreError> {
        if self.is_unmarked() {
            return Ok(());
        }
        self.run(point.sql()[1], []).map(drop)
    }

    /// Undoes what was done since the point was marked. In an unmarked transaction it cannot be: the caller hands the
    /// error up to who began that.
    pub fn undo_to(&self, point: Savepoint) -> Result<(), StoreError> {
        if self.is_unmarked() {
            return Err(StoreError::Unmarked);
        }
        self.words.undo_to(point);
        self.run(point.sql()[2], [])?;
        self.run(point.sql()[1], [])?;
        self.read_seq()
    }

    /// Whether points are passed over: each costs a copy of every page that is changed after it.
    pub(crate) fn set_unmarked(&self, is_unmarked: bool) {
        self.is_unmarked.set(is_unmarked);
    }

    #[must_use]
    pub(crate) fn is_unmarked(&self) -> bool {
        self.is_unmarked.get()
    }

    /// Where the ids stand, for `go_on_with`.
    pub(crate) fn ids(&self) -> IdMaker {
        self.ids.borrow().clone()
    }

    /// After all was undone that was made since: the same ids are given once more.
    pub(crate) fn go_on_with(&self, ids: IdMaker) {
        self.ids.replace(ids);
    }

    fn read_seq(&self) -> Result<(), StoreError> {
        self.seq.set(event::last_seq(self)?);
        Ok(())
    }
}

/// The points that a transaction can go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Savepoint {
    /// Around each command of a batch.
    Command,
    /// Around one of several changes that one command makes, each of which may be refused alone.
    Part,
    /// Around the commands of one script run.
    ScriptRun,
}

impl Savepoint {
    fn sql(self) -> [&'static str; 3] {
        match self {
            Savepoint::Command => ["savepoint command", "release command", "rollback to command"],
            Savepoint::Part => ["savepoint part", "release part", "rollback to part"],
            Savepoint::ScriptRun => ["savepoint script_run", "release script_run", "rollback to script_run"],
        }
    }
}

/// Readers that are lent out and come back.
#[derive(Debug, Clone)]
pub struct Readers {
    folder: Arc<PathBuf>,
    idle: Arc<Mutex<Vec<Db>>>,
}

impl Readers {
    /// Readers of a folder that another process of the same version writes.
    #[must_use]
    pub fn beside(folder: &Path) -> Readers {
        Readers { folder: Arc::new(folder.to_owned()), idle: Arc::default() }
    }

    /// Runs `read` in one short read transaction, so that it sees one state.
    pub fn read<T, E: From<StoreError>>(&self, read: impl FnOnce(&Db) -> Result<T, E>) -> Result<T, E> {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let db = match idle {
            Some(db) => db,
            None => Db { connection: sqlite::open_reader(&self.folder)? },
        };
        db.connection.execute_batch("begin").map_err(StoreError::from)?;
        let answer = read(&db);
        // A reader that cannot even end its transaction is dropped with its connection.
        if db.connection.execute_batch("commit").is_ok()
            && let Ok(mut idle) = self.idle.lock()
            && idle.len() < READERS_KEPT_MAX
        {
            idle.push(db);
        }
        answer
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Opens the database of a data folder, brings its schema up to date, and gives the only writer.
pub fn open(
    folder: &Path,
    durability: Durability,
    ids: IdMaker,
    now: Moment,
) -> Result<(Tx, Readers), StoreError> {
    let mut connection = sqlite::open_writer(folder, durability)?;
    migrations::migrate(&mut connection, folder, now)?;
    let checkpointer = match durability {
        Durability::Full => Some(checkpoint::Checkpointer::start(&mut connection, folder)?),
        Durability::None => None,
    };
    let tx = Tx {
        db: Db { connection },
        now: Cell::new(now),
        ids: RefCell::new(ids),
        seq: Cell::new(0),
        words: search::Pending::default(),
        is_unmarked: Cell::new(false),
        _checkpointer: checkpointer,
    };
    tx.read_seq()?;
    if let Some(last) = last_id::read(&tx)? {
        tx.ids.borrow_mut().go_on_after(last);
    }
    Ok((tx, Readers::beside(folder)))
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

/// A value as the JSON text of a column.
pub(crate) fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Unreadable { what: "value", why: error.to_string() })
}

/// Reads a column of JSON text.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| unreadable(column, error))
}

/// Reads a column of JSON text that may be null.
pub(crate) fn maybe_json<T: serde::de::DeserializeOwned>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    text.map(serde_json::from_str).transpose().map_err(|error| unreadable(column, error))
}

/// Reads a column that holds the bare word of an enum.
pub(crate) fn from_word<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    use serde::de::IntoDeserializer;
    let text = row.get_ref(column)?.as_str()?;
    let deserializer: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
        text.into_deserializer();
    T::deserialize(deserializer).map_err(|error| unreadable(column, error))
}

/// The bare word of an enum.
pub(crate) fn word<T: serde::Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        other => unreachable!("only enums of bare words are stored as words, not {other:?}"),
    }
}

pub(crate) fn key(row: &Row<'_>, column: usize) -> rusqlite::Result<Key> {
    Key::new(row.get_ref(column)?.as_str()?).map_err(|error| unreadable(column, error))
}

pub(crate) fn maybe_key(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Key>> {
    match row.get_ref(column)?.as_str_or_null()? {
        Some(text) => Key::new(text).map(Some).map_err(|error| unreadable(column, error)),
        None => Ok(None),
    }
}

pub(crate) fn moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Moment> {
    row.get(column).map(Moment::from_ms)
}

pub(crate) fn maybe_moment(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Moment>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Moment::from_ms))
}

/// Reads an id.
pub(crate) fn id<T: From<i64>>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    row.get(column).map(|number: i64| T::from(number))
}

pub(crate) fn maybe_id<T: From<i64>>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(T::from))
}

fn unreadable(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
}

#[cfg(test)]
mod tests;
