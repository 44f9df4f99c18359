//! Tickets: the row that their events add up to.

use rusqlite::{Row, params};

use super::{
    Db, StoreError, Tx, from_json, from_word, id, key, maybe_id, maybe_key, maybe_moment, moment, statements,
};
use crate::domain::pack::{Phase, WaitsFor};
use crate::domain::ticket::Ticket;
use crate::domain::{
    AssetId, ClientId, ContactId, Key, Moment, PackVersionId, PersonId, SubClientId, TicketId,
};

macro_rules! columns {
    () => {
        "id, client, number, sub_client, site, asset, contact, subject, status, category, impact, urgency, priority,
        is_urgent, queue, assignee, channel, fields, tags, watchers, counters, resolution, reopen_count,
        handover_count, pack_version, opened_at, updated_at, resolved_at, closed_at, is_marked, version, terms, turned_at,
        public_updated_at, incident, accept_until, return_count, unaccepted_by"
    };
}
pub(super) use columns;
/// Columns of `columns!()`.
const COLUMN_COUNT: usize = 38;

statements! {
    GET = concat!("select ", columns!(), " from ticket where id = ?1");
    GET_WITH_DERIVED = concat!("select ", columns!(), ", phase, waits_for, due_at, is_unclassified from ticket where id = ?1");
    BY_NUMBER = concat!("select ", columns!(), " from ticket where client = ?1 and number = ?2");
    OPEN_OF_ASSET = concat!("select ", columns!(), " from ticket where asset = ?1 and phase <> 'closed' order by id limit ?2");
    ENDED_OF_ASSET = "select id from ticket where asset = ?1 and phase in ('resolved', 'closed')
        and (resolution is null or resolution <> 'duplicate') order by id desc limit ?2";
    LATEST_OF_CONTACT = "select id from ticket where contact = ?1 order by id desc limit ?2";
    CARRIED_BY = "select id from ticket where assignee = ?1 and phase <> 'closed' and phase <> 'resolved'
        order by id limit ?2";
    // Open tickets of a contact that are another sub-client's than the one that is named.
    OPEN_ELSEWHERE = "select id from ticket where contact = ?1 and phase <> 'closed' and sub_client is not null
        and sub_client <> ?2 order by id limit ?3";
    IDS_AFTER = "select id from ticket where id > ?1 order by id limit ?2";
    // Of a client, those that were open at some time in a period; a ticket that came back has no closing.
    OPEN_WITHIN = concat!("select ", columns!(), " from ticket where client = ?1 and id > ?2 and opened_at < ?4
        and (closed_at is null or closed_at > ?3) order by id limit ?5");
    OPEN_OF_CLIENT = concat!("select ", columns!(), " from ticket where client = ?1 and id > ?2 and phase <> 'closed'
        order by id limit ?3");
    OPEN_BY_VERSION = "select pack_version, count(*) from ticket where client = ?1 and phase <> 'closed'
        group by pack_version order by pack_version";
    // How many were closed in a period, and how many of these were left at the defaults.
    CLOSED_WITHIN = "select queue, assignee, count(*), count(case when is_unclassified = 1 then 1 end) from ticket
        where client = ?1 and closed_at is not null and closed_at >= ?2 and closed_at < ?3
        group by queue, assignee order by queue, assignee";
    INSERT = concat!("insert into ticket (", columns!(), ", phase, waits_for, due_at, is_unclassified) values (?1, ?2, ?3, ?4, ?5, ?6,
        ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29,
        ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39, ?40, ?41, ?42)");
}

/// What the row holds beside the ticket itself, derived from the pack and the SLA clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Derived {
    pub phase: Phase,
    pub waits_for: Option<WaitsFor>,
    pub due_at: Option<Moment>,
    pub is_unclassified: bool,
}

pub fn get(db: &Db, ticket: TicketId) -> Result<Option<Ticket>, StoreError> {
    db.one(GET, [ticket.0], read)
}

/// The ticket with what else its row holds.
pub fn get_with_derived(db: &Db, ticket: TicketId) -> Result<Option<(Ticket, Derived)>, StoreError> {
    db.one(GET_WITH_DERIVED, [ticket.0], |row| {
        let first = COLUMN_COUNT;
        let waits_for = match row.get_ref(first + 1)?.as_str_or_null()? {
            Some(_) => Some(from_word(row, first + 1)?),
            None => None,
        };
        let derived = Derived {
            phase: from_word(row, first)?,
            waits_for,
            due_at: maybe_moment(row, first + 2)?,
            is_unclassified: row.get(first + 3)?,
        };
        Ok((read(row)?, derived))
    })
}

/// The ticket that people call `BANK-1042`.
pub fn by_name(db: &Db, name: &str) -> Result<Option<TicketId>, StoreError> {
    let Some((prefix, number)) = name.rsplit_once('-') else { return Ok(None) };
    let Ok(number) = number.parse() else { return Ok(None) };
    let Some(client) = super::client::by_prefix(db, &prefix.to_uppercase())? else { return Ok(None) };
    Ok(by_number(db, client.id, number)?.map(|ticket| ticket.id))
}

pub fn by_number(db: &Db, client: ClientId, number: i64) -> Result<Option<Ticket>, StoreError> {
    db.one(BY_NUMBER, [client.0, number], read)
}

/// Tickets of the asset that are not closed, oldest first.
pub fn open_of_asset(db: &Db, asset: AssetId, count_max: usize) -> Result<Vec<Ticket>, StoreError> {
    db.all(OPEN_OF_ASSET, params![asset.0, count_max as i64], read)
}

/// Tickets of the asset that were resolved or closed, no duplicates, the latest first.
pub fn ended_of_asset(db: &Db, asset: AssetId, count_max: usize) -> Result<Vec<TicketId>, StoreError> {
    db.all(ENDED_OF_ASSET, params![asset.0, count_max as i64], |row| id(row, 0))
}

/// All tickets of the contact, the latest first.
pub fn latest_of_contact(db: &Db, contact: ContactId, count_max: usize) -> Result<Vec<TicketId>, StoreError> {
    db.all(LATEST_OF_CONTACT, params![contact.0, count_max as i64], |row| id(row, 0))
}

/// Tickets that the person works on, oldest first.
pub fn carried_by(
    db: &Db,
    person: crate::domain::PersonId,
    count_max: usize,
) -> Result<Vec<TicketId>, StoreError> {
    db.all(CARRIED_BY, params![person.0, count_max as i64], |row| id(row, 0))
}

/// Open tickets that name the contact and are of another sub-client than `but`, oldest first.
pub fn open_elsewhere(
    db: &Db,
    contact: ContactId,
    but: SubClientId,
    count_max: usize,
) -> Result<Vec<TicketId>, StoreError> {
    db.all(OPEN_ELSEWHERE, params![contact.0, but.0, count_max as i64], |row| id(row, 0))
}

/// Ids of tickets after `after`, in order: for walking through all of them in pieces.
pub fn ids_after(db: &Db, after: TicketId, count_max: usize) -> Result<Vec<TicketId>, StoreError> {
    db.all(IDS_AFTER, params![after.0, count_max as i64], |row| id(row, 0))
}

/// Tickets of the client after `after` that were open at some time from `from` to `to`, in order.
pub fn open_within(
    db: &Db,
    client: ClientId,
    after: TicketId,
    from: Moment,
    to: Moment,
    count_max: usize,
) -> Result<Vec<Ticket>, StoreError> {
    db.all(OPEN_WITHIN, params![client.0, after.0, from.ms(), to.ms(), count_max as i64], read)
}

/// Tickets of the client after `after` that are not closed, in order.
pub fn open_of_client(
    db: &Db,
    client: ClientId,
    after: TicketId,
    count_max: usize,
) -> Result<Vec<Ticket>, StoreError> {
    db.all(OPEN_OF_CLIENT, params![client.0, after.0, count_max as i64], read)
}

/// How many tickets of the client that are not closed go by each version of its pack.
pub fn open_by_version(db: &Db, client: ClientId) -> Result<Vec<(Option<PackVersionId>, i64)>, StoreError> {
    db.all(OPEN_BY_VERSION, [client.0], |row| Ok((maybe_id(row, 0)?, row.get(1)?)))
}

/// Closed tickets of one queue and one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedCount {
    pub queue: Option<Key>,
    pub assignee: Option<PersonId>,
    pub closed: i64,
    pub unclassified: i64,
}

/// Tickets of the client that were closed last from `from` to `to`.
pub fn closed_within(
    db: &Db,
    client: ClientId,
    from: Moment,
    to: Moment,
) -> Result<Vec<ClosedCount>, StoreError> {
    db.all(CLOSED_WITHIN, params![client.0, from.ms(), to.ms()], |row| {
        Ok(ClosedCount {
            queue: maybe_key(row, 0)?,
            assignee: maybe_id(row, 1)?,
            closed: row.get(2)?,
            unclassified: row.get(3)?,
        })
    })
}

pub fn insert(tx: &Tx, ticket: &Ticket, derived: Derived) -> Result<(), StoreError> {
    super::ticket_row::insert(tx, INSERT, ticket, derived)
}

/// Reads a row of `columns!()`.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Ticket> {
    Ok(Ticket {
        id: id(row, 0)?,
        client: id(row, 1)?,
        number: row.get(2)?,
        sub_client: maybe_id(row, 3)?,
        site: maybe_id(row, 4)?,
        asset: maybe_id(row, 5)?,
        contact: maybe_id(row, 6)?,
        subject: id(row, 7)?,
        status: key(row, 8)?,
        category: maybe_key(row, 9)?,
        impact: from_word(row, 10)?,
        urgency: from_word(row, 11)?,
        priority: row.get(12)?,
        is_urgent: row.get(13)?,
        queue: maybe_key(row, 14)?,
        assignee: maybe_id(row, 15)?,
        channel: from_word(row, 16)?,
        fields: from_json(row, 17)?,
        tags: from_json(row, 18)?,
        watchers: from_json(row, 19)?,
        counters: from_json(row, 20)?,
        resolution: maybe_key(row, 21)?,
        reopen_count: row.get(22)?,
        handover_count: row.get(23)?,
        pack_version: maybe_id(row, 24)?,
        opened_at: moment(row, 25)?,
        updated_at: moment(row, 26)?,
        resolved_at: maybe_moment(row, 27)?,
        closed_at: maybe_moment(row, 28)?,
        is_marked: row.get(29)?,
        version: row.get(30)?,
        terms: from_json(row, 31)?,
        turned_at: moment(row, 32)?,
        public_updated_at: moment(row, 33)?,
        incident: maybe_id(row, 34)?,
        accept_until: maybe_moment(row, 35)?,
        return_count: row.get(36)?,
        unaccepted_by: from_json(row, 37)?,
    })
}
