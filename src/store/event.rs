//! Events and the journal: appended, never changed; only the journal is forgotten after its time.

use rusqlite::{Row, params};

use super::{Db, StoreError, Tx, from_json, id, json, maybe_id, moment, statements};
use crate::domain::event::Event;
use crate::domain::ledger::Entry;
use crate::domain::person::Actor;
use crate::domain::{ClientId, EventId, JournalId, Moment, PersonId, RunId, TicketId};

statements! {
    INSERT = "insert into event (id, seq, client, ticket, kind, body, actor, journal, run, occurred_at, recorded_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    LAST_SEQ = "select max(seq) from event";
    OF_TICKET = "select id, seq, client, ticket, kind, body, actor, journal, run, occurred_at, recorded_at from event
        where ticket = ?1 order by id";
    FIRST_OF_TICKET = "select id, seq, client, ticket, kind, body, actor, journal, run, occurred_at, recorded_at
        from event where ticket = ?1 order by id limit 1";
    TURNS = "select id, body, turned from (select id, kind, body, max(occurred_at) over (order by id) as turned from event
        where ticket = ?1 and kind in ('ticket_opened', 'status_changed', 'category_changed', 'priority_changed',
        'site_changed', 'terms_changed', 'comment_added', 'ticket_assigned', 'ticket_unassigned', 'ticket_queued',
        'task_opened', 'task_done', 'task_cancelled', 'ticket_resolved', 'ticket_closed', 'ticket_reopened',
        'pack_version_moved')) as turning where kind <> 'comment_added' order by id limit ?2";
    LAST_COMMENT = "select max(occurred_at) from event where ticket = ?1 and kind = 'comment_added' and actor = ?2";
    AFTER_SEQ = "select id, seq, client, ticket, kind, body, actor, journal, run, occurred_at, recorded_at from event
        where seq > ?1 order by seq limit ?2";
    DELETE_JOURNAL = "delete from journal where id in (select id from journal where recorded_at < ?1
        order by recorded_at limit ?2)";
    INSERT_JOURNAL = "insert into journal (id, ticket, command, actor, occurred_at, recorded_at)
        values (?1, ?2, ?3, ?4, ?5, ?6)";
}

/// An event as it was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    pub id: EventId,
    pub seq: i64,
    pub client: ClientId,
    pub ticket: TicketId,
    pub event: Event,
    pub actor: Actor,
    pub journal: JournalId,
    pub run: Option<RunId>,
    pub occurred_at: Moment,
    pub recorded_at: Moment,
}

impl Recorded {
    /// As the ledger reads it.
    #[must_use]
    pub fn entry(&self) -> Entry<'_> {
        Entry { id: self.id, event: &self.event, at: self.occurred_at }
    }
}

pub fn append(tx: &Tx, recorded: &Recorded) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            recorded.id.0,
            recorded.seq,
            recorded.client.0,
            recorded.ticket.0,
            recorded.event.name(),
            json(&recorded.event)?,
            json(&recorded.actor)?,
            recorded.journal.0,
            recorded.run.map(|run| run.0),
            recorded.occurred_at.ms(),
            recorded.recorded_at.ms()
        ],
    )
    .map(drop)
}

pub fn last_seq(db: &Db) -> Result<i64, StoreError> {
    Ok(db.one(LAST_SEQ, [], |row| row.get::<_, Option<i64>>(0))?.flatten().unwrap_or(0))
}

/// All events of a ticket in the order in which they were recorded.
pub fn of_ticket(db: &Db, ticket: TicketId) -> Result<Vec<Recorded>, StoreError> {
    db.all(OF_TICKET, [ticket.0], read)
}

/// An event after which a ticket's time counts otherwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    pub id: EventId,
    pub event: Event,
    /// When it counts from: one that came late counts from the last one before it.
    pub at: Moment,
}

impl Turn {
    /// As the ledger reads it.
    #[must_use]
    pub fn entry(&self) -> Entry<'_> {
        Entry { id: self.id, event: &self.event, at: self.at }
    }
}

/// The first events of a ticket after which its time counts otherwise, all that a ledger's minutes follow from. Comments only
/// hold up what came late, so they are in the moments and not among the events.
pub fn turns(db: &Db, ticket: TicketId, count_max: usize) -> Result<Vec<Turn>, StoreError> {
    db.all(TURNS, params![ticket.0, count_max as i64], |row| {
        Ok(Turn { id: id(row, 0)?, event: from_json(row, 1)?, at: moment(row, 2)? })
    })
}

/// When the person last wrote on the ticket.
pub fn last_comment_by(db: &Db, ticket: TicketId, person: PersonId) -> Result<Option<Moment>, StoreError> {
    let actor = json(&Actor::Person { person })?;
    Ok(db
        .one(LAST_COMMENT, params![ticket.0, actor], |row| row.get::<_, Option<i64>>(0))?
        .flatten()
        .map(Moment::from_ms))
}

/// The event that opened the ticket.
pub fn first_of_ticket(db: &Db, ticket: TicketId) -> Result<Option<Recorded>, StoreError> {
    db.one(FIRST_OF_TICKET, [ticket.0], read)
}

pub fn after_seq(db: &Db, seq: i64, count_max: usize) -> Result<Vec<Recorded>, StoreError> {
    db.all(AFTER_SEQ, params![seq, count_max as i64], read)
}

/// Keeps an outside command as it was applied.
pub fn append_journal(
    tx: &Tx,
    journal: JournalId,
    ticket: Option<TicketId>,
    command: &str,
    actor: &Actor,
    occurred_at: Moment,
) -> Result<(), StoreError> {
    tx.run(
        INSERT_JOURNAL,
        params![journal.0, ticket.map(|id| id.0), command, json(actor)?, occurred_at.ms(), tx.now().ms()],
    )
    .map(drop)
}

/// Forgets outside commands of long ago; what they led to stays.
pub fn delete_journal(tx: &Tx, before: Moment, count_max: usize) -> Result<usize, StoreError> {
    tx.run(DELETE_JOURNAL, params![before.ms(), count_max as i64])
}

pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Recorded> {
    Ok(Recorded {
        id: id(row, 0)?,
        seq: row.get(1)?,
        client: id(row, 2)?,
        ticket: id(row, 3)?,
        event: from_json(row, 5)?,
        actor: from_json(row, 6)?,
        journal: id(row, 7)?,
        run: maybe_id(row, 8)?,
        occurred_at: moment(row, 9)?,
        recorded_at: moment(row, 10)?,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::TURNS;

    /// What the statement names is what the domain says, read from its text: no list of all events is there to go through.
    #[test]
    fn turns_are_the_events_that_turn_time() {
        let source = include_str!("../domain/event.rs");
        let body = source.split_once("fn turns_time").unwrap().1.split_once("\n    }").unwrap().0;
        let names = source.split_once("fn name(&self)").unwrap().1.split_once("\n    }").unwrap().0;
        let name_of = |variant: &str| {
            let line = names.lines().find(|line| line.trim().starts_with(&format!("Event::{variant}")));
            line.and_then(|line| line.split('"').nth(1)).unwrap_or_else(|| panic!("{variant} has no name"))
        };
        let variants = body.split("Event::").skip(1);
        let variant = |rest: &'static str| {
            let end = rest.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(rest.len());
            &rest[..end]
        };
        let turning: BTreeSet<&str> = variants.map(variant).map(name_of).collect();
        let list = TURNS.split_once("kind in (").unwrap().1.split_once(')').unwrap().0;
        let listed: BTreeSet<&str> = list.split('\'').skip(1).step_by(2).collect();
        assert_eq!(listed, turning);
    }
}
