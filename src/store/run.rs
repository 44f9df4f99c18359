//! Runs of clients' scripts, each with the facts that it read and the commands that it asked for.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_word, id, maybe_id, moment, statements, word};
use crate::domain::id::smallest_at;
use crate::domain::{ClientId, Moment, PackVersionId, RunId, TicketId};

statements! {
    INSERT = "insert into run (id, client, ticket, pack_version, handler, occasion, facts, commands, state, failure,
        operations, micros, at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    GET = "select id, client, ticket, pack_version, handler, occasion, facts, commands, state, failure, operations,
        micros, at from run where id = ?1";
    OF_TICKET = "select id, client, ticket, pack_version, handler, occasion, facts, commands, state, failure,
        operations, micros, at from run where ticket = ?1 order by id";
    OF_NO_TICKET = "select id, client, ticket, pack_version, handler, occasion, facts, commands, state, failure,
        operations, micros, at from run where client = ?1 and ticket is null order by id";
    DELETE_APPLIED = "delete from run where id in (select id from run where id < ?1 and state = 'applied'
        order by id limit ?2)";
    FORGET_FACTS = "update run set facts = '[]', commands = '[]', occasion = 'null' where id in
        (select id from run where id < ?1 and occasion <> 'null' and state <> 'applied' order by id limit ?2)";
    DELETE_ALL = "delete from run where id in (select id from run where id < ?1 order by id limit ?2)";
}

#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    pub id: RunId,
    pub client: ClientId,
    /// `None`: a schedule's run, about the client as a whole.
    pub ticket: Option<TicketId>,
    pub pack_version: PackVersionId,
    pub handler: String,
    /// JSON text, as are `facts` and `commands`: what woke it, as the workflow room writes it; `null`: forgotten, and
    /// so are its facts and commands.
    pub occasion: String,
    pub facts: String,
    /// What it asked for, each with its line and what became of it.
    pub commands: String,
    pub state: RunState,
    /// Why it failed, with line and column where known.
    pub failure: Option<String>,
    pub operations: i64,
    pub micros: i64,
    pub at: Moment,
}

impl Run {
    /// Whether only the row is left, without what was read and asked for.
    #[must_use]
    pub fn is_forgotten(&self) -> bool {
        self.occasion == "null"
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    Applied,
    /// Its commands were undone.
    Failed,
    /// Not run: the client's script is in quarantine.
    Quarantined,
}

pub fn insert(tx: &Tx, run: &Run) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            run.id.0,
            run.client.0,
            run.ticket.map(|id| id.0),
            run.pack_version.0,
            run.handler,
            run.occasion,
            run.facts,
            run.commands,
            word(run.state),
            run.failure,
            run.operations,
            run.micros,
            run.at.ms()
        ],
    )
    .map(drop)
}

pub fn get(db: &Db, run: RunId) -> Result<Option<Run>, StoreError> {
    db.one(GET, [run.0], read)
}

pub fn of_ticket(db: &Db, ticket: TicketId) -> Result<Vec<Run>, StoreError> {
    db.all(OF_TICKET, [ticket.0], read)
}

/// Runs of the client's schedules: they are about no single ticket.
pub fn of_no_ticket(db: &Db, client: ClientId) -> Result<Vec<Run>, StoreError> {
    db.all(OF_NO_TICKET, [client.0], read)
}

/// Forgets applied runs of long ago.
pub fn delete_applied(tx: &Tx, before: Moment, count_max: usize) -> Result<usize, StoreError> {
    tx.run(DELETE_APPLIED, params![smallest_at(before), count_max as i64])
}

/// Forgets what failed runs of long ago read and asked for; that they failed, and why, stays.
pub fn forget_facts(tx: &Tx, before: Moment, count_max: usize) -> Result<usize, StoreError> {
    tx.run(FORGET_FACTS, params![smallest_at(before), count_max as i64])
}

/// Forgets all runs of long ago.
pub fn delete_all(tx: &Tx, before: Moment, count_max: usize) -> Result<usize, StoreError> {
    tx.run(DELETE_ALL, params![smallest_at(before), count_max as i64])
}

fn read(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: id(row, 0)?,
        client: id(row, 1)?,
        ticket: maybe_id(row, 2)?,
        pack_version: id(row, 3)?,
        handler: row.get(4)?,
        occasion: row.get(5)?,
        facts: row.get(6)?,
        commands: row.get(7)?,
        state: from_word(row, 8)?,
        failure: row.get(9)?,
        operations: row.get(10)?,
        micros: row.get(11)?,
        at: moment(row, 12)?,
    })
}
