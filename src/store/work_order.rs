//! Work orders.

use rusqlite::{Row, params};

use super::{
    Db, StoreError, Tx, from_json, from_word, id, json, maybe_id, maybe_key, maybe_moment, moment,
    statements, word,
};
use crate::domain::report::OrderReport;
use crate::domain::work_order::WorkOrder;
use crate::domain::{ClientId, Moment, TicketId, WorkOrderId};

statements! {
    GET = "select id, ticket, engineer, stage, note, due_at, planned_at, opened_at, arrived_at, finished_at, outcome,
        comment, parts_needed, ordinal, report_wanted, report_state from work_order where id = ?1";
    OF_TICKET = "select id, ticket, engineer, stage, note, due_at, planned_at, opened_at, arrived_at, finished_at,
        outcome, comment, parts_needed, ordinal, report_wanted, report_state from work_order where ticket = ?1 order by id";
    INSERT = "insert into work_order (id, ticket, engineer, stage, note, due_at, planned_at, opened_at, arrived_at,
        finished_at, outcome, comment, parts_needed, ordinal, client, is_open, report_wanted, report_state)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
    UPDATE = "update work_order set stage = ?2, planned_at = ?3, arrived_at = ?4, finished_at = ?5, outcome = ?6,
        comment = ?7, parts_needed = ?8, is_open = ?9, report_wanted = ?10, report_state = ?11 where id = ?1";
}

pub fn get(db: &Db, order: WorkOrderId) -> Result<Option<WorkOrder>, StoreError> {
    db.one(GET, [order.0], read)
}

/// All work orders of a ticket, oldest first.
pub fn of_ticket(db: &Db, ticket: TicketId) -> Result<Vec<WorkOrder>, StoreError> {
    db.all(OF_TICKET, [ticket.0], read)
}

pub fn insert(tx: &Tx, client: ClientId, order: &WorkOrder) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            order.id.0,
            order.ticket.0,
            order.engineer.0,
            word(order.stage),
            order.note.map(|id| id.0),
            order.due_at.map(Moment::ms),
            order.planned_at.map(Moment::ms),
            order.opened_at.ms(),
            order.arrived_at.map(Moment::ms),
            order.finished_at.map(Moment::ms),
            order.outcome.as_deref(),
            order.comment.map(|id| id.0),
            json(&order.parts_needed)?,
            order.ordinal,
            client.0,
            order.stage.is_open(),
            wanted(order)?,
            word(order.report.state)
        ],
    )
    .map(drop)
}

pub fn update(tx: &Tx, order: &WorkOrder) -> Result<(), StoreError> {
    tx.run(
        UPDATE,
        params![
            order.id.0,
            word(order.stage),
            order.planned_at.map(Moment::ms),
            order.arrived_at.map(Moment::ms),
            order.finished_at.map(Moment::ms),
            order.outcome.as_deref(),
            order.comment.map(|id| id.0),
            json(&order.parts_needed)?,
            order.stage.is_open(),
            wanted(order)?,
            word(order.report.state)
        ],
    )
    .map(drop)
}

fn wanted(order: &WorkOrder) -> Result<Option<String>, StoreError> {
    order.report.wanted.as_ref().map(json).transpose()
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<WorkOrder> {
    let wanted = match row.get_ref(14)?.as_str_or_null()? {
        Some(_) => Some(from_json(row, 14)?),
        None => None,
    };
    Ok(WorkOrder {
        id: id(row, 0)?,
        ticket: id(row, 1)?,
        engineer: id(row, 2)?,
        stage: from_word(row, 3)?,
        note: maybe_id(row, 4)?,
        due_at: maybe_moment(row, 5)?,
        planned_at: maybe_moment(row, 6)?,
        opened_at: moment(row, 7)?,
        arrived_at: maybe_moment(row, 8)?,
        finished_at: maybe_moment(row, 9)?,
        outcome: maybe_key(row, 10)?,
        comment: maybe_id(row, 11)?,
        parts_needed: from_json(row, 12)?,
        ordinal: row.get(13)?,
        report: OrderReport { wanted, state: from_word(row, 15)? },
    })
}
