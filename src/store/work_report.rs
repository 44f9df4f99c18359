//! Reports of visits; those that were returned stay.

use rusqlite::{Row, params};

use super::{
    Db, StoreError, Tx, from_json, from_word, id, json, maybe_id, maybe_moment, moment, statements, word,
};
use crate::domain::report::Report;
use crate::domain::{ClientId, Moment, TicketId, WorkOrderId};

statements! {
    OF_TICKET = "select id, ticket, work_order, number, handed_in_by, handed_in_at, comment, papers, verdict, defects,
        judged_by, judged_at from work_report where ticket = ?1 order by id";
    OF_ORDER = "select id, ticket, work_order, number, handed_in_by, handed_in_at, comment, papers, verdict, defects,
        judged_by, judged_at from work_report where work_order = ?1 order by number";
    INSERT = "insert into work_report (id, ticket, client, work_order, number, handed_in_by, handed_in_at, comment, papers)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    JUDGE = "update work_report set verdict = ?3, defects = ?4, judged_by = ?5, judged_at = ?6
        where work_order = ?1 and number = ?2";
}

/// All reports of a ticket's visits, oldest first.
pub fn of_ticket(db: &Db, ticket: TicketId) -> Result<Vec<Report>, StoreError> {
    db.all(OF_TICKET, [ticket.0], read)
}

/// All reports of one visit, the first one first.
pub fn of_order(db: &Db, order: WorkOrderId) -> Result<Vec<Report>, StoreError> {
    db.all(OF_ORDER, [order.0], read)
}

/// A report that was just handed in.
pub fn insert(tx: &Tx, client: ClientId, report: &Report) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            report.id.0,
            report.ticket.0,
            client.0,
            report.order.0,
            report.number,
            report.handed_in_by.map(|id| id.0),
            report.handed_in_at.ms(),
            report.comment.map(|id| id.0),
            json(&report.papers)?,
        ],
    )
    .map(drop)
}

/// Writes what was said of it.
pub fn judge(tx: &Tx, report: &Report) -> Result<(), StoreError> {
    tx.run(
        JUDGE,
        params![
            report.order.0,
            report.number,
            report.verdict.map(word),
            report.defects.map(|id| id.0),
            report.judged_by.map(|id| id.0),
            report.judged_at.map(Moment::ms),
        ],
    )
    .map(drop)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Report> {
    let verdict = match row.get_ref(8)?.as_str_or_null()? {
        Some(_) => Some(from_word(row, 8)?),
        None => None,
    };
    Ok(Report {
        id: id(row, 0)?,
        ticket: id(row, 1)?,
        order: id(row, 2)?,
        number: row.get(3)?,
        handed_in_by: maybe_id(row, 4)?,
        handed_in_at: moment(row, 5)?,
        comment: maybe_id(row, 6)?,
        papers: from_json(row, 7)?,
        verdict,
        defects: maybe_id(row, 9)?,
        judged_by: maybe_id(row, 10)?,
        judged_at: maybe_moment(row, 11)?,
    })
}
