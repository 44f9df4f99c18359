//! Holds of a script's messages beyond its budget, the messages in them, and what was sent of late.

use rusqlite::{Row, params};

use super::{
    Db, StoreError, Tx, from_json, from_word, id, json, maybe_id, maybe_key, maybe_moment, moment,
    statements, word,
};
use crate::domain::hold::{HOUR_MINUTES, HeldMessage, Hold, HoldReason, HoldState, Message, MessageKind};
use crate::domain::{ClientId, HoldId, Key, Moment, TicketId};

statements! {
    INSERT = "insert into message_hold (id, client, handler, why, limit_count, state, opened_at, last_at, held, sent,
        discarded, decided_by, decided_at, is_without_stale, reason, finished_at, version)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    UPDATE = "update message_hold set state = ?2, sent = ?3, discarded = ?4, decided_by = ?5, decided_at = ?6,
        is_without_stale = ?7, reason = ?8, finished_at = ?9, version = ?10 where id = ?1";
    JOIN = "update message_hold set held = held + 1, last_at = ?2 where id = ?1";
    GET = "select id, client, handler, why, limit_count, state, opened_at, last_at, held, sent, discarded, decided_by,
        decided_at, is_without_stale, reason, finished_at, version from message_hold where id = ?1";
    OPEN = "select id, client, handler, why, limit_count, state, opened_at, last_at, held, sent, discarded, decided_by,
        decided_at, is_without_stale, reason, finished_at, version from message_hold
        where client = ?1 and handler = ?2 and state = 'open'";
    SETTLING = "select id, client, handler, why, limit_count, state, opened_at, last_at, held, sent, discarded, decided_by,
        decided_at, is_without_stale, reason, finished_at, version from message_hold
        where client = ?1 and state in ('sending', 'discarding') order by id limit 1";
    UNFINISHED = "select id, client, handler, why, limit_count, state, opened_at, last_at, held, sent, discarded, decided_by,
        decided_at, is_without_stale, reason, finished_at, version from message_hold
        where client = ?1 and finished_at is null order by id";
    FINISHED = "select id, client, handler, why, limit_count, state, opened_at, last_at, held, sent, discarded, decided_by,
        decided_at, is_without_stale, reason, finished_at, version from message_hold
        where client = ?1 and finished_at is not null order by id desc limit ?2";
    INSERT_MESSAGE = "insert into held_message (id, hold, client, ticket, kind, person, template, text, work_order, files, run, at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    FIRST_MESSAGES = "select id, hold, client, ticket, kind, person, template, text, work_order, files, run, at from held_message
        where hold = ?1 and id > ?2 order by id limit ?3";
    REMOVE_MESSAGES = "delete from held_message where hold = ?1 and id <= ?2";
    PARTS = "select kind, template, count(*) from held_message where hold = ?1 group by kind, template
        order by count(*) desc, kind, template limit ?2";
    OF_PART = "select id, hold, client, ticket, kind, person, template, text, work_order, files, run, at from held_message
        where hold = ?1 and kind = ?2 and coalesce(template, '') = ?3 order by id limit ?4";
    REACH = "select count(distinct held_message.ticket), count(distinct held_message.person),
        coalesce(sum(case when ticket.closed_at is not null then 1 else 0 end), 0)
        from held_message join ticket on ticket.id = held_message.ticket where held_message.hold = ?1";
    OF_TICKET = "select id, hold, client, ticket, kind, person, template, text, work_order, files, run, at from held_message
        where ticket = ?1 order by id";
    SPEND = "insert into message_minute (client, handler, minute, sent) values (?1, ?2, ?3, 1)
        on conflict (client, handler, minute) do update set sent = message_minute.sent + 1";
    SPENT = "select coalesce(sum(case when handler = ?2 then sent else 0 end), 0), coalesce(sum(sent), 0) from message_minute
        where client = ?1 and minute > ?3";
    FORGET_MINUTES = "delete from message_minute where client = ?1 and minute <= ?2";
    FORGET_HANDLER = "delete from message_minute where client = ?1 and handler = ?2";
    DELETE_OLD = "delete from message_hold where id in
        (select id from message_hold where finished_at < ?1 order by id limit ?2)";
}

/// What a hold has of one kind and template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub kind: MessageKind,
    pub template: Option<Key>,
    pub count: i64,
}

/// How far the messages of a hold would reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reached {
    pub tickets: i64,
    pub people: i64,
    /// Messages whose ticket was closed since.
    pub stale: i64,
}

pub fn insert(tx: &Tx, hold: &Hold) -> Result<(), StoreError> {
    tx.run(
        INSERT,
        params![
            hold.id.0,
            hold.client.0,
            hold.handler,
            word(hold.why),
            hold.limit,
            word(hold.state),
            hold.opened_at.ms(),
            hold.last_at.ms(),
            hold.held,
            hold.sent,
            hold.discarded,
            hold.decided_by.as_ref().map(json).transpose()?,
            hold.decided_at.map(Moment::ms),
            hold.is_without_stale,
            hold.reason.map(|id| id.0),
            hold.finished_at.map(Moment::ms),
            hold.version
        ],
    )
    .map(drop)
}

/// Writes what a decision and its turns change.
pub fn update(tx: &Tx, hold: &Hold) -> Result<(), StoreError> {
    tx.run(
        UPDATE,
        params![
            hold.id.0,
            word(hold.state),
            hold.sent,
            hold.discarded,
            hold.decided_by.as_ref().map(json).transpose()?,
            hold.decided_at.map(Moment::ms),
            hold.is_without_stale,
            hold.reason.map(|id| id.0),
            hold.finished_at.map(Moment::ms),
            hold.version
        ],
    )
    .map(drop)
}

pub fn get(db: &Db, id: HoldId) -> Result<Option<Hold>, StoreError> {
    db.one(GET, [id.0], read)
}

/// The hold of the handler that waits for a person.
pub fn open(db: &Db, client: ClientId, handler: &str) -> Result<Option<Hold>, StoreError> {
    db.one(OPEN, params![client.0, handler], read)
}

/// The client's oldest hold that was decided and has messages left.
pub fn settling(db: &Db, client: ClientId) -> Result<Option<Hold>, StoreError> {
    db.one(SETTLING, [client.0], read)
}

/// Holds that wait for a person or whose turns are not over, oldest first.
pub fn unfinished(db: &Db, client: ClientId) -> Result<Vec<Hold>, StoreError> {
    db.all(UNFINISHED, [client.0], read)
}

/// Holds that are over, newest first.
pub fn finished(db: &Db, client: ClientId, count_max: usize) -> Result<Vec<Hold>, StoreError> {
    db.all(FINISHED, params![client.0, count_max as i64], read)
}

/// Puts a message into its hold.
pub fn insert_message(tx: &Tx, held: &HeldMessage) -> Result<(), StoreError> {
    tx.run(
        INSERT_MESSAGE,
        params![
            held.id.0,
            held.hold.0,
            held.client.0,
            held.ticket.0,
            word(held.message.kind),
            held.message.person.map(|id| id.0),
            held.message.template.as_deref(),
            held.message.text.map(|id| id.0),
            held.message.order.map(|id| id.0),
            json(&held.message.files)?,
            held.run.0,
            held.at.ms()
        ],
    )?;
    tx.run(JOIN, params![held.hold.0, held.at.ms()]).map(drop)
}

/// The oldest messages that are left.
pub fn first_messages(db: &Db, hold: HoldId, count_max: usize) -> Result<Vec<HeldMessage>, StoreError> {
    messages_after(db, hold, 0, count_max)
}

/// The oldest messages that are left behind one, by its id.
pub fn messages_after(
    db: &Db,
    hold: HoldId,
    after: i64,
    count_max: usize,
) -> Result<Vec<HeldMessage>, StoreError> {
    db.all(FIRST_MESSAGES, params![hold.0, after, count_max as i64], read_message)
}

/// Takes away the oldest messages up to one that was dealt with.
pub fn remove_messages(tx: &Tx, up_to: &HeldMessage) -> Result<(), StoreError> {
    tx.run(REMOVE_MESSAGES, params![up_to.hold.0, up_to.id.0]).map(drop)
}

/// What waits on a ticket, oldest first.
pub fn of_ticket(db: &Db, ticket: TicketId) -> Result<Vec<HeldMessage>, StoreError> {
    db.all(OF_TICKET, [ticket.0], read_message)
}

/// What is left by kind and template, the most first.
pub fn parts(db: &Db, hold: HoldId, count_max: usize) -> Result<Vec<Part>, StoreError> {
    db.all(PARTS, params![hold.0, count_max as i64], |row| {
        Ok(Part { kind: from_word(row, 0)?, template: maybe_key(row, 1)?, count: row.get(2)? })
    })
}

/// The oldest messages of a part.
pub fn of_part(db: &Db, hold: HoldId, part: &Part, count_max: usize) -> Result<Vec<HeldMessage>, StoreError> {
    let template = part.template.as_deref().unwrap_or_default();
    db.all(OF_PART, params![hold.0, word(part.kind), template, count_max as i64], read_message)
}

pub fn reached(db: &Db, hold: HoldId) -> Result<Reached, StoreError> {
    let found = db.one(REACH, [hold.0], |row| {
        Ok(Reached { tickets: row.get(0)?, people: row.get(1)?, stale: row.get(2)? })
    })?;
    Ok(found.unwrap_or_default())
}

/// Counts a message that goes out without a person's word.
pub fn spend(tx: &Tx, client: ClientId, handler: &str) -> Result<(), StoreError> {
    tx.run(SPEND, params![client.0, handler, minute(tx.now())]).map(drop)
}

/// What the handler and the whole client sent in the last hour; what is older is forgotten.
pub fn spent(tx: &Tx, client: ClientId, handler: &str) -> Result<(i64, i64), StoreError> {
    let over = minute(tx.now()) - HOUR_MINUTES;
    tx.run(FORGET_MINUTES, params![client.0, over])?;
    let found = tx.one(SPENT, params![client.0, handler, over], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.unwrap_or_default())
}

/// The handler's hour begins anew.
pub fn forget_handler(tx: &Tx, client: ClientId, handler: &str) -> Result<(), StoreError> {
    tx.run(FORGET_HANDLER, params![client.0, handler]).map(drop)
}

/// Forgets holds that were over long ago; their messages went with their turns.
pub fn delete_finished(tx: &Tx, before: Moment, count_max: usize) -> Result<usize, StoreError> {
    tx.run(DELETE_OLD, params![before.ms(), count_max as i64])
}

fn minute(at: Moment) -> i64 {
    at.ms().div_euclid(60_000)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Hold> {
    let state: HoldState = from_word(row, 5)?;
    let why: HoldReason = from_word(row, 3)?;
    Ok(Hold {
        id: id(row, 0)?,
        client: id(row, 1)?,
        handler: row.get(2)?,
        why,
        limit: row.get(4)?,
        state,
        opened_at: moment(row, 6)?,
        last_at: moment(row, 7)?,
        held: row.get(8)?,
        sent: row.get(9)?,
        discarded: row.get(10)?,
        decided_by: if row.get::<_, Option<String>>(11)?.is_some() {
            Some(from_json(row, 11)?)
        } else {
            None
        },
        decided_at: maybe_moment(row, 12)?,
        is_without_stale: row.get(13)?,
        reason: maybe_id(row, 14)?,
        finished_at: maybe_moment(row, 15)?,
        version: row.get(16)?,
    })
}

fn read_message(row: &Row<'_>) -> rusqlite::Result<HeldMessage> {
    Ok(HeldMessage {
        id: id(row, 0)?,
        hold: id(row, 1)?,
        client: id(row, 2)?,
        ticket: id(row, 3)?,
        message: Message {
            kind: from_word(row, 4)?,
            person: maybe_id(row, 5)?,
            template: maybe_key(row, 6)?,
            text: maybe_id(row, 7)?,
            order: maybe_id(row, 8)?,
            files: from_json(row, 9)?,
        },
        run: id(row, 10)?,
        at: moment(row, 11)?,
    })
}
