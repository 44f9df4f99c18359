//! What reaches people inside the desk: the bell and its list.

use rusqlite::{Row, params};

use super::{
    Db, StoreError, Tx, id, json, maybe_id, maybe_json, maybe_key, maybe_moment, moment, statements,
};
use crate::domain::id::smallest_at;
use crate::domain::monthly_report::ReportLink;
use crate::domain::{Key, Moment, NotificationId, PersonId, TextId, TicketId};

statements! {
    INSERT = "insert into notification (id, person, ticket, template, text, at, report) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    OF_PERSON = "select id, person, ticket, template, text, at, read_at, report from notification
        where person = ?1 and id < ?2 order by id desc limit ?3";
    OF_TICKET = "select id, person, ticket, template, text, at, read_at, report from notification where ticket = ?1 order by id";
    OF_REPORTS = "select id, person, ticket, template, text, at, read_at, report from notification where report is not null order by id";
    UNREAD = "select count(*) from notification where person = ?1 and read_at is null";
    DELETE_READ = "delete from notification where id in (select id from notification where id < ?1 and read_at < ?2
        order by id limit ?3)";
    READ_UP_TO = "update notification set read_at = ?3 where person = ?1 and id <= ?2 and read_at is null";
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    pub id: NotificationId,
    pub person: PersonId,
    pub ticket: Option<TicketId>,
    pub template: Option<Key>,
    pub text: Option<TextId>,
    /// A report that it leads to.
    pub report: Option<ReportLink>,
    pub at: Moment,
    pub read_at: Option<Moment>,
}

pub fn insert(tx: &Tx, notification: &Notification) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            notification.id.0,
            notification.person.0,
            notification.ticket.map(|id| id.0),
            notification.template.as_deref(),
            notification.text.map(|id| id.0),
            notification.at.ms(),
            notification.report.map(|report| json(&report)).transpose()?,
        ],
    )
    .map(drop)
}

/// The person's notifications before `before`, newest first.
pub fn of_person(
    db: &Db,
    person: PersonId,
    before: Option<NotificationId>,
    count_max: usize,
) -> Result<Vec<Notification>, StoreError> {
    let before = before.map_or(i64::MAX, |id| id.0);
    db.all(OF_PERSON, params![person.0, before, count_max as i64], read)
}

/// Everything that anybody was told about the ticket, oldest first. Walks the whole table: for rehearsals.
pub fn of_ticket(db: &Db, ticket: TicketId) -> Result<Vec<Notification>, StoreError> {
    db.all(OF_TICKET, [ticket.0], read)
}

/// Everything that leads to a report, oldest first. Walks the whole table: for rehearsals.
pub fn of_reports(db: &Db) -> Result<Vec<Notification>, StoreError> {
    db.all(OF_REPORTS, [], read)
}

pub fn unread(db: &Db, person: PersonId) -> Result<i64, StoreError> {
    Ok(db.one(UNREAD, [person.0], |row| row.get(0))?.unwrap_or(0))
}

pub fn read_up_to(tx: &Tx, person: PersonId, up_to: Option<NotificationId>) -> Result<(), StoreError> {
    tx.run(READ_UP_TO, params![person.0, up_to.map_or(i64::MAX, |id| id.0), tx.now().ms()]).map(drop)
}

/// Forgets notifications that were read before a moment.
pub fn delete_read(tx: &Tx, before: Moment, count_max: usize) -> Result<usize, StoreError> {
    tx.run(DELETE_READ, params![smallest_at(before), before.ms(), count_max as i64])
}

fn read(row: &Row<'_>) -> rusqlite::Result<Notification> {
    Ok(Notification {
        id: id(row, 0)?,
        person: id(row, 1)?,
        ticket: maybe_id(row, 2)?,
        template: maybe_key(row, 3)?,
        text: maybe_id(row, 4)?,
        at: moment(row, 5)?,
        read_at: maybe_moment(row, 6)?,
        report: maybe_json(row, 7)?,
    })
}
