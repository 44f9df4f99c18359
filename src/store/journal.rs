//! The journal as a back-test reads it: which outside commands a client had, and what each said.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_json, id, maybe_id, moment, statements};
use crate::domain::event::Event;
use crate::domain::id::smallest_at;
use crate::domain::person::Actor;
use crate::domain::{ClientId, JournalId, Moment, TicketId};

statements! {
    MARKS = "select journal.id, journal.ticket, journal.actor, journal.occurred_at, journal.recorded_at from journal
        left join ticket on ticket.id = journal.ticket where journal.id > ?1 and journal.recorded_at >= ?2
        and (journal.ticket is null or ticket.client = ?3) order by journal.id limit ?4";
    GET = "select id, ticket, command, actor, occurred_at, recorded_at from journal where id = ?1";
    KEPT_SINCE = "select min(recorded_at) from journal";
    FIRST_CAUSE_SINCE = "select journal from event where client = ?1 and id >= ?2 order by id limit 1";
    SET_LAST_NUMBER = "update client set last_number = ?2 where id = ?1";
    // What a back-test compares of a ticket's way; its last state is its row.
    COMPARED_AFTER = "select seq, ticket, body, actor from event where seq > ?1 and kind in ('ticket_opened',
        'ticket_queued', 'ticket_assigned', 'ticket_unassigned', 'sla_reached', 'task_opened', 'work_order_opened',
        'person_notified', 'message_held', 'comment_added', 'plugin_called', 'script_failed') order by seq limit ?2";
}

/// An outside command without its words.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    pub id: JournalId,
    pub ticket: Option<TicketId>,
    pub actor: Actor,
    pub occurred_at: Moment,
    pub recorded_at: Moment,
}

/// An outside command as it was applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub id: JournalId,
    pub ticket: Option<TicketId>,
    /// The command as JSON text.
    pub command: String,
    pub actor: Actor,
    pub occurred_at: Moment,
    pub recorded_at: Moment,
}

/// Commands on the client's tickets and those of no ticket, recorded from `since` on, after `after`, in order.
pub fn marks(
    db: &Db,
    client: ClientId,
    since: Moment,
    after: JournalId,
    count_max: usize,
) -> Result<Vec<Mark>, StoreError> {
    let after = after.0.max(smallest_at(since) - 1);
    db.all(MARKS, params![after, since.ms(), client.0, count_max as i64], |row| {
        Ok(Mark {
            id: id(row, 0)?,
            ticket: maybe_id(row, 1)?,
            actor: from_json(row, 2)?,
            occurred_at: moment(row, 3)?,
            recorded_at: moment(row, 4)?,
        })
    })
}

pub fn get(db: &Db, line: JournalId) -> Result<Option<Line>, StoreError> {
    db.one(GET, [line.0], read)
}

/// When the earliest command was recorded that is still kept.
pub fn kept_since(db: &Db) -> Result<Option<Moment>, StoreError> {
    let found = db.one(KEPT_SINCE, [], |row| row.get::<_, Option<i64>>(0))?;
    Ok(found.flatten().map(Moment::from_ms))
}

/// The command behind the first event of the client from `since` on.
pub fn first_cause_since(db: &Db, client: ClientId, since: Moment) -> Result<Option<JournalId>, StoreError> {
    db.one(FIRST_CAUSE_SINCE, params![client.0, smallest_at(since)], |row| id(row, 0))
}

/// Lets the client's next ticket have the number after this one, as it had it once.
pub fn set_last_number(tx: &Tx, client: ClientId, number: i64) -> Result<(), StoreError> {
    tx.run(SET_LAST_NUMBER, params![client.0, number]).map(drop)
}

/// One step on a ticket's way.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    pub seq: i64,
    pub ticket: TicketId,
    pub event: Event,
    pub actor: Actor,
}

/// The steps that a back-test compares, after `seq`, in their order.
pub fn compared_after(db: &Db, seq: i64, count_max: usize) -> Result<Vec<Compared>, StoreError> {
    db.all(COMPARED_AFTER, params![seq, count_max as i64], |row| {
        Ok(Compared {
            seq: row.get(0)?,
            ticket: id(row, 1)?,
            event: from_json(row, 2)?,
            actor: from_json(row, 3)?,
        })
    })
}

fn read(row: &Row<'_>) -> rusqlite::Result<Line> {
    Ok(Line {
        id: id(row, 0)?,
        ticket: maybe_id(row, 1)?,
        command: row.get(2)?,
        actor: from_json(row, 3)?,
        occurred_at: moment(row, 4)?,
        recorded_at: moment(row, 5)?,
    })
}
