//! Tasks to departments.

use rusqlite::{Row, params};

use super::{
    Db, StoreError, Tx, from_json, from_word, id, json, key, maybe_id, maybe_key, maybe_moment, moment,
    statements, word,
};
use crate::domain::task::Task;
use crate::domain::{ClientId, Moment, TaskId, TicketId};

statements! {
    GET = "select id, ticket, department, title, due_at, outcomes, partner, fields, state, opened_at, taken_by,
        finished_at, outcome, comment, ordinal, files from task where id = ?1";
    OF_TICKET = "select id, ticket, department, title, due_at, outcomes, partner, fields, state, opened_at, taken_by,
        finished_at, outcome, comment, ordinal, files from task where ticket = ?1 order by id";
    INSERT = "insert into task (id, ticket, department, title, due_at, outcomes, partner, fields, state, opened_at,
        taken_by, finished_at, outcome, comment, ordinal, client, files)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    UPDATE = "update task set fields = ?2, state = ?3, taken_by = ?4, finished_at = ?5, outcome = ?6, comment = ?7,
        files = ?8 where id = ?1";
}

pub fn get(db: &Db, task: TaskId) -> Result<Option<Task>, StoreError> {
    db.one(GET, [task.0], read)
}

/// All tasks of a ticket, oldest first.
pub fn of_ticket(db: &Db, ticket: TicketId) -> Result<Vec<Task>, StoreError> {
    db.all(OF_TICKET, [ticket.0], read)
}

pub fn insert(tx: &Tx, client: ClientId, task: &Task) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            task.id.0,
            task.ticket.0,
            task.department.as_str(),
            task.title.0,
            task.due_at.map(Moment::ms),
            json(&task.outcomes)?,
            task.partner.map(|id| id.0),
            json(&task.fields)?,
            word(task.state),
            task.opened_at.ms(),
            task.taken_by.map(|id| id.0),
            task.finished_at.map(Moment::ms),
            task.outcome.as_deref(),
            task.comment.map(|id| id.0),
            task.ordinal,
            client.0,
            json(&task.files)?
        ],
    )
    .map(drop)
}

pub fn update(tx: &Tx, task: &Task) -> Result<(), StoreError> {
    tx.run(
        UPDATE,
        params![
            task.id.0,
            json(&task.fields)?,
            word(task.state),
            task.taken_by.map(|id| id.0),
            task.finished_at.map(Moment::ms),
            task.outcome.as_deref(),
            task.comment.map(|id| id.0),
            json(&task.files)?
        ],
    )
    .map(drop)
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Task> {
    Ok(Task {
        id: id(row, 0)?,
        ticket: id(row, 1)?,
        department: key(row, 2)?,
        title: id(row, 3)?,
        due_at: maybe_moment(row, 4)?,
        outcomes: from_json(row, 5)?,
        partner: maybe_id(row, 6)?,
        fields: from_json(row, 7)?,
        state: from_word(row, 8)?,
        opened_at: moment(row, 9)?,
        taken_by: maybe_id(row, 10)?,
        finished_at: maybe_moment(row, 11)?,
        outcome: maybe_key(row, 12)?,
        comment: maybe_id(row, 13)?,
        ordinal: row.get(14)?,
        files: from_json(row, 15)?,
    })
}
